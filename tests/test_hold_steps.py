"""The chain around each hold, step by step, and lengths of time in words."""

import pytest

from recordings import Act, Conversation, Event, Turn
from recordings.synthesis.generate import generated_call
from recordings.testing import agent, conversation, customer
from scorecards.call import Call
from scorecards.durations import longest_s
from scorecards.hold_steps import HoldSteps, hold_steps


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("It will take about two minutes.", 120),
        ("two or three minutes, so that I can check", 180),
        ("between 2 to 5 minutes", 300),
        ("half a minute", 30),
        ("one more minute", 60),
        ("give me another minute", 60),
        ("a couple of minutes", 120),
        ("forty-five seconds", 45),
        ("It may take 1.5 minutes or 30 seconds", 90),
        ("zwei bis drei Minuten", 180),
        ("eine halbe Minute", 30),
        ("anderthalb Minuten", 90),
        ("noch zwei weitere Minuten", 120),
        ("etwa zwanzig Sekunden", 20),
        ("zwei, drei Minuten", 180),
        ("2-3 minutes", 180),
        ("two, maybe three minutes", 180),
        ("a minute or two", 120),
        ("a couple minutes", 120),
        ("ein, zwei Minuten", 120),
        ("eine knappe Minute", 60),
        ("eine Viertelstunde", 900),
        ("ein Minütchen", None),
        ("one moment please", None),
        ("just a minute", None),
        ("einen Moment", None),
        ("twenty minutiae", None),
        ("the second time", None),
        ("", None),
    ],
)
def test_lengths_of_time_in_words(text: str, seconds: float | None) -> None:
    assert longest_s(text) == seconds


ASK = "May I put you on hold for two minutes while I check?"
MORE = "Hello, they are still looking. Is one more minute alright?"


def steps(*turns: Turn, acts: dict[int, str], holds: tuple[tuple[float, float], ...]) -> list[HoldSteps]:
    events = tuple(Event(kind="hold", start=a, end=b, source="audio") for a, b in holds)
    made: Conversation = conversation(*turns, events=events)
    made = made.with_acts(
        Act(turn=turn, act=name, probability=0.95, text=made.turns[turn].text)
        for turn, names in acts.items()
        for name in names.split()
    )
    return list(hold_steps(Call(made, "en"), "en"))


def test_a_hold_with_every_step() -> None:
    (one,) = steps(
        agent(ASK, start=1.0, end=4.0),
        customer("Yes.", start=4.2, end=4.6),
        agent("Thanks for holding.", start=45.0, end=46.0),
        acts={0: "ask_hold hold_reason hold_time", 1: "consent", 2: "thank_waiting"},
        holds=((5.0, 44.5),),
    )
    assert (one.asked, one.answer, one.reason, one.named_s, one.within_named) == (
        True,
        "yes",
        True,
        120,
        True,
    )
    assert (one.over_30_s, one.checked_in, one.thanked) == (9.5, False, True)


@pytest.mark.parametrize(
    ("answer", "act", "told"), [("No, I have no time.", "decline", "no"), ("Sure.", "consent", "yes")]
)
def test_what_the_customer_answers(answer: str, act: str, told: str) -> None:
    (one,) = steps(
        agent(ASK, start=1.0, end=4.0),
        customer(answer, start=4.2, end=4.6),
        agent("So.", start=200.0, end=201.0),
        acts={0: "ask_hold hold_time", 1: act},
        holds=((5.0, 199.0),),
    )
    assert one.answer == told
    assert one.within_named is False  # two minutes named, more than three passed
    assert one.thanked is False


def test_a_call_without_holds_has_no_steps() -> None:
    assert steps(agent("Hello.", start=1.0, end=2.0), acts={}, holds=()) == []


def test_told_not_asked_and_nobody_waits_for_an_answer() -> None:
    (told,) = steps(
        agent("Hang on, I will put you on hold.", start=1.0, end=4.0),
        agent("Right.", start=25.0, end=26.0),
        acts={0: "announce_hold"},
        holds=((5.0, 24.0),),
    )
    assert (told.asked, told.answer, told.named_s, told.within_named, told.over_30_s) == (
        False, None, None, None, 0.0,
    )  # fmt: skip


def test_a_check_in_is_told_from_the_next_hold() -> None:
    turns = (
        agent(ASK, start=1.0, end=4.0),
        customer("Yes.", start=4.2, end=4.6),
        agent(MORE, start=30.0, end=33.0),
        customer("Fine.", start=33.5, end=34.0),
        agent("Thank you for waiting.", start=55.0, end=56.0),
    )
    acts = {0: "ask_hold hold_reason hold_time", 1: "consent", 2: "check_in ask_hold hold_time", 3: "consent",
            4: "thank_waiting"}  # fmt: skip
    first, second = steps(*turns, acts=acts, holds=((5.0, 29.5), (34.5, 54.5)))
    assert (first.checked_in, first.thanked) == (True, False)  # the thanks belong to the second stretch
    assert (second.checked_in, second.thanked, second.reason, second.named_s) == (False, True, True, 60)
    back = (
        *turns[:2],
        agent("Right, I have found it.", start=30.0, end=32.0),
        customer("Good.", start=32.2, end=32.6),
        agent(ASK, start=33.0, end=36.0),
        customer("Yes.", start=36.2, end=36.6),
        agent("So.", start=55.0, end=56.0),
    )
    acts = {0: "ask_hold hold_time", 1: "consent", 4: "ask_hold hold_time", 5: "consent"}
    first, second = steps(*back, acts=acts, holds=((5.0, 29.5), (37.0, 54.5)))
    assert (first.checked_in, second.checked_in) == (False, False)


@pytest.mark.parametrize(
    ("said", "acts", "checked_in"),
    [
        pytest.param("So, I am back. " + ASK, "ask_hold", False, id="back, and a new errand"),
        pytest.param("Thanks for holding. " + ASK, "ask_hold thank_waiting", False, id="thanks, and another"),
        pytest.param("I am back, still looking. " + ASK, "ask_hold", True, id="back to ask for more"),
        pytest.param("Thank you. Could you hold a bit longer?", "ask_hold", True, id="longer"),
        pytest.param("They need to look again. " + ASK, "ask_hold", True, id="asks on"),
        pytest.param(
            "I am back. Is it still there?", "ask_hold check_in", True, id="as the network reads it"
        ),
    ],
)
def test_back_in_one_breath_with_the_next_question(said: str, acts: str, checked_in: bool) -> None:
    turns = (
        agent(ASK, start=1.0, end=4.0),
        customer("Yes.", start=4.2, end=4.6),
        agent(said, start=30.0, end=33.0),
        customer("Fine.", start=33.5, end=34.0),
        agent("Thank you for waiting.", start=55.0, end=56.0),
    )
    read = {0: "ask_hold", 1: "consent", 2: acts, 3: "consent", 4: "thank_waiting"}
    first, _ = steps(*turns, acts=read, holds=((5.0, 29.5), (34.5, 54.5)))
    assert first.checked_in is checked_in


@pytest.mark.parametrize(
    ("said", "acts", "asked"),
    [
        pytest.param(
            "If you mind holding while I call.", {"announce_hold": 0.78, "ask_hold": 0.39}, True, id="en"
        ),
        pytest.param(
            "Da, darf ich Sie kurz weglegen.", {"announce_hold": 0.5, "ask_hold": 0.4}, True, id="de"
        ),
        pytest.param("One more minute, because that all right.", {"ask_hold": 0.44}, True, id="its end"),
        pytest.param(
            "I put you on hold, all right.", {"announce_hold": 0.8, "ask_hold": 0.3}, False, id="told"
        ),
        pytest.param(
            "I put you on hold now.", {"announce_hold": 0.6, "ask_hold": 0.4}, False, id="no question"
        ),
        pytest.param("May I say that I hold on.", {"announce_hold": 0.9}, False, id="not for the network"),
    ],
)
def test_a_question_without_its_mark(said: str, acts: dict[str, float], asked: bool) -> None:
    made = conversation(
        agent(said, start=1.0, end=4.0),
        customer("Yes.", start=4.2, end=4.6),
        agent("Thank you for waiting.", start=55.0, end=56.0),
        events=(Event(kind="hold", start=5.0, end=54.5, source="audio"),),
    ).with_acts(Act(turn=0, act=name, probability=p, text=said) for name, p in acts.items())
    (one,) = hold_steps(Call(made, "en"), "en")
    assert (one.asked, one.answer) == (asked, "yes" if asked else None)


@pytest.mark.parametrize(
    ("said", "thanked"),
    [
        ("Ten fee so much for holding. It is here.", True),
        ("for waiting.", True),
        ("Bielen Tank, das Sie gewartet haben.", True),
        ("We are paid for holding parcels.", False),
        ("I have ordered a new one for you.", False),
        ("Das Paket, das Sie erwartet haben, ist da.", False),
    ],
)
def test_what_is_left_of_thanks(said: str, thanked: bool) -> None:
    (one,) = steps(
        agent(ASK, start=1.0, end=4.0),
        customer("Yes.", start=4.2, end=4.6),
        agent(said, start=45.0, end=46.0),
        acts={0: "ask_hold", 1: "consent"},
        holds=((5.0, 44.5),),
    )
    assert one.thanked is thanked


def test_the_truth_of_generated_calls_has_every_step() -> None:
    from pipelines.signals.chain_proof import STEPS, true_steps

    call = generated_call("tuning", 1)
    found = true_steps(call)
    assert len(found) == call.truth.signals["hold_count"]
    assert all(set(STEPS) <= set(steps) for _, steps in found)
    assert any(steps["checked_in"] for _, steps in found)
