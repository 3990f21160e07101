"""``python -m qa_app.bench pages|people|start``: on a database made by ``python -m database.crowd``."""

import argparse
import json
import logging
import sys
from pathlib import Path

from qa_app.context import shared_engine


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m qa_app.bench", description=__doc__)
    parser.add_argument("what", choices=("pages", "people", "start"))
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each page or start, or how many calls a person"
    )
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    found = {"pages": _pages, "people": _people, "start": _start}[chosen.what](chosen)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _pages(chosen: argparse.Namespace) -> object:
    from qa_app.bench.pages import time_pages

    timings = time_pages(shared_engine(), chosen.rounds, chosen.only)
    sys.stdout.write(f"{'page':32} {'as':12} {'runs':>5} {'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8}\n")
    for one in sorted(timings, key=lambda t: -t.p95_ms):
        sys.stdout.write(f"{one.name:32} {one.login:12} {one.runs:5} {one.p50_ms:8.0f} {one.p95_ms:8.0f}\n")
    return [one.to_dict() for one in timings]


def _people(chosen: argparse.Namespace) -> object:
    from qa_app.bench.people import work_at_once

    result = work_at_once(shared_engine(), chosen.people, chosen.rounds)
    sys.stdout.write(result.told() + "\n")
    return result.to_dict()


def _start(chosen: argparse.Namespace) -> object:
    from qa_app.bench.start import time_starts

    result = time_starts(shared_engine(), chosen.rounds)
    sys.stdout.write(result.told() + "\n")
    return result.to_dict()


if __name__ == "__main__":
    sys.exit(main())
