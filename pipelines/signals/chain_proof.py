"""How well the chain of manners around holds is read: ``python -m pipelines.signals.chain_proof``.

On generated calls with known truth, step by step and hold by hold. ``--words true`` takes the true turns and
the measured events, so the reading is measured; ``--words heard`` runs the whole pipeline on the sound. A
hold that was not found has every step wrong.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import soundfile

from database.settings import settings
from pipelines.build import build_pipeline
from pipelines.cache import Cache
from pipelines.read import read_acts
from pipelines.signals.intervals import within
from pipelines.signals.proof import heard_call
from pipelines.sources import source_of
from recordings import Conversation, Event
from recordings.synthesis.generate import generated_call
from recordings.synthesis.mix import RenderedCall
from recordings.synthesis.voices import Half
from scorecards.call import Call
from scorecards.durations import longest_s
from scorecards.hold_steps import HoldSteps, hold_steps

STEPS = ("asked", "answer", "reason", "time", "within_named", "over_30", "checked_in", "thanked")
EDGE_OF_30_S = 1.0
"""A hold so near to 30 s is on either side of it by the second that its edges may be off."""


@dataclass
class Tally:
    """Per step holds judged right and wrong; ``missed`` and ``invented`` holds; ``notes`` for people."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    holds: int = 0
    missed: int = 0
    invented: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count another's holds, too."""
        self.right += other.right
        self.wrong += other.wrong
        self.holds += other.holds
        self.missed += other.missed
        self.invented += other.invented
        self.notes += other.notes

    def report(self) -> dict[str, Any]:
        """Share right of each step, of all true holds."""
        shares = {
            step: round(self.right[step] / max(1, self.right[step] + self.wrong[step]), 4) for step in STEPS
        }
        counts = {step: self.right[step] + self.wrong[step] for step in STEPS}
        return {"holds": self.holds, "missed": self.missed, "invented": self.invented, "right": shares,
                "judged": counts, "notes": self.notes}  # fmt: skip


def true_steps(call: RenderedCall) -> list[tuple[Event, Mapping[str, Any]]]:
    """Each true hold with what is true of its chain; a queue before the first agent is none."""
    truth = call.truth
    chain: Sequence[Mapping[str, bool]] = truth.signals["hold_chain"]
    holds = [event for event in truth.events or () if event.kind == "hold"]
    first = min((turn.start or 0.0 for turn in truth.turns), default=0.0)
    found: list[tuple[Event, Mapping[str, Any]]] = []
    for number, (hold, kept) in enumerate(zip(holds, chain, strict=True)):
        start, end = hold.start or 0.0, hold.end or 0.0
        if start < first:
            continue
        said = [t for t in truth.turns if t.role == "agent" and (t.end or 0.0) <= start + 0.1]
        named = longest_s(said[-1].text) if kept["time_estimate"] and said else None
        length = end - start
        back = any(t.role == "agent" and (t.start or 0.0) >= end for t in truth.turns)
        found.append((hold, {
            "asked": kept["asked"],
            "answer": "yes" if kept["asked"] else None,
            "reason": kept["reason"],
            "time": kept["time_estimate"],
            "named_s": named,
            "within_named": None if named is None else length <= named * 1.1,
            "over_30": None if abs(length - 30) <= EDGE_OF_30_S else length > 30,
            "checked_in": kept["check_in"],
            "thanked": kept["thanked"] if back else None,
            "number": number,
        }))  # fmt: skip
    return found


def judge(call: RenderedCall, conversation: Conversation) -> Tally:
    """Compare the chains of a read conversation with the truth."""
    tally = Tally()
    language = call.script.language
    made = list(hold_steps(Call(conversation, language), language))
    taken: set[int] = set()
    for hold, truth in true_steps(call):
        tally.holds += 1
        start, end = hold.start or 0.0, hold.end or 0.0
        match = next((n for n, one in enumerate(made) if n not in taken and _same(one, start, end)), None)
        if match is None:
            tally.missed += 1
            tally.wrong.update(step for step in STEPS if _asks(truth, step))
            tally.notes.append(f"{call.script.id}: hold {start:.0f}-{end:.0f} s missed")
            continue
        taken.add(match)
        for step in STEPS:
            if not _asks(truth, step):
                continue
            told = _told(made[match], step)
            right = told == truth[step]
            (tally.right if right else tally.wrong)[step] += 1
            if not right:
                tally.notes.append(f"{call.script.id}: {step} at {start:.0f} s is {truth[step]}, told {told}")
    tally.invented = len(made) - len(taken)
    return tally


def _asks(truth: Mapping[str, Any], step: str) -> bool:
    """Whether a step can be judged at a hold: over 30 s not on its edge, thanks where somebody returns."""
    return not (step in ("over_30", "thanked") and truth[step] is None)


def _told(made: HoldSteps, step: str) -> object:
    if step == "time":
        return made.named_s is not None
    if step == "over_30":
        return None if made.over_30_s is None else made.over_30_s > 0
    value: object = getattr(made, step)
    return value


def _same(made: HoldSteps, start: float, end: float) -> bool:
    if made.hold.start is None or made.hold.end is None:
        return False
    return within([(made.hold.start, made.hold.end)], start, end) >= 0.5 * (end - start)


def by_true_words(call: RenderedCall) -> Conversation:
    """The true turns, the events as measured, the acts as read."""
    measured = heard_call(call)
    conversation = call.truth.model_copy(
        update={"events": measured.events, "signals": measured.signals, "acts": None}
    )
    acts = read_acts(conversation, language=call.script.language, models_path=settings().models_path)
    return conversation.with_acts(acts)


class Hearing:
    """The whole pipeline over the sound of generated calls, its models loaded once."""

    def __init__(self) -> None:
        self._pipeline = build_pipeline(settings())
        self._folder = tempfile.TemporaryDirectory()

    def __call__(self, call: RenderedCall) -> Conversation:
        path = Path(self._folder.name) / f"{call.script.id}.wav"
        soundfile.write(path, call.audio.T, call.rate, subtype="PCM_16")
        source = source_of(path, language=call.script.language)
        return self._pipeline.run(source, Cache(settings().home / "proof-cache")).conversation


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=get_args(Half), default="held-out")
    parser.add_argument("--words", choices=("true", "heard"), default="true")
    parser.add_argument("--count", type=int, default=50, help="calls (default 50)")
    parser.add_argument("--first", type=int, default=0, help="number of the first call")
    told = parser.parse_args()
    half: Half = told.half
    read = by_true_words if told.words == "true" else Hearing()
    whole = Tally()
    by_language: dict[str, Tally] = {}
    for number in range(told.first, told.first + told.count):
        call = generated_call(half, number)
        one = judge(call, read(call))
        whole.add(one)
        by_language.setdefault(call.script.language, Tally()).add(one)
        sys.stderr.write(f"{call.script.id}: {one.holds} holds; {'; '.join(one.notes) or 'right'}\n")
    apart = {
        language: {k: v for k, v in one.report().items() if k != "notes"}
        for language, one in by_language.items()
    }
    report = {"half": half, "words": told.words, **whole.report(), "by_language": apart}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
