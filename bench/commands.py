"""The command line from nothing, one language and three services; and what ``serve`` costs while nothing happens."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.costs import Cost, measured, memory_of, processor_of
from bench.figures import Figures
from tests.support.playing import Player, clean_environ, serving

PROGRAM = str(Path(sys.executable).with_name("statuspage"))
TURNS = 5
IDLE_SECONDS = 30
SETTLING = 5.0
"""Seconds that ``serve`` is left alone before its idle time is measured."""
SERVICES = ("Payments API", "Dashboard", "Webhooks")
REPORT = (
    *("--incident-type", "unreachable", "--service", "payments-api:major", "--start", "5m"),
    *("--estimate", "unknown", "--next-update", "30m", "--alert", "none", "--yes"),
)
TEXT = "The replica is down because the primary lost its quorum. We are bearing with you.\n"


@dataclass(frozen=True)
class _Command:
    """A command of the program. ``again``: its instance is not made anew for each turn."""

    name: str
    arguments: tuple[str, ...]
    budget: float = 0
    again: bool = False


def report(folder: Path, figures: Figures, *, short: bool) -> None:
    """Prints what each command takes, and then ``serve``; the short form measures the first two."""
    turns = 3 if short else TURNS
    print(f"The command line from nothing; processor time, median of {turns}")
    instance = folder / "instance"
    _init(instance)
    plain = folder / "text.txt"
    plain.write_text(TEXT * 20, "utf-8")
    commands = [
        _Command("--help", ("--help",), 0.12, again=True),
        _Command("show", ("show",), 0.5, again=True),
        _Command("plain", ("plain", str(plain)), 0.5, again=True),
        _Command("check, nothing kept", ("check",), 2),
        _Command("check, again", ("check",), again=True),
        _Command("report, to readable", ("report", *REPORT), 1),
    ]
    for command in commands[: 2 if short else None]:
        costs = [_cost(instance, folder / "turn", command) for _ in range(turns)]
        used = statistics.median(cost.processor for cost in costs)
        figures.add(f"statuspage {command.name}, processor", used, "s", command.budget)
    if not short:
        used = statistics.median(_init(folder / f"made-{turn}").processor for turn in range(turns))
        figures.add("statuspage init, processor", used, "s", 1)
        _idle(instance, figures)


def _init(home: Path) -> Cost:
    services = [part for name in SERVICES for part in ("--service", name)]
    asked = ["--company", "Acme Payments", "--starter", "saas", "--zone", "America/New_York", "--language", "en"]
    return measured([PROGRAM, "init", str(home), *asked, *services, "--no-input"], clean_environ())


def _cost(instance: Path, home: Path, command: _Command) -> Cost:
    if command.again:
        return _measured(instance, command)
    shutil.copytree(instance, home, symlinks=True)
    if command.arguments[0] == "check":
        for kept in ("cache", "content-passed"):
            shutil.rmtree(home / kept, ignore_errors=True)
    else:
        measured([PROGRAM, "build"], _environ(home))
    cost = _measured(home, command)
    shutil.rmtree(home)
    return cost


def _measured(home: Path, command: _Command) -> Cost:
    return measured([PROGRAM, *command.arguments], _environ(home), codes=(0, 1))  # 1: it has found something


def _environ(home: Path) -> dict[str, str]:
    return clean_environ(STATUSPAGE_HOME=str(home))


def _idle(instance: Path, figures: Figures) -> None:
    """A first start, and both environments while nobody asks anything of them."""
    with serving(Player(instance)):
        pass
    began = time.monotonic()
    with serving(Player(instance)) as served:
        figures.add("serve, from its start until all four ports answer", time.monotonic() - began, "s", 2)
        time.sleep(SETTLING)
        before = processor_of(served.process.pid)
        time.sleep(IDLE_SECONDS)
        used = (processor_of(served.process.pid) - before) / IDLE_SECONDS
        figures.add("serve, idle, both environments", used * 100, "% of a core", 1)
        figures.add("serve, idle, both environments, memory", memory_of(served.process.pid) / 1e6, "MB", 180)
