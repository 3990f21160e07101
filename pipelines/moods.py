"""What makes a mood, fitted on unseen dialogues: ``python -m pipelines.moods``.

How likely must a bad or a good mood be to be told, what does a fault told calmly count, and what do mere
thanks (``negative_from``, ``positive_from``, ``trouble_counts`` and ``mild_counts`` of ``mood.v1``)? Every
choice is tried on the dialogues that `pipelines.unseen` reads in both languages, each by a network that never
saw its writers. Prints the agreement (kappa) of the card as it is, of choices fitted on the other folds, and
the choice fitted on all. Nothing is written: whoever keeps a card decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from models.acts.dialogues import FOLDER
from models.acts.train import Course, arguments_of, say
from pipelines.bars import both_courses, readings
from recordings import Conversation
from scorecards.agreement import kappa
from scorecards.call import Call
from scorecards.card import Card
from scorecards.checks import Context
from scorecards.checks.label import MoodCheck
from scorecards.gold import read_gold
from scorecards.loading import load_card

CRITERIA = ("customer_emotion_start", "customer_emotion_end")
BARS = (0.45, 0.5, 0.55, 0.6, 0.65)
TROUBLE = (0.3, 0.5, 0.7, 0.85, 1.0)
MILD = (0.2, 0.35, 0.5)
Choice = tuple[tuple[str, Any], ...]
"""Keys of ``mood.v1`` with what they are set to."""


@dataclass(frozen=True)
class Case:
    """One call for one mood: its fold, the label, what the card tells, and what each choice would tell."""

    fold: str
    truth: str
    now: str
    tried: Mapping[Choice, str]


def choices(check: MoodCheck) -> Iterator[Choice]:
    """Everything that is tried for one end of the call."""
    shares = product(TROUBLE) if check.part == "start" else product(MILD, repeat=len(check.mild))
    for counts, negative, positive in product(list(shares), BARS, BARS):
        key, value = ("trouble_counts", counts[0]) if check.part == "start" else ("mild_counts", counts)
        yield ((key, value), ("negative_from", negative), ("positive_from", positive))


def mood_of(card: Card, criterion: str) -> MoodCheck:
    """The check of a criterion that tells a mood; ends the command where there is none."""
    found = next((one.check.mood for one in card.criteria if one.id == criterion), None)
    if found is None:
        raise SystemExit(f"{card.id}: no {criterion} with mood.v1; give a card that has one with --scorecard")
    return found


def collected(courses: Sequence[Course], card_id: str) -> dict[str, list[Case]]:
    """The labelled calls of both languages that are not ambiguous, by criterion."""
    found: dict[str, list[Case]] = {name: [] for name in CRITERIA}
    for course in courses:
        card = load_card(card_id, course.language)
        checks = {name: mood_of(card, name) for name in CRITERIA}
        for fold, path in readings(course):
            gold = read_gold(FOLDER / course.language / f"{path.stem}.yaml")
            context = Context(Call(Conversation.read(path), card.language), card.define)
            for name, check in checks.items():
                label = gold.gold.get(name) if gold is not None else None
                if label is None or label.ambiguous or not isinstance(label.value, str):
                    continue
                now = str(check.run(context).value)
                tried = {c: str(check.model_copy(update=dict(c)).run(context).value) for c in choices(check)}
                found[name].append(Case(f"{course.language} {fold}", label.value, now, tried))
    return found


def agreement(cases: Sequence[Case], choice: Choice | None) -> float:
    """Kappa of a choice, or of the card as it is, with the labels; 0 where it is not defined."""
    told = [case.now if choice is None else case.tried[choice] for case in cases]
    return kappa([case.truth for case in cases], told) or 0.0


def best(cases: Sequence[Case]) -> Choice:
    """The choice that agrees best; of those that agree alike, the one in the middle of all that are tried."""
    ordered = list(cases[0].tried)
    scores = [round(agreement(cases, choice), 6) for choice in ordered]
    alike = [choice for choice, score in zip(ordered, scores, strict=True) if score == max(scores)]
    return alike[len(alike) // 2]


def unseen(cases: Sequence[Case]) -> float:
    """Kappa where each fold's calls are told by the choice that fits the other folds best."""
    told = {fold: best([case for case in cases if case.fold != fold]) for fold in {c.fold for c in cases}}
    return kappa([c.truth for c in cases], [c.tried[told[c.fold]] for c in cases]) or 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("--scorecard", default="customer-care", help="id from the library, or a file")
    options = parser.parse_args(arguments)
    courses = both_courses(options)
    for criterion, cases in collected(courses, options.scorecard).items():
        fitted = best(cases)
        say(
            f"{criterion}: {len(cases)} calls, kappa as it is {agreement(cases, None):.3f}, fitted on other "
            f"folds {unseen(cases):.3f}, on all {agreement(cases, fitted):.3f} with {dict(fitted)}"
        )


if __name__ == "__main__":
    main()
