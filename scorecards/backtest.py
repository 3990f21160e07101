"""What a draft card would change on stored calls: which answers, for which items and agents, which calls
to hear."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recordings import Conversation
from scorecards.card import Card
from scorecards.engine import score
from scorecards.results import Assessment


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that is not the same under the draft."""

    call: str
    agent: str | None
    criterion: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BackTest:
    """The comparison over all calls. ``to_hear`` names the calls with most change, at most 20; ``asked`` and
    ``asked_of`` count all answers per criterion and per agent."""

    calls: int
    answers: int
    changes: tuple[Change, ...]
    score_changes: tuple[tuple[str, float | None, float | None], ...]
    to_hear: tuple[str, ...]
    asked: tuple[tuple[str, int], ...] = ()
    asked_of: tuple[tuple[str | None, int], ...] = ()

    @property
    def share(self) -> float | None:
        """The share of answers that change; None without answers."""
        return len(self.changes) / self.answers if self.answers else None

    def by_criterion(self) -> tuple[tuple[str, int], ...]:
        """Criteria with their number of changes, most first."""
        return tuple(Counter(c.criterion for c in self.changes).most_common())

    def by_agent(self) -> tuple[tuple[str | None, int], ...]:
        """Agents with the number of changes in their calls, most first."""
        return tuple(Counter(c.agent for c in self.changes).most_common())

    def summary(self) -> dict[str, Any]:
        """What there is to show of it as plain values: counts by item (what became what) and by agent, and
        of the calls to hear what changes and their scores before and after."""
        moves = Counter((c.criterion, c.before, c.after) for c in self.changes)
        asked, asked_of = dict(self.asked), dict(self.asked_of)
        scores = {call: [before, after] for call, before, after in self.score_changes}
        return {
            "calls": self.calls,
            "answers": self.answers,
            "changed": len(self.changes),
            "scores_changed": len(self.score_changes),
            "items": [
                {
                    "id": name,
                    "changed": count,
                    "of": asked.get(name, count),
                    "moves": [[b, a, n] for (c, b, a), n in moves.most_common() if c == name],
                }
                for name, count in self.by_criterion()
            ],
            "agents": [
                {"agent": name, "changed": count, "of": asked_of.get(name, count)}
                for name, count in self.by_agent()
            ],
            "hear": [
                {
                    "call": call,
                    "changes": [[c.criterion, c.before, c.after] for c in self.changes if c.call == call],
                    "scores": scores.get(call),
                }
                for call in self.to_hear
            ],
        }


def back_test(
    conversations: Iterable[Conversation], published: Card, draft: Card, *, hear: int = 20
) -> BackTest:
    """Score every conversation by both cards and compare; acts must be on the conversations already."""
    calls, answers = 0, 0
    changes: list[Change] = []
    scores: list[tuple[str, float | None, float | None]] = []
    weight: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    asked_of: Counter[str | None] = Counter()
    for conversation in conversations:
        before, after = score(conversation, published), score(conversation, draft)
        calls += 1
        found = compare(before, after, conversation.recording.agent)
        ids = {c.id for c in before.criteria} | {c.id for c in after.criteria}
        answers += len(ids)
        asked.update(ids)
        asked_of[conversation.recording.agent] += len(ids)
        changes += found
        if before.score != after.score:
            scores.append((before.recording.id, before.score, after.score))
        moved = abs((before.score or 0.0) - (after.score or 0.0))
        weight[before.recording.id] += len(found) * 100 + int(moved) + 1_000 * (before.passed != after.passed)
    to_hear = tuple(call for call, count in weight.most_common(hear) if count > 0)
    return BackTest(
        calls,
        answers,
        tuple(changes),
        tuple(scores),
        to_hear,
        tuple(asked.most_common()),
        tuple(asked_of.most_common()),
    )


def compare(before: Assessment, after: Assessment, agent: str | None = None) -> list[Change]:
    """The answers that differ between two assessments of one call."""
    old = {c.id: _answer(c.verdict, c.value) for c in before.criteria}
    new = {c.id: _answer(c.verdict, c.value) for c in after.criteria}
    return [
        Change(before.recording.id, agent, name, old.get(name, "absent"), new.get(name, "absent"))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def _answer(verdict: str, value: object) -> str:
    return verdict if value is None else f"{verdict} {value}"
