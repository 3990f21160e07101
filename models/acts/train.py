"""Make the act head of a language from its examples: ``python -m models.acts.train --language en``.

Prints precision, recall and F1 per act on folds that were not learned from and, where there is one, on the
validation set; writes weights/<language>.safetensors and .json. Needs the models of `rapport models pull`.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from models.acts.calibrate import Figure, Floats, calibration_error, figures, macro_f1, platt, sigmoid
from models.acts.encoder import UnitEncoder, load_encoder
from models.acts.examples import HERE, Example, acts_of, examples_hash, read_examples, read_file
from models.acts.folds import folds
from models.acts.head import WEIGHTS
from models.acts.learn import Learned, Settings, fit, targets
from models.acts.variants import Variant, variants

LEAST = 4
"""An act with fewer examples is left to the phrase rules."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--models", type=Path, default=_models_path(), help="folder of the pulled models")
    parser.add_argument("--folds", type=int, default=4, help="folds for figures and calibration")
    parser.add_argument(
        "--no-folds", action="store_true", help="only the validation set's figures, nothing written"
    )
    parser.add_argument(
        "--set", nargs="*", default=(), metavar="NAME=VALUE", help="other settings, to compare"
    )
    options = parser.parse_args(arguments)
    settings = _settings(options.set)
    examples = read_examples(options.language)
    acts = [(act, role) for role in ("agent", "customer") for act in acts_of(examples, role, least=LEAST)]
    names, roles = [a for a, _ in acts], [r for _, r in acts]
    say(f"{len(examples)} examples, {len(names)} acts, {settings}")
    encoder = load_encoder(options.language, options.models)
    begun = time.monotonic()
    texts = variants(examples, options.language, settings.seed)
    seen = encoder.encode([(v.example.text, v.example.before) for v in texts])
    say(f"{len(texts)} texts encoded in {time.monotonic() - begun:.0f} s")
    does_all, could_all = targets([v.example for v in texts], names, roles)
    learned = fit(seen, does_all, could_all, settings)
    if options.no_folds:
        _validate(encoder, learned, names, roles, options.language, None)
        say(f"{time.monotonic() - begun:.0f} s")
        return
    own = encoder.encode([(e.text, e.before) for e in examples])
    raw = _unseen(examples, texts, (seen, does_all, could_all, own), settings, options.folds)
    does, could = (t.numpy() for t in targets(examples, names, roles))
    slope, offset = platt(raw, does, could)
    chance = sigmoid(raw, slope, offset)
    found = figures(chance, does, could, names)
    table(f"{options.language}: {options.folds} folds of unlike wording", found)
    error = calibration_error(chance, does, could)
    say(f"calibration error {error:.3f}")
    checked = _validate(encoder, learned, names, roles, options.language, (slope, offset))
    state = {"weight": learned.weight.half(), "bias": learned.bias}
    state |= {"slope": torch.from_numpy(slope), "offset": torch.from_numpy(offset)}
    WEIGHTS.mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in state.items()}, WEIGHTS / f"{options.language}.safetensors")
    meta = {
        "language": options.language,
        "acts": names,
        "roles": roles,
        "encoder": encoder.name,
        "examples": examples_hash(examples),
        "count": len(examples),
        "settings": asdict(settings),
        "folds": {
            "count": options.folds,
            "macro_f1": round(macro_f1(found), 4),
            "calibration_error": round(error, 4),
        },
        "validation_macro_f1": round(macro_f1(checked), 4) if checked else None,
        "figures": {f.act: [f.support, _short(f.precision), _short(f.recall), _short(f.f1)] for f in found},
    }
    (WEIGHTS / f"{options.language}.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
    say(f"written to {WEIGHTS}; {time.monotonic() - begun:.0f} s")


def _unseen(
    examples: Sequence[Example],
    texts: Sequence[Variant],
    given: tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor],
    settings: Settings,
    count: int,
) -> Floats:
    """Outputs for every example by a head that saw neither it nor its look-alikes."""
    seen, does, could, own = given
    raw = np.zeros((len(examples), does.shape[1]), dtype=np.float32)
    which = folds(examples, count)
    for fold in range(count):
        rows = np.flatnonzero(which == fold)
        kept = [n for n, text in enumerate(texts) if all(which[source] != fold for source in text.made_of)]
        learned = fit(seen[kept], does[kept], could[kept], settings)
        raw[rows] = learned.logits(own[rows])
    return raw


def _validate(
    encoder: UnitEncoder,
    learned: Learned,
    acts: Sequence[str],
    roles: Sequence[str],
    language: str,
    scaling: tuple[Floats, Floats] | None,
) -> list[Figure]:
    path = HERE / "validation" / f"{language}.yaml"
    if not path.exists():
        return []
    checks = tuple(read_file(path))
    raw = learned.logits(encoder.encode([(c.text, c.before) for c in checks]))
    slope, offset = scaling or (np.float32(1.0), np.float32(0.0))
    does, could = (t.numpy() for t in targets(checks, acts, roles))
    chance = 1 / (1 + np.exp(-(raw * slope + offset)))
    found = figures(chance, does, could, acts)
    table(f"{language}: validation set, {len(checks)} texts, never learned from", found)
    for row, check in enumerate(checks):
        said = {acts[c] for c in range(len(acts)) if could[row, c] and chance[row, c] >= 0.5}
        if said != check.acts:
            extra, lacking = sorted(said - check.acts), sorted(check.acts - said)
            say(f"  {check.text[:90]!r}: too many {extra}, missing {lacking}")
    return found


def table(title: str, found: Sequence[Figure]) -> None:
    """Figures for people."""
    say(f"{title}\n{'act':24} {'n':>5} {'precision':>9} {'recall':>7} {'f1':>6}")
    for f in found:
        rates = "".join(f"{_short(rate)!s:>10}" for rate in (f.precision, f.recall, f.f1))
        say(f"{f.act:24} {f.support:5d}{rates}")
    say(f"{'macro F1':24} {sum(f.support for f in found):5d} {'':9} {'':7} {macro_f1(found):6.3f}")


def say(text: str) -> None:
    """One line to standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _settings(changes: Sequence[str]) -> Settings:
    settings = Settings()
    for change in changes:
        name, _, value = change.partition("=")
        settings = replace(settings, **{name: type(getattr(settings, name))(value)})
    return settings


def _models_path() -> Path:
    home = Path(os.environ.get("RAPPORT_HOME", "var"))
    return Path(os.environ.get("RAPPORT_MODELS", home / "models"))


if __name__ == "__main__":
    main()
