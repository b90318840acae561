"""The command line: every action of the desk, with or without a running server."""

from __future__ import annotations

import gc
import sys

COLLECT_AFTER = 50_000
"""New objects before garbage is collected. At Python's 700, a tenth of a short command's time is spent searching the
modules that it has just imported."""


def main() -> None:
    """Runs the program with this process's arguments and exits with its exit code."""
    gc.set_threshold(COLLECT_AFTER)
    from statuspage.cli.framework import run

    sys.exit(run(sys.argv[1:]))
