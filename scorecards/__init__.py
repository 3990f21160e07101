"""Scorecards: judge a conversation by readable rules, with evidence. Pure: values in, results out."""

from scorecards.results import (
    Assessment,
    CardRef,
    CriterionResult,
    Evidence,
    FactResult,
    RecordingRef,
    Verdict,
)

__all__ = ["Assessment", "CardRef", "CriterionResult", "Evidence", "FactResult", "RecordingRef", "Verdict"]
