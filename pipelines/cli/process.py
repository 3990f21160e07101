"""``rapport process``: the whole pipeline on recordings."""

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.common import (
    DONE,
    SOME_FAILED,
    WRONG_USE,
    BarHook,
    progress,
    say,
    unique_stems,
)
from pipelines.cli.expected import EXPECTED

if TYPE_CHECKING:
    from pipelines.process import Processed

EXAMPLE = "Example: rapport process monday/*.wav --out results --language de --roles agent,customer"


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command("process", epilog=EXAMPLE)(process)


def process(
    audio: Annotated[list[Path], typer.Argument(help="Recordings, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder for the documents.")],
    scorecard: Annotated[str, typer.Option(help="Scorecard id, or a card's file.")] = "customer-care",
    language: Annotated[str, typer.Option(help="en, de or auto (detected per call).")] = "auto",
    roles: Annotated[str | None, typer.Option(help="Role per channel: agent,customer.")] = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Write documents only, no database.")] = False,
    timeline: Annotated[bool, typer.Option("--timeline", help="Also a picture of each call.")] = False,
    timeline_as: Annotated[str, typer.Option(help="Its format: png or svg.")] = "png",
    timeline_language: Annotated[
        str, typer.Option(help="Its words: en, de or auto (the call's language).")
    ] = "auto",
    export: Annotated[
        str | None, typer.Option(help="Also write vtt, srt, rttm, vcon (comma-separated).")
    ] = None,
    declared: Annotated[
        str | None, typer.Option(help="Sound without a header: codec[:rate[:channels]]; wrong rate: :rate.")
    ] = None,
    vocabulary: Annotated[Path | None, typer.Option(help="Custom words, one a line.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of unexpected errors.")] = False,
) -> None:
    """Transcribe, diarize, measure and score recordings; write two documents for each into a folder."""
    from database.settings import settings
    from pipelines.outputs import EXPORTS, TIMELINES, write_documents
    from pipelines.process import audio_files, processor
    from pipelines.sources import LANGUAGES, check_roles, parse_declared, read_source

    if language not in (*LANGUAGES, "auto"):
        raise typer.BadParameter(
            f"{language!r} is not known; there are en, de and auto", param_hint="--language"
        )
    formats = [f.strip() for f in export.split(",")] if export else []
    if unknown := [f for f in formats if f not in EXPORTS]:
        raise typer.BadParameter(
            f"{unknown[0]!r} is not known; there are {', '.join(EXPORTS)}", param_hint="--export"
        )
    if timeline_as not in TIMELINES:
        raise typer.BadParameter(
            f"{timeline_as!r} is not known; there are {' and '.join(TIMELINES)}", param_hint="--timeline-as"
        )
    if timeline_language not in (*LANGUAGES, "auto"):
        raise typer.BadParameter(
            f"{timeline_language!r} is not known; there are en, de and auto", param_hint="--timeline-language"
        )
    picture = timeline_as if timeline else None
    words = None if timeline_language == "auto" else timeline_language
    told = [role.strip() for role in roles.split(",")] if roles else None
    try:
        check_roles(told or [])
        raw = parse_declared(declared)
        files = audio_files(audio)
        made = processor(settings(), card_id=scorecard, store=not no_store)
        out.mkdir(parents=True, exist_ok=True)
    except EXPECTED as error:
        say(f"rapport process: {error}")
        raise typer.Exit(WRONG_USE) from error
    except OSError as error:
        say(f"rapport process: {out} cannot be made ({error.strerror or error})")
        raise typer.Exit(WRONG_USE) from error
    failed = 0
    stems = unique_stems(files)
    with progress() as bar:
        whole = bar.add_task("recordings", total=len(files))
        for path in files:
            hook = BarHook(bar, path.name)
            try:
                source = read_source(path, language=language, roles=told, vocabulary=vocabulary, declared=raw)
                done = made.process(source, hook)
                write_documents(
                    done, out, stems[path], timeline=picture, timeline_language=words, formats=formats
                )
            except EXPECTED as error:
                failed += 1
                say(f"failed: {error}" if str(path) in str(error) else f"failed: {path}: {error}")
            except Exception as error:  # one bad file must never take the others down
                failed += 1
                say(f"failed: {path}: unexpected {type(error).__name__}: {error}")
                if debug:
                    say(traceback.format_exc())
            else:
                say(f"done: {path}: {summary(done)}")
            hook.close()
            bar.advance(whole)
    if failed:
        say(f"{failed} of {len(files)} recordings failed; the others are in {out}")
    raise typer.Exit(SOME_FAILED if failed else DONE)


def summary(done: "Processed") -> str:
    """One line of what came out."""
    conversation, assessment = done.conversation, done.assessment
    score = "not scored" if assessment.score is None else f"score {assessment.score:g}"
    doubtful = sum(1 for c in assessment.criteria if c.verdict == "review")
    review = f", {doubtful} to review" if doubtful else ""
    return f"{conversation.recording.language}, {len(conversation.turns)} turns, {score}{review}"
