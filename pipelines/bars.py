"""Bars of a card's criteria fitted on unseen dialogues: ``python -m pipelines.bars``.

How likely must a yes be, and how likely an occasion, for a criterion to say so (``yes_from`` and
``occasion_from`` of a card)? Every pair of bars is tried on the dialogues that `pipelines.unseen` reads,
each by a network that never saw its writers. Printed per criterion of yes or no: macro-F1 with bars of a
half, with bars fitted on the other folds (what fitting is worth on writers unseen), and the bars fitted on
all. Bars away from a half have to earn it. Criteria that are weighed (pipelines/verdicts.py) need none.
Nothing is written: whoever keeps a card decides.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.acts.dialogues import FOLDER
from models.acts.train import Course, arguments_of, say
from recordings import Conversation
from scorecards.call import Call
from scorecards.card import Criterion
from scorecards.checks import Context
from scorecards.gold import read_gold
from scorecards.loading import load_card

VERDICTS = ("yes", "no", "na")
BARS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97)
PRICE = 0.015
"""Macro-F1 that a bar has to gain per unit of its distance from a half."""
Bars = tuple[float, float]
"""``occasion_from`` and ``yes_from``."""
HALF: Bars = (0.5, 0.5)


@dataclass(frozen=True)
class Cases:
    """One criterion on many calls: ``odds`` (calls, 4) are the chances that its gate opens, that no gate
    shuts it, that there is an occasion, and of a yes; ``truth`` (calls,) is the place in VERDICTS."""

    fold: NDArray[np.str_]
    odds: NDArray[np.float64]
    truth: NDArray[np.int64]

    def verdicts(self, bars: Bars, where: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """What the engine would answer with these bars, (calls,)."""
        odds = self.odds if where is None else self.odds[where]
        occasion, yes = bars
        none = (odds[:, 0] < occasion) | (odds[:, 1] < 0.5) | (odds[:, 2] < occasion)
        return np.where(none, 2, np.where(odds[:, 3] >= yes, 0, 1))

    def fitted(self, where: NDArray[np.bool_]) -> Bars:
        """The best bars on some of the calls."""

        def worth(bars: Bars) -> float:
            distance = sum(abs(bar - 0.5) for bar in bars)
            return macro_f1(self.truth[where], self.verdicts(bars, where)) - PRICE * distance

        return max(((occasion, yes) for occasion in BARS for yes in BARS), key=worth)

    def unseen(self) -> NDArray[np.int64]:
        """Answers with the bars that were fitted on the other folds, (calls,)."""
        found = np.zeros_like(self.truth)
        for fold in sorted(set(self.fold)):
            own = self.fold == fold
            found[own] = self.verdicts(self.fitted(~own), own)
        return found


def macro_f1(truth: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """Mean F1 over the verdicts that occur in truth."""
    scores = []
    for verdict in range(len(VERDICTS)):
        hit = int(((truth == verdict) & (found == verdict)).sum())
        all_of = int((truth == verdict).sum() + (found == verdict).sum())
        if (truth == verdict).any():
            scores.append(2 * hit / all_of)
    return float(np.mean(scores)) if scores else 0.0


def collected(courses: Sequence[Course], card_id: str) -> dict[str, Cases]:
    """The cases of every criterion with bars, from what `pipelines.unseen` has read."""
    rows: dict[str, list[tuple[str, tuple[float, ...], int]]] = {}
    for course in courses:
        card = load_card(card_id, course.language)
        for fold, path in readings(course):
            gold = read_gold(FOLDER / course.language / f"{path.stem}.yaml")
            if gold is None:
                continue
            context = Context(Call(Conversation.read(path), card.language), card.define)
            for criterion in card.criteria:
                label = gold.gold.get(criterion.id)
                if label is None or label.verdict not in VERDICTS or label.ambiguous:
                    continue
                barred = criterion.answers_yes_no and criterion.weighed_as is None
                odds = odds_of(criterion, context) if barred else None
                if odds is not None:
                    truth = VERDICTS.index(label.verdict)
                    rows.setdefault(criterion.id, []).append((f"{course.language}-{fold}", odds, truth))
    return {
        criterion: Cases(*(np.array(column) for column in zip(*some, strict=True)))
        for criterion, some in rows.items()
    }


def both_courses(options: argparse.Namespace) -> list[Course]:
    """The courses of English and German with the same settings."""
    return [Course(argparse.Namespace(**{**vars(options), "language": one})) for one in ("en", "de")]


def readings(course: Course) -> Iterator[tuple[str, Path]]:
    """Each fold with the conversations that `pipelines.unseen` has read of it."""
    for fold in course.parts:
        folder = course.work / f"without-{fold}" / "conversations"
        found = sorted(folder.glob("*.json"))
        if not found:
            raise SystemExit(
                f"{folder}: nothing read; first run python -m pipelines.unseen --language {course.language}"
            )
        yield from ((fold, path) for path in found)


def odds_of(criterion: Criterion, context: Context) -> tuple[float, float, float, float] | None:
    """What the criterion's own logic finds: that its gates are open, that there is an occasion, and a yes."""
    opens = shuts = 1.0
    if criterion.only_if is not None:
        opens = criterion.only_if.run(context).opens
    if criterion.not_if is not None:
        shuts = 1.0 - criterion.not_if.run(context).opens
    finding = criterion.check.run(context)
    return None if finding.unscored else (opens, shuts, finding.applies, finding.p)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("--scorecard", default="customer-care", help="id from the library, or a file")
    options = parser.parse_args(arguments)
    courses = both_courses(options)
    say(f"{'criterion':34}{'calls':>6}{'a half':>8}{'fitted':>8}  occasion_from, yes_from")
    gains = []
    for criterion, cases in collected(courses, options.scorecard).items():
        plain = macro_f1(cases.truth, cases.verdicts(HALF))
        fitted = macro_f1(cases.truth, cases.unseen())
        occasion, yes = cases.fitted(np.ones(len(cases.truth), dtype=np.bool_))
        gains.append((plain, fitted))
        say(f"{criterion:34}{len(cases.truth):6d}{plain:8.3f}{fitted:8.3f}  {occasion}, {yes}")
    plain, fitted = np.mean(gains, axis=0)
    say(f"{'all':34}{'':6}{plain:8.3f}{fitted:8.3f}")


if __name__ == "__main__":
    main()
