"""One criterion over time: how often it was met, day by day; pages join days to months."""

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from database.figures import Share
from database.tables import Call, CriterionRow


def criterion_by_day(session: Session, where: list[ColumnElement[bool]], criterion: str) -> list[Share]:
    """Yes among yes and no per day (UTC), oldest first; people's verdict counts before the machine's.
    ``where`` is a condition on calls, as ``figures.scored`` makes it."""
    verdict = func.coalesce(CriterionRow.human, CriterionRow.verdict)
    day = func.date(Call.started_at)
    rows = session.execute(
        select(day, func.sum(case((verdict == "yes", 1), else_=0)), func.count())
        .select_from(CriterionRow)
        .join(Call, col(Call.id) == CriterionRow.call_id)
        .where(*where, CriterionRow.criterion_id == criterion, verdict.in_(("yes", "no")))
        .group_by(day)
        .order_by(day)
    )
    return [Share(str(name), int(hits), int(of)) for name, hits, of in rows]
