"""Helpers of the night run's tests: many short recordings, a runner in a process of its own, its results."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import soundfile

from database.settings import Settings
from database.store import export_calls, open_database
from database.stored import call_ids, current_conversation

ROOT = Path(__file__).parent.parent
LIGHT = "pipelines.testing:build_light_pipeline"
SLOW = "pipelines.testing:build_slow_pipeline"


def write_tones(folder: Path, count: int, seconds: float = 1.0) -> list[Path]:
    """Recordings of two tones each, no two alike, at 8 kHz."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    clock = np.arange(int(seconds * 8000)) / 8000
    half = len(clock) // 2
    for number in range(count):
        pitch = 200 + 7 * number
        sound = 0.3 * np.sin(2 * np.pi * pitch * clock)
        sound[half : half + 1600] = 0.0
        path = folder / f"call-{number:05d}.wav"
        soundfile.write(path, sound, 8000, subtype="PCM_16")
        paths.append(path)
    return paths


def start_runner(
    home: Path,
    inbox: Path | str,
    *,
    builder: str = LIGHT,
    workers: int = 2,
    url: str | None = None,
    env: Mapping[str, str] | None = None,
    **options: object,
) -> "subprocess.Popen[bytes]":
    """A runner in a process of its own, to be waited for or killed; ``options`` are NightOptions."""
    told = {"workers": workers, "builder": builder, **options}
    if "move_done" in told:
        told["move_done"] = Path(str(told["move_done"]))
    code = textwrap.dedent(
        f"""
        from pathlib import Path, PosixPath
        from database.settings import Settings
        from database.engine import open_database
        from pipelines.night.nightly import NightOptions, run_night
        if __name__ == "__main__":
            settings = Settings(home=Path({str(home)!r}), database_url={url!r})
            options = NightOptions(**{told!r})
            outcome = run_night(settings, open_database(settings), [{str(inbox)!r}], options)
            raise SystemExit(0 if outcome.able else 2)
        """
    )
    script = home / "runner.py"
    home.mkdir(parents=True, exist_ok=True)
    script.write_text(code)
    return subprocess.Popen(
        [sys.executable, str(script)], cwd=ROOT, stderr=subprocess.PIPE, env={**os.environ, **(env or {})}
    )


def run_to_the_end(home: Path, inbox: Path | str, **options: object) -> None:
    """Run a night and wait for it; its standard error is the message when it fails."""
    ended_well(start_runner(home, inbox, **options))  # type: ignore[arg-type]


def ended_well(runner: "subprocess.Popen[bytes]") -> None:
    """Wait for a runner; its standard error is the message when it failed."""
    _, errors = runner.communicate(timeout=300)
    assert runner.returncode == 0, errors.decode()[-2000:]


def wait_until(happens: Callable[[], bool], runner: "subprocess.Popen[bytes]", limit_s: float = 60) -> bool:
    """Wait for something in a runner's work; False where the runner or the time ended before it."""
    until = time.monotonic() + limit_s
    while runner.poll() is None and time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.05)
    return False


def results(home: Path, url: str | None = None) -> dict[str, str]:
    """File name to what was made of it: state, score and the conversation without the seconds it took."""
    engine = open_database(Settings(home=home, database_url=url))
    states = {row["id"]: row for row in export_calls(engine)}
    made: dict[str, str] = {}
    for call_id in call_ids(engine):
        conversation, version = current_conversation(engine, call_id)
        recipe = conversation.made_by.model_copy(update={"seconds": {}}) if conversation.made_by else None
        document = conversation.model_copy(update={"made_by": recipe}).to_json()
        row = states[call_id]
        made[row["file_name"]] = f"{row['state']} {row['score']} v{version}\n{document}"
    for row in states.values():
        made.setdefault(row["file_name"], f"{row['state']}: {row['cause']}")
    engine.dispose()
    return made
