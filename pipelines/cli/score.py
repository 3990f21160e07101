"""``rapport score``: scorecards on stored conversations, without audio and without a speech model."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import DONE, SOME_FAILED, out, progress, say, unique_stems
from pipelines.starting import loading
from recordings import RecordingError
from scorecards.errors import ScorecardError


def add(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def score(
        conversations: Annotated[
            list[Path], typer.Argument(help="conversation.json files", metavar="CONVERSATION…")
        ],
        scorecard: Annotated[
            str, typer.Option(help="id from the library, or a card's YAML file")
        ] = "customer-care",
        to: Annotated[Path | None, typer.Option("--out", help="folder for <stem>.assessment.json")] = None,
        json: Annotated[
            bool, typer.Option("--json", help="print the assessments instead of a line each")
        ] = False,
    ) -> None:
        """Score conversations that are already written down; turns alone are enough.

        Acts that a conversation lacks are read from its words first. Example:

            rapport score calls/*.conversation.json --scorecard customer-care --out scored
        """
        raise typer.Exit(_score(conversations, scorecard, to, json))


def _score(paths: list[Path], scorecard: str, folder: Path | None, as_json: bool) -> int:
    with loading():
        from pipelines.scoring import Scoring

    scoring = Scoring(scorecard)
    stems = unique_stems([Path(p.name.replace(".conversation", "")) for p in paths])
    names = [stems[Path(p.name.replace(".conversation", ""))] for p in paths]
    failed = 0
    with progress() as bar:
        task = bar.add_task("scoring", total=len(paths))
        for path, stem in zip(paths, names, strict=True):
            try:
                assessment = scoring.score_file(path)
                if folder is not None:
                    assessment.write(folder / f"{stem}.assessment.json")
                if as_json or folder is None:
                    out(assessment.to_json().rstrip())
                else:
                    shown = "not scored" if assessment.score is None else f"{assessment.score:.1f}"
                    out(f"{path}: {shown}")
            except (RecordingError, ScorecardError) as error:
                failed += 1
                say(f"{path}: {error}")
            bar.advance(task)
    for note in scoring.notes:
        say(note)
    return SOME_FAILED if failed else DONE
