"""How long the app takes to start: a fresh process and its real server, until a person has their first page.

The clock starts with the process. It is read when the sign-in page has come, and again when the start page of
somebody who is signed in has been drawn, over the same socket that a browser uses.
"""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from database.engine import writing
from database.people import begin_session, user_by_login
from qa_app.cookies import COOKIE

HEAVY = ("torch", "ctranslate2", "openvino", "onnxruntime")
"""Libraries that the app's process must never hold."""
PATIENCE_S = 180.0
LOOK_S = 0.01


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process, the middle and the slowest of the rounds; ``heavy`` names the
    libraries of ``HEAVY`` that a process held afterwards, None where the system does not tell."""

    rounds: int
    sign_in_p50_s: float
    sign_in_most_s: float
    page_p50_s: float
    page_most_s: float
    heavy: tuple[str, ...] | None

    def to_dict(self) -> dict[str, object]:
        """As plain values."""
        return asdict(self)

    def told(self) -> str:
        """A line for people."""
        held = "not known here" if self.heavy is None else ", ".join(self.heavy) or "none"
        return (
            f"{self.rounds} starts: sign-in page after {self.sign_in_p50_s} s (most {self.sign_in_most_s}), "
            f"first page drawn after {self.page_p50_s} s (most {self.page_most_s}); "
            f"of {', '.join(HEAVY)} held: {held}"
        )


def time_starts(engine: Engine, rounds: int, login: str = "trainer-001") -> Start:
    """Start the app ``rounds`` times on the database that the settings name; ``engine`` is the same one.

    Raises RuntimeError where the server stops, or a page does not come within three minutes."""
    with writing(engine) as session:
        secret = begin_session(session, user_by_login(session, login))
    signed: list[float] = []
    drawn: list[float] = []
    heavy: set[str] | None = set()
    for _ in range(rounds):
        begun = time.perf_counter()
        with _server() as (process, port):
            _until_served(process, f"http://127.0.0.1:{port}/account/sign-in", begun)
            signed.append(time.perf_counter() - begun)
            _draw(port, secret)
            drawn.append(time.perf_counter() - begun)
            held = held_by(process.pid)
        heavy = None if held is None or heavy is None else heavy | set(held)
    return Start(
        rounds,
        round(median(signed), 2),
        round(max(signed), 2),
        round(median(drawn), 2),
        round(max(drawn), 2),
        None if heavy is None else tuple(sorted(heavy)),
    )


def held_by(process: int) -> tuple[str, ...] | None:
    """Which libraries of ``HEAVY`` a running process has mapped; None where the system has no /proc."""
    try:
        maps = Path(f"/proc/{process}/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return tuple(name for name in HEAVY if f"/{name}/" in maps)


@contextmanager
def _server() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "qa_app", "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        yield process, port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_served(process: subprocess.Popen[bytes], url: str, begun: float) -> None:
    while time.perf_counter() - begun < PATIENCE_S:
        if process.poll() is not None:
            raise RuntimeError(f"the app's server stopped with exit code {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=PATIENCE_S).read()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(LOOK_S)
    raise RuntimeError(f"{url} was not served within {PATIENCE_S:.0f} s")


def _draw(port: int, secret: str) -> None:
    """Open the start page as a browser does, and wait until its script has run to the end."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect

    ask = BackMsg()
    ask.rerun_script.query_string = ""
    drawn = 0
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        additional_headers={"cookie": f"{COOKIE}={secret}"},
        max_size=None,
    ) as browser:
        browser.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(bytes(browser.recv(PATIENCE_S)))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            drawn += kind == "delta"
            if kind == "delta" and message.delta.new_element.HasField("exception"):
                raise RuntimeError(message.delta.new_element.exception.message)
            if kind == "script_finished":
                break
    if not drawn:
        raise RuntimeError("the start page was empty")
