"""What a draft card would change on stored calls: which answers, for which items and agents, which calls
to hear."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

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
    """The comparison over all calls. ``to_hear`` names the calls with most change, at most 20."""

    calls: int
    answers: int
    changes: tuple[Change, ...]
    score_changes: tuple[tuple[str, float | None, float | None], ...]
    to_hear: tuple[str, ...]

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


def back_test(
    conversations: Iterable[Conversation], published: Card, draft: Card, *, hear: int = 20
) -> BackTest:
    """Score every conversation by both cards and compare; acts must be on the conversations already."""
    calls, answers = 0, 0
    changes: list[Change] = []
    scores: list[tuple[str, float | None, float | None]] = []
    weight: Counter[str] = Counter()
    for conversation in conversations:
        before, after = score(conversation, published), score(conversation, draft)
        calls += 1
        found = compare(before, after, conversation.recording.agent)
        answers += len({c.id for c in before.criteria} | {c.id for c in after.criteria})
        changes += found
        if before.score != after.score:
            scores.append((before.recording.id, before.score, after.score))
        moved = abs((before.score or 0.0) - (after.score or 0.0))
        weight[before.recording.id] += len(found) * 100 + int(moved) + 1_000 * (before.passed != after.passed)
    to_hear = tuple(call for call, count in weight.most_common(hear) if count > 0)
    return BackTest(calls, answers, tuple(changes), tuple(scores), to_hear)


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
