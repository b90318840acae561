"""Uses the program from outside, like people and monitors: its commands, its ports, its pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PROGRAM = [sys.executable, "-P", "-m", "statuspage"]
READY = 60.0
"""Seconds until a server must answer; the first start checks all content."""
PATIENCE = 300.0
"""Seconds until a command must end; the first one checks all content too."""


def clean_environ(**more: str) -> dict[str, str]:
    """This machine's environment without our variables, and with English at the terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATUSPAGE_")}
    return {**kept, "STATUSPAGE_LANGUAGE": "en", **more}


@dataclass(frozen=True)
class CommandResult:
    """The output and exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, with --json."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Player:
    """A user at a terminal, with this instance and these variables; ``prefix`` is a command that runs others."""

    home: Path
    environ: Mapping[str, str] = field(default_factory=clean_environ)
    prefix: Sequence[str] = ()

    def run(self, *args: str, stdin: bytes | str | None = None) -> CommandResult:
        """Runs one command of the program to its end."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        environ = {**self.environ, "STATUSPAGE_HOME": str(self.home)}
        how: dict[str, Any] = {"input": given} if given is not None else {"stdin": subprocess.DEVNULL}
        command = [*self.prefix, *PROGRAM, *args]
        result = subprocess.run(command, capture_output=True, env=environ, timeout=PATIENCE, **how)
        return CommandResult(result.returncode, result.stdout.decode(), result.stderr.decode())

    def ask(self, *args: str, stdin: bytes | str | None = None) -> Any:
        """Runs a command that must succeed; returns its JSON."""
        result = self.run(*args, "--json", stdin=stdin)
        assert result.code == 0, f"{' '.join(args)} ended with {result.code}: {result.err or result.out}"
        return result.json

    def start(self, *args: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Starts a command and leaves it running."""
        environ, command = {**self.environ, "STATUSPAGE_HOME": str(self.home)}, [*self.prefix, *PROGRAM, *args]
        with (self.home.parent / "errors.txt").open("ab") as errors:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=stdin, env=environ)

    def errors(self) -> str:
        """The standard error of the started commands so far."""
        return (self.home.parent / "errors.txt").read_text("utf-8")


@dataclass(frozen=True)
class Serving:
    """A running server: its URLs, and its process."""

    addresses: Mapping[str, str]
    process: subprocess.Popen[bytes]
    errors: Callable[[], str]

    def __getitem__(self, name: str) -> str:
        return self.addresses[name]

    def child(self) -> int:
        """The process id of the drill."""
        me = self.process.pid
        return int(Path(f"/proc/{me}/task/{me}/children").read_text().split()[0])


@contextmanager
def serving(player: Player, *flags: str) -> Iterator[Serving]:
    """``statuspage serve`` on free ports during the block. All four ports answer when it begins."""
    ports = () if "--port" in flags else ("--port", "0")
    free = ("--site-port", "--drill-port", "--drill-site-port")
    more = [part for flag in free if flag not in flags for part in (flag, "0")]
    process = player.start("serve", "--json", *ports, *more, *flags)
    try:
        answer = Serving(json.loads(block_of(process, player)), process, player.errors)
        for name in ("desk", "site", "drill", "drill_site"):
            until_answered(answer[name])
        yield answer
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def block_of(process: subprocess.Popen[bytes], player: Player) -> str:
    """The first JSON object it prints."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.decode())
        if line.rstrip() == b"}":
            return "".join(lines)
    raise AssertionError(f"serve ended: {''.join(lines)}{player.errors()}")


def until_answered(address: str) -> requests.Response:
    """The first response from this URL."""
    until = time.monotonic() + READY
    while True:
        try:
            return requests.get(address, timeout=READY)
        except requests.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def until(found: Any, seconds: float = 30.0) -> Any:
    """Polls until the result is true; the last result when time is up."""
    end = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < end:
        time.sleep(0.1)
    return answer


def text_of(page: str) -> str:
    """A page's text without its tags."""
    body = re.sub(r"<(style|script|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body))
