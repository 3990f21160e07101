"""Where people who scored the same call differ: by criterion, by session, over several sessions. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from database.calibration_answers import Answers
from scorecards.agreement import Interval, alpha, bootstrap, wilson

Case = Mapping[int, str]
"""One case: the verdicts by rater."""


@dataclass(frozen=True)
class Row:
    """One criterion of one session."""

    criterion: str
    verdicts: dict[int, str]
    machine: str
    agreed: str | None
    reason: str

    @property
    def same(self) -> bool:
        """Whether everybody gave the same verdict."""
        return len(set(self.verdicts.values())) <= 1

    @property
    def most(self) -> str | None:
        """The verdict given most often; None where two are equally frequent."""
        counts = Counter(self.verdicts.values()).most_common(2)
        if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
            return None
        return counts[0][0]


@dataclass(frozen=True)
class Together:
    """One criterion over several sessions: alpha between people over the calls, and how often the machine
    gave the answer agreed on."""

    criterion: str
    people: Interval
    machine: Interval


def rows(answers: Answers) -> list[Row]:
    """The criteria that somebody answered, in the card's order; those with differing answers first."""
    found = []
    for criterion, machine in answers.machine.items():
        given = answers.given(criterion)
        settled = answers.agreed.get(criterion)
        if given:
            verdict, reason = (settled.verdict, settled.reason) if settled else (None, "")
            found.append(Row(criterion, given, machine, verdict, reason))
    return sorted(found, key=lambda row: row.same)


def agreement(cases: Sequence[Case]) -> Interval:
    """Krippendorff's alpha over cases with its bootstrap 95 % interval; raters may differ by case."""

    def figure(chosen: Sequence[Case]) -> float | None:
        raters = sorted({rater for case in chosen for rater in case})
        return alpha([[case.get(rater) for case in chosen] for rater in raters]) if raters else None

    return bootstrap(cases, figure)


def of_session(answers: Answers) -> Interval:
    """How well the people of one session agree: every criterion is a case."""
    return agreement([row.verdicts for row in rows(answers)])


def together(sessions: Sequence[Answers]) -> list[Together]:
    """Per criterion over the sessions, in the order in which cards name them."""
    names = list(dict.fromkeys(name for one in sessions for name in one.machine))
    found = []
    for name in names:
        cases = [given for one in sessions if (given := one.given(name))]
        settled = [
            (one.agreed[name].verdict, one.machine[name])
            for one in sessions
            if name in one.agreed and one.machine.get(name) in ("yes", "no", "na")
        ]
        if cases:
            same = wilson(sum(a == m for a, m in settled), len(settled))
            found.append(Together(name, agreement(cases), same))
    return found
