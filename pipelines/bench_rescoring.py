"""How long stored calls take to be judged again: ``python -m pipelines.bench_rescoring --calls 10000``.

Stores so many calls (the dialogues of models/acts/dialogues, their acts as noted, over and over) in a
database of its own in a temporary folder and judges them all by a card, as `rapport scorecard rescore` does:
no audio, no speech model, acts as stored.
"""

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from database.engine import open_database
from database.settings import Settings
from database.store import save_processed
from models.acts.dialogues import FOLDER, read_dialogue
from pipelines.rescoring import rescore
from recordings import Act, Conversation
from scorecards.gold import conversation_of, read_gold
from scorecards.loading import load_card


def conversations(language: str) -> list[Conversation]:
    """The written dialogues of a language with their noted acts."""
    found = []
    for path in sorted((FOLDER / language).glob("*.yaml")):
        gold, noted = read_gold(path), read_dialogue(path)
        conversation = conversation_of(gold, path) if gold else None
        if conversation is not None:
            acts = [
                Act(turn=turn, act=act, probability=0.9, source="head", text=conversation.turns[turn].text)
                for turn, done in enumerate(noted.acts)
                for act in sorted(done)
            ]
            found.append(conversation.with_acts(acts))
    return found


def numbered(language: str, count: int) -> Iterator[Conversation]:
    """``count`` conversations, each with a recording of its own."""
    for number, made in enumerate(islice(cycle(conversations(language)), count)):
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        recording = made.recording.model_copy(update={"id": sha256[:12], "sha256": sha256})
        yield made.model_copy(update={"recording": recording})


def main() -> None:
    """The command: store, judge again, tell the time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--scorecard", default="customer-care")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(Settings(home=Path(folder)))
        for made in numbered(options.language, options.calls):
            save_processed(engine, Path(folder) / f"{made.recording.id}.wav", made.recording, made, None)
        card = load_card(options.scorecard, options.language)
        begun, busy = time.monotonic(), time.process_time()
        done = rescore(engine, card)
        wall, cpu = time.monotonic() - begun, time.process_time() - busy
    sys.stdout.write(
        f"{done} calls judged by {card.id} {card.version}: {wall:.0f} s, {cpu:.0f} s of one processor, "
        f"{1000 * cpu / max(done, 1):.1f} ms a call\n"
    )


if __name__ == "__main__":
    main()
