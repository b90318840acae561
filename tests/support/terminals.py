"""A terminal of one environment that stays open, so that a command need not start Python.

Run as ``python -m tests.support.terminals``, it reads commands from standard input, one line of JSON each, and runs
each in its own process through the program's own entry point. The program itself is unchanged: a drill command at a
terminal with credentials restarts the program without them, as always.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, Any

from statuspage.cli import command_table, framework
from tests.support.paths import ROOT
from tests.support.playing import CommandResult

HEAVY = ("alembic.config", "argon2", "babel.dates", "jinja2", "requests", "sqlalchemy", "tweepy")
"""What commands import on first use; imported in advance here."""


class Terminal:
    """An open terminal, with these variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.terminals"], env=environ, cwd=ROOT, **pipes
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def run(self, *args: str, stdin: str = "", environ: Mapping[str, str] | None = None) -> CommandResult:
        """Runs one command to its end, with these additional variables."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"args": args, "stdin": stdin, "environ": dict(environ or {})}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the terminal broke at {args}"
        return CommandResult(**json.loads(line))

    def close(self) -> None:
        """Closes the terminal."""
        self._process.communicate(timeout=30)


def run(args: Sequence[str], stdin: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """Runs one command in its own process."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            os.environ.update(environ)
            _become(args, given, out, err)
        _, status = os.waitpid(child, 0)
        return {"code": os.waitstatus_to_exitcode(status), "out": _read(out), "err": _read(err)}


def _become(args: Sequence[str], *files: IO[bytes]) -> None:
    """Runs the command, with these files in place of keyboard and screen."""
    code = 70  # The program never exits with this code.
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        sys.argv[1:] = args
        code = framework.run(args)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def main() -> None:
    """Reads commands until the input ends."""
    for module in (*{f"statuspage.cli.{place}" for place in command_table.all_modules()}, *HEAVY):
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
