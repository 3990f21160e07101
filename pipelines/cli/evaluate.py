"""``rapport evaluate``: verdicts against gold labels."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.common import DONE, SOME_FAILED, out, progress, say
from recordings import RecordingError, write_atomically
from scorecards.errors import ScorecardError

if TYPE_CHECKING:
    from pipelines.scoring import Scoring
    from scorecards.gold import GoldCall
    from scorecards.results import Assessment


def add(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def evaluate(
        gold: Annotated[
            Path,
            typer.Argument(help="folder with gold files; sub-folders are reported apart", metavar="GOLD_DIR"),
        ],
        scorecard: Annotated[
            str, typer.Option(help="id from the library, or a card's YAML file")
        ] = "customer-care",
        json_file: Annotated[
            Path | None, typer.Option("--json", help="write all figures to this file")
        ] = None,
        part: Annotated[str | None, typer.Option(help="only this part, e.g. tuning")] = None,
        errors: Annotated[bool, typer.Option(help="list every wrong answer")] = False,
        rules_only: Annotated[bool, typer.Option(help="read acts by phrase rules alone")] = False,
        audio: Annotated[
            bool, typer.Option(help="hear the recordings through the recogniser, whatever is written beside")
        ] = False,
    ) -> None:
        """Compare verdicts with gold labels, criterion by criterion. Example:

        rapport evaluate tests/gold --json figures.json
        """
        raise typer.Exit(_evaluate(gold, scorecard, json_file, part, errors, rules_only, audio))


def _evaluate(
    folder: Path,
    scorecard: str,
    json_file: Path | None,
    only: str | None,
    errors: bool,
    rules_only: bool,
    audio: bool,
) -> int:
    from pipelines.scoring import Scoring
    from scorecards.evaluation import Part, report
    from scorecards.gold import gold_files, read_gold

    files = {n: paths for n, paths in gold_files(folder).items() if only in (None, n)}
    scoring = Scoring(scorecard, learned=not rules_only)
    parts: list[Part] = []
    failed = 0
    with progress() as bar:
        task = bar.add_task("evaluating", total=sum(map(len, files.values())))
        for name, paths in files.items():
            part = Part(folder.name if name == "." else name)
            for path in paths:
                try:
                    gold = read_gold(path)
                    if gold is not None:
                        part.add(gold, _assessed(gold, path, scoring, audio))
                except (RecordingError, ScorecardError) as error:
                    failed += 1
                    say(f"{path}: {error}")
                bar.advance(task)
            if part.calls:
                parts.append(part)
    if not parts:
        raise ScorecardError(f"{folder}: no YAML file with `gold:` in it")
    figures = report(parts)
    for one in figures["parts"]:
        print_part(one, errors)
    if json_file is not None:
        write_atomically(json_file, (json.dumps(figures, indent=1, ensure_ascii=False) + "\n").encode())
    for note in scoring.notes:
        say(note)
    return SOME_FAILED if failed else DONE


def _assessed(gold: "GoldCall", path: Path, scoring: "Scoring", from_audio: bool) -> "Assessment":
    from scorecards.gold import conversation_of

    true = conversation_of(gold, path)
    if true is not None and not from_audio:
        return scoring.score(true)
    if gold.audio is None:
        wanted = "audio" if from_audio else "conversation, audio or dialogue"
        raise ScorecardError(f"{path}: names no {wanted}")
    from pipelines.heard import heard, in_true_turns

    made = heard(path.parent / gold.audio, gold.language)
    assessment = scoring.score(made)
    return assessment if true is None else in_true_turns(assessment, made, true)


def print_part(part: dict[str, Any], errors: bool) -> None:
    """One part's figures for people, with every wrong answer where asked for."""
    out(f"{part['part']}: {part['calls']} calls, {part['cases']} verdicts")
    out(f"  macro-F1 over criteria {_n(part['macro_f1'])}   accuracy {_n(part['accuracy'])}")
    out(f"  evidence in the right turn {_n(part['evidence_right'])} of {part['evidence_cases']}")
    inside, outside = _n(part["error_rate_in_review"]), _n(part["error_rate_elsewhere"])
    out(f"  in review {_n(part['review_share'])}; wrong there {inside}, elsewhere {outside}")
    forbidden = part["forbidden"]
    out(
        f"  forbidden phrases by turn: precision {_n(forbidden['precision'])}, recall "
        f"{_n(forbidden['recall'])}"
        f" of {forbidden['turns']}"
    )
    if part["ambiguous"]["cases"]:
        out(f"  ambiguous, apart: {part['ambiguous']['cases']}, accuracy {_n(part['ambiguous']['accuracy'])}")
    heads = "yes P/R     no P/R      na P/R"
    out(f"  {'criterion':36} {'n':>4} {'acc':>5} {'F1':>5} {'kappa':>5} {'95 %':>13}  {heads}")
    for name, figures in part["criteria"].items():
        out(f"  {name:36} {figures['n']:>4} {_n(figures['accuracy'])} " + _rest(figures))
        if errors:
            for wrong in figures["wrong"]:
                said = f"{wrong['found']} ({wrong['verdict']}, {wrong['confidence']})"
                out(f"      {wrong['call']}: {said}, gold {wrong['gold']}")
    out("")


def _rest(figures: dict[str, Any]) -> str:
    if "kappa" not in figures:
        return ""
    kappa = figures["kappa"]
    interval = "" if kappa["low"] is None else f"{kappa['low']:5.2f} …{kappa['high']:5.2f}"
    shown = f"{_n(figures['macro_f1'])} {_n(kappa['value'])} {interval:>13}"
    if figures["kind"] != "verdict":
        return shown
    answers = figures["answers"]
    empty = {"precision": None, "recall": None}
    pairs = [answers.get(a, empty) for a in ("yes", "no", "na")]
    return shown + "  " + "  ".join(f"{_n(p['precision'])}/{_n(p['recall'])}" for p in pairs)


def _n(value: float | None) -> str:
    return "    –" if value is None else f"{value:5.2f}"
