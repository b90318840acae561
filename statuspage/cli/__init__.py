"""The command line: every verb of the desk, with or without a server running."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the program with this process's arguments and ends it with its exit code."""
    from statuspage.cli.framework import run

    sys.exit(run(sys.argv[1:]))
