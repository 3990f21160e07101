"""The learned head: made of the examples that are here, as good as its file says, the same every time."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.acts.calibrate import calibration_error, figures, macro_f1, platt, sigmoid
from models.acts.dialogues import Said
from models.acts.encoder import load_encoder
from models.acts.examples import Example, read_examples, read_file
from models.acts.folds import folds
from models.acts.head import ActHead, read_meta
from models.acts.network import ActNetwork, Shape
from models.acts.train import made_of
from models.errors import ModelError
from scorecards.acts.book import catalogue

FLOOR = {"en": 0.72, "de": 0.69}
"""Macro-F1 over acts on dialogues of writers not learned from; a file's figure may only rise above it."""


def test_examples_name_acts_of_the_catalogue_for_the_right_role() -> None:
    for example in read_examples("en"):
        for act in example.acts:
            assert act in catalogue(), f"{act}: {example.text}"
            assert catalogue()[act].role == example.role, f"{act}: {example.text}"


def test_every_act_has_examples() -> None:
    taught = {act for example in read_examples("en") for act in example.acts}
    assert set(catalogue()) <= taught


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_weights_were_made_of_what_is_here(language: str) -> None:
    meta = read_meta(language)
    assert meta["examples"] == made_of(meta["languages"])


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_measured_floor_holds(language: str) -> None:
    assert read_meta(language)["folds"]["macro_f1"] >= FLOOR[language]


AWAY = frozenset({"refuse", "turn_away"})
LINES = [
    ("yes => no", Example("no", "yes", "agent", AWAY)),
    ("no can do +dismiss", Example("no can do", "", "agent", AWAY | {"dismiss"})),
    ("no can do -refuse", Example("no can do", "", "agent", frozenset())),
    ("a b +not an edit", Example("a b +not an edit", "", "agent", AWAY)),
    ("one: two", Example("one: two", "", "agent", AWAY)),
]


@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_a_line_of_an_example_file(tmp_path: Path, line: str, wanted: Example) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"- role: agent\n  acts: refuse\n  say:\n  - {line}\n", encoding="utf-8")
    assert list(read_file(path)) == [wanted]


@pytest.mark.parametrize(
    "text", ["- role: ghost\n  say: [a]\n", "- say: [a]\n", "- [\n", "- role: agent\n  say: [[a]]\n"]
)
def test_a_bad_example_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"bad\.yaml"):
        list(read_file(path))


def test_texts_that_look_alike_share_a_fold() -> None:
    texts = ["May I put you on hold?", "may i put you on hold", "The parcel is lost.", "the parcel is lost"]
    which = folds([Example(t, "", "agent", frozenset()) for t in texts], 5)
    assert which[0] == which[1]
    assert which[2] == which[3]


def test_scaling_makes_probabilities_mean_what_they_say() -> None:
    chance = np.random.default_rng(3)
    true = chance.random((4000, 2)) < 0.3
    raw = (np.where(true, 1.0, -1.0) * 3 + chance.normal(0, 4, true.shape)).astype(np.float32)
    does, could = true.astype(np.float32), np.ones(true.shape, dtype=np.float32)
    slope, offset = platt(raw, does, could)
    scaled = calibration_error(sigmoid(raw, slope, offset), does, could)
    assert scaled < 0.03 < calibration_error(sigmoid(raw, np.float32(1), np.float32(0)), does, could)


def test_figures_count_what_was_said() -> None:
    found = figures(
        np.array([[0.9], [0.9], [0.1]], dtype=np.float32),
        np.array([[1], [0], [1]], dtype=np.float32),
        np.ones((3, 1), dtype=np.float32),
        ["refuse"],
    )
    assert (found[0].precision, found[0].recall, found[0].f1) == (0.5, 0.5, 0.5)
    assert macro_f1(found) == 0.5


CALL = [
    Said("agent", "Kelso Garage, this is Ann, what can I do for you?", "agent"),
    Said("customer", "My brakes squeal again, it's the third time.", "customer"),
    Said("agent", "Is it all right if I leave you for two minutes while I ask the workshop?", "agent"),
    Said("customer", "Yes.", "customer"),
    Said("agent", "Thanks for bearing with me.", "agent", hold_s=40.0),
]


@pytest.mark.models
def test_the_head_is_the_same_alone_and_in_company(weights: Path) -> None:
    head = ActHead.load("en", weights)
    calls = [CALL, CALL[:2], [], CALL[2:]]
    together = head.read(calls)
    close = 5e-3 if head.encoder.half else 1e-3  # other company: half precision rounds otherwise
    for call, reading in zip(calls, together, strict=True):
        assert reading.chances.shape == (len(call), len(head.acts))
        (alone,) = head.read([call])
        assert np.allclose(alone.chances, reading.chances, atol=close)
        assert [look.shape[0] for look in reading.looks] == [len(head.acts)] * len(call)
        for by_itself, look in zip(alone.looks, reading.looks, strict=True):
            assert by_itself.shape == look.shape
            assert np.allclose(by_itself, look, atol=10 * close)


@pytest.mark.models
def test_a_yes_is_consent_after_a_question(weights: Path) -> None:
    head = ActHead.load("en", weights)
    consent = head.acts.index("consent")
    assert head.read([CALL])[0].chances[3, consent] >= 0.5


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Would it be all right to leave you on hold while I ask the kitchen?", "ask_hold"),
        ("We've no means of reversing that, I'm afraid.", "refuse"),
        ("You must be worn out after three nights like that.", "empathise"),
        ("So the tap drips only when the machine runs, is that right?", "paraphrase"),
    ],
)
def test_the_head_knows_wording_it_never_saw(weights: Path, text: str, act: str) -> None:
    head = ActHead.load("en", weights)
    assert head.probabilities([(text, "")])[0][head.acts.index(act)] >= 0.5


@pytest.mark.models
def test_a_network_of_another_make_is_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no act network"):
        ActHead.load("en", weights, folder=tmp_path)


@pytest.mark.models
@pytest.mark.parametrize("language", ["en", "de"])
def test_learning_reads_as_reading_does(language: str, weights: Path) -> None:
    """While learning, what is changed stands beside the matrices; when reading, it is worked into them."""
    encoder = load_encoder(language, weights)
    encoder.half = False  # both to the same precision
    network = ActNetwork(encoder, 5, Shape(adapted=2, rank=3))
    torch.manual_seed(3)
    for numbers in network.parameters():
        torch.nn.init.normal_(numbers, std=0.05)
    network.drop.p = 0.0
    turns = [
        Said("agent", text) for text in ("Hello.", "May I put you on hold for two minutes?", "Bye then.")
    ]
    plain = network.eval()([turns], [True]).logits
    learning = network.train()([turns], [True]).logits
    torch.testing.assert_close(learning, plain, atol=0.02, rtol=0.02)  # what lies below is kept halved
    learning.sum().backward()
    assert all(up.grad is not None and float(up.grad.abs().sum()) > 0 for up in network.up.values())
