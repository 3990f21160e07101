"""The picture of a call: both formats, no colour needed, and clear words where there is nothing to draw."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.steps import PipelineError
from pipelines.timeline import LOOKS, Mark, draw_marks, draw_timeline, evidence_marks, look_of, words_of
from recordings import Conversation, Event
from recordings.testing import agent, conversation, customer, ivr
from scorecards.results import Assessment


def call(seconds: float = 120) -> Conversation:
    return conversation(
        ivr("Welcome", start=0, end=3),
        agent("Hello", start=4, end=20),
        customer("Hi", start=19, end=40),
        agent("So", start=60, end=seconds),
        events=(
            Event(kind="overlap", start=19, end=20, by="customer"),
            Event(kind="hold", start=42, end=55, music=True),
            Event(kind="silence", start=55, end=59, announced=True),
            Event(kind="interruption", start=19, end=20, by="customer"),
            Event(kind="transfer", start=41, end=60),
            Event(kind="tone", start=0, end=1),
        ),
        signals={
            "talk_share_by_minute": {"0": 0.6, "1": None},
            "agent_pace_by_minute": {"0": 150.0, "1": 160.0},
        },
    )


def test_png_and_svg_are_drawn_alike_each_time(tmp_path: Path) -> None:
    picture = draw_timeline(call(), tmp_path / "a" / "call.png", [Mark(42, "hold_permission_asked", "no")])
    with Image.open(picture) as image:
        assert image.width > 800
        assert np.asarray(image.convert("L")).std() > 10
    drawing = draw_timeline(call(), tmp_path / "one.svg", [Mark(42, "hold_permission_asked", "no")])
    again = draw_timeline(call(), tmp_path / "two.svg", [Mark(42, "hold_permission_asked", "no")])
    assert drawing.read_text() == again.read_text()
    assert drawing.read_text().startswith("<?xml")


def drawn(made: Conversation, path: Path, language: str | None = None) -> str:
    """The SVG, in which every label stands as a comment beside its outlines."""
    return draw_timeline(made, path, [Mark(42, "hold_permission_asked", "na")], language=language).read_text()


def test_a_german_call_has_german_words_unless_others_are_asked_for(tmp_path: Path) -> None:
    measured = {"hold_count": 1, "hold_total_seconds": 13.5, "line_quality": "poor", **call().signals}
    german = call().model_copy(
        update={"recording": call().recording.model_copy(update={"language": "de"}), "signals": measured}
    )
    own = drawn(german, tmp_path / "own.svg")
    for words in (
        "Kunde",
        "Halten",
        "angekündigte Stille",
        "Redeanteil, %",
        "entfällt",
        "13,5 s",
        "schlecht",
    ):
        assert words in own
    for words in words_of("en")["kind"].values():
        assert f"<!-- {words} -->" not in own
    english = drawn(german, tmp_path / "english.svg", "en")
    assert "announced silence" in english
    assert "Redeanteil" not in english
    assert drawn(call(), tmp_path / "call.svg", "fr") == drawn(call(), tmp_path / "call.svg", "en")


def test_the_words_of_both_languages_have_the_same_keys() -> None:
    english, german = words_of("en"), words_of("de")
    assert {group: set(words) for group, words in english.items()} == {
        group: set(words) for group, words in german.items()
    }
    assert set(LOOKS) <= set(english["kind"])


def test_every_kind_has_its_own_hatch_so_that_no_colour_is_needed() -> None:
    hatches = [look.hatch for look in LOOKS.values()]
    assert len(set(hatches)) == len(hatches)
    assert all(hatches)


def test_a_hold_changes_the_picture_in_grey(tmp_path: Path) -> None:
    with_hold = draw_timeline(call(), tmp_path / "with.png")
    events = tuple(e for e in call().events or () if e.kind != "hold")
    without = draw_timeline(call().model_copy(update={"events": events}), tmp_path / "without.png")
    with Image.open(with_hold) as one, Image.open(without) as other:
        assert one.size == other.size
        assert (
            np.abs(np.asarray(one.convert("L"), float) - np.asarray(other.convert("L"), float)).mean() > 0.5
        )


def test_marks_at_one_moment_stand_above_each_other(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    axes.set_ylim(0, 2)
    draw_marks(axes, [Mark(10, "a"), Mark(11, "b"), Mark(40, "c"), Mark(41, "d")], apart_s=5)
    heights = [line.get_ydata()[0] for line in axes.lines]
    assert heights[0] == heights[2] < heights[1] == heights[3] < axes.get_ylim()[1]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (Event(kind="silence", start=0, end=12, announced=True), "announced"),
        (Event(kind="silence", start=0, end=4, announced=True), "announced"),
        (Event(kind="silence", start=0, end=12, announced=False), "dead air"),
        (Event(kind="silence", start=0, end=8, announced=False), "silence"),
        (Event(kind="hold", start=0, end=12, announced=True), "hold"),
    ],
)
def test_an_announced_silence_looks_like_one(event: Event, kind: str) -> None:
    assert look_of(event) == kind
    assert kind in LOOKS


@pytest.mark.parametrize("seconds", [61.0, 3 * 3600.0])
def test_short_and_very_long_calls_can_be_drawn(tmp_path: Path, seconds: float) -> None:
    assert draw_timeline(call(seconds), tmp_path / "call.png").stat().st_size > 5000


def test_what_cannot_be_drawn_says_so(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"\.png or \.svg"):
        draw_timeline(call(), tmp_path / "call.gif")
    with pytest.raises(PipelineError, match="no times"):
        draw_timeline(conversation(agent("Hi"), customer("Hello")), tmp_path / "call.png")


def test_marks_come_from_the_first_evidence_of_each_criterion() -> None:
    found = Assessment.model_validate(
        {
            "recording": {"id": "x", "sha256": None},
            "scorecard": {"id": "c", "version": 1, "language": "en", "sha256": "0"},
            "criteria": [
                {"id": "late", "verdict": "no", "evidence": [{"start": 50.0}, {"start": 60.0}]},
                {"id": "early", "verdict": "yes", "evidence": [{"start": 5.0}]},
                {"id": "none", "verdict": "na"},
            ],
        }
    )
    assert [(m.at_s, m.label, m.verdict) for m in evidence_marks(found)] == [
        (5, "early", "yes"),
        (50, "late", "no"),
    ]
