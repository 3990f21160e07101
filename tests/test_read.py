"""Reading acts with rules and head together."""

from pathlib import Path

import numpy as np
import pytest

from pipelines.pieces import MOST_WORDS, pieces
from pipelines.read import combined, read_acts, read_many
from pipelines.units import LONGEST, sentences
from pipelines.weighing import Scale, Scales, fit
from recordings import Act, Conversation, Event
from recordings.testing import agent, conversation, customer, ivr
from scorecards.acts.book import catalogue

SENTENCES = [
    ("Yes. It is.", ["Yes.", "It is."]),
    ("It costs 3.50 a month.", ["It costs 3.50 a month."]),
    ("Really? Oh! Fine", ["Really?", "Oh!", "Fine"]),
    ("no stop at all", ["no stop at all"]),
    ("  ", []),
    ("...", []),
]


@pytest.mark.parametrize(("text", "wanted"), SENTENCES)
def test_sentences(text: str, wanted: list[str]) -> None:
    found = [text[a:b].strip() for a, b in sentences(text)]
    assert [f for f in found if any(c.isalnum() for c in f)] == wanted


def test_long_talk_is_cut_and_nothing_is_lost() -> None:
    text = "so I went there and then they said no but I had paid and because it was late " * 6
    spans = sentences(text)
    assert " ".join(text[a:b] for a, b in spans).split() == text.split()
    assert all(len(text[a:b].split()) <= LONGEST for a, b in spans)


def test_pieces_know_what_came_before_them() -> None:
    hold = Event(kind="hold", start=5.0, end=45.0, by="agent", music=True)
    made = conversation(
        agent("One moment.", start=0.0, end=4.0),
        customer("(door)", start=4.0, end=4.5).model_copy(update={"role": "other"}),
        agent(
            "Thanks for waiting. " + "The line was cut by the storm last night. " * 20, start=46.0, end=80.0
        ),
        events=(hold,),
    )
    some, said = pieces(made)
    assert [piece.turn.index for piece in some][:2] == [0, 2]
    assert [one.hold_s for one in said] == [0.0, 40.0, *[0.0] * (len(said) - 2)]
    assert " ".join(one.text for one in said[1:]).split() == made.turns[2].text.split()
    assert all(len(one.text.split()) <= MOST_WORDS for one in said)


def _act(source: str, probability: float, act: str = "refuse") -> Act:
    return Act(turn=0, act=act, probability=probability, source=source)


SCALES = Scales(Scale(head=0.7, base=0.0, hit=0.5, rule=0.8), {})
COMBINED = [
    (0.95, 0.5, 0.9, 1.0),  # rule and network agree or do not object
    (0.95, 0.01, 0.1, 0.6),  # the network objects
    (0.6, 0.02, 0.0, 0.4),
    (0.8, 0.95, 0.95, 1.0),
    (None, 0.7, 0.6, 0.7),
]


@pytest.mark.parametrize(("rule", "head", "least", "most"), COMBINED)
def test_rules_and_network_together(rule: float | None, head: float, least: float, most: float) -> None:
    rules = [] if rule is None else [_act("phrase", rule)]
    found = combined(rules, [_act("head", head)], SCALES)
    chance = found[0].probability if found else 0.0
    assert least <= chance <= most


def test_scales_learn_whom_to_believe() -> None:
    chance = np.random.default_rng(5)
    done = (chance.random(3000) < 0.3).astype(float)
    head = np.where(done > 0, 1.5, -1.5) + chance.normal(0, 1.5, 3000)  # tells much
    rule = np.where(chance.random(3000) < 0.2, 3.0, np.nan)  # tells nothing
    scales = fit({"refuse": head}, {"refuse": rule}, {"refuse": done})
    assert abs(scales.chance("refuse", 0.5, 0.95) - scales.chance("refuse", 0.5, None)) < 0.1
    assert scales.chance("refuse", 0.99, None) > 0.8 > 0.2 > scales.chance("refuse", 0.01, 0.95)
    assert scales.chance("unknown to the network", None, 0.8) == 0.8


def _call() -> Conversation:
    return conversation(
        ivr("Please hold, there is nothing I can do."),
        agent("Good morning, Harlow Water, Simon speaking, how can I help?", start=0.0, end=4.0),
        customer("My water's been off since Sunday and nobody called me back. That's not my problem, is it?"),
        agent("Oh dear, two days without water, that's awful. I'm sorry we didn't call. Let me find out."),
        agent("noise", doubtful=True),
        customer("Thanks, bye."),
    )


@pytest.mark.models
def test_a_call_is_read(weights: Path) -> None:
    call = _call()
    acts = read_acts(call, models_path=weights)
    found = {(a.turn, a.act) for a in acts if a.probability >= 0.5}
    wanted = {
        (1, "greet"),
        (1, "give_name"),
        (1, "offer_help"),
        (2, "complain"),
        (3, "apologise"),
        (3, "find_out"),
    }
    assert wanted <= found
    assert not {a.turn for a in acts} & {0, 4}
    for act in acts:
        assert catalogue()[act.act].role == call.turns[act.turn].role
        assert act.text in call.turns[act.turn].text
    greeting = next(a for a in acts if (a.turn, a.act) == (1, "greet"))
    assert greeting.start is not None
    assert greeting.end is not None
    assert 0.0 <= greeting.start < greeting.end <= 4.0


@pytest.mark.models
def test_many_calls_read_as_one_by_one(weights: Path) -> None:
    calls = [_call(), conversation(agent("Bye now.")), conversation()]
    together = read_many(calls, models_path=weights)
    for call, acts in zip(calls, together, strict=True):
        alone = read_acts(call, models_path=weights)
        assert [(a.turn, a.act) for a in alone] == [(a.turn, a.act) for a in acts]
        assert [a.probability for a in alone] == pytest.approx([a.probability for a in acts], abs=2e-3)


@pytest.mark.models
def test_the_customers_words_never_are_the_agents_act(weights: Path) -> None:
    call = conversation(customer("There's nothing I can do. Calm down. That's not my department."))
    assert all(catalogue()[a.act].role == "customer" for a in read_acts(call, models_path=weights))
