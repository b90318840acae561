"""Measures a program from outside: time, processor time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

_LOOKS = 0.05  # seconds between two measurements of memory


@dataclass(frozen=True)
class Cost:
    """What a program used: elapsed and processor seconds, and its peak memory in megabytes, including child processes;
    and what it wrote: files and bytes."""

    seconds: float
    processor: float
    megabytes: float
    files: int = 0
    size: int = 0

    def of(self, made: Iterable[Path]) -> Cost:
        """The same cost, with what was written."""
        sizes = [path.stat().st_size for path in made]
        return replace(self, files=len(sizes), size=sum(sizes))

    def __str__(self) -> str:
        left = f"   {self.files:,} files, {self.size / 1e6:,.1f} MB" if self.files else ""
        return (
            f"{self.seconds:7.2f} s   {self.processor:7.2f} s of processors   {self.megabytes:5.0f} MB of memory{left}"
        )


def measured(
    command: Sequence[str],
    environ: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
    folder: Path | None = None,
) -> Cost:
    """Runs the program to its end, in ``folder``, and measures it; it must end with one of these codes."""
    before, began = os.times(), time.monotonic()
    program = subprocess.Popen(command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    most = 0
    while program.poll() is None:
        most = max(most, memory_of(program.pid))
        time.sleep(_LOOKS)
    seconds, after = time.monotonic() - began, os.times()
    if program.returncode not in codes:
        raise SystemExit(f"{command[0]} ended with {program.returncode}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(seconds, used, most / 1e6)


def memory_of(process: int) -> int:
    """Bytes in use by a process and its children; shared memory is counted once."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        own = next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
        children = _children(process)
    except (OSError, StopIteration):
        return 0
    return own + sum(memory_of(child) for child in children)


def processor_of(process: int) -> float:
    """Seconds of a processor that a process and its living children have used so far."""
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    own = sum(int(ticks) for ticks in used) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_of(child) for child in _children(process))


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


@contextmanager
def listening(*arguments: str) -> Iterator[int]:
    """The port that a program of ours prints and listens on, in a process of its own: ``python -m ARGUMENTS``."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
