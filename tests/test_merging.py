"""Corrections carried onto a newer transcript: word by word, role by role; what does not fit is named."""
# ruff: noqa: E501

from pathlib import Path

import pytest
import workplace
from hypothesis import given
from hypothesis import strategies as st
from opening import person
from sqlmodel import select
from test_corrections import FRIENDLY, read_call, shown

from database import DatabaseError, jobs
from database.engine import reading
from database.filters import Filters
from database.listing import count_calls, open_call
from database.store import save_processed
from database.tables import ConversationVersion
from database.viewers import OPERATOR
from qa_app.actions import asking, correcting
from recordings import Conversation, Recipe, RecordingError, Turn
from recordings.corrections import Correction, corrected
from recordings.merging import carry
from recordings.testing import conversation
from scorecards.acts.reader import read_phrases
from scorecards.engine import score
from scorecards.loading import load_card

ON_BOTH = True


def talk(*lines: tuple[str, str, float, float]) -> Conversation:
    """Lines of (role, text, start, end)."""
    turns = [
        Turn(index=i, role=role, speaker="S0" if role == "agent" else "S1", start=start, end=end, text=text)  # type: ignore[arg-type]
        for i, (role, text, start, end) in enumerate(lines)
    ]
    return conversation().with_turns(turns)


BASE = talk(
    ("agent", "My name is anna from north parcel", 0, 4),
    ("customer", "The parcel never came", 4, 7),
    ("agent", "that is not my department", 7, 10),
)


@pytest.mark.parametrize(
    ("turn", "text", "now", "expected"),
    [
        (0, "My name is Ana from north parcel", "My name is anna from north parcel", "My name is Ana from north parcel"),
        (0, "My name is Ana from north parcel", "Well, my name is anna from North Parcel.", "Well, my name is Ana from North Parcel."),
        (0, "My name is Ana from north parcel", "My name is Ana from North Parcel", "My name is Ana from North Parcel"),
        (0, "My name is Ana Lena from north parcel", "My name is anna from north parcels", "My name is Ana Lena from north parcels"),
        (0, "My name is from north parcel", "My name is anna from the north parcel", "My name is from the north parcel"),
        (0, "Hello my name is anna from north parcel", "my name is anna from north parcel", "Hello my name is anna from north parcel"),
        (0, "My name is anna from north parcel speaking", "My name is anna from north parcel", "My name is anna from north parcel speaking"),
        (2, "", "That is not my department.", ""),
        (2, "", "that is not my department honestly", "honestly"),
        (0, "My name is Ana from north parcel", "My name is hannah from north parcel", None),
        (0, "My name is Ana from north parcel", "Good morning", None),
        (1, "The parcel never arrived", "came", None),
        (2, "", "that was my department", None),
    ],
)  # fmt: skip
def test_words_fit_beside_the_same_neighbours(turn: int, text: str, now: str, expected: str | None) -> None:
    ours = corrected(BASE, Correction(kind="text", turn=turn, new=text))
    newer = [t.model_copy(update={"text": now}) if t.index == turn else t for t in BASE.turns]
    found = carry(BASE, ours, BASE.with_turns(newer))
    if expected is None:
        [left] = found.left
        assert (left.turn, left.kind, left.old, left.new, left.now) == (
            turn,
            "text",
            BASE.turns[turn].text,
            text,
            now,
        )
        assert found.conversation.turns[turn].text == now
    else:
        assert found.left == ()
        assert found.conversation.turns[turn].text == expected


def test_lines_are_met_by_their_time_however_they_are_cut() -> None:
    ours = corrected(BASE, Correction(kind="text", turn=0, new="My name is Ana from South parcel"))
    cut = talk(
        ("agent", "oh", 0, 0.2),
        ("agent", "my name is anna", 0.2, 2),
        ("agent", "from north parcel", 2, 4),
        ("customer", "the parcel never came that is not my department", 4, 10),
    )
    found = carry(BASE, ours, cut)
    assert [t.text for t in found.conversation.turns[:3]] == ["oh", "my name is Ana", "from South parcel"]
    assert found.left == ()
    assert found.conversation.acts is None
    gone = talk(("customer", "the parcel never came", 4, 7))
    [left] = carry(BASE, ours, gone).left
    assert (left.turn, left.now) == (0, None)


def test_roles_are_carried_to_whatever_is_said_at_that_time() -> None:
    swapped = corrected(BASE, Correction(kind="swap", turn=0))
    cut = talk(
        ("agent", "my name is anna", 0, 2),
        ("agent", "from north parcel", 2, 4),
        ("customer", "the parcel never came", 4, 7),
        ("agent", "that is not my department", 7, 10),
        ("agent", "and a line that is new", 11, 12),
    )
    found = carry(BASE, swapped, cut)
    assert [t.role for t in found.conversation.turns] == [
        "customer",
        "customer",
        "agent",
        "customer",
        "customer",
    ]
    assert all(t.role_confidence == 1.0 for t in found.conversation.turns)
    # The machine gets it right itself now: the roles are only made sure.
    right = cut.with_turns(
        t.model_copy(update={"role": "customer" if t.role == "agent" else "agent"}) for t in cut.turns
    ).with_acts(())
    found = carry(BASE, swapped, right)
    assert [t.role for t in found.conversation.turns] == [t.role for t in right.turns]
    assert found.conversation.acts == ()
    one = corrected(BASE, Correction(kind="role", turn=1, new="agent"))
    [left] = carry(BASE, one, talk(("agent", "my name is anna", 0, 3.9))).left
    assert (left.turn, left.kind, left.old, left.new) == (1, "role", "customer", "agent")


def test_only_a_corrected_base_can_be_carried() -> None:
    with pytest.raises(RecordingError, match="cannot stem from"):
        carry(BASE, BASE.with_turns(BASE.turns[:1]), BASE)


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "no", "yes", "parcel"]), min_size=1, max_size=8)


@given(old=WORDS, new=st.lists(st.sampled_from(["a", "b", "c", "x", "y"]), max_size=8))
def test_onto_the_same_transcript_everything_fits_and_gives_what_people_left(
    old: list[str], new: list[str]
) -> None:
    base = talk(("agent", " ".join(old), 0, 4), ("customer", "well", 4, 5))
    if old == new:
        return
    ours = corrected(base, Correction(kind="text", turn=0, new=" ".join(new)))
    found = carry(base, ours, base)
    assert found.left == ()
    assert found.conversation.turns == ours.turns


# --- on its way through the database


def heard_anew(place: workplace.Workplace, **texts: str) -> None:
    """Process the call again with another model, which reads some lines otherwise (``t2="…"``)."""
    call = workplace.talk("rude-call", "f", "ana", "north")
    turns = [t.model_copy(update={"text": texts.get(f"t{t.index}", t.text), "words": ()}) for t in call.turns]
    made_by = Recipe(models={"acts-en": "x", "whisper": f"another {sorted(texts.items())}"})
    again = call.with_turns(turns).model_copy(update={"made_by": made_by})
    again = again.with_acts(read_phrases(again, "en"))
    save_processed(
        place.engine,
        Path("rude.flac"),
        again.recording,
        again,
        score(again, load_card("customer-care", "en")),
    )


def test_a_correction_goes_on_with_the_newer_transcript(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), read_call(place, heads=True)
    correcting.correct(place.engine, tess, call, [FRIENDLY])
    heard_anew(place, t0="Good morning, North Parcel, my name is Anna.")
    now = shown(place, tess, call)
    assert now["turns"][2]["text"] == FRIENDLY.new  # type: ignore[index]
    assert now["turns"][0]["text"] == "Good morning, North Parcel, my name is Anna."  # type: ignore[index]
    history: dict[str, object] = now["history"]  # type: ignore[assignment]
    assert history["newer"] is None
    assert history["pending"] is not None
    assert [one["turn"] for one in history["corrections"]] == [None]  # type: ignore[attr-defined]
    assert jobs.jobs(place.engine, "waiting")[0].kind == "corrected"
    with reading(place.engine) as session:
        versions = session.exec(select(ConversationVersion).where(ConversationVersion.call_id == call)).all()
        told = {v.number: (v.made_by, v.base) for v in versions}
        assert told == {1: (None, None), 2: (tess.id, 1), 3: (None, None), 4: (tess.id, 3)}
        assert count_calls(session, OPERATOR, Filters(words="moment")) == 1
    # What is corrected from now on rests on the newer one; the same processing again changes nothing.
    correcting.correct(place.engine, tess, call, [Correction(kind="text", turn=0, new="Good morning.")])
    heard_anew(place, t0="Good morning, North Parcel, my name is Anna.")
    assert [one["turn"] for one in shown(place, tess, call)["history"]["corrections"]] == [0, None]  # type: ignore[index]
    heard_anew(place, t0="Good morning, North Parcel, my name is Anna.", t4="May I put you on hold?")
    texts = [t["text"] for t in shown(place, tess, call)["turns"]]  # type: ignore[attr-defined]
    assert texts[2] == FRIENDLY.new
    assert texts[4] == "May I put you on hold?"


def test_what_does_not_fit_is_told_and_stays_until_a_person_decides(place: workplace.Workplace) -> None:
    tess, ana, call = person(place, "tess"), person(place, "ana"), read_call(place, heads=True)
    correcting.correct(place.engine, tess, call, [FRIENDLY, Correction(kind="text", turn=8, new="Exactly.")])
    with reading(place.engine) as session:
        before = open_call(session, OPERATOR, call).call.conversation_number
    heard_anew(place, t2="Sorry, wrong desk.")
    for who in (tess, ana):
        now = shown(place, who, call)
        assert now["turns"][2]["text"] == FRIENDLY.new  # type: ignore[index]
        assert now["version"] == before
        [left] = now["history"]["newer"]["left"]  # type: ignore[index]
        assert (left["old"], left["new"], left["now"]) == (
            workplace.SCRIPT[2][3],
            FRIENDLY.new,
            "Sorry, wrong desk.",
        )
    with pytest.raises(DatabaseError, match="somebody else"):
        asking.handle(place.engine, tess, call, {"do": "take_newer", "version": 1})
    with pytest.raises(DatabaseError, match="may not"):
        asking.handle(place.engine, ana, call, {"do": "take_newer", "version": before})
    assert (
        asking.handle(place.engine, tess, call, {"do": "take_newer", "version": before}).message
        == "correct.taken"
    )
    now = shown(place, tess, call)
    assert now["turns"][2]["text"] == "Sorry, wrong desk."  # type: ignore[index]
    assert now["turns"][8]["text"] == "Exactly."  # type: ignore[index]
    assert now["history"]["newer"] is None  # type: ignore[index]
    assert len(now["history"]["corrections"]) == 2  # type: ignore[index]
    with pytest.raises(DatabaseError, match="no newer transcript"):
        asking.handle(place.engine, tess, call, {"do": "take_newer"})
