"""Figures for Prometheus, as a text file that its node exporter picks up after every run."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from database.backlog import Counts
from pipelines.night.report import Night
from recordings import write_atomically


def write_metrics(night: Night, state: Counts, path: Path) -> Path:
    """Write the last run's figures and the calls by state; the file appears whole or not at all."""
    registry = CollectorRegistry()
    calls = Gauge("rapport_calls", "Calls in the database by state.", ["state"], registry=registry)
    for name in ("waiting", "running", "done", "failed", "quarantined"):
        calls.labels(name).set(getattr(state, name))
    figures = {
        "rapport_night_end_timestamp_seconds": ("When the last run ended.", night.ended.timestamp()),
        "rapport_night_duration_seconds": (
            "How long the last run took.",
            (night.ended - night.started).total_seconds(),
        ),
        "rapport_night_done": ("Calls done in the last run.", night.done),
        "rapport_night_audio_seconds": ("Audio done in the last run.", night.audio_s),
        "rapport_night_speed_ratio": ("Audio seconds per second in the last run.", night.speed or 0.0),
        "rapport_night_slow": ("Calls of the last run that took far longer than usual.", len(night.slow)),
        "rapport_night_drifted": (
            "Figures of the last run beyond three standard errors of the month before.",
            sum(drift.notable for drift in night.drifts),
        ),
        "rapport_night_conceded": (
            "Calls of the last run done with smaller batches or on the CPU.",
            sum(night.conceded.values()),
        ),
        "rapport_night_late": ("1 where the last run missed its deadline.", float(night.late)),
    }
    for name, (about, value) in figures.items():
        Gauge(name, about, registry=registry).set(value)
    return write_atomically(path, generate_latest(registry))
