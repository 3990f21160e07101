"""The measured numbers that calls can be filtered by: a closed list, kept in rows of their own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from database.tables import SignalRow

FILTERED = (
    "hold_count",
    "hold_total_seconds",
    "hold_seconds_over_30",
    "dead_air_over_8s_unannounced",
    "silence_longest_s",
    "silence_share",
    "interruptions_by_agent",
    "interruptions_by_customer",
    "overlap_seconds",
    "agent_talk_share",
    "agent_longest_monologue_s",
    "agent_words_per_minute",
    "agent_pace_change",
    "agent_word_confidence",
    "transfers",
)
"""Signals by name (docs/signals.md); shares lie in 0..1."""


def numbers_of(signals: Mapping[str, Any]) -> dict[str, float]:
    """The signals to keep; what is unknown has no row."""
    return {
        name: float(signals[name])
        for name in FILTERED
        if isinstance(signals.get(name), int | float) and not isinstance(signals[name], bool)
    }


def keep_signals(session: Session, call_id: int, signals: Mapping[str, Any]) -> None:
    """Let a call's rows say what its current conversation says."""
    session.execute(delete(SignalRow).where(col(SignalRow.call_id) == call_id))
    session.add_all(
        SignalRow(call_id=call_id, name=name, number=number) for name, number in numbers_of(signals).items()
    )
