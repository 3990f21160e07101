"""What the commands share: output streams, exit codes, progress bars."""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

DONE, SOME_FAILED, WRONG_USE = 0, 1, 2

_err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Print to standard error: progress, warnings, errors. Square brackets are taken literally."""
    _err.print(text, markup=False, soft_wrap=True)


def out(text: str) -> None:
    """Print a result to standard output."""
    sys.stdout.write(text + "\n")


def progress() -> Progress:
    """A progress bar on standard error; silent where it is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=_err,
        transient=True,
    )


def unique_stems(paths: list[Path]) -> dict[Path, str]:
    """Output stems for input files; a stem that occurs twice gets its suffix, then a number."""
    stems: dict[Path, str] = {}
    taken: set[str] = set()
    for path in paths:
        choices: list[Any] = [path.stem, path.name.replace(".", "_")]
        stem = next((c for c in choices if c not in taken), None)
        number = 2
        while stem is None or stem in taken:
            stem = f"{path.stem}-{number}"
            number += 1
        taken.add(stem)
        stems[path] = stem
    return stems


class BarHook:
    """The pipeline's hook drawn as one line of a progress bar."""

    def __init__(self, bar: Progress, name: str) -> None:
        self.bar, self.name = bar, name
        self.task = bar.add_task(name, total=1.0)

    def __call__(self, step: str, completed: float, total: float, artefact: Any = None) -> None:  # noqa: ARG002
        """Show how far the step has come."""
        text = f"{self.name}: {step}"
        self.bar.update(self.task, description=text, completed=completed, total=total or 1.0)

    def close(self) -> None:
        """Take the line away."""
        self.bar.remove_task(self.task)
