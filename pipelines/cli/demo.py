"""``rapport demo``: the sample calls processed into a home of their own, and the review app on top."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.common import DONE, SOME_FAILED, WRONG_USE, BarHook, out, progress, say
from pipelines.cli.expected import EXPECTED

if TYPE_CHECKING:
    from database.settings import Settings

ABOUT_THE_CALL = ("call_id", "agent", "team", "queue", "direction", "started_at")


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo", epilog="Example: rapport demo --port 8600")(demo)


def demo(
    port: Annotated[int, typer.Option(help="The review app's port.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    no_app: Annotated[bool, typer.Option("--no-app", help="Process the sample calls only.")] = False,
) -> None:
    """Process the sample calls (with a progress bar) and show them in the review app."""
    from database.settings import settings

    base = settings()
    home = base.home / "demo"
    chosen = base.model_copy(
        update={"home": home, "models": base.models_path.absolute(), "database_url": None}
    )
    try:
        failed = process_samples(chosen)
        for line in demo_people(chosen, port):
            out(line)
    except EXPECTED as error:
        say(f"rapport demo: {error}")
        raise typer.Exit(WRONG_USE) from error
    if no_app:
        raise typer.Exit(SOME_FAILED if failed else DONE)
    sys.stdout.flush()
    os.environ.update(RAPPORT_HOME=str(home.absolute()), RAPPORT_MODELS=str(chosen.models_path))
    os.environ.pop("RAPPORT_DATABASE_URL", None)
    raise typer.Exit(_app_and_worker(host, port))


def _app_and_worker(host: str, port: int) -> int:
    """Run the app, and beside it a worker for what the app asks for (a corrected call is scored again); both
    end together. Returns the app's exit code."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "worker"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is the app's; the worker is told by us
    )
    try:
        command = [sys.executable, "-m", "qa_app", "--host", host, "--port", str(port)]
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return DONE
    finally:
        worker.terminate()
        worker.wait(30)


def process_samples(chosen: "Settings") -> int:
    """Process every sample call and store it; returns how many failed."""
    from pipelines.outputs import write_documents
    from pipelines.process import processor
    from pipelines.sources import source_of
    from recordings import Conversation
    from recordings.samples import samples

    made = processor(chosen)
    failed = 0
    calls = samples()
    with progress() as bar:
        whole = bar.add_task("sample calls", total=len(calls))
        for sample in calls:
            hook = BarHook(bar, sample.id)
            try:
                told = Conversation.read(sample.truth).recording
                known = {name: getattr(told, name) for name in ABOUT_THE_CALL}
                done = made.process(source_of(sample.audio, known=known), hook)
                write_documents(done, chosen.home / "results", sample.id)
            except EXPECTED as error:
                failed += 1
                say(f"failed: {sample.audio}: {error}")
            hook.close()
            bar.advance(whole)
    say(f"{len(calls) - failed} sample calls processed; their documents lie in {chosen.home / 'results'}")
    return failed


def demo_people(chosen: "Settings", port: int) -> list[str]:
    """Make the demo people (in the demo home only) and return what to tell: who can sign in, and how."""
    from database.demo_people import make_demo_people
    from database.engine import open_database

    people = make_demo_people(open_database(chosen), chosen)
    lines = [f"Sign in on http://localhost:{port} as one of these (new passwords at every demo):"]
    lines += [f"  {person.role:8} {person.login:14} {person.password}" for person in people]
    return lines
