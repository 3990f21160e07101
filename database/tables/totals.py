"""Totals of whole months, so that figures over years need no walk through all calls."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

NOTHING = {"server_default": "0"}


class MonthTotal(SQLModel, table=True):
    """Sums over what a month (UTC, ``2026-10``) and a team share, by kind and key:

    - ``agent``, ``queue``, ``reason``: scored calls by their agent's id, queue or contact reason; ``total``
      and ``squares`` sum the scores, ``human`` counts what a person decided, ``doubt`` what holds doubt;
    - ``sure``: scored calls by their agent's id; ``total`` sums the recogniser's confidence in the agent;
    - ``criterion``: a criterion answered yes or no; ``total`` counts the yes;
    - ``answer``: what a finished review (by its submission) made of a machine's verdict, as
      ``criterion|machine|person|blind`` or ``|seen``.

    ``n`` counts what is summed up. ``team_id`` 0 and an agent's ``key`` "" stand for none. A month has all of
    its rows or none: triggers take them away with any change of what they sum up (migration 0010),
    ``database.totals`` counts them again.
    """

    __tablename__ = "month_total"
    __table_args__ = (
        CheckConstraint("kind IN ('agent', 'queue', 'reason', 'sure', 'criterion', 'answer')", name="kind"),
    )

    month: str = Field(primary_key=True, max_length=7)
    kind: str = Field(primary_key=True, max_length=10)
    key: str = Field(primary_key=True, max_length=200)
    team_id: int = Field(primary_key=True)
    n: int
    total: float = Field(default=0.0, sa_column_kwargs=NOTHING)
    squares: float = Field(default=0.0, sa_column_kwargs=NOTHING)
    human: int = Field(default=0, sa_column_kwargs=NOTHING)
    doubt: int = Field(default=0, sa_column_kwargs=NOTHING)
