"""How long `rapport score` takes for one stored call of five minutes, start-up included.

``taskset -c 1 python -m pipelines.bench_scoring --rounds 5`` joins the sample calls of a language to a
conversation of five minutes and starts the command on it as people do, once with its acts stored beside it
and once without, the two in turn. Medians of the clock and of the process's own processor time.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.scoring import Scoring
from recordings import Conversation, Turn
from recordings.samples import samples

LENGTH_S = 300.0
GOALS = {"stored": 0.5, "read": 3.0}
"""The most seconds with stored acts and with acts to be read."""


@dataclass(frozen=True)
class Took:
    """One process: seconds by the clock and of one processor."""

    wall: float
    cpu: float


def joined(language: str, length: float = LENGTH_S) -> Conversation:
    """The sample calls of a language one after another, until ``length`` seconds; without acts."""
    turns: list[Turn] = []
    at, first = 0.0, None
    for sample in samples():
        call = Conversation.read(sample.truth)
        if call.recording.language != language:
            continue
        first = first or call
        turns += [_later(turn, at) for turn in call.turns if (turn.end or 0.0) + at <= length]
        at += call.recording.duration or 0.0
    if first is None:
        raise ValueError(f"no sample calls in {language!r}")
    numbered = tuple(turn.model_copy(update={"index": number}) for number, turn in enumerate(turns))
    recording = first.recording.model_copy(update={"id": f"five-minutes-{language}", "duration": length})
    return first.model_copy(update={"recording": recording, "turns": numbered, "events": (), "acts": None})


def _later(turn: Turn, seconds: float) -> Turn:
    words = (
        None
        if turn.words is None
        else tuple(word.model_copy(update=_moved(word.start, word.end, seconds)) for word in turn.words)
    )
    return turn.model_copy(update={**_moved(turn.start, turn.end, seconds), "words": words})


def _moved(start: float | None, end: float | None, seconds: float) -> dict[str, float | None]:
    moved = {"start": start, "end": end}
    return {name: value if value is None else round(value + seconds, 3) for name, value in moved.items()}


def run(path: Path, scorecard: str, folder: Path) -> Took:
    """`rapport score` on a conversation file in a process of its own; raises CalledProcessError."""
    command = [sys.executable, "-m", "pipelines.cli", "score", str(path), "--scorecard", scorecard]
    command += ["--out", str(folder)]
    # Modules are compiled once, at the first start, unless somebody forbade it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun, before = time.monotonic(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    wall, after = time.monotonic() - begun, os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return Took(wall, used)


def main() -> None:
    """The command: build, run in turn, tell the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--scorecard", default="customer-care")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scoring = Scoring(options.scorecard)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bare = joined(options.language)
        made = {"stored": scoring.with_acts(bare, options.language), "read": bare}
        if scoring.notes:
            sys.exit("; ".join(scoring.notes))
        for name, conversation in made.items():
            conversation.write(folder / f"{name}.json")
            run(folder / f"{name}.json", options.scorecard, folder)  # files come off the disk once
        took: dict[str, list[Took]] = {name: [] for name in made}
        for _ in range(options.rounds):
            for name in made:
                took[name].append(run(folder / f"{name}.json", options.scorecard, folder))
    words = sum(len(turn.text.split()) for turn in bare.turns)
    sys.stdout.write(f"{options.language}: {len(bare.turns)} turns, {words} words, {LENGTH_S:.0f} s\n")
    for name, runs in took.items():
        wall, cpu = (statistics.median(getattr(one, kind) for one in runs) for kind in ("wall", "cpu"))
        sys.stdout.write(
            f"acts {name}: {wall:.2f} s, {cpu:.2f} s of one processor "
            f"(goal {GOALS[name]:g} s), median of {options.rounds}\n"
        )


if __name__ == "__main__":
    main()
