"""``python -m database.crowd --calls 100000`` fills the empty database that the settings name."""

import argparse
import secrets
import sys
import time

from rich.console import Console
from rich.progress import Progress

from database.crowd.fill import Size, fill
from database.engine import open_database
from database.errors import DatabaseError
from database.settings import settings


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m database.crowd", description=__doc__)
    parser.add_argument("--calls", type=int, default=Size.calls)
    parser.add_argument("--agents", type=int, default=Size.agents)
    parser.add_argument("--seed", type=int, default=Size.seed)
    chosen = parser.parse_args()
    size = Size(calls=chosen.calls, agents=chosen.agents, seed=chosen.seed)
    password, begun = secrets.token_urlsafe(12), time.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("patterns", total=None)
        try:
            fill(
                open_database(settings()),
                size,
                password,
                lambda name, done, of: bar.update(task, description=name, completed=done, total=of),
            )
        except DatabaseError as error:
            sys.stderr.write(f"crowd: {error}\n")
            return 2
    sys.stdout.write(
        f"{size.calls:,} calls of {size.agents} agents in {time.monotonic() - begun:.0f} s; "
        f"sign in as trainer-001, agent-001, manager-001 or admin-001, password {password}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
