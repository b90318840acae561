"""The command line: every action of the desk, with or without a running server."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the program with this process's arguments and exits with its exit code."""
    from statuspage.cli.framework import run

    sys.exit(run(sys.argv[1:]))
