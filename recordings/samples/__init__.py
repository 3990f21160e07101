"""The sample calls: eight scripted service calls at telephone quality, each with its script and its truth."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """One sample call: the recording (8 kHz Opus), the script that it was rendered from, what is true of it
    (conversation format) and the verdicts that a strict trainer marks (gold format)."""

    id: str
    audio: Path
    script: Path
    truth: Path
    gold: Path


def samples() -> tuple[Sample, ...]:
    """All sample calls in the order of their numbers."""
    scripts = sorted(p for p in FOLDER.glob("[0-9][0-9]_*.yaml") if not p.name.endswith(".gold.yaml"))
    return tuple(
        Sample(
            id=script.stem,
            audio=script.with_suffix(".opus"),
            script=script,
            truth=script.with_suffix(".truth.json"),
            gold=script.with_suffix(".gold.yaml"),
        )
        for script in scripts
    )


__all__ = ["FOLDER", "Sample", "samples"]
