"""``rapport ingest``, ``rapport nightly`` and ``rapport worker``: batches, and the jobs the app asks for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipelines.cli.common import DONE, SOME_FAILED, WRONG_USE, out, progress, say
from pipelines.cli.expected import EXPECTED

if TYPE_CHECKING:
    from pipelines.night.register import Registered

Card = Annotated[str, typer.Option("--scorecard", help="Scorecard id, or a card's file.")]
Language = Annotated[str, typer.Option(help="en, de or auto (from the metadata, else detected).")]
Pattern = Annotated[
    str | None,
    typer.Option(
        "--name-pattern", help="What file names mean: {started_at:%Y%m%d-%H%M%S}_{agent}_{call_id}."
    ),
]
Mapping = Annotated[
    Path | None, typer.Option("--telephony", help="YAML file: the columns of the telephony's records.")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Worker processes; default: as many as fit.")]
AtOnce = Annotated[
    int | None,
    typer.Option(min=1, help="Calls that fill a worker's batches together; default: 16 on a GPU, else 1."),
]
Engine = Annotated[Literal["local", "ray"], typer.Option(help="local, or ray on an existing cluster.")]


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("ingest", epilog="Example: rapport ingest /srv/recordings/2026-01-31")(ingest)
    app.command("nightly", epilog="Example: rapport nightly --deadline 06:00")(nightly)
    app.command("worker", epilog="Example: rapport worker --workers 2")(worker)


def ingest(
    places: Annotated[
        list[str],
        typer.Argument(help="Files, folders, addresses (s3://bucket/prefix) or manifests (CSV, JSONL)."),
    ],
    language: Language = "auto",
    roles: Annotated[str | None, typer.Option(help="Role per channel: agent,customer.")] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="Before everything that waits.")] = False,
    name_pattern: Pattern = None,
    telephony: Mapping = None,
    keep_watching: Annotated[
        bool, typer.Option("--watch", help="Go on looking until stopped (SIGTERM or Ctrl-C).")
    ] = False,
    every: Annotated[float, typer.Option(min=0.1, help="With --watch: seconds between two looks.")] = 30.0,
) -> None:
    """Register recordings with their metadata; `rapport nightly` or a worker processes them."""
    from database.engine import open_database
    from database.settings import settings
    from pipelines.night.logs import log_to
    from pipelines.night.register import register_places
    from pipelines.night.watch import until_terminated, watch

    job = _job(language, roles, 10 if urgent else 0, name_pattern, telephony)
    try:
        engine = open_database(settings())
        if keep_watching:
            log_to(settings().home / "logs" / "watch.jsonl")
            with until_terminated() as stop:
                say(f"watching {', '.join(places)}, every {every:g} s; a worker processes what arrives")
                count = watch(engine, places, stop, defaults=job, every_s=every, told=_arrived, trouble=say)
            out(f"{count} calls were registered")
            raise typer.Exit(DONE)
        with progress() as bar:
            task = bar.add_task("registering", total=None)
            result = register_places(
                engine,
                places,
                defaults=job,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except EXPECTED as error:
        say(f"rapport ingest: {error}")
        raise typer.Exit(WRONG_USE) from error
    _tell(result)
    out(f"{len(result.new)} waiting, {len(result.known)} known already")
    raise typer.Exit(SOME_FAILED if result.refused else DONE)


def nightly(
    places: Annotated[
        list[str] | None, typer.Argument(help="Where recordings arrive; default: the inbox.")
    ] = None,
    deadline: Annotated[str | None, typer.Option(help="When it must be done: HH:MM, local time.")] = None,
    scorecard: Card = "customer-care",
    language: Language = "auto",
    workers: Workers = None,
    engine: Engine = "local",
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Judge all stored calls again with the card; no audio work.")
    ] = False,
    first: Annotated[
        Literal["newest", "oldest", "shortest"], typer.Option(help="Which calls go first.")
    ] = "newest",
    flag: Annotated[
        list[str] | None, typer.Option("--flag", help="A team whose calls go before all; may be repeated.")
    ] = None,
    name_pattern: Pattern = None,
    telephony: Mapping = None,
    calls_at_once: AtOnce = None,
    move_done: Annotated[
        Path | None,
        typer.Option("--move-done", help="Folder for recordings whose result is stored; default: they stay."),
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Give every call in quarantine another go.")] = False,
    plan_only: Annotated[bool, typer.Option("--plan", help="Print the plan and do nothing.")] = False,
) -> None:
    """Process everything that waits in the inbox and in the database, then exit with a morning report."""
    from database.engine import open_database
    from database.runs import try_again
    from database.settings import settings
    from pipelines.night.nightly import NightOptions, plan_night, run_night
    from pipelines.night.register import register_places
    from pipelines.night.report import as_text
    from pipelines.night.rescore import ask_to_rescore

    chosen = settings()
    try:
        store = open_database(chosen)
        where: list[str] = places or [str(chosen.inbox)]
        if places is None:
            chosen.inbox.mkdir(parents=True, exist_ok=True)
        options = NightOptions(
            workers=workers,
            deadline=_deadline(deadline),
            card_id=scorecard,
            engine=engine,
            job=_job(language, None, 0, name_pattern, telephony),
            first=first,
            flagged=tuple(flag or ()),
            move_done=move_done,
            at_once=calls_at_once,
        )
        if retry:
            say(f"{len(try_again(store))} calls in quarantine will be tried again")
        if plan_only:
            _tell(register_places(store, where, defaults=options.job))
            out(str(plan_night(store, options, chosen.device)))
            raise typer.Exit(DONE)
        if rescore:
            say(f"{ask_to_rescore(store, scorecard)} stored calls will be judged again")
        with progress() as bar:
            task = bar.add_task("arriving", total=None)
            before: list[int] = []

            def told(now: Any) -> None:
                before[:] = before or [now.done]
                done, left = now.done - before[0], now.waiting + now.running + now.failed
                bar.update(task, description=f"{done} done, {left} left", completed=done, total=done + left)

            result = run_night(
                chosen,
                store,
                where,
                options,
                planned=lambda made: say(str(made)),
                told=told,
                arriving=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except EXPECTED as error:
        say(f"rapport nightly: {error}")
        raise typer.Exit(WRONG_USE) from error
    _tell(result.registered)
    out(as_text(result.night))
    out(f"report: {result.report}")
    if not result.able:
        say("no worker could work: a model or the card is missing; see the log in the home's logs folder")
        raise typer.Exit(WRONG_USE)
    raise typer.Exit(SOME_FAILED if result.night.troubles or result.registered.refused else DONE)


def worker(
    scorecard: Card = "customer-care",
    workers: Workers = 1,
    engine: Engine = "local",
    calls_at_once: AtOnce = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Exit when no job is left.")] = False,
) -> None:
    """Do the jobs that the app or a schedule asks for, until stopped."""
    from database.engine import open_database
    from database.settings import settings
    from pipelines.night.nightly import NightOptions, run_engine

    chosen = settings()
    try:
        store = open_database(chosen)
        options = NightOptions(
            workers=workers, card_id=scorecard, engine=engine, stay=not until_idle, at_once=calls_at_once
        )
        able = run_engine(chosen, store, options, chosen.home / "logs" / "worker.jsonl")
    except EXPECTED as error:
        say(f"rapport worker: {error}")
        raise typer.Exit(WRONG_USE) from error
    raise typer.Exit(DONE if able else WRONG_USE)


def _job(
    language: str, roles: str | None, priority: int, pattern: str | None, mapping: Path | None
) -> dict[str, Any]:
    from recordings.metadata import parse_name
    from recordings.telephony import read_mapping

    try:  # wrong ones are refused here, not once for each recording
        if pattern is not None:
            parse_name("a", pattern)
        if mapping is not None:
            read_mapping(mapping)
    except EXPECTED as error:
        raise typer.BadParameter(str(error)) from error
    if language not in ("en", "de", "auto"):
        raise typer.BadParameter(
            f"{language!r} is not known; there are en, de and auto", param_hint="--language"
        )
    return {
        "language": None if language == "auto" else language,
        "roles": [role.strip() for role in roles.split(",")] if roles else None,
        "priority": priority,
        "pattern": pattern,
        "mapping": mapping,
    }


def _deadline(told: str | None) -> datetime | None:
    """The next time the clock shows HH:MM in local time, in UTC."""
    if told is None:
        return None
    try:
        hour, minute = (int(part) for part in told.split(":"))
        now = datetime.now().astimezone()
        due = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError as error:
        raise typer.BadParameter(
            f"{told!r} is no time; for example 06:00", param_hint="--deadline"
        ) from error
    return (due if due > now else due + timedelta(days=1)).astimezone(UTC)


def _arrived(result: "Registered") -> None:
    if result.new:
        say(f"{len(result.new)} arrived")
    _tell(result)


def _tell(result: "Registered") -> None:
    for address, why in result.later:
        say(f"left for later: {address}: {why}")
    for key, names in result.twice:
        say(f"call id {key} belongs to {len(names)} calls of different sound, all kept: {', '.join(names)}")
    for address, why in result.refused:
        say(f"refused: {address}: {why}")
