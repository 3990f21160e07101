"""Training examples of acts: readable YAML files, one block per set of acts.

A block names the role, the acts and what people say::

    - role: agent
      acts: ask_hold hold_reason
      say:
      - would you mind holding while I pull up the order
      - I want my money back => bear with me, I hear you +empathise

``previous turn => this turn`` gives the turn before; ``+act`` and ``-act`` at the end of a line add to or
take from the block's acts; an empty ``acts`` is an utterance that does nothing of the catalogue.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.acts.turning import with_turn_away
from models.errors import ModelError

Pair = tuple[str, str]
"""A text and what the other side said before it (may be empty)."""
HERE = Path(__file__).parent
ROLES = ("agent", "customer")
_EDITS = re.compile(r"(?:\s+[+-][a-z_]{3,})+\s*$")


@dataclass(frozen=True)
class Example:
    """One utterance, the turn before it (may be empty), who says it and all that it does."""

    text: str
    before: str
    role: str
    acts: frozenset[str]
    family: str | None = None


def read_examples(language: str, *, folder: Path | None = None) -> tuple[Example, ...]:
    """All examples of a language in the order of files and lines; raises ModelError naming file and block."""
    folder = folder or HERE / "examples" / language
    found: dict[tuple[str, str, str], Example] = {}
    for path in sorted(folder.glob("*.yaml")):
        for example in read_file(path):
            key = (example.role, example.before.lower(), example.text.lower())
            if key in found and found[key].acts != example.acts:
                apart = sorted(found[key].acts ^ example.acts)
                raise ModelError(f"{path}: {example.text!r} stands twice, differing in {', '.join(apart)}")
            found.setdefault(key, example)
    if not found:
        raise ModelError(f"{folder}: no examples; put .yaml files there (docs/acts.md shows the format)")
    return tuple(found.values())


def read_file(path: Path) -> Iterator[Example]:
    """The examples of one file."""
    try:
        blocks = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    except (OSError, yaml.YAMLError) as error:
        raise ModelError(f"{path}: {error}") from error
    for number, block in enumerate(blocks or ()):
        where = f"{path}, block {number + 1}"
        if not isinstance(block, dict) or not {"role", "say"} <= set(block) <= {
            "role",
            "acts",
            "say",
            "family",
        }:
            raise ModelError(f"{where}: a block has role, acts, say and perhaps family; got {block!r:.200}")
        if block["role"] not in ROLES:
            raise ModelError(f"{where}: role {block['role']!r} is none of {', '.join(ROLES)}")
        for line in block["say"]:
            if isinstance(line, dict) and len(line) == 1:  # a text with a colon in it
                line = ": ".join(*line.items())
            if not isinstance(line, str):
                raise ModelError(f"{where}: {line!r} is no text; put quotes around a line with ': ' in it")
            yield _example(line, block["role"], block.get("acts", ""), block.get("family"))


def _example(line: str, role: str, acts: str, family: str | None) -> Example:
    does = set(acts.split())
    edits = _EDITS.search(line)
    if edits:
        for edit in edits.group().split():
            (does.add if edit[0] == "+" else does.discard)(edit[1:])
        line = line[: edits.start()]
    before, arrow, text = line.partition("=>")
    if not arrow:
        before, text = "", line
    return Example(text.strip(), before.strip(), role, with_turn_away(does), family)


def acts_of(examples: Iterable[Example], role: str, *, least: int = 1) -> tuple[str, ...]:
    """The acts that a role performs in at least ``least`` examples, sorted."""
    counts: dict[str, int] = {}
    for example in examples:
        if example.role == role:
            for act in example.acts:
                counts[act] = counts.get(act, 0) + 1
    return tuple(sorted(act for act, count in counts.items() if count >= least))


def examples_hash(examples: Iterable[Example]) -> str:
    """One hash over what is learned from, whatever the files' layout."""
    digest = hashlib.sha256()
    for example in sorted(examples, key=lambda e: (e.role, e.before, e.text)):
        line = "\t".join((example.role, example.before, example.text, " ".join(sorted(example.acts))))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
