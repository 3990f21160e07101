"""What trainers and agents made of some of a crowd's calls: reviews, their steps and items, disputes."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from database.crowd.patterns import Pattern

Row = dict[str, Any]
DISPUTED = 0.01
"""Share of reviews in which the agent disputes an item."""
SETTLED = timedelta(days=20)
"""After this long a review is acknowledged and a dispute decided."""


class Reviewed:
    """Rows of reviews, gathered call by call."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self.chance, self.now = chance, now
        self.tables: dict[str, list[Row]] = {
            "review": [],
            "review_step": [],
            "review_item": [],
            "dispute": [],
        }

    def add(
        self,
        call: int,
        agent: int,
        trainer: int,
        pattern: Pattern,
        moment: datetime,
        decided: Mapping[str, str],
    ) -> None:
        """A trainer's released review of a call; now and then the agent disputes an item of it."""
        at = min(moment + timedelta(days=2), self.now)
        old = moment < self.now - SETTLED
        review = self._put(
            "review",
            call_id=call,
            assessment_number=1,
            reviewer_id=trainer,
            kind="trainer",
            state="acknowledged" if old else "released",
            score=pattern.judged.score,
            seconds=self.chance.uniform(30, 200),
            started_at=at,
            submitted_at=at,
            released_at=at,
        )
        for state in ("draft", "submitted", "released"):
            self._put("review_step", review_id=review, state=state, at=at, by=trainer, note="")
        for result in pattern.judged.criteria:
            same = decided[result.id] == result.verdict
            self._put(
                "review_item",
                review_id=review,
                criterion_id=result.id,
                action="confirmed" if same else "overridden",
                machine_verdict=result.verdict,
                verdict=decided[result.id],
                value=result.value,
                reason="" if same else "Heard otherwise.",
                root_cause="",
                at=at,
                by=trainer,
            )
        if self.chance.random() < DISPUTED:
            self._put(
                "dispute",
                call_id=call,
                review_id=review,
                assessment_number=1,
                criterion_id="empathy_shown",
                disputed_verdict="no",
                own_verdict="yes",
                reason="I did take it up.",
                state="rejected" if old else "open",
                opened_by=agent,
                opened_at=at,
            )

    def _put(self, table: str, **row: Any) -> int:
        rows = self.tables[table]
        rows.append({"id": len(rows) + 1, **row})
        return len(rows)

    @property
    def undecided(self) -> list[int]:
        """Calls with an open dispute."""
        return [row["call_id"] for row in self.tables["dispute"] if row["state"] == "open"]
