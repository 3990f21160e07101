# ruff: noqa: E501 (tables)
"""Each check of the scorecard language beside its near misses."""

from typing import Any

import pytest

from recordings import Act, Conversation, Event, Turn
from recordings.testing import agent, conversation, customer, ivr
from scorecards.call import Call
from scorecards.checks import Context, Node, node_keys
from scorecards.findings import Finding
from scorecards.identifiers import given
from scorecards.overlaps import interruptions

FIVE = (agent("a"), customer("b"), agent("c"), customer("d"), agent("e"))


def made(acts: dict[int, str], turns: tuple[Turn, ...] = FIVE, **fields: Any) -> Conversation:
    call = conversation(*turns, **fields)
    return call.with_acts(
        Act(turn=t, act=name, probability=0.95, source="head", text=call.turns[t].text)
        for t, names in acts.items()
        for name in names.split()
    )


def run(condition: dict[str, Any], call: Conversation, language: str = "en") -> Finding:
    return Node.model_validate(condition).run(Context(Call(call, language), {}))


HOLDS = [
    # condition, acts per turn, holds
    ({"act.v1": {"any_of": ["greet"]}}, {0: "greet"}, True),
    ({"act.v1": {"any_of": ["greet"]}}, {1: "greet"}, False),  # a customer cannot greet as the agent
    ({"act.v1": {"any_of": ["greet", "wish"]}}, {4: "wish"}, True),
    ({"act.v1": {"any_of": ["greet"], "where": {"first": 1}}}, {2: "greet"}, False),
    ({"act.v1": {"any_of": ["wish"], "where": {"last": 1}}}, {4: "wish"}, True),
    ({"act.v1": {"any_of": ["wish"], "where": {"last": 1}}}, {2: "wish"}, False),
    ({"act.v1": {"any_of": ["empathise"], "unless": ["rude"]}}, {2: "empathise rude"}, False),
    ({"act.v1": {"any_of": ["empathise"], "unless": ["rude"]}}, {2: "empathise", 4: "rude"}, True),
    ({"act.v1": {"any_of": ["refuse"], "times": 2}}, {0: "refuse"}, False),
    ({"act.v1": {"any_of": ["refuse"], "times": 2}}, {0: "refuse", 4: "refuse"}, True),
    ({"order.v1": {"steps": [["greet"], ["thank"]]}}, {0: "greet", 4: "thank"}, True),
    ({"order.v1": {"steps": [["greet"], ["thank"]]}}, {0: "thank", 4: "greet"}, False),
    ({"order.v1": {"steps": [["greet"], ["thank"]]}}, {2: "thank greet"}, True),
    ({"order.v1": {"steps": [["greet"], ["thank"]], "within": 2}}, {0: "greet", 4: "thank"}, False),
    ({"order.v1": {"steps": [["greet"], ["complain"], ["thank"]]}}, {0: "greet", 1: "complain", 2: "thank"}, True),
    ({"response.v1": {"to": ["complain"], "by": ["apologise"]}}, {1: "complain", 2: "apologise"}, True),
    ({"response.v1": {"to": ["complain"], "by": ["apologise"]}}, {1: "complain", 4: "apologise"}, False),
    ({"response.v1": {"to": ["complain"], "by": ["apologise"], "within": 2}}, {1: "complain", 4: "apologise"}, True),
    ({"response.v1": {"to": ["refuse"], "by": ["offer_alternative"], "within": 0}}, {0: "refuse", 2: "offer_alternative"}, False),
    ({"response.v1": {"to": ["refuse"], "by": ["offer_alternative"]}}, {0: "refuse offer_alternative", 4: "refuse"}, False),
    (
        {"response.v1": {"to": ["refuse"], "by": ["offer_alternative"], "any_occasion": True}},
        {0: "refuse offer_alternative", 4: "refuse"},
        True,
    ),
    ({"all": [{"act.v1": {"any_of": ["greet"]}}, {"act.v1": {"any_of": ["wish"]}}]}, {0: "greet"}, False),
    ({"all": [{"act.v1": {"any_of": ["greet"]}}, {"act.v1": {"any_of": ["wish"]}}]}, {0: "greet", 4: "wish"}, True),
    ({"any": [{"act.v1": {"any_of": ["greet"]}}, {"act.v1": {"any_of": ["wish"]}}]}, {4: "wish"}, True),
    ({"not": {"act.v1": {"any_of": ["rude"]}}}, {}, True),
    ({"not": {"act.v1": {"any_of": ["rude"]}}}, {2: "rude"}, False),
    ({"openings.v1": {"each": ["give_name"], "first_also": ["name_company"]}}, {0: "give_name name_company"}, True),
    ({"openings.v1": {"each": ["give_name"], "first_also": ["name_company"]}}, {0: "give_name"}, False),
    ({"openings.v1": {"each": ["give_name"]}}, {4: "give_name"}, False),
    ({"count.v1": {"act": "thank", "at_most": 1}}, {0: "thank"}, True),
    ({"count.v1": {"act": "thank", "at_most": 1}}, {0: "thank", 2: "thank"}, False),
    ({"count.v1": {"act": "thank", "at_least": 1}}, {}, False),
    ({"phrase.v1": {"phrases": ["the letter c"], "patterns": ["^c$"]}}, {}, True),
    ({"phrase.v1": {"patterns": ["^b$"]}}, {}, False),  # the customer's words
    ({"phrase.v1": {"patterns": ["^b$"], "role": "any"}}, {}, True),
    ({"phrase.v1": {"patterns": ["^c$"], "where": {"first": 1}}}, {}, False),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "acts", "holds"), HOLDS)
def test_conditions(condition: dict[str, Any], acts: dict[int, str], holds: bool) -> None:
    assert run(condition, made(acts)).holds is holds


def test_a_response_without_an_occasion_does_not_apply() -> None:
    finding = run({"response.v1": {"to": ["refuse"], "by": ["offer_alternative"]}}, made({}))
    assert finding.applies < 0.5


EVENTS = (
    Event(kind="interruption", start=1.0, end=2.0, by="agent", source="audio"),
    Event(kind="interruption", start=5.0, end=9.0, by="customer", source="audio"),
    Event(kind="silence", start=10.0, end=19.0, source="audio"),
)


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ({"event": "interruption"}, 2),
        ({"event": "interruption", "by": "agent"}, 1),
        ({"event": "interruption", "longer_than_s": 2}, 1),
        ({"event": "silence", "of": "seconds"}, 9.0),
        ({"event": "hold"}, 0),
    ],
)
def test_counts_of_events(condition: dict[str, Any], value: float) -> None:
    assert run({"count.v1": condition}, made({}, events=EVENTS)).value == value


def test_events_that_nobody_looked_for_are_unscored_not_zero() -> None:
    finding = run({"count.v1": {"event": "hold"}}, made({}))
    assert finding.unscored
    assert finding.value is None


SILENCE = (Event(kind="silence", start=5.0, end=16.0, source="audio"),)
AFTER = agent("So.", start=16.5, end=17.0)


@pytest.mark.parametrize(
    ("before", "acts", "event", "count"),
    [
        (agent("Hm.", start=3.0, end=4.5), "", {}, 1),
        (agent("Let me look that up.", start=3.0, end=4.5), "announce_search", {}, 0),
        (agent("Can you hold?", start=3.0, end=4.5), "ask_hold", {}, 0),
        (agent("I'll see to that for you.", start=3.0, end=4.5), "find_out", {}, 0),
        (agent("I'll see to that for you.", start=3.0, end=4.5), "take_ownership", {}, 1),
        (customer("Hang on, let me get the letter.", start=3.0, end=4.5), "", {}, 0),
        (customer("I do not know.", start=3.0, end=4.5), "", {}, 1),
        (agent("Hm.", start=3.0, end=4.5), "", {"announced": True}, 0),
        (agent("Hm.", start=3.0, end=4.5), "", {"end": 12.5}, 0),
    ],
)
def test_dead_air_is_what_nobody_announced(
    before: Turn, acts: str, event: dict[str, Any], count: int
) -> None:
    events = (SILENCE[0].model_copy(update=event),)
    call = made({1: acts}, turns=(customer("Hello.", start=0.0, end=1.0), before, AFTER), events=events)
    assert run({"dead_air.v1": {"longer_than_s": 8}}, call).value == count


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("Now press the green button.", 0),
        ("The press wrote about it.", 1),
        ("Press on with it.", 1),
        ("Drücken Sie ganz fest.", 0),
        ("Drücken Sie mir die Daumen.", 1),
        ("That is not for me to say.", 1),
    ],
)
def test_a_task_for_the_hands_is_no_dead_air(asked: str, count: int) -> None:
    turns = (
        customer("Hello.", start=0.0, end=1.0),
        agent(asked, start=3.0, end=4.5),
        customer("It blinks.", start=16.5, end=17.0),
    )
    assert run({"dead_air.v1": {"longer_than_s": 8}}, made({}, turns=turns, events=SILENCE)).value == count


@pytest.mark.parametrize(("source", "held"), [("person", True), ("head", False)])
def test_where_a_person_noted_both_acts_neither_cancels_the_other(source: str, held: bool) -> None:
    call = conversation(agent("Sorry to have kept you, and sorry for our mistake."))
    acts = [
        Act(turn=0, act=name, probability=0.95, source=source, text=call.turns[0].text)
        for name in ("apologise", "thank_waiting")
    ]
    check = {"act.v1": {"any_of": ["apologise"], "unless_same_words": ["thank_waiting"]}}
    assert run(check, call.with_acts(acts)).holds is held


def test_dead_air_needs_times() -> None:
    assert run({"dead_air.v1": {}}, made({})).unscored


FORBIDDEN = {
    "forbidden.v1": {
        "categories": {
            "refusal": {
                "acts": ["refuse"],
                "excused_by": ["offer_alternative"],
                "say_instead": "What I can do …",
            },
            "dont_know": {"acts": ["dont_know"], "excused_by": ["find_out"]},
            "rude": {"acts": ["rude"]},
        },
        "lists": [{"act": "own", "phrases": ["computer says no"], "category": "other", "say_instead": "…"}],
    }
}


@pytest.mark.parametrize(
    ("acts", "count"),
    [
        ({0: "refuse"}, 1),
        ({0: "refuse offer_alternative"}, 0),
        ({0: "refuse", 2: "offer_alternative"}, 1),
        ({0: "refuse quote"}, 0),
        ({1: "refuse"}, 0),
        ({0: "dont_know find_out"}, 0),
        ({0: "refuse rude"}, 1),
        ({0: "refuse", 2: "rude"}, 2),
    ],
)
def test_forbidden_phrases(acts: dict[int, str], count: int) -> None:
    assert run(FORBIDDEN, made(acts)).value == count


@pytest.mark.parametrize(
    ("read", "count"),
    [
        ([(0, "refuse", 0.4)], 0),
        ([(0, "refuse", 0.4), (0, "rude", 0.3)], 1),  # unclear which, clear that
        ([(0, "refuse", 0.2), (0, "rude", 0.2), (0, "dont_know", 0.1)], 0),
        ([(0, "refuse", 0.4), (2, "rude", 0.4)], 0),  # two turns are two questions
        ([(0, "refuse", 0.4), (0, "rude", 0.4), (0, "quote", 0.9)], 0),
        ([(0, "refuse", 0.4), (0, "rude", 0.4), (0, "offer_alternative", 0.9)], 0),
        ([(0, "refuse", 0.9), (0, "rude", 0.9)], 1),
    ],
)
def test_a_little_of_several_categories_is_a_finding(read: list[tuple[int, str, float]], count: int) -> None:
    call = conversation(*FIVE)
    acts = [
        Act(turn=turn, act=name, probability=p, source="head", text=call.turns[turn].text)
        for turn, name, p in read
    ]
    finding = run(FORBIDDEN, call.with_acts(acts))
    assert finding.value == count
    assert [e.category for e in finding.passing] == ["refusal"] * count


def test_a_companys_own_list_comes_on_top() -> None:
    turns = (agent("Sorry, the computer says no."), customer("The computer says no?"))
    finding = run(FORBIDDEN, made({}, turns=turns))
    assert finding.value == 1
    assert (finding.passing[0].turn, finding.passing[0].category) == (0, "other")
    assert finding.passing[0].text == "computer says no"


def ending(*turns: Turn, acts: dict[int, str], shape: str = "hung_up") -> bool:
    return run({"ending.v1": {"is": [shape]}}, made(acts, turns=turns)).holds


def test_how_calls_end() -> None:
    bye = {2: "goodbye"}
    assert ending(agent("Hi."), customer("Forget it."), acts={})
    assert not ending(agent("Hi."), customer("Hm."), agent("Bye."), customer("Bye."), acts=bye)
    assert not ending(agent("Hi."), customer("Forget it."), agent("Okay."), acts={})
    assert ending(
        agent("Hi."), customer("And then"), agent("Hello? Are you there?"), acts={}, shape="dropped"
    )
    assert not ending(agent("Hi."), customer("Bye."), agent("Goodbye."), acts=bye, shape="dropped")
    late = (agent("and so we sent it on Monday."), customer("I see."))
    assert ending(*late, acts={}, shape="mid_call")
    assert not ending(*late, acts={0: "greet"}, shape="mid_call")


@pytest.mark.parametrize(
    ("last", "dropped"),
    [
        (agent("hello are you still there"), True),
        (customer("hallo sind sie noch"), True),
        (customer("hallo"), True),
        (customer("hello that is what i wanted"), False),
        (customer("hallo sagen sie das auch dem chef"), False),
        (customer("i have to go now you are the"), True),
        (customer("i have to go now you are kind"), False),
        (customer("ich muss jetzt los sie sind ein"), True),
        (customer("dann kauf ich das ein"), False),
        (ivr("Die Verbindung wurde getrennt."), True),
        (ivr("Die Verbindung wurde gehalten."), False),
    ],
)
def test_a_line_that_drops(last: Turn, dropped: bool) -> None:
    turns = (agent("good morning"), customer("my card is gone"), agent("i see"), last)
    assert ending(*turns, acts={}, shape="dropped") is dropped


def test_help_offered_late_opens_no_call() -> None:
    turns = (
        agent("to the account number and the security word please"),
        customer("It is pelican."),
        agent("How may I help?"),
    )
    assert ending(*turns, acts={2: "offer_help"}, shape="mid_call")
    assert not ending(*turns, acts={0: "offer_help"}, shape="mid_call")


GIVEN = [
    # question, answer, kinds
    ("Customer number and postcode?", "Four four one two, and LS6 2AB.", {"number", "address"}),
    ("Date of birth and account number please.", "Third of March seventy-nine, and it's nine nine one two.", {"birth", "number"}),
    ("The last four digits and your mother's maiden name?", "Nine nine one four, and it's Brannigan.", {"number", "secret"}),
    ("Your e-mail address?", "ann at postbox dot com", {"email"}),
    ("What's the address?", "Flat nine, Carver House.", {"address"}),
    ("Your customer number?", "I don't have it with me.", set()),
    ("Your name?", "Anna Smith.", set()),
    ("How can I help?", "I ordered three shirts on the fifth of May.", set()),
    ("Ihre Vertragsnummer und Ihr Wohnort?", "Acht null acht eins fünf, Winterthur.", {"number", "address"}),
    ("Kundennummer?", "Die habe ich gerade nicht da.", set()),
    ("Geburtsdatum und Telefonnummer?", "siebter Siebter zweiundneunzig, null eins sieben sechs, vier vier drei zwei", {"birth", "phone"}),
]  # fmt: skip


@pytest.mark.parametrize(("question", "answer", "kinds"), GIVEN)
def test_which_identifiers_were_given(question: str, answer: str, kinds: set[str]) -> None:
    assert {kind for kind, _ in given(answer, question)} == kinds


def test_back_channels_and_other_turns_are_no_interruptions() -> None:
    speaks = customer("I reported it weeks ago and", start=0.0, end=4.0)
    cuts = agent("What's the address?", start=3.5, end=5.0)
    assert [e.by for e in interruptions((speaks, cuts))] == ["agent"]
    assert not interruptions((speaks, agent("Mm-hm, right.", start=3.5, end=5.0)))
    assert not interruptions((speaks, agent("What?", start=4.2, end=5.0)))
    assert not interruptions((speaks, agent("Short.", start=3.0, end=3.8)))
    assert not interruptions((customer("a"), agent("b")))


def test_labels_and_moods() -> None:
    reasons = {
        "label.v1": {
            "labels": {"delivery": ["reason_delivery"], "billing": ["reason_billing"]},
            "otherwise": "other",
        }
    }
    assert run(reasons, made({1: "reason_delivery state_matter", 3: "reason_billing"})).value == "delivery"
    assert run(reasons, made({})).value == "other"
    assert run({"mood.v1": {"part": "start"}}, made({1: "complain"})).value == "negative"
    assert run({"mood.v1": {"part": "end"}}, made({1: "anger", 3: "feels_positive"})).value == "positive"
    assert run({"mood.v1": {"part": "end"}}, made({})).value == "neutral"


@pytest.mark.parametrize(
    ("acts", "mood"),
    [
        ({1: "feels_negative"}, "negative"),
        ({0: "feels_negative", 2: "thank_agent"}, "neutral"),
        ({1: "thank_agent", 2: "feels_negative"}, "negative"),
        ({0: "anger", 1: "feels_negative", 2: "thank_agent"}, "negative"),
    ],
)
def test_thanks_after_a_bad_mood_calm_it(acts: dict[int, str], mood: str) -> None:
    said = "well that is really nothing that I would have thought possible"
    turns = (customer(said), customer(said), customer(said), customer("bye"))
    check = {"mood.v1": {"part": "end", "mild": ["thank_agent", "confirm_solved"]}}
    assert run(check, made(acts, turns=turns)).value == mood


def test_a_card_says_what_mere_thanks_and_a_mere_fault_are_worth() -> None:
    thanks = made({0: "thank_agent", 1: "thank_agent"}, turns=(customer("right, thank you"),) * 2)
    polite = {"part": "end", "mild_counts": [0.2]}
    assert run({"mood.v1": {"part": "end"}}, thanks).value == "positive"
    assert run({"mood.v1": polite}, thanks).value == "neutral"
    fault = made({1: "complain"})
    assert run({"mood.v1": {"part": "start", "trouble_counts": 0.3}}, fault).value == "neutral"
    both = made({1: "feels_negative feels_positive"})
    for strict, mood in (("negative_from", "positive"), ("positive_from", "negative")):
        assert run({"mood.v1": {"part": "end", strict: 0.94}}, both).value == mood
    with pytest.raises(ValueError, match="mild_counts has 2 numbers for 1"):
        run({"mood.v1": {"part": "end", "mild_counts": [0.2, 0.3]}}, thanks)
    for idle in ({"part": "start", "mild_counts": [0.2]}, {"part": "end", "trouble_counts": 0.3}):
        with pytest.raises(ValueError, match=f"says nothing about the {idle['part']}"):
            run({"mood.v1": idle}, thanks)


def test_quotes_name_what_is_due() -> None:
    turns = (agent("I'll ring you tomorrow at ten."), customer("Thanks, you were brilliant."))
    call = made({0: "callback_specific", 1: "praise"}, turns=turns)
    promised = run({"quotes.v1": {"acts": ["callback_specific"], "due": True}}, call)
    assert "tomorrow" in promised.passing[0].why
    assert run({"quotes.v1": {"acts": ["praise"]}}, call).passing[0].text == "Thanks, you were brilliant."


def test_every_check_of_the_registry_is_tried_in_a_test() -> None:
    from pathlib import Path

    here = Path(__file__).parent
    tried = "".join(p.read_text(encoding="utf-8") for p in here.glob("test_*.py"))
    library = here.parent / "scorecards" / "library"
    tried += "".join(p.read_text(encoding="utf-8") for p in library.glob("*.en.yaml"))
    assert [key for key in node_keys() if key not in tried] == []
