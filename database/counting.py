"""What reports count of a verdict."""

from database.tables import CriterionRow

CONTACT_REASON = "contact_reason"
"""The criterion whose value a call's own column repeats."""


def reason_of(row: CriterionRow) -> str | None:
    """Why the customer called: what people put in place before what the machine read."""
    value = row.value if row.human_value is None else row.human_value
    return None if value is None else str(value)


def met(verdict: str, max_points: float | None) -> bool | None:
    """What reports count: yes or no on a criterion with points; None for all else."""
    return {"yes": True, "no": False}.get(verdict) if max_points else None


def lost_points(points: float | None, max_points: float | None) -> bool:
    """Whether a criterion cost the call points."""
    return points is not None and max_points is not None and points < max_points
