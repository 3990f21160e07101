"""How much a criterion's logic and the acts beside it count: ``python -m pipelines.verdicts``.

Fits the weighings of scorecards/weighed.py on the dialogues that `pipelines.unseen` has read in both
languages, each by a network that never saw its writers: per criterion a multinomial logistic regression of
the answer over the log odds of the card's own logic and of the acts that bear on it
(scorecards/weights/acts.yaml). Prints for each criterion macro-F1 and kappa by language: the logic alone, and
weighed by what was fitted on the other folds.
``--write v2`` stores what is fitted on all as scorecards/weights/v2.json; a version that is there is kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import yaml
from numpy.typing import NDArray

from models.acts.dialogues import FOLDER as DIALOGUES
from models.acts.train import Course, arguments_of, say
from pipelines.bars import both_courses, macro_f1, odds_of, readings
from recordings import Conversation
from scorecards.agreement import kappa
from scorecards.call import Call
from scorecards.checks import Context
from scorecards.gold import read_gold
from scorecards.loading import load_card
from scorecards.weighed import ANSWERS, FOLDER, Logic, held

PULL = (0.05, 33.0, 133.0)
"""How strongly the offset, the logic's four and the acts' numbers are drawn to nothing, chosen on the same
folds. The acts are the more and say less each."""
LOGIC, HALF = 4, 0.5
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cases:
    """One criterion on many calls: ``seen`` (calls, 1 + 4 + acts) is a one, the logic's log odds and those of
    the acts; ``alone`` and ``truth`` (calls,) are places in ANSWERS: what the logic says, and the label."""

    fold: NDArray[np.str_]
    seen: Floats
    alone: NDArray[np.int64]
    truth: NDArray[np.int64]

    def unseen(self) -> NDArray[np.int64]:
        """Answers weighed by what was fitted on the other folds, (calls,)."""
        found = np.zeros_like(self.truth)
        for fold in sorted(set(self.fold)):
            own = self.fold == fold
            numbers = fitted(self.seen[~own], self.truth[~own])
            found[own] = (self.seen[own] @ numbers.T).argmax(1)
        return found


def fitted(seen: Floats, truth: NDArray[np.int64]) -> Floats:
    """The numbers per answer, (answers, 1 + 4 + acts), that make the labels likeliest, held small."""
    from scipy.optimize import minimize  # a third of a second that no reader should wait for

    wide = seen.shape[1]
    pull = np.full(wide, PULL[2])
    pull[0], pull[1 : 1 + LOGIC] = PULL[0], PULL[1]
    wanted = np.eye(len(ANSWERS))[truth]

    def loss(flat: Floats) -> tuple[float, Floats]:
        numbers = flat.reshape(len(ANSWERS), wide)
        raw = seen @ numbers.T
        raw -= raw.max(1, keepdims=True)
        chances = np.exp(raw)
        chances /= chances.sum(1, keepdims=True)
        value = -np.log(np.maximum((chances * wanted).sum(1), 1e-12)).sum() + 0.5 * (pull * numbers**2).sum()
        slope = (chances - wanted).T @ seen + pull * numbers
        return float(value), slope.ravel()

    best = minimize(
        loss, np.zeros(len(ANSWERS) * wide), jac=True, method="L-BFGS-B", options={"maxiter": 2000}
    )
    return np.asarray(best.x).reshape(len(ANSWERS), wide)


@dataclass(frozen=True)
class Bearing:
    """The acts that bear on a criterion's answer, and those among them, the first, whose words show a yes."""

    acts: tuple[str, ...]
    shows: tuple[str, ...]


def acts_bearing() -> dict[str, Bearing]:
    """Which acts bear on which criterion."""
    told = yaml.load((FOLDER / "acts.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    found = {}
    for criterion, acts in told.items():
        shows, beside = (tuple((acts[key] or "").split()) for key in ("shows", "beside"))
        found[criterion] = Bearing((*shows, *beside), shows)
    return found


def collected(courses: Sequence[Course], card_id: str) -> dict[str, Cases]:
    """The cases of every criterion that acts bear on."""
    bearing = acts_bearing()
    rows: dict[str, list[tuple[str, tuple[float, ...], int, int]]] = {name: [] for name in bearing}
    for course in courses:
        card = load_card(card_id, course.language)
        for fold, path in readings(course):
            gold = read_gold(DIALOGUES / course.language / f"{path.stem}.yaml")
            call = Call(Conversation.read(path), card.language)
            context = Context(call, card.define)
            for name, acts_of in bearing.items():
                label = gold.gold.get(name) if gold is not None else None
                if label is None or label.verdict not in ANSWERS or label.ambiguous:
                    continue
                odds = odds_of(card.criterion(name), context)
                if odds is None or odds[1] < HALF:  # what `not_if` shuts is no matter of weighing
                    continue
                logic = Logic(*odds)
                seen = (1.0, *logic.log_odds(), *held(call, acts_of.acts))
                alone = ANSWERS.index(logic.verdict())
                rows[name].append((f"{course.language} {fold}", seen, alone, ANSWERS.index(label.verdict)))
    return {name: Cases(*(np.array(some) for some in zip(*own, strict=True))) for name, own in rows.items()}


def told(numbers: Floats, bearing: Bearing) -> Mapping[str, object]:
    """A weighing in the form in which it is stored."""
    rows: dict[str, object] = {
        answer: [round(float(x), 4) for x in row] for answer, row in zip(ANSWERS, numbers, strict=True)
    }
    return {"acts": bearing.acts, "shows": bearing.shows, **rows}


def as_text(stored: Mapping[str, Mapping[str, object]]) -> str:
    """Weighings as JSON, a list to a line."""
    parts = [
        f'"{name}": {{\n' + ",\n".join(f'  "{key}": {json.dumps(one)}' for key, one in own.items()) + "\n}"
        for name, own in stored.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def figures(truth: NDArray[np.int64], found: NDArray[np.int64]) -> str:
    """Macro-F1 and kappa."""
    agreed = kappa([ANSWERS[i] for i in truth], [ANSWERS[i] for i in found])
    return f"{macro_f1(truth, found):.3f} {agreed if agreed is not None else float('nan'):6.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("--scorecard", default="customer-care", help="id from the library, or a file")
    parser.add_argument("--write", metavar="VERSION", help="store what is fitted on all folds, as v2")
    options = parser.parse_args(arguments)
    target = FOLDER / f"{options.write}.json"
    if options.write and target.exists():
        raise SystemExit(f"{target} is published; write another version, and name it in the cards")
    courses = both_courses(options)
    bearing = acts_bearing()
    stored: dict[str, Mapping[str, object]] = {}
    say(f"{'criterion, F1 and kappa':36}{'calls':>6}   logic alone       weighed")
    for criterion, cases in collected(courses, options.scorecard).items():
        weighed = cases.unseen()
        for language in ("en", "de"):
            own = np.array([fold.startswith(language) for fold in cases.fold])
            truth = cases.truth[own]
            both = f"{figures(truth, cases.alone[own])}  {figures(truth, weighed[own])}"
            say(f"{criterion:32} {language} {own.sum():6d}  {both}")
        stored[criterion] = told(fitted(cases.seen, cases.truth), bearing[criterion])
    if options.write:
        target.write_text(as_text(stored), encoding="utf-8")
        say(f"written to {target}")


if __name__ == "__main__":
    main()
