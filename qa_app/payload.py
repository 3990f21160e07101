"""What the call page's component gets: one call as plain values, in the words of the person's language."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from database import disputes, reviews
from database.listing import OpenCall
from database.people import Person
from database.tables import CriterionRow, ReviewItem
from qa_app.actions.reviewing import is_clear
from qa_app.i18n import Translator
from qa_app.policies import CallPolicy
from qa_app.presenting import criterion_title, moment
from qa_app.scoring import Rules, human_score, in_language, rules_of
from recordings import Conversation, Event, Turn
from scorecards import Assessment, CriterionResult

SHOWN_EVENTS = ("hold", "silence", "music", "overlap", "interruption", "transfer", "tone", "announcement")


@dataclass(frozen=True)
class People:
    """What people have said of a call, as the person looking may see it."""

    standing: dict[str, str]
    draft: dict[str, ReviewItem]
    draft_id: int | None
    released: dict[str, ReviewItem]
    released_by: str | None
    state: str
    others: tuple[str, ...]


def people_of(session: Session, person: Person, opened: OpenCall) -> People:
    """Decisions on a call: this person's draft, what is released, who else is at it."""
    call = opened.call
    rows = session.exec(
        select(CriterionRow).where(CriterionRow.call_id == opened.id, col(CriterionRow.human).is_not(None))
    )
    standing = {row.criterion_id: row.human for row in rows if row.human}
    draft = reviews.draft_of(session, call, person.viewer) if person.role != "agent" else None
    lines = reviews.reviews_of(session, opened.id)
    released = next((line for line in lines if line.review.state in ("released", "acknowledged")), None)
    others = tuple(
        line.reviewer
        for line in lines
        if line.review.state in ("draft", "submitted") and line.review.reviewer_id != person.id
    )
    return People(
        standing,
        reviews.items(session, draft.id) if draft and draft.id is not None else {},
        draft.id if draft else None,
        reviews.items(session, released.review.id) if released and released.review.id is not None else {},
        released.reviewer if released else None,
        call.review_state,
        others if person.role != "agent" else (),
    )


def payload(
    session: Session, person: Person, opened: OpenCall, t: Translator, *, audio: str | None
) -> dict[str, Any]:
    """Everything the component draws; ``audio`` is the address of the sound, None where it is missing."""
    talk, assessment, call = opened.conversation, opened.assessment, opened.call
    people = people_of(session, person, opened)
    may = CallPolicy(person, call).may
    disputed = {
        line.dispute.criterion_id: line.dispute.state
        for line in reversed(disputes.disputes(session, person.viewer, call_id=opened.id))
    }
    rules = rules_of(assessment) if assessment else Rules(None)
    words = in_language(rules, t.language)
    criteria = [
        _criterion(result, people, disputed.get(result.id), t, rules, words)
        for result in (assessment.criteria if assessment else ())
    ]
    return {
        "call": opened.id,
        "seen": call.assessment_number,
        "language": t.language,
        "words": t.part("player."),
        "url": audio,
        "duration": call.duration or (talk and _end(talk)) or 0,
        "peaks": call.peaks,
        "lanes": _lanes(talk),
        "turns": [_turn(turn) for turn in talk.turns] if talk else [],
        "events": [_event(event, t) for event in (talk.events or ())] if talk else [],
        "criteria": criteria,
        "score": _score(assessment, people, call.score, call.score_by, call.passed),
        "card": _card(words, call.card_id, call.card_version, t),
        "comments": [
            {
                "id": line.comment.id,
                "moment": line.comment.moment,
                "text": line.comment.text,
                "kind": line.comment.kind,
                "writer": line.writer,
                "at": moment(line.comment.at, person.time_zone, t),
            }
            for line in reviews.comments(session, opened.id)
        ],
        "review": {
            "state": people.state,
            "draft": people.draft_id,
            "by": people.released_by,
            "others": list(people.others),
        },
        "may": {
            "review": may("review") and assessment is not None,
            "comment": may("comment"),
            "praise": may("praise"),
            "dispute": may("dispute"),
            "acknowledge": may("acknowledge") and people.state == "released",
        },
    }


def _card(words: Rules, name: str | None, version: int | None, t: Translator) -> str | None:
    if name is None:
        return None
    return t("call.card", title=words.card.title if words.card else name, version=version)


def _end(talk: Conversation) -> float | None:
    return max((turn.end for turn in talk.turns if turn.end is not None), default=None)


def _lanes(talk: Conversation | None) -> list[str]:
    """The roles that speak, agent first: one lane each."""
    found = {turn.role or "other" for turn in talk.turns} if talk else set()
    return [role for role in ("agent", "customer", "ivr", "other") if role in found]


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "i": turn.index,
        "role": turn.role or "other",
        "sure": turn.role_confidence,
        "start": turn.start,
        "end": turn.end,
        "text": turn.text,
        "doubtful": turn.doubtful,
        "words": [[word.text, word.start, word.probability] for word in turn.words],
    }


def _event(event: Event, t: Translator) -> dict[str, Any]:
    label = t(f"event.{event.kind}")
    if event.kind == "hold" and event.music is not None:
        label += " · " + t("event.with_music" if event.music else "event.without_music")
    if event.by:
        label += " · " + t.get(f"role.{event.by}", event.by)
    return {"kind": event.kind, "start": event.start, "end": event.end, "label": label}


def _criterion(
    result: CriterionResult, people: People, disputed: str | None, t: Translator, rules: Rules, words: Rules
) -> dict[str, Any]:
    drafted, final = people.draft.get(result.id), people.released.get(result.id)
    decided = drafted or final
    standing = drafted.verdict if drafted else people.standing.get(result.id)
    asked = words.criterion(result) or rules.criterion(result)
    counts = bool(rules.most(result)) or result.points is not None or result.critical
    return {
        "id": result.id,
        "title": criterion_title(result.id, t),
        "about": asked.question if asked else "",
        "verdict": result.verdict,
        "stands": standing or result.verdict,
        "by": "human" if standing else "machine",
        "good": rules.good(result) if counts else None,
        "counts": counts,
        "confidence": result.confidence,
        "clear": is_clear(result),
        "value": _value(result, t),
        "measured": bool(asked and not asked.answers_yes_no),
        "points": result.points,
        "max": rules.most(result),
        "critical": result.critical,
        "suggestion": result.suggestion,
        "reason": _reason(result),
        "change": result.smallest_change,
        "drafted": drafted.action if drafted else None,
        "decision": {"action": decided.action, "reason": decided.reason} if decided else None,
        "dispute": disputed,
        "evidence": [
            {
                "turn": e.turn,
                "start": e.start,
                "end": e.end,
                "text": e.text,
                "why": e.why,
                "rule": e.rule,
                "category": t.get(f"category.{e.category}", e.category) if e.category else None,
                "instead": e.say_instead,
            }
            for e in result.evidence
        ],
    }


def _reason(result: CriterionResult) -> str | None:
    """Why it is open; that the machine is not sure enough is said by its confidence and suggestion."""
    doubtful = result.suggestion is not None and result.confidence is not None
    return None if doubtful and f"({result.confidence:.2f})" in (result.reason or "") else result.reason


def _value(result: CriterionResult, t: Translator) -> str | None:
    if result.value is None or isinstance(result.value, bool):
        return None
    if isinstance(result.value, str):
        return t.get(f"value.{result.value}", result.value.replace("_", " "))
    text = f"{round(result.value, 1):g}"
    return text.replace(".", ",") if t.language == "de" else text


def _score(
    assessment: Assessment | None, people: People, stored: float | None, by: str, passed: bool | None
) -> dict[str, Any]:
    """The score that stands, or what this person's draft would make of it."""
    if assessment is None:
        return {"value": None, "by": "machine", "passed": None, "preview": None}
    preview = None
    if people.draft:
        verdicts = {**people.standing, **{c: i.verdict for c, i in people.draft.items()}}
        preview = human_score(assessment, verdicts).score
    return {"value": stored, "by": by, "passed": passed, "preview": preview if preview != stored else None}
