"""What the generated calls say: phrases by language, half, side and purpose (phrases/*.yaml)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from recordings.synthesis.voices import Half

FOLDER = Path(__file__).parent / "phrases"
Phrases = Mapping[str, Mapping[str, tuple[str, ...]]]


@cache
def phrases(language: Literal["en", "de"], half: Half) -> Phrases:
    """``phrases("en", "tuning")["agent"]["greet"]`` → the wordings of that purpose."""
    data = yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))[half]
    return {side: {purpose: tuple(texts) for purpose, texts in said.items()} for side, said in data.items()}


def all_texts(language: Literal["en", "de"], half: Half) -> tuple[str, ...]:
    """Every text of a half once, in the order of the file."""
    texts = [text for side in phrases(language, half).values() for said in side.values() for text in said]
    return tuple(dict.fromkeys(texts))
