"""What reports count of a verdict."""


def met(verdict: str, max_points: float | None) -> bool | None:
    """What reports count: yes or no on a criterion with points; None for all else."""
    return {"yes": True, "no": False}.get(verdict) if max_points else None


def lost_points(points: float | None, max_points: float | None) -> bool:
    """Whether a criterion cost the call points."""
    return points is not None and max_points is not None and points < max_points
