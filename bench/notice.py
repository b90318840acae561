"""What it costs to publish a first notice: ``python -m bench.notice HOME`` publishes one for each line on its input."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from bench.figures import Figures
from bench.history import ADDRESS, NOW, store_first_report
from statuspage.settings import read_settings
from statuspage.usecases import bootstrap
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates

TURNS = 11


@dataclass(frozen=True)
class Cost:
    """The cost of publishing one notice: elapsed and processor time in milliseconds; files and bytes."""

    milliseconds: float
    processor: float
    files: int
    size: int


def report(histories: Mapping[int, Environment], figures: Figures) -> None:
    """One notice for each history in turn, each by a running process of its own, as in an instance."""
    print(f"Publishing one first notice: fsync, compression and feeds included; median of {TURNS}, taken in turn")
    with ExitStack() as stack:
        running = {size: _Running(stack, made.home) for size, made in histories.items()}
        rounds = [{size: process.publish() for size, process in running.items()} for _ in range(TURNS + 1)]
    medians = {size: _median([each[size] for each in rounds[1:]]) for size in histories}
    for size, cost in medians.items():
        used = f"{cost.milliseconds:6.1f} ms, {cost.processor:6.1f} ms of a processor"
        print(f"  {size:>7} incidents of history: {used}   {cost.files} files, {cost.size:,} B")
    short, large = medians[min(medians)], medians[max(medians)]
    figures.add("one notice, processor", large.processor, "ms", 60)
    figures.add("one notice, files", large.files, "", 40)
    figures.add("one notice, written", large.size / 1000, "kB", 400)
    history = f"with {max(medians):,} incidents to {min(medians):,}"
    figures.add(f"one notice, processor, {history}", large.processor / short.processor, "times", 1.1)
    figures.add(f"one notice, bytes, {history}", large.size / short.size, "times", 1.1)


class _Running:
    """A process that has built the site of this instance and publishes on request."""

    def __init__(self, stack: ExitStack, home: Path) -> None:
        command = [sys.executable, "-m", "bench.notice", str(home)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.enter_context(process)
        self._to, self._from = _there(process.stdin), _there(process.stdout)
        stack.callback(self._to.close)

    def publish(self) -> Cost:
        """Publishes one notice."""
        print("publish", file=self._to, flush=True)
        return Cost(**json.loads(self._from.readline()))


def _there(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ValueError("the process was begun without a pipe")
    return stream


def _median(costs: list[Cost]) -> Cost:
    each = [asdict(cost) for cost in costs]
    milliseconds, processor, files, size = (statistics.median(cost[name] for cost in each) for name in each[0])
    return Cost(milliseconds, processor, int(files), int(size))


def main(home: str) -> None:
    """Builds the site, then publishes a notice for each input line, and prints its cost."""
    env = bootstrap.live_environment(read_settings({"STATUSPAGE_ADDRESS": ADDRESS}, home=home), now=NOW)
    site_updates.build_site(env, now=NOW)
    gc.collect()
    gc.freeze()  # as the desk does before it responds
    for number, _ in enumerate(sys.stdin):
        print(json.dumps(asdict(_published(env, number))), flush=True)


def _published(env: Environment, number: int) -> Cost:
    id, now = f"new{number:09d}", NOW + timedelta(minutes=number)
    store_first_report(env, id, now)
    before, began, used = time.time_ns(), time.perf_counter(), time.process_time()
    site_updates.publish_incident(env, id, now=now)
    took, used = time.perf_counter() - began, time.process_time() - used
    written = [path for path in _files(env) if path.stat().st_mtime_ns >= before]
    return Cost(took * 1000, used * 1000, len(written), sum(path.stat().st_size for path in written))


def _files(env: Environment) -> list[Path]:
    root = env.site_folder.current.resolve()
    return [Path(folder, name) for folder, _, names in os.walk(root) for name in names]


if __name__ == "__main__":
    main(sys.argv[1])
