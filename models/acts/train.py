"""Make the act network of a language: ``python -m models.acts.train --language en``.

Learns from the examples and dialogues once without each fold's writers, whose dialogues are then read unseen:
that gives the figures and the calibration. The networks together, a committee, are the reader. Prints
precision, recall and F1 per act on unseen dialogues, writes weights/<language>.safetensors and .json. What is
done is kept under --work and not done again. Needs the models of `rapport models pull`.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from models.acts.calibrate import Figure, Floats, calibration_error, figures, macro_f1, platt, sigmoid
from models.acts.dialogues import Dialogue, read_dialogues
from models.acts.encoder import ENCODERS, load_named
from models.acts.examples import acts_of, examples_hash, read_examples
from models.acts.head import WEIGHTS, read_meta
from models.acts.learn import Lesson, Settings, learn, targets
from models.acts.network import ActNetwork, Shape
from models.acts.variants import lesson_of, vary
from models.errors import ModelError

COURSES = {
    "en": (Settings(passes=7), Shape(adapted=4)),
    "de": (Settings(passes=8, rate=3e-3, encoder_rate=1e-3), Shape(adapted=5)),
}
"""How each language is learned unless told otherwise."""
LEAST = 4
"""An act with fewer examples is left to the phrase rules."""
FOLDS = 3
"""The writers are dealt into so many folds."""
ONWARD = {
    "en": Settings(passes=2, share=0.25, again=0.35, rate=1e-3, encoder_rate=3e-4),
    "de": Settings(passes=2, share=0.25, again=0.35, rate=1.5e-3, encoder_rate=5e-4),
}
"""How the stored networks learn on when there are more dialogues: those, and a share of what they know, so
that they do not forget it."""
NETWORKS = {"en": 2, "de": 2}
"""Folds left out in turn, each by a network of the committee. A third would take half as long again to learn
and to read; its fold is learned from by both and measures nothing."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("--step", help="only this step: a fold left out, or together")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    course = Course(options)
    steps = [*course.parts, "together"]
    if options.step:
        if options.step not in steps:
            parser.error(f"no step {options.step!r}; there are {', '.join(steps)}")
        steps = [options.step]
    for step in steps:
        if step != "together":
            course.unseen(step)
        else:
            course.finish()


def arguments_of(about: str) -> argparse.ArgumentParser:
    """What names a course of learning: the language, the settings, where it is kept."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--models", type=Path, default=models_path(), help="folder of the pulled models")
    parser.add_argument("--work", type=Path, default=Path("var/acts"), help="where finished steps are kept")
    parser.add_argument(
        "--set", nargs="*", default=(), metavar="NAME=VALUE", help="other settings, to compare"
    )
    parser.add_argument("--encoder", help="another encoder of the catalogue, to compare")
    parser.add_argument(
        "--also", nargs="*", default=(), help="further languages whose dialogues are learned from"
    )
    parser.add_argument(
        "--onward",
        action="store_true",
        help="begin with the stored networks, each of which never saw its fold",
    )
    parser.add_argument("--threads", type=int, default=1, help="more pays on idle cores only")
    return parser


class Course:
    """Everything that one run learns from and where it keeps what is done."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.language: str = options.language
        self.languages = (self.language, *options.also)
        self.settings, self.shape = _settings(self.language, options.set, options.onward)
        self.onward: bool = options.onward
        self.encoder_name: str = options.encoder or ENCODERS[self.language]
        self.models: Path = options.models
        self.dialogues = read_dialogues(self.language)
        self.folds = folds_of(self.dialogues)
        self.parts = tuple(dict.fromkeys(self.folds.values()))[: NETWORKS[self.language]]
        examples = read_examples(self.language)
        acts = [(act, role) for role in ("agent", "customer") for act in acts_of(examples, role, least=LEAST)]
        self.acts, self.roles = tuple(a for a, _ in acts), tuple(r for _, r in acts)
        self.count = len(examples)
        self.known = frozenset[str](read_meta(self.language)["writers"] if self.onward else ())
        self.made_of = made_of(self.languages)
        how: list[object] = [self.encoder_name, asdict(self.settings), asdict(self.shape)]
        told = json.dumps([self.made_of, *how, *(["onward"] if self.onward else [])])
        self.work: Path = options.work / f"{self.language}-{hashlib.sha256(told.encode()).hexdigest()[:10]}"
        self.work.mkdir(parents=True, exist_ok=True)

    def of(self, fold: str) -> list[Dialogue]:
        """The dialogues of a fold: its writers'."""
        return [d for d in self.dialogues if self.folds[d.id] == fold]

    def lessons(self, without: str) -> list[Lesson]:
        """All that is learned from, without the dialogues of one fold."""
        found = []
        for language in self.languages:
            own = language == self.language
            found += [
                replace(lesson(d), known=d.writer in self.known)
                for d in read_dialogues(language)
                if not own or self.folds[d.id] != without
            ]
            if own:
                some = read_examples(language)
                found += [lesson_of(e.text, e.before, e.role, e.acts, language) for e in some]
        return found

    def learned(self, without: str) -> ActNetwork:
        """A network of all lessons but one fold's, learned now or taken from what is kept or stored."""
        path = self.work / f"{without}.safetensors"
        encoder = load_named(self.encoder_name, self.models)
        if path.exists() or self.is_stored():
            network = ActNetwork(encoder, len(self.acts), self.shape)
            network.load_state_dict(load_file(path) if path.exists() else self.stored(without))
            return network.eval()
        lessons = self.lessons(without)
        turns = sum(len(one.turns) for one in lessons)
        say(f"{path}: {len(lessons)} lessons, {turns} turns, {len(self.acts)} acts")
        network = learn(
            lessons,
            self.acts,
            self.roles,
            encoder,
            vary,
            self.settings,
            shape=self.shape,
            start=self.stored(without) if self.onward else None,
            say=say,
        )
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
        return network

    def is_stored(self) -> bool:
        """Whether the stored networks are what this course would learn: nothing is learned a second time."""
        if not (WEIGHTS / f"{self.language}.json").exists():
            return False
        meta = read_meta(self.language)
        how = [self.made_of, self.encoder_name, asdict(self.settings), asdict(self.shape), self.onward]
        return [meta[key] for key in ("examples", "encoder_id", "settings", "shape", "onward")] == how

    def stored(self, without: str) -> dict[str, torch.Tensor]:
        """The stored network that was kept from a fold, its numbers by name, with columns for acts that are
        new. Raises ModelError where it has learned from a hand of the fold, or is of another make."""
        meta = read_meta(self.language)
        number = self.parts.index(without)
        kept_from = meta["folds"]["by"][number]
        learned = set(meta["writers"]) - hands_of(kept_from)
        seen = sorted(learned & {d.writer for d in self.of(without)})
        if seen:
            raise ModelError(f"{WEIGHTS}: network {number} has learned from {', '.join(seen)}; learn anew")
        if (meta["encoder_id"], meta["shape"]) != (self.encoder_name, asdict(self.shape)):
            raise ModelError(f"{WEIGHTS}: the stored networks are of another encoder or shape; learn anew")
        prefix = f"{number}."
        state = load_file(WEIGHTS / f"{self.language}.safetensors")
        mine = {k[len(prefix) :]: v.float() for k, v in state.items() if k.startswith(prefix)}
        return widened(mine, meta["acts"], self.acts, self.shape.vector)

    def unseen(self, fold: str) -> tuple[Floats, Floats, Floats]:
        """Raw outputs on a fold's dialogues by a network that saw none, answers, and which count."""
        some = self.of(fold)
        network = self.learned(fold)
        kept = self.work / f"{fold}.raw.safetensors"
        if not kept.exists():
            save_file({"raw": torch.from_numpy(np.concatenate([read_raw(network, d) for d in some]))}, kept)
        raw: Floats = load_file(kept)["raw"].numpy()
        does, could = (t.numpy() for t in targets([lesson(d) for d in some], self.acts, self.roles))
        slope, offset = platt(raw, does, could)
        found = figures(sigmoid(raw, slope, offset), does, could, self.acts)
        say(f"{fold}: {len(some)} dialogues unseen, macro F1 {macro_f1(found, least=5):.3f}")
        folder = self.work / f"without-{fold}"
        if not folder.exists():  # as it is: its calibration must not know the writers either
            folder.mkdir()
            self.store([network], np.ones_like(slope), np.zeros_like(offset), found, folder)
        return raw, does, could

    def finish(self) -> None:
        """Figures over all folds' unseen dialogues; the networks stored together."""
        begun = time.monotonic()
        parts = [self.unseen(writer) for writer in self.parts]
        raw, does, could = (np.concatenate(some) for some in zip(*parts, strict=True))
        slope, offset = platt(raw, does, could)
        chance = sigmoid(raw, slope, offset)
        found = figures(chance, does, could, self.acts)
        unseen = sum(len(self.of(part)) for part in self.parts)
        table(
            f"{self.language}: {unseen} of {len(self.dialogues)} dialogues, each unseen with its writer",
            found,
        )
        error = calibration_error(chance, does, could)
        say(f"calibration error {error:.3f}")
        WEIGHTS.mkdir(exist_ok=True)
        self.store([self.learned(w) for w in self.parts], slope, offset, found, WEIGHTS, error)
        say(f"written to {WEIGHTS}; {time.monotonic() - begun:.0f} s")

    def store(
        self,
        networks: Sequence[ActNetwork],
        slope: Floats,
        offset: Floats,
        found: Sequence[Figure],
        folder: Path,
        error: float | None = None,
    ) -> None:
        """Write weights and what is known of them."""
        state = {
            f"{number}.{key}": value.half().contiguous()
            for number, network in enumerate(networks)
            for key, value in network.state_dict().items()
        }
        state |= {"slope": torch.tensor(slope), "offset": torch.tensor(np.ascontiguousarray(offset))}
        save_file(state, folder / f"{self.language}.safetensors")
        meta: dict[str, Any] = {
            "language": self.language,
            "acts": self.acts,
            "roles": self.roles,
            "networks": len(networks),
            "encoder": networks[0].encoder.name,
            "encoder_id": self.encoder_name,
            "examples": self.made_of,
            "languages": self.languages,
            "count": self.count,
            "dialogues": len(self.dialogues),
            "writers": sorted({d.writer for d in self.dialogues}),
            "onward": self.onward,
            "settings": asdict(self.settings),
            "shape": asdict(self.shape),
            "folds": {
                "by": self.parts,
                "macro_f1": round(macro_f1(found, least=5), 4),
                "calibration_error": None if error is None else round(error, 4),
            },
            "figures": {
                f.act: [f.support, _short(f.precision), _short(f.recall), _short(f.f1)] for f in found
            },
        }
        (folder / f"{self.language}.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def folds_of(dialogues: Sequence[Dialogue]) -> dict[str, str]:
    """The fold of each dialogue by id: some whole writers, named by their letters ("en_tw"); where there is
    one writer only, every other dialogue."""
    writers = sorted({d.writer for d in dialogues})
    if len(writers) == 1:
        return {d.id: f"{d.writer}-{number % 2}" for number, d in enumerate(dialogues)}
    fold: dict[str, str] = {}
    for first in range(min(FOLDS, len(writers))):
        share = writers[first::FOLDS]
        letters = "".join(one.split("_")[-1] for one in share[1:])
        fold |= dict.fromkeys(share, share[0] + letters)
    return {d.id: fold[d.writer] for d in dialogues}


def hands_of(fold: str) -> set[str]:
    """The writers of a fold by its name: "en_tza" is en_t and en_za. After y hands are named za, zb, …"""
    language, hands = fold.split("_")
    return {f"{language}_{hand}" for hand in re.findall("z?[a-z]", hands)}


def widened(
    state: Mapping[str, torch.Tensor], before: Sequence[str], acts: Sequence[str], vector: int
) -> dict[str, torch.Tensor]:
    """A network's numbers with a column for each of ``acts``; those that it did not know ``before`` are
    unlikely until learned. ``vector``: how many numbers enter the recurrent layer before those of the acts.
    """
    places = [before.index(act) if act in before else None for act in acts]

    def rows(old: torch.Tensor, fill: float) -> torch.Tensor:
        made = torch.full((len(acts), *old.shape[1:]), fill)
        for row, place in enumerate(places):
            if place is not None:
                made[row] = old[place]
        return made

    found = dict(state)
    for name in ("look", "tell", "mean.weight", "mean.bias", "after.weight", "after.bias"):
        found[name] = rows(state[name], -3.0 if name == "mean.bias" else 0.0)
    entry = state["entry.weight"]
    ends = vector, vector + len(before)
    found["entry.weight"] = torch.cat(
        [entry[:, : ends[0]], rows(entry[:, ends[0] : ends[1]].T, 0.0).T, entry[:, ends[1] :]], dim=1
    )
    return found


def lesson(dialogue: Dialogue) -> Lesson:
    """A labelled dialogue as a whole call to learn from."""
    acts = tuple(
        done if turn.role in ("agent", "customer") else None
        for turn, done in zip(dialogue.turns, dialogue.acts, strict=True)
    )
    return Lesson(dialogue.turns, acts, whole=True, language=dialogue.language)


@torch.no_grad()
def read_raw(network: ActNetwork, dialogue: Dialogue) -> Floats:
    """Raw outputs of every turn of a dialogue, (turns, acts)."""
    out: Floats = network([dialogue.turns], [True]).logits.float().numpy()
    return out


def made_of(languages: Sequence[str]) -> str:
    """One hash over examples and dialogues of the languages that were learned from."""
    digest = hashlib.sha256()
    for language in languages:
        digest.update(examples_hash(read_examples(language)).encode())
        for dialogue in read_dialogues(language):
            for turn, acts in zip(dialogue.turns, dialogue.acts, strict=True):
                line = "\t".join((str(turn.role), turn.text, str(turn.hold_s), " ".join(sorted(acts))))
                digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def table(title: str, found: Sequence[Figure]) -> None:
    """Figures for people."""
    say(f"{title}\n{'act':24} {'n':>5} {'precision':>9} {'recall':>7} {'f1':>6}")
    for f in found:
        rates = "".join(f"{_short(rate)!s:>10}" for rate in (f.precision, f.recall, f.f1))
        say(f"{f.act:24} {f.support:5d}{rates}")
    say(f"{'macro F1, 5 and more':24} {sum(f.support for f in found):5d} {macro_f1(found, least=5):24.3f}")


def say(text: str) -> None:
    """One line to standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _settings(language: str, changes: Sequence[str], onward: bool) -> tuple[Settings, Shape]:
    settings, shape = COURSES[language]
    settings = ONWARD[language] if onward else settings
    for change in changes:
        name, _, value = change.partition("=")
        if hasattr(shape, name):
            shape = replace(shape, **{name: type(getattr(shape, name))(value)})
        else:
            settings = replace(settings, **{name: type(getattr(settings, name))(value)})
    return settings, shape


def models_path() -> Path:
    """The folder of the pulled models, as the environment names it."""
    home = Path(os.environ.get("RAPPORT_HOME", "var"))
    return Path(os.environ.get("RAPPORT_MODELS", home / "models"))


if __name__ == "__main__":
    main()
