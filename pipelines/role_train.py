"""Learn how words tell an agent from a customer: ``python -m pipelines.role_train``.

From all labelled dialogues (models/acts/dialogues): a logistic regression over the words of a turn
(role_words.py). Prints how often every turn of a call gets its true role when the words were learned from
other writers, without the words and with them, for calls of two people and of more. ``--write`` stores
what is learned from all. Takes some minutes.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from models.acts.dialogues import Dialogue, read_dialogues
from pipelines import role_words
from pipelines.roles import assign_roles
from recordings import Turn

FOLDS = 3
LEAST = 5
"""A word or pair that fewer turns have is left out."""
PULL = 10.0
"""How strongly each number is drawn to nothing."""


def learn(dialogues: Sequence[Dialogue]) -> dict[str, float]:
    """The log odds by word and pair of words."""
    turns = [turn for one in dialogues for turn in one.turns if turn.role in ("agent", "customer")]
    counter = CountVectorizer(analyzer=role_words.grams, binary=True, min_df=LEAST)
    seen = counter.fit_transform([turn.text for turn in turns])
    agent = [turn.role == "agent" for turn in turns]
    model = LogisticRegression(C=1 / PULL, fit_intercept=False, max_iter=2000).fit(seen, agent)
    told = zip(counter.get_feature_names_out(), model.coef_[0], strict=True)
    return {gram: round(float(odds), 2) for gram, odds in told if abs(odds) >= 0.02}


@dataclass(frozen=True)
class Right:
    """Calls, and those in which every turn got its true role."""

    calls: int
    right: int

    @classmethod
    def of(cls, dialogues: Sequence[Dialogue], words: role_words.Weights) -> "Right":
        """Of dialogues whose speakers are known by number alone."""
        return cls(len(dialogues), sum(all_right(one, words) for one in dialogues))

    def __str__(self) -> str:
        return f"{self.right} of {self.calls} ({100 * self.right / max(1, self.calls):.1f} %)"


def all_right(dialogue: Dialogue, words: role_words.Weights) -> bool:
    """Whether every turn gets its true role from what is said."""
    names: dict[str | None, str] = {}
    for said in dialogue.turns:
        names.setdefault(said.speaker, f"S{len(names)}")
    turns = [
        Turn(index=n, text=said.text, speaker=names[said.speaker], start=float(n), end=n + 0.9)
        for n, said in enumerate(dialogue.turns)
    ]
    made = assign_roles(turns, dialogue.language, words=lambda _: words)
    return all(turn.role == said.role for turn, said in zip(made, dialogue.turns, strict=True))


def measured(dialogues: Sequence[Dialogue], write: Callable[[str], object]) -> None:
    """Print how often roles are right, on writers not learned from."""
    writers = sorted({one.writer for one in dialogues})
    kinds: dict[str, list[Dialogue]] = {"two people": [], "more": []}
    for one in dialogues:
        kinds["more" if len({turn.speaker for turn in one.turns}) > 2 else "two people"].append(one)
    right = dict.fromkeys(kinds, 0)
    for fold in range(FOLDS):
        own = set(writers[fold::FOLDS])
        words = learn([one for one in dialogues if one.writer not in own])
        for kind, some in kinds.items():
            right[kind] += Right.of([one for one in some if one.writer in own], words).right
    for kind, some in kinds.items():
        with_words = Right(len(some), right[kind])
        write(f"{some[0].language}, {kind}: without {Right.of(some, {})}, with words {with_words}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--languages", nargs="*", default=("en", "de"), choices=("en", "de"))
    parser.add_argument("--write", action="store_true", help="store what is learned from all dialogues")
    options = parser.parse_args(arguments)
    for language in options.languages:
        dialogues = read_dialogues(language)
        measured(dialogues, sys.stdout.write)
        if options.write:
            text = json.dumps(learn(dialogues), ensure_ascii=False, separators=(",\n", ": "))
            role_words.path_of(language).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
