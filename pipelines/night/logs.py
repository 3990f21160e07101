"""Structured logs: one JSON object a line, appended, so that many processes can share one file."""

import logging
import os
from pathlib import Path

import structlog


class _Appender:
    """Writes each line with one call to a file opened for appending."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def msg(self, message: str) -> None:
        try:
            os.write(self.handle, (message + "\n").encode())
        except OSError:  # a full disk must not stop the work
            return

    log = debug = info = warn = warning = error = critical = fatal = exception = failure = msg


def log_to(path: Path) -> None:
    """Send this process's structured log to a file; no words of a call are ever logged."""
    appender = _Appender(path)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.CallsiteParameterAdder({structlog.processors.CallsiteParameter.PROCESS}),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: appender,
        cache_logger_on_first_use=False,
    )
