"""How far readers agree on the gold set: ``python -m pipelines.readers``.

Two further readers labelled the held-out calls by the criteria alone, blind: they saw neither the labels
nor each other's nor what the machine says. Prints, per part and criterion, Cohen's kappa of each with the
labels and between them, and for forbidden phrases precision and recall turn by turn: how near to the labels
a careful reader comes is the measure of what can be asked of a machine.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from pydantic import TypeAdapter

from scorecards.agreement import kappa
from scorecards.errors import ScorecardError
from scorecards.gold import Label, gold_files, read_gold
from scorecards.yaml_text import read_yaml

FORBIDDEN = "forbidden_phrase_used"
LABELS = "labels"
Reading = Mapping[str, Mapping[str, Label]]
"""Labels by call and criterion."""
_READING = TypeAdapter(dict[str, dict[str, Label]])


def read_reader(path: Path) -> Reading:
    """What one reader marked: call, criterion, label. Raises ScorecardError naming the file."""
    try:
        return _READING.validate_python(read_yaml(path.read_text(encoding="utf-8"), str(path)).value)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ScorecardError(f"{path}: not a reader's labels by call and criterion ({error})") from error


def read_labels(folder: Path) -> dict[str, Reading]:
    """The gold labels of every part below a folder."""
    parts: dict[str, Reading] = {}
    for part, paths in gold_files(folder).items():
        found = [gold for path in paths if (gold := read_gold(path)) is not None]
        parts[part] = {gold.id: gold.gold for gold in found}
    return parts


def agreement(criterion: str, one: Reading, other: Reading) -> tuple[int, float | None]:
    """How many calls both have a label for, and Cohen's kappa over them."""
    calls = [c for c in one if c in other and criterion in one[c] and criterion in other[c]]
    answers = [[_answer(reading[c][criterion]) for c in calls] for reading in (one, other)]
    return len(calls), kappa(*answers)


def by_turn(labels: Reading, reader: Reading) -> tuple[int, int, int]:
    """Forbidden phrases, turn by turn: found by both, only labelled, only read."""
    both = missed = beside = 0
    for call in (one for one in labels if one in reader):
        told, read = _turns(labels[call]), _turns(reader[call])
        both, missed, beside = both + len(told & read), missed + len(told - read), beside + len(read - told)
    return both, missed, beside


def _turns(labels: Mapping[str, Label]) -> set[int]:
    label = labels.get(FORBIDDEN)
    return set(label.evidence) if label is not None and label.verdict == "yes" else set()


def _answer(label: Label) -> str:
    return str(label.value if label.verdict is None else label.verdict)


def table(part: str, readings: Mapping[str, Reading]) -> str:
    """A part's figures for people; the first reading is the labels."""
    labels = readings[LABELS]
    criteria = list(dict.fromkeys(name for call in labels.values() for name in call))
    pairs = list(combinations(readings, 2))
    heads = "".join(f"{f'{one}, {other}':>18}" for one, other in pairs)
    lines = [f"{part}: {len(labels)} calls, kappa of", f"  {'criterion':36}{'n':>4}{heads}"]
    for name in criteria:
        found = [agreement(name, readings[one], readings[other]) for one, other in pairs]
        shown = "".join(f"{'-' if k is None else f'{k:.2f}':>18}" for _, k in found)
        if found[0][0]:
            lines.append(f"  {name:36}{found[0][0]:4d}{shown}")
    for name, reading in readings.items():
        if name != LABELS:
            both, missed, beside = by_turn(labels, reading)
            lines.append(
                f"  forbidden phrases by turn, {name}: precision {both / max(1, both + beside):.2f}, "
                f"recall {both / max(1, both + missed):.2f} of {both + missed}"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    about = (__doc__ or "").strip()
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=Path("tests/gold"), help="folder of the gold set")
    parser.add_argument("--readers", type=Path, default=Path("tests/gold_readers"), help="one file a reader")
    told = parser.parse_args(arguments)
    try:
        readers = {path.stem: read_reader(path) for path in sorted(told.readers.glob("*.yaml"))}
        if not readers:
            raise ScorecardError(f"{told.readers}: no reader's labels; one <name>.yaml each is looked for")
        for part, labels in read_labels(told.gold).items():
            here = {name: {c: r[c] for c in labels if c in r} for name, r in readers.items()}
            if any(here.values()):
                sys.stdout.write(table(part, {LABELS: labels, **here}) + "\n\n")
    except ScorecardError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
