"""Holds found from events, from words and turn order, from marks; and each step of the chain around them."""

from typing import Any

import pytest

from recordings import Act, Conversation, Event, Turn
from recordings.testing import agent, conversation, customer, ivr
from scorecards.call import Call
from scorecards.engine import score
from scorecards.holds import Hold
from scorecards.loading import load_card


def other(text: str, **fields: Any) -> Turn:
    return Turn(index=0, role="other", text=text, **fields)


def call(*turns: Turn, acts: dict[int, str], events: tuple[Event, ...] | None = None) -> Conversation:
    made = conversation(*turns, events=events)
    return made.with_acts(
        Act(turn=turn, act=name, probability=0.95, text=made.turns[turn].text)
        for turn, names in acts.items()
        for name in names.split()
    )


def holds(made: Conversation) -> tuple[Hold, ...]:
    return Call(made, "en").holds


def verdict(made: Conversation, name: str) -> str:
    return score(made, load_card("hold-etiquette")).criterion(name).verdict


def value(made: Conversation, name: str) -> object:
    return score(made, load_card("hold-etiquette")).criterion(name).value


def timed(*seconds: float, kind: str = "hold", **fields: Any) -> tuple[Event, ...]:
    pairs = zip(seconds[::2], seconds[1::2], strict=True)
    return tuple(Event(kind=kind, start=a, end=b, source="audio", **fields) for a, b in pairs)  # type: ignore[arg-type]


ASKED = (
    agent("May I put you on hold?", start=1.0, end=3.0),
    customer("Yes.", start=3.2, end=3.6),
    agent("Thanks for holding.", start=34.0, end=36.0),
)
CHAIN = {0: "ask_hold hold_reason hold_time", 1: "consent", 2: "thank_waiting"}


@pytest.mark.parametrize(
    ("words", "acts", "reason"),
    [
        pytest.param("Could I keep you waiting a minute?", "ask_hold hold_reason", "no", id="formula alone"),
        pytest.param("The stock list is on paper, could you wait?", "ask_hold", "yes", id="told beside it"),
        pytest.param("Bright Dental practice, could you wait?", "ask_hold greet", "no", id="a greeting"),
        pytest.param("Could you wait while we ring her?", "ask_hold greet", "yes", id="a greeting and why"),
    ],
)
def test_a_reason_is_what_is_told_beside_the_formula(words: str, acts: str, reason: str) -> None:
    turns = (agent(words, start=1.0, end=3.0), *ASKED[1:])
    made = call(*turns, acts={**CHAIN, 0: acts}, events=timed(4.0, 33.5))
    assert verdict(made, "hold_reason_given") == reason


def test_an_event_between_the_words() -> None:
    asked = agent("May I put you on hold while I check?", start=1.0, end=3.0)
    made = call(asked, *ASKED[1:], acts=CHAIN, events=timed(4.0, 33.5))
    (hold,) = holds(made)
    assert (hold.before, hold.back, hold.seconds, hold.over) == (1, 2, 29.5, False)
    assert {verdict(made, f"hold_{s}") for s in ("permission_asked", "reason_given", "thanked_after")} == {
        "yes"
    }


@pytest.mark.parametrize(
    ("seconds", "long"),
    [(29.0, "no"), (30.0, "no"), (30.4, "no"), (31.0, "yes"), (45.0, "yes"), (3_600.0, "yes")],
)
def test_thirty_seconds_is_the_limit(seconds: float, long: str) -> None:
    turns = (*ASKED[:2], agent("Thanks for holding.", start=5.0 + seconds, end=7.0 + seconds))
    made = call(*turns, acts=CHAIN, events=timed(4.0, 4.0 + seconds))
    found = score(made, load_card("hold-etiquette")).criterion("hold_over_30s_without_checkin")
    assert found.verdict == long


def test_three_stretches_count_three_and_add_up() -> None:
    turns = (
        *ASKED[:2],
        agent("Still looking.", start=24.0, end=25.0),
        agent("One more minute.", start=46.0, end=47.0),
        agent("Thanks for waiting.", start=68.0, end=70.0),
    )
    acts = {0: "ask_hold", 1: "consent", 2: "check_in", 3: "check_in", 4: "thank_waiting"}
    made = call(*turns, acts=acts, events=timed(4, 23, 26, 45, 48, 67))
    assert value(made, "hold_count") == 3
    assert value(made, "hold_total_seconds") == 57


def test_stretches_with_nothing_said_between_are_one() -> None:
    made = call(*ASKED, acts=CHAIN, events=timed(4.0, 15.0, 16.0, 33.0))
    assert value(made, "hold_count") == 1
    assert value(made, "hold_total_seconds") == 29


def test_waiting_before_an_agent_answers_is_no_hold() -> None:
    turns = (
        ivr("Please hold the line.", start=0.0, end=2.0),
        agent("Hello.", start=60.0, end=61.0),
        customer("Hi."),
    )
    assert holds(call(*turns, acts={}, events=timed(2.5, 58.0))) == ()


def test_a_hold_to_the_end_of_the_recording_has_no_return() -> None:
    made = call(*ASKED[:2], acts={0: CHAIN[0], 1: "consent"}, events=timed(4.0, 90.0))
    (hold,) = holds(made)
    assert hold.back is None
    assert verdict(made, "hold_thanked_after") == "na"
    assert verdict(made, "hold_over_30s_without_checkin") == "yes"


WORDS = [
    # answer, return, acts of the return, number of holds
    ("Sure.", "Thank you for holding.", "thank_waiting", 1),
    ("Sure.", "Are you still there?", "", 1),
    ("Sure.", "Hello again, sorry it took so long.", "", 1),
    ("Sure.", "It will take a bit longer.", "check_in", 1),
    ("Sure.", "So, here is what I see.", "", 0),
    ("I'd rather not.", "Fine, I'll look while we talk.", "", 0),
]


@pytest.mark.parametrize(("answer", "back", "acts", "count"), WORDS)
def test_words_alone_tell_of_a_hold(answer: str, back: str, acts: str, count: int) -> None:
    reply = "decline" if "rather" in answer else "consent"
    made = call(
        agent("Can you hold?"), customer(answer), agent(back), acts={0: "ask_hold", 1: reply, 2: acts}
    )
    assert len(holds(made)) == count


def test_without_times_the_length_is_unknown_never_zero() -> None:
    made = call(agent("Can you hold?"), customer("Yes."), agent("Thanks for holding."), acts=CHAIN)
    assert value(made, "hold_count") == 1
    for name in ("hold_total_seconds", "hold_over_30s_without_checkin"):
        found = score(made, load_card("hold-etiquette")).criterion(name)
        assert (found.verdict, found.value) == ("unscored", None)
        assert found.reason


def test_times_without_events_give_the_length() -> None:
    made = call(*ASKED, acts=CHAIN)
    assert value(made, "hold_total_seconds") == pytest.approx(30.4)


def test_a_hold_that_the_recorder_cut_out_is_not_scorable_but_the_manners_are() -> None:
    turns = (*ASKED[:2], agent("Thanks for holding.", start=4.0, end=6.0))
    made = call(*turns, acts=CHAIN, events=timed(50.0, 60.0, kind="silence"))
    (hold,) = holds(made)
    assert hold.cut_out
    assert verdict(made, "hold_thanked_after") == "yes"
    found = score(made, load_card("hold-etiquette")).criterion("hold_over_30s_without_checkin")
    assert found.verdict == "unscored"
    assert "recorder" in (found.reason or "")


MARKS = [
    ("[hold music]", 1, None),
    ("(music)", 1, None),
    ("[hold 45 seconds]", 1, 45.0),
    ("[Warteschleife, 2 min]", 1, 120.0),
    ("*on hold*", 1, None),
    ("[silence 12 s]", 1, 12.0),
    ("[laughter]", 0, None),
    ("music to my ears", 0, None),
]


@pytest.mark.parametrize(("text", "count", "seconds"), MARKS)
def test_marks_in_transcripts(text: str, count: int, seconds: float | None) -> None:
    made = call(agent("Hold on."), other(text), agent("So."), acts={0: "announce_hold"})
    found = holds(made)
    assert len(found) == count
    if count:
        assert found[0].seconds == seconds


def test_a_silence_mark_without_a_hold_before_it_is_none() -> None:
    assert (
        holds(call(agent("Let me look."), other("[silence 12 s]"), agent("So."), acts={0: "announce_search"}))
        == ()
    )


STEPS = [
    # acts before, answer's act, back's acts, criterion, verdict
    ("ask_hold hold_reason hold_time", "consent", "thank_waiting", "hold_permission_asked", "yes"),
    ("ask_hold", "decline", "thank_waiting", "hold_permission_asked", "no"),
    ("announce_hold hold_reason", "consent", "thank_waiting", "hold_permission_asked", "no"),
    ("ask_hold hold_time", "consent", "thank_waiting", "hold_reason_given", "no"),
    ("ask_hold hold_reason", "consent", "thank_waiting", "hold_time_estimate_given", "no"),
    ("ask_hold", "consent", "disclose_account", "hold_thanked_after", "no"),
    ("ask_hold", "consent", "apologise", "hold_thanked_after", "yes"),
]


def test_an_apology_for_something_else_does_not_thank_for_the_wait() -> None:
    back = agent("It was our depot's fault, and I'm sorry for the mix-up.", start=34.0, end=36.0)
    made = call(*ASKED[:2], back, acts={0: "ask_hold", 1: "consent", 2: "apologise"}, events=timed(4.0, 33.0))
    assert verdict(made, "hold_thanked_after") == "no"


def test_every_return_needs_its_thanks() -> None:
    turns = (
        agent("May I put you on hold?", start=1.0, end=3.0),
        customer("Yes.", start=3.2, end=3.6),
        agent("Still looking, another minute all right?", start=34.0, end=36.0),
        customer("Yes.", start=36.2, end=36.6),
        agent("Thanks for holding.", start=60.0, end=62.0),
    )
    acts = {0: "ask_hold", 1: "consent", 2: "check_in ask_hold", 3: "consent", 4: "thank_waiting"}
    made = call(*turns, acts=acts, events=(*timed(4.0, 33.0), *timed(37.0, 59.0)))
    assert verdict(made, "hold_thanked_after") == "no"


@pytest.mark.parametrize(("before", "answer", "back", "criterion", "expected"), STEPS)
def test_each_step_of_the_chain(before: str, answer: str, back: str, criterion: str, expected: str) -> None:
    said = {"apologise": "Sorry about that wait.", "disclose_account": "It left on Monday."}
    words = said.get(back, "Thanks for holding.")
    why = "I need to check that. " if "hold_reason" in before else ""
    made = call(
        agent(f"{why}May I put you on hold?", start=1.0, end=3.0),
        ASKED[1],
        agent(words, start=34.0, end=36.0),
        acts={0: before, 1: answer, 2: back},
        events=timed(4.0, 33.0),
    )
    assert verdict(made, criterion) == expected


def test_asked_without_waiting_for_the_answer_is_not_asked() -> None:
    turns = (ASKED[0], ASKED[2])
    made = call(*turns, acts={0: CHAIN[0], 1: "thank_waiting"}, events=timed(4.0, 33.0))
    found = score(made, load_card("hold-etiquette")).criterion("hold_permission_asked")
    assert found.verdict == "no"
    assert "not waited for" in found.evidence[0].why


def test_one_bad_hold_of_two_fails_the_item_and_is_shown() -> None:
    turns = (
        *ASKED,
        agent("Hold on.", start=37.0, end=38.0),
        agent("So.", start=60.0, end=61.0),
    )
    made = call(*turns, acts=CHAIN | {3: "announce_hold"}, events=timed(4.0, 33.0, 39.0, 59.0))
    found = score(made, load_card("hold-etiquette")).criterion("hold_permission_asked")
    assert (found.verdict, found.evidence[0].turn) == ("no", 3)


def test_events_with_odd_times_do_no_harm() -> None:
    odd = (
        Event(kind="hold", start=None, end=None),
        Event(kind="hold", start=9.0, end=9.0),
        Event(kind="hold", start=12.0, end=8.0),
    )
    assert value(call(*ASKED, acts={}, events=odd), "hold_count") == 0


def test_announced_silence_after_a_hold_question_is_a_silent_hold() -> None:
    made = call(*ASKED, acts=CHAIN, events=timed(4.0, 33.0, kind="silence"))
    assert value(made, "hold_count") == 1
    assert value(made, "dead_air_over_8s_unannounced") == 0
    searching = call(*ASKED, acts={0: "announce_search"}, events=timed(4.0, 33.0, kind="silence"))
    assert value(searching, "hold_count") == 0
