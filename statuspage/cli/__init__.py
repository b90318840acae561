"""The command line: every action of the desk, with or without a running server."""

from __future__ import annotations

import gc
import sys

COLLECT_AFTER = 200_000
"""New objects before garbage is collected: a short command has fewer. At Python's 700, a tenth of its time is spent
searching the modules that it has just imported."""

COLLECT_AFTER_IN_SERVERS = 50_000
SERVERS = ("serve", "worker", "signup")
"""Commands that work until they are stopped; what they drop must not add up."""


def main() -> None:
    """Runs the program with this process's arguments and exits with its exit code."""
    is_server = "".join(sys.argv[1:2]) in SERVERS
    gc.set_threshold(COLLECT_AFTER_IN_SERVERS if is_server else COLLECT_AFTER)
    from statuspage.cli.framework import run

    code = run(sys.argv[1:])
    gc.freeze()  # Otherwise Python searches all of it once more before it ends.
    sys.exit(code)
