"""A draft scorecard tried on stored calls: what the app asks of a worker, with progress."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from database.back_tests import keep, told
from database.cards import find_card
from database.engine import reading
from database.people import person_of
from database.samples import Sample, newest_calls, talk_of
from database.tables import AppUser, BackTestRow
from database.viewers import Viewer
from pipelines.steps import PipelineError
from recordings import Conversation
from scorecards.backtest import back_test
from scorecards.card import Card
from scorecards.errors import ScorecardError
from scorecards.loading import card_from_text

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from database.tables import Job

EVERY_S = 1.0
"""How often progress is noted."""


class GivenUpError(PipelineError):
    """Whoever asked has asked for another one instead."""


def run_back_test(engine: "Engine", job: "Job", *, every_s: float = EVERY_S) -> None:
    """Compare a draft with the version that judges now, on the newest calls within reach of whoever asked,
    and keep the summary. A back-test that was given up meanwhile keeps nothing.

    Raises PipelineError where there is nothing to try, or nobody any more who asked.
    """
    number = int(job.payload["back_test"])
    with reading(engine) as session:
        row = session.get(BackTestRow, number)
        user = session.get(AppUser, row.by) if row is not None else None
        if row is None or user is None or not user.active:
            raise PipelineError(f"back-test {number}: nobody waits for it any more")
        viewer = person_of(user).viewer
        try:
            draft = card_from_text(row.text, f"draft {row.name}")
            now = find_card(session, row.name)
        except ScorecardError as error:
            raise PipelineError(f"back-test {number}: {error}") from error
        chosen = newest_calls(session, viewer, draft.language, row.wanted)
    try:
        _compare(engine, job, number, viewer, chosen, (now, draft), every_s)
    except GivenUpError:
        return


def _compare(
    engine: "Engine",
    job: "Job",
    number: int,
    viewer: Viewer,
    chosen: list[Sample],
    cards: tuple[Card, Card],
    every_s: float,
) -> None:
    def one_by_one() -> Iterator[Conversation]:
        noted = float("-inf")
        for count, call in enumerate(chosen):
            if time.monotonic() - noted >= every_s:
                if not told(engine, job, number, count, len(chosen)):
                    raise GivenUpError(f"back-test {number} was given up")
                noted = time.monotonic()
            with reading(engine) as session:
                talk = talk_of(session, viewer, call.id)
            if talk is not None:
                yield _by_number(talk, call)

    keep(engine, number, back_test(one_by_one(), *cards).summary())


def _by_number(talk: Conversation, call: Sample) -> Conversation:
    """The conversation under its ids in the database, so that no name gets into a kept result."""
    agent = None if call.agent_id is None else str(call.agent_id)
    recording = talk.recording.model_copy(update={"id": str(call.id), "agent": agent})
    return talk.model_copy(update={"recording": recording})
