"""Values of what is measured (counts, seconds, labels), where people put their own in place."""

from sqlmodel import Session, select

from database.errors import DatabaseError
from database.tables import CriterionRow
from qa_app.scoring import Rules
from scorecards import CriterionResult
from scorecards.results import Value

MOST = 1_000_000


def own_value(rules: Rules, result: CriterionResult, value: object) -> int | float | str:
    """A person's value of something measured: a number where it is counted, one of the card's labels where
    it is a label. Raises DatabaseError for anything else, and for an item that is no measure."""
    criterion = rules.criterion(result)
    options = options_of(rules, result)
    if options:
        if value not in options:
            raise DatabaseError(f"value {value!r} is not known; there are {', '.join(options)}")
        return str(value)
    if criterion is not None and criterion.answers_yes_no:
        raise DatabaseError("this item is answered with yes or no; it has no value of its own")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        raise DatabaseError(f"a number from 0 to {MOST:,} is wanted here")
    return value


def options_of(rules: Rules, result: CriterionResult) -> tuple[str, ...]:
    """The labels that a criterion's value is one of; none where it is a number."""
    criterion = rules.criterion(result)
    return criterion.scale.options if criterion else ()


def standing_values(session: Session, call_id: int) -> dict[str, Value]:
    """The measured values that count now, per criterion: people's where there is one, else the machine's."""
    rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call_id))
    found = {row.criterion_id: row.value if row.human_value is None else row.human_value for row in rows}
    return {criterion: value for criterion, value in found.items() if value is not None}
