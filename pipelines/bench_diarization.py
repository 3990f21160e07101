"""Diarization error beside pyannote's own pipeline with the same weights.

``python -m pipelines.bench_diarization FOLDER`` takes every sound file that has an .rttm file beside it and
prints the error rate of both (no collar, overlap counted), file by file and over all, and how well overlap
was heard: (missed + invented) / true seconds.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import devices
from pipelines.signals.intervals import Span, difference, intersection, total, union
from pipelines.steps import silent


def errors(folder: Path, models_path: Path) -> list[tuple[str, float, float, float | None]]:
    """``(file, our error, theirs, our overlap error)`` for each file, and a last row for the whole set;
    errors as shares of the time spoken, the last of the overlap (None where there is none)."""
    from pipelines.bench_bare import diarizer
    from pipelines.diarize import Diarize, DiarizeOptions
    from pipelines.sounds import Sounds
    from recordings.audio import open_audio

    rate = importlib.import_module("pyannote.metrics.diarization").DiarizationErrorRate
    ours, theirs = rate(), rate()
    step = Diarize(models_path, DiarizeOptions(device="cpu"))
    # Theirs with the cluster size that short files need.
    bare = diarizer(models_path, devices.choose("cpu"), min_cluster_size=3)
    rows: list[tuple[str, float, float, float | None]] = []
    all_true = all_wrong = 0.0
    for path in sorted(folder.glob("*.rttm")):
        sound = next(p for p in path.parent.glob(path.stem + ".*") if p.suffix != ".rttm")
        truth = _annotation(_rttm(path))
        with open_audio(sound) as audio:
            sounds = Sounds().run({"audio": audio}, silent)["sounds"]
            speakers = step.run({"audio": audio, "sounds": sounds}, silent)["speakers"]
            made = _annotation([(span.speaker, span.start, span.end) for span in speakers.spans])
            true, wrong = _overlap_error(_rttm(path), speakers.overlaps or ())
            all_true, all_wrong = all_true + true, all_wrong + wrong
            bare_error = theirs(truth, bare(audio.read(channel=0)[0]))
            rows.append((path.stem, ours(truth, made), bare_error, wrong / true if true else None))
    return [*rows, ("all", abs(ours), abs(theirs), all_wrong / all_true if all_true else None)]


def _overlap_error(truth: list[tuple[str, float, float]], heard: Sequence[Span]) -> tuple[float, float]:
    """Seconds in which two speak by the truth, and seconds missed or invented."""
    people = [union((s, e) for who, s, e in truth if who == name) for name in {who for who, _, _ in truth}]
    true = union(
        span for n, one in enumerate(people) for other in people[:n] for span in intersection(one, other)
    )
    return total(true), total(difference(true, heard)) + total(difference(heard, true))


def _rttm(path: Path) -> list[tuple[str, float, float]]:
    fields = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(f[7], float(f[3]), float(f[3]) + float(f[4])) for f in fields]


def _annotation(spans: list[tuple[str, float, float]]) -> Any:
    core = importlib.import_module("pyannote.core")
    made = core.Annotation()
    for number, (speaker, start, end) in enumerate(spans):
        made[core.Segment(start, end), number] = speaker
    return made


if __name__ == "__main__":
    from database.settings import settings

    for name, mine, bare_rate, overlap in errors(Path(sys.argv[1]), settings().models_path):
        told = "none" if overlap is None else f"{overlap:.3f}"
        sys.stdout.write(f"{name:<12} ours {mine:.3f}  pyannote {bare_rate:.3f}  overlap {told}\n")
