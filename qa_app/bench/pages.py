"""Server time of every page: its script run as Streamlit runs it, on the real database, without a browser."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Engine

from database.engine import writing
from database.people import begin_session, user_by_login
from qa_app import identity
from qa_app.bench.ways import Way, ways
from qa_app.cookies import COOKIE

MAIN = Path(__file__).parents[1] / "main.py"


@dataclass(frozen=True)
class Timing:
    """One way: runs counted, milliseconds at the middle and at the 95th percentile; ``cpu_ms`` is the app's
    own processor time at the middle, which says more on a busy machine (a server's work is not in it)."""

    name: str
    login: str
    runs: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float

    def to_dict(self) -> dict[str, object]:
        """As plain values."""
        return asdict(self)


def time_pages(engine: Engine, rounds: int, only: str = "") -> list[Timing]:
    """Open every way ``rounds`` times, after once uncounted; raises RuntimeError where a page fails."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    cookies = {login: _sign_in(engine, login) for login in sorted({way.login for way in ways(engine)})}
    for way in ways(engine):
        if only in way.name:
            with patch.object(identity, "cookies", lambda way=way: cookies[way.login]):
                found[way.name, way.login] += _runs(way, rounds)
    return [
        _timing(name, login, *(list(column) for column in zip(*times, strict=True)))
        for (name, login), times in found.items()
    ]


def _timing(name: str, login: str, times: list[float], cpu: list[float]) -> Timing:
    return Timing(
        name, login, len(times), _percentile(times, 0.5), _percentile(times, 0.95), _percentile(cpu, 0.5)
    )


def _sign_in(engine: Engine, login: str) -> dict[str, str]:
    with writing(engine) as session:
        return {COOKIE: begin_session(session, user_by_login(session, login))}


def _runs(way: Way, rounds: int) -> list[tuple[float, float]]:
    """Milliseconds of each run of a page that is open already, which is what a person waits for at each
    click, and of its processor time."""
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_file(str(MAIN), default_timeout=120).run()
    times = []
    for round_ in range(rounds + 1):
        if way.view is not None:
            at.switch_page(f"views/{way.view}.py")
        for name, value in way.state.items():
            at.session_state[name] = value
        for name, value in way.query.items():
            at.query_params[name] = value
        begun, cpu = time.perf_counter(), time.process_time()
        at.run()
        if at.exception or at.error:
            raise RuntimeError(f"{way.name} as {way.login}: {[e.value for e in (*at.exception, *at.error)]}")
        if round_:
            times.append(((time.perf_counter() - begun) * 1000, (time.process_time() - cpu) * 1000))
    return times


def _percentile(times: Sequence[float], share: float) -> float:
    """The smallest time that at least this share of the runs do not exceed."""
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))], 1)
