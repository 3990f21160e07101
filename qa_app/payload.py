"""What the call page's component gets: one call as plain values, in the words of the person's language."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from database import carried, carrying, corrections, disputes, reviews
from database.listing import OpenCall
from database.people import Person
from database.reviews import FINAL
from database.tables import CriterionRow, Review
from database.types import utc_now
from qa_app.actions.disputing import open_until
from qa_app.i18n import Translator
from qa_app.items import Decided, blind_item, item
from qa_app.policies import CallPolicy
from qa_app.presenting import criterion_title, moment, verdict_name
from qa_app.scoring import Rules, in_language, rules_of
from recordings import Conversation, Event, Turn
from scorecards import Assessment
from scorecards.engine import ROLES_BELOW, sureness_of_roles


@dataclass(frozen=True)
class People:
    """What people have made of a call, as the person looking may see it. ``blind``: this person reviews it
    without sight of the machine and of others; ``own`` is their submitted review that is not released."""

    decided: Decided
    draft: Review | None
    released_by: str | None
    state: str
    others: tuple[str, ...]
    blind: bool
    own: Review | None


def people_of(session: Session, person: Person, opened: OpenCall) -> People:
    """Decisions on a call: this person's draft, what is released, who else is at it."""
    call = opened.call
    rows = session.exec(
        select(CriterionRow).where(CriterionRow.call_id == opened.id, col(CriterionRow.human).is_not(None))
    ).all()
    reviewer = person.role != "agent"
    draft = reviews.draft_of(session, call, person.viewer) if reviewer else None
    lines = reviews.reviews_of(session, opened.id)
    mine = [line.review for line in lines if line.review.reviewer_id == person.id]
    released = next((line for line in lines if line.review.state in ("released", "acknowledged")), None)
    own = next((review for review in mine if review.state == "submitted"), None) if reviewer else None
    final = own or (released.review if released else None)
    others = tuple(
        line.reviewer
        for line in lines
        if line.review.state in ("draft", "submitted") and line.review.reviewer_id != person.id
    )
    standing = {row.criterion_id: row.human for row in rows if row.human}
    values = {row.criterion_id: row.human_value for row in rows if row.human_value is not None}
    decided = reviews.items(session, final.id) if final and final.id is not None else {}
    if own is not None:
        standing |= {criterion: item.verdict for criterion, item in decided.items()}
        values |= {criterion: item.value for criterion, item in decided.items() if item.value is not None}
    return People(
        Decided(
            standing,
            values,
            reviews.items(session, draft.id) if draft and draft.id is not None else {},
            decided,
            carrying.earlier(session, draft) if draft else {},
            {
                line.dispute.criterion_id: line.dispute.state
                for line in reversed(disputes.disputes(session, person.viewer, call_id=opened.id))
            },
        ),
        draft,
        released.reviewer if released else None,
        call.review_state,
        others if reviewer else (),
        is_blind(person, draft, mine),
        own,
    )


def is_blind(person: Person, draft: Review | None, mine: list[Review]) -> bool:
    """Whether this person may not see yet what the machine and others say of a call."""
    if draft is not None:
        return draft.blind
    return person.blind and person.role != "agent" and not any(review.state in FINAL for review in mine)


def payload(
    session: Session, person: Person, opened: OpenCall, t: Translator, *, audio: str | None
) -> dict[str, Any]:
    """Everything the component draws; ``audio`` is the address of the sound, None where it is missing."""
    talk, assessment, call = opened.conversation, opened.assessment, opened.call
    people = people_of(session, person, opened)
    may = CallPolicy(person, call).may
    rules = rules_of(assessment, session) if assessment else Rules(None)
    words = in_language(rules, t.language, session)
    until = open_until(session, opened)
    results = assessment.criteria if assessment else ()
    if people.blind:
        given = people.decided.draft
        items = [one for r in results if (one := blind_item(r, given, t, rules, words)) is not None]
        state = "draft" if people.draft else "none"
    else:
        items = [item(r, people.decided, t, rules, words) for r in results]
        state = people.state
    return {
        "call": opened.id,
        "seen": call.assessment_number,
        "version": call.conversation_number,
        "language": t.language,
        "words": {**t.part("player."), **(t.part("own_call.") if person.role == "agent" else {})},
        "url": audio,
        "duration": call.duration or (talk and _end(talk)) or 0,
        "peaks": call.peaks,
        "lanes": _lanes(talk),
        "turns": [_turn(turn) for turn in talk.turns] if talk else [],
        "events": [_event(event, t) for event in (talk.events or ())] if talk else [],
        "plots": _plots(talk),
        "roles_in_doubt": talk is not None and sureness_of_roles(talk) < ROLES_BELOW,
        "criteria": items,
        "score": _score(assessment, rules, people, call.score, call.score_by, call.passed),
        "card": _card(words, call.card_id, call.card_version, t),
        "comments": _comments(session, person, opened.id, people.blind, t),
        "history": _history(session, person, opened, people.blind, t),
        "review": {
            "state": state,
            "draft": people.draft.id if people.draft else None,
            "by": None if people.blind else people.released_by,
            "others": [] if people.blind else list(people.others),
            "blind": people.blind,
            "own": people.own is not None,
        },
        "may": {
            "review": may("review") and assessment is not None,
            "comment": may("comment"),
            "praise": may("praise"),
            "dispute": may("dispute") and (until is None or utc_now() < until),
            "correct": may("correct") and talk is not None,
            "acknowledge": may("acknowledge") and people.state == "released",
        },
    }


def _comments(
    session: Session, person: Person, call_id: int, blind: bool, t: Translator
) -> list[dict[str, Any]]:
    return [
        {
            "id": line.comment.id,
            "moment": line.comment.moment,
            "text": line.comment.text,
            "kind": line.comment.kind,
            "writer": line.writer,
            "at": moment(line.comment.at, person.time_zone, t),
        }
        for line in reviews.comments(session, call_id)
        if not blind or line.comment.by == person.id
    ]


def _history(
    session: Session, person: Person, opened: OpenCall, blind: bool, t: Translator
) -> dict[str, Any]:
    """Corrections with who and when, what each scoring after one changed, and whether one is under way."""
    made = corrections.history(session, opened.call)
    pending = corrections.pending(session, opened.call) if made else None

    def when(at: Any) -> str:
        return moment(at, person.time_zone, t)

    return {
        "corrections": [
            {
                "turn": line.row.turn if line.here else None,
                "kind": line.row.kind,
                "everywhere": line.row.everywhere,
                "old": line.row.old,
                "new": line.row.new,
                "by": line.writer,
                "at": when(line.row.at),
            }
            for line in made
        ],
        "moves": [
            {
                "at": when(move.at),
                "before": move.score[0],
                "after": move.score[1],
                "verdicts": [
                    {"title": criterion_title(c, t), "old": verdict_name(old, t), "new": verdict_name(new, t)}
                    for c, old, new in move.verdicts
                ],
            }
            for move in (corrections.moves(session, opened.id) if made and not blind else ())
        ],
        "newer": _newer(session, opened, when) if made else None,
        "pending": {"since": when(pending.since), "cause": pending.cause, "idle": pending.idle}
        if pending
        else None,
    }


def _newer(session: Session, opened: OpenCall, when: Callable[[Any], str]) -> dict[str, Any] | None:
    """A newer transcript of the machine's, and which corrections do not fit it."""
    found = carried.newer(session, opened.call)
    if found is None:
        return None
    left = [
        {"turn": one.turn, "kind": one.kind, "old": one.old, "new": one.new, "now": one.now}
        for one in found.carried.left
    ]
    return {"at": when(found.at), "left": left}


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
        "voice": turn.speaker or turn.role or "",
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


def _plots(talk: Conversation | None) -> dict[str, list[float | None]]:
    """Measures minute by minute: the agent's share of the talk, and the words a minute of each side."""
    names = ("talk_share_by_minute", "agent_pace_by_minute", "customer_pace_by_minute")
    found: dict[str, list[float | None]] = {}
    for name in names:
        values = talk.signals.get(name) if talk else None
        if isinstance(values, dict) and any(value is not None for value in values.values()):
            last = max(int(minute) for minute in values)
            found[name.removesuffix("_by_minute")] = [values.get(str(minute)) for minute in range(last + 1)]
    return found


def _score(
    assessment: Assessment | None,
    rules: Rules,
    people: People,
    stored: float | None,
    by: str,
    passed: bool | None,
) -> dict[str, Any]:
    """The score that stands, or what this person's draft would make of it."""
    if assessment is None or people.blind:
        return {"value": None, "by": "machine", "passed": None, "preview": None}
    preview = None
    decided = people.decided
    items = decided.draft or (decided.final if people.own else {})
    if items:
        verdicts = {**decided.standing, **{c: i.verdict for c, i in items.items()}}
        values = {**decided.values, **{c: i.value for c, i in items.items() if i.value is not None}}
        preview = rules.score(assessment, verdicts, values).score
    return {"value": stored, "by": by, "passed": passed, "preview": preview if preview != stored else None}
