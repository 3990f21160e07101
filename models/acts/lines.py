"""How lines are read that taught nothing: ``python -m models.acts.lines --language en``.

A yardstick for meaning beside whole calls (models/acts/validation/lines): single turns, most with the turn
before, by many writers. Of the agents' lines in ``turning_…`` and ``abweisen_…`` a half or a third turns the
customer away and the rest is worded like it and does not, so chance and habit help little. Read as used: by
the stored networks, without rules. Prints precision, recall and F1 per act.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.acts.calibrate import Figure, figures
from models.acts.examples import HERE, Example, read_examples
from models.acts.head import ActHead
from models.acts.learn import targets
from models.acts.train import models_path, table
from models.acts.variants import lesson_of

LINES = HERE / "validation" / "lines"


def read_lines(language: str) -> tuple[Example, ...]:
    """All lines of a language; raises ModelError naming file and block."""
    return read_examples(language, folder=LINES / language)


def measured(head: ActHead, lines: Sequence[Example]) -> list[Figure]:
    """How well each act is found in the lines."""
    lessons = [lesson_of(e.text, e.before, e.role, e.acts, head.language) for e in lines]
    read = head.read([lesson.turns for lesson in lessons], whole=False)
    does, could = (told.numpy() for told in targets(lessons, head.acts, head.roles))
    return figures(np.concatenate([one.chances for one in read]), does, could, head.acts)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--models", type=Path, default=models_path(), help="folder of the pulled models")
    options = parser.parse_args(arguments)
    lines = read_lines(options.language)
    found = measured(ActHead.load(options.language, options.models), lines)
    away = sum("turn_away" in line.acts for line in lines)
    table(f"{options.language}: {len(lines)} lines, {away} of which turn the customer away", found)


if __name__ == "__main__":
    main()
