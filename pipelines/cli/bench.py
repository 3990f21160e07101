"""``rapport bench``: speed and memory of each stage beside the bare libraries."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.common import WRONG_USE, out, say
from pipelines.cli.expected import EXPECTED

if TYPE_CHECKING:
    from pipelines.bench import FileBench

PARTS = ("whole", "decode", "vad", "transcribe", "diarize")
EXAMPLE = "Example: rapport bench --json bench.json --memory 5,180 call.flac"


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command("bench", epilog=EXAMPLE)(bench)


def bench(
    audio: Annotated[list[Path] | None, typer.Argument(help="Recordings; default: two sample calls.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures here.")] = None,
    rounds: Annotated[
        int, typer.Option(min=0, help="Rounds through all parts; medians are shown. 0: memory only.")
    ] = 3,
    language: Annotated[str, typer.Option(help="en or de, told to both sides.")] = "en",
    parts: Annotated[
        str | None, typer.Option(help=f"Only some of {', '.join(PARTS)}; whole is always measured.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="Peak memory on the first file repeated to these minutes: 5,180.")
    ] = None,
) -> None:
    """Time the pipeline and the bare libraries on the same files, in turns, and show peak memory."""
    from database.settings import settings
    from pipelines.bench import bench as measure
    from pipelines.bench import memory as measure_memory

    files = audio or samples()
    if missing := [path for path in files if not path.is_file()]:
        say(f"rapport bench: {missing[0]} is not a file")
        raise typer.Exit(WRONG_USE)
    chosen = ["whole", *(part for part in (parts or ",".join(PARTS)).split(",") if part != "whole")]
    if unknown := set(chosen) - set(PARTS):
        raise typer.BadParameter(f"{unknown.pop()!r}: one of {', '.join(PARTS)}", param_hint="--parts")
    try:
        lengths = [float(part) for part in memory.split(",")] if memory else []
    except ValueError as error:
        raise typer.BadParameter(f"{memory!r}: minutes, such as 5,180", param_hint="--memory") from error
    try:
        found = []
        if rounds:
            found = measure(files, settings(), rounds=rounds, language=language, parts=chosen, tell=say)
        for one in found:
            out(table(one))
        peaks = measure_memory(files[0], lengths, settings(), language) if lengths else {}
    except EXPECTED as error:
        say(f"rapport bench: {error}")
        raise typer.Exit(WRONG_USE) from error
    for length, (mib, seconds) in peaks.items():
        out(f"{length:g} minutes: peak {mib:.0f} MiB, {length * 60 / seconds:.1f}x real time")
    if json_file:
        figures = {
            "files": [one.to_dict() for one in found],
            "memory": [
                {"minutes": length, "peak_mib": round(mib), "seconds": round(seconds, 1)}
                for length, (mib, seconds) in peaks.items()
            ],
        }
        json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def samples() -> list[Path]:
    """A stereo and a mono sample call, as they ship."""
    folder = Path(__file__).parents[2] / "recordings" / "samples"
    calls = sorted([*folder.glob("*.opus"), *folder.glob("*.flac")])
    return calls[:2]


def table(one: "FileBench") -> str:
    """One file's figures, a line a stage."""
    from pipelines.bench import BESIDE

    whole = one.parts["whole"]
    lines = [
        f"{one.path.name}: {one.duration_s:.0f} s, {one.channels} channel(s), medians",
        f"  {'stage':<12}{'ours s':>9}{'x':>8}{'bare s':>10}{'x':>8}{'ours/bare':>11}",
    ]
    for stage, seconds in whole.stages.items():
        line = f"  {stage:<12}{seconds:>9.2f}{_speed(one.duration_s, seconds):>8}"
        if stage in BESIDE and set(BESIDE[stage]) <= set(one.parts):
            bare = sum(one.parts[name].seconds for name in BESIDE[stage])
            line += f"{bare:>10.2f}{_speed(one.duration_s, bare):>8}{seconds / bare:>11.2f}"
        lines.append(line)
    line = f"  {'whole':<12}{whole.seconds:>9.2f}{whole.speed:>8.1f}"
    if one.bare_s:
        bare_speed = _speed(one.duration_s, one.bare_s)
        line += f"{one.bare_s:>10.2f}{bare_speed:>8}{whole.seconds / one.bare_s:>11.2f}"
    lines.append(line)
    if "transcribe" in one.parts:
        ratio = whole.seconds / one.parts["transcribe"].seconds
        lines.append(f"  whole / bare transcription: {ratio:.2f}")
    if one.mix is not None:
        clock, processor = one.against_mix or (0.0, 0.0)
        lines.append(
            f"  whole / whole of its own mono mix ({one.mix.seconds:.2f} s): {clock:.2f} by the clock, "
            f"{processor:.2f} in processor time ({whole.cpu_s:.1f} s against {one.mix.cpu_s:.1f} s)"
        )
    lines.append(
        "  peak MiB: " + ", ".join(f"{name} {made.peak_mib:.0f}" for name, made in one.parts.items())
    )
    return "\n".join(lines)


def _speed(duration_s: float, seconds: float) -> str:
    return f"{duration_s / seconds:.1f}" if seconds > 0 else "-"
