"""``python -m recordings.synthesis``: render the samples and the bank (voice packages needed), or write
generated calls with their truth (nothing needed)."""

import sys
from pathlib import Path
from typing import get_args

import soundfile
import typer

from recordings.errors import RecordingError
from recordings.synthesis.bank import FOLDER, bank_voices, build
from recordings.synthesis.generate import generated_calls
from recordings.synthesis.samples import render_file, scripts_in
from recordings.synthesis.voices import Half, Store

app = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
STORE = typer.Option(
    Path("var/voices"), help="Where rendered utterances are kept, so that each is made once."
)


@app.callback()
def synthesis() -> None:
    """Sample calls, the bank of utterances, generated calls."""


@app.command()
def generate(
    out: Path = typer.Argument(help="Folder for <id>.flac and <id>.truth.json."),
    half: str = typer.Option("tuning", help=f"{', '.join(get_args(Half))}."),
    count: int = typer.Option(50, min=1, help="How many calls."),
) -> None:
    """Write generated calls with their truth. Example: python -m recordings.synthesis generate /data/calls"""
    known: Half | None = next((one for one in get_args(Half) if one == half), None)
    if known is None:
        raise RecordingError(f"no half {half!r}; there are {', '.join(get_args(Half))}")
    out.mkdir(parents=True, exist_ok=True)
    for call in generated_calls(known, count):
        soundfile.write(out / f"{call.script.id}.flac", call.audio.T, call.rate, subtype="PCM_16")
        call.truth.write(out / f"{call.script.id}.truth.json")
        typer.echo(f"{call.script.id}: {call.audio.shape[1] / call.rate:.0f} s")


@app.command()
def render(
    path: Path = typer.Argument(help="A script, or a folder of scripts."),
    store: Path = STORE,
) -> None:
    """Render scripts. Example: python -m recordings.synthesis render recordings/samples"""
    for script in scripts_in(path):
        audio = render_file(script, Store(store))
        typer.echo(f"{audio}: {audio.stat().st_size / 1000:.0f} kB")


@app.command()
def bank(
    voices: list[str] | None = typer.Argument(None, help="Voices to render (default: all of the bank)."),
    store: Path = STORE,
) -> None:
    """Render the bank of utterances. Example: python -m recordings.synthesis bank en-heart"""
    for name in voices or bank_voices():
        path = build(Store(store), name, FOLDER)
        typer.echo(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Run; expected mistakes print as text and exit with 2."""
    try:
        app()
    except RecordingError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
