"""Blind reviews: what the machine and others say is not sent until one's own review is submitted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import workplace
from sqlmodel import select

from database import DatabaseError, corrections
from database.engine import reading, writing
from database.listing import list_calls, open_call
from database.people import Person, person_of, user_by_login
from database.tables import ReviewItem
from qa_app.actions import accounts, asking, reviewing
from qa_app.i18n import translator
from qa_app.payload import payload
from qa_app.widgets import call_lines

EN = translator("en")
JUDGED = 15
"""Items of the workplace's card that people judge; counts and labels are measured."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[workplace.Workplace]:
    made = workplace.make(tmp_path / "home")
    yield made
    made.engine.dispose()


def person(place: workplace.Workplace, login: str, *, blind: bool = False) -> Person:
    if blind:
        with writing(place.engine) as session:
            found = person_of(user_by_login(session, login))
            accounts.set_preferences(session, found, "en", "UTC", blind=True)
    with reading(place.engine) as session:
        return person_of(user_by_login(session, login))


def sent(place: workplace.Workplace, who: Person, call: int) -> dict[str, object]:
    with reading(place.engine) as session:
        return payload(session, who, open_call(session, who.viewer, call), EN, audio="/x")


def said_by_others(data: dict[str, object]) -> list[str]:
    """What of the machine's and other people's words is in the data (the transcript itself is no verdict)."""
    text = json.dumps({k: v for k, v in data.items() if k not in ("words", "turns", "events", "peaks")})
    secret = (
        *("Sends the customer away", "Names the two lost days", "not_my_job", "I'll ask the depot", "0.97"),
        *("80.0", "Tom Trainer", "Tom says so", "only in the second answer", "starter", "delivery"),
    )
    return [word for word in secret if word in text]


def decide_all(place: workplace.Workplace, who: Person, call: int, verdict: str = "yes") -> None:
    for item in sent(place, who, call)["criteria"]:  # type: ignore[attr-defined]
        event = {"do": "override", "criterion": item["id"], "verdict": verdict, "reason": ""}
        asking.handle(place.engine, who, call, event)


def busy_call(place: workplace.Workplace) -> int:
    """Tom has commented, reviewed and released."""
    tom, call = person(place, "tom"), place.calls[0]
    reviewing.add_comment(place.engine, tom, call, "Tom says so", moment=3.0)
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(place.engine, tom, call, criterion, "no", "Tom says so")
    reviewing.finish(place.engine, tom, call)
    return call


@pytest.mark.parametrize("how", ["setting", "this call only"])
def test_nothing_of_the_machine_or_of_others_is_sent_until_submitted(
    place: workplace.Workplace, how: str
) -> None:
    call = busy_call(place)
    tess = person(place, "tess", blind=how == "setting")
    if how == "this call only":
        assert len(said_by_others(sent(place, tess, call))) > 5
        asking.handle(place.engine, tess, call, {"do": "blind"})
    data = sent(place, tess, call)
    assert said_by_others(data) == []
    items: list[dict[str, object]] = data["criteria"]  # type: ignore[assignment]
    assert len(items) == JUDGED
    told = {
        (i["verdict"], i["stands"], i["confidence"], i["clear"], i["max"], str(i["evidence"])) for i in items
    }
    assert told == {("hidden", "hidden", None, False, None, "[]")}
    with pytest.raises(DatabaseError, match=f"{JUDGED} item"):
        asking.handle(place.engine, tess, call, {"do": "finish"})
    decide_all(place, tess, call)
    assert said_by_others(sent(place, tess, call)) == []
    done = asking.handle(place.engine, tess, call, {"do": "finish", "anyway": True, "seconds": 30})
    assert done.message == "review.revealed"
    after = sent(place, tess, call)
    assert after["review"]["own"] is True  # type: ignore[index]
    item = {i["id"]: i for i in after["criteria"]}["empathy_shown"]  # type: ignore[attr-defined]
    assert (item["verdict"], item["stands"], item["by"]) == ("review", "yes", "human")
    assert len(said_by_others(after)) > 5
    assert asking.handle(place.engine, tess, call, {"do": "release"}).message == "review.released"
    with reading(place.engine) as session:
        opened = open_call(session, tess.viewer, call).call
        assert (opened.review_state, opened.reviewer_id) == ("released", tess.id)
        rows = {r.criterion_id: r for r in session.exec(select(ReviewItem).where(ReviewItem.by == tess.id))}
        assert rows["forbidden_phrase_used"].action == "confirmed"
        assert rows["hold_over_30s_without_checkin"].action == "overridden"
        assert rows["hold_count"].action == "confirmed"  # measured, nobody judges it


@pytest.mark.parametrize("event", [{"do": "confirm", "criterion": "empathy_shown"}, {"do": "confirm_clear"}])
def test_a_blind_reviewer_cannot_confirm_what_is_not_seen(
    place: workplace.Workplace, event: dict[str, str]
) -> None:
    tess = person(place, "tess", blind=True)
    with pytest.raises(reviewing.BlindError):
        asking.handle(place.engine, tess, place.calls[0], event)


def test_blind_begins_before_anything_is_decided_and_cannot_be_switched_off(
    place: workplace.Workplace,
) -> None:
    tess, call = person(place, "tess"), place.calls[0]
    reviewing.override(place.engine, tess, call, "empathy_shown", "yes", "")
    with pytest.raises(DatabaseError, match="begins with none"):
        asking.handle(place.engine, tess, call, {"do": "blind"})
    blind = person(place, "tom", blind=True)
    decide_all(place, blind, call)
    with writing(place.engine) as session:
        accounts.set_preferences(session, blind, "en", "UTC", blind=False)
    assert said_by_others(sent(place, person(place, "tom"), call)) == []


def test_lists_show_a_blind_reviewer_no_scores(place: workplace.Workplace) -> None:
    tess = person(place, "tess", blind=True)
    with reading(place.engine) as session:
        lines = list_calls(session, tess.viewer)
        cells = [cell for line in lines for cell in call_lines.line_of(line, tess, EN).cells]
        assert not {"80", "73", "66", "2 to decide", "machine"} & {t for c in cells for t in (c.text, c.sub)}
        assert {c.tone for c in cells} <= {None, "plain"}
        seen = [
            cell.text for line in lines for cell in call_lines.line_of(line, person(place, "tom"), EN).cells
        ]
        assert {"80", "73", "66"} <= set(seen)


def test_a_blind_reviewer_may_correct_the_transcript(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess", blind=True), place.calls[0]
    event = {"do": "correct", "turn": 1, "text": "Hello.", "version": 1}
    asking.handle(place.engine, tess, call, event)
    history: dict[str, list[object]] = sent(place, tess, call)["history"]  # type: ignore[assignment]
    assert len(history["corrections"]) == 1
    assert history["moves"] == []
    with reading(place.engine) as session:
        assert corrections.version_of(session, call, 2).turns[1].text == "Hello."


def test_an_agent_is_never_blind(place: workplace.Workplace) -> None:
    ana = person(place, "ana", blind=True)
    assert said_by_others(sent(place, ana, place.calls[0]))
