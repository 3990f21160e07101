"""Sound that is wrong or strange, through the sound step and the measures: what is told of it, and what not.

The hold of an hour is in test_holds_audio.py, broken records of the telephony in test_signals.py and
test_metadata.py.
"""

from collections.abc import Callable

import numpy as np
import pytest
from signal_calls import Row, Samples, line, measured, placed, talk

from pipelines.values import Measures
from recordings.audio import RATE
from recordings.synthesis.sounds import sound

SECONDS = 60.0
ROWS: tuple[Row, ...] = (
    ("agent", 0.5, 9.0, "Good morning. Would you mind holding for a minute while I check that?"),
    ("customer", 9.5, 12.5, "Sure, go ahead."),
    ("agent", 40.0, 50.0, "Thank you so much for holding. I have found it."),
    ("customer", 51.0, 58.0, "That is good to hear."),
)
HOLD = (14.0, 39.0)


def music(seconds: float, level: float = 1.0) -> Samples:
    return (level * sound("music", "organ", seconds, 5)).astype(np.float32)


def agent_line() -> Samples:
    said = placed(SECONDS, (0.5, talk(8.5)), (HOLD[0], music(HOLD[1] - HOLD[0], 0.5)), (40.0, talk(10.0)))
    return line(said)


def customer_line() -> Samples:
    return line(placed(SECONDS, (9.5, talk(3.0, voice=1)), (51.0, talk(7.0, voice=1))))


def holds(found: Measures) -> list[tuple[float, float]]:
    return [(e.start or 0.0, e.end or 0.0) for e in found.events if e.kind == "hold"]


def kinds(found: Measures) -> set[str]:
    return {event.kind for event in found.events}


def is_the_hold(found: Measures) -> bool:
    return len(holds(found)) == 1 and all(
        abs(a - b) <= 1.0 for a, b in zip(holds(found)[0], HOLD, strict=True)
    )


def test_the_call_as_it_should_be() -> None:
    found = measured(agent_line(), customer_line(), rows=ROWS)
    assert is_the_hold(found)
    assert found.signals["line_quality"] == "good"
    assert found.signals["dead_air_over_8s_unannounced"] == 0


def test_a_channel_of_zeros_takes_nothing_from_the_other() -> None:
    agents = tuple(row for row in ROWS if row[0] == "agent")
    found = measured(agent_line(), np.zeros(round(SECONDS * RATE), np.float32), rows=agents)
    assert is_the_hold(found)
    assert found.signals["customer_talk_seconds"] in (None, 0.0)
    assert found.signals["customer_loudness_dbfs"] is None
    assert found.signals["overlap_seconds"] == 0


def test_where_the_agents_channel_is_zeros_there_is_no_hold_to_be_told() -> None:
    customers = tuple(row for row in ROWS if row[0] == "customer")
    found = measured(np.zeros(round(SECONDS * RATE), np.float32), customer_line(), rows=customers)
    assert holds(found) == []
    assert found.signals["agent_loudness_dbfs"] is None


def shifted(samples: Samples) -> Samples:
    return (samples + 0.3).astype(np.float32)


def clipped(samples: Samples) -> Samples:
    return np.clip(samples * 15, -0.99, 0.99).astype(np.float32)


@pytest.mark.parametrize(
    ("spoil", "quality"),
    [pytest.param(shifted, "good", id="DC offset"), pytest.param(clipped, "poor", id="clipping throughout")],
)
def test_a_spoilt_line_has_the_same_hold_and_is_told_to_be_what_it_is(
    spoil: Callable[[Samples], Samples], quality: str
) -> None:
    found = measured(spoil(agent_line()), spoil(customer_line()), rows=ROWS)
    assert is_the_hold(found)
    assert found.signals["line_quality"] == quality
    assert not kinds(found) & {"interruption", "overlap"}
    if spoil is shifted:
        assert found.signals["dc_offset"] == pytest.approx(0.3, abs=0.02)


def test_a_minute_of_dtmf_in_a_call_is_a_tone_and_neither_hold_nor_dead_air() -> None:
    rows: tuple[Row, ...] = (
        ("agent", 0.5, 8.0, "Please type in your number."),
        ("agent", 70.0, 78.0, "That is noted."),
    )
    agent = line(placed(80.0, (0.5, talk(7.5)), (70.0, talk(8.0))))
    customer = line(placed(80.0, (9.0, sound("tone", "dtmf", 60.0, 1)), (78.5, talk(1.5, voice=1))))
    found = measured(agent, customer, rows=(*rows, ("customer", 78.5, 79.9, "Thanks.")))
    assert holds(found) == []
    assert "tone" in kinds(found)
    assert found.signals["dead_air_over_8s_unannounced"] == 0


@pytest.mark.parametrize("sides", [1, 2])
def test_talk_over_music_is_talk_and_no_hold(sides: int) -> None:
    agent = line(placed(SECONDS, (0.5, talk(28.0))))
    customer = line(placed(SECONDS, (29.0, talk(30.0, voice=1)))) + music(SECONDS, 0.12)
    rows: tuple[Row, ...] = (
        ("agent", 0.5, 28.5, "Good morning."),
        ("customer", 29.0, 59.0, "My bill is wrong."),
    )
    channels = (agent, customer) if sides == 2 else (agent + customer,)
    found = measured(*channels, rows=rows)
    assert holds(found) == []
    assert (found.signals["agent_talk_share"] or 0) == pytest.approx(0.5, abs=0.15)


def test_a_hold_may_be_the_very_first_thing() -> None:
    agent = line(placed(40.0, (0.0, music(20.0, 0.5)), (20.5, talk(10.0))))
    customer = line(placed(40.0, (31.0, talk(8.0, voice=1))))
    rows: tuple[Row, ...] = (
        ("agent", 20.5, 30.5, "Thanks for holding, I have found it."),
        ("customer", 31.0, 39.0, "Good."),
    )
    ((start, end),) = holds(measured(agent, customer, rows=rows))
    assert start <= 0.5
    assert end == pytest.approx(20.0, abs=1.0)


def test_a_hold_may_be_the_very_last_thing() -> None:
    agent = line(placed(40.0, (0.5, talk(9.0)), (14.0, music(26.0, 0.5))))
    customer = line(placed(40.0, (10.0, talk(3.0, voice=1))))
    rows = (ROWS[0], ("customer", 10.0, 13.0, "Sure, go ahead."))
    ((start, end),) = holds(measured(agent, customer, rows=rows))
    assert start == pytest.approx(14.0, abs=1.0)
    assert end == pytest.approx(40.0, abs=0.5)
