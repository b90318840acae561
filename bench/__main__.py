"""``make bench``, ``SIZE=full make bench``: the budgets of docs/design.md, section 7, as ratios of one run."""

from __future__ import annotations

import gzip
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import building, forms, intake, lighthouse, mailing, plain, serving, writing
from bench.costs import measured
from bench.history import NOW, tell, world
from statuspage import publishing
from statuspage.site import paths
from statuspage.world import World

SHORT = 100
TURNS = 11


SIZES = {"": (100, 1_000, 10_000), "full": (100, 1_000, 10_000, 100_000)}
GETS = 50_000


def main(size: str) -> None:
    """Everything, from what is quick to what takes long."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {len(os.sched_getaffinity(0))} processors;")
    print(f"others have kept {os.getloadavg()[0]:.1f} of them busy in the last minute")
    sizes = SIZES[size]
    plain.speed(plain.prepared())
    with tempfile.TemporaryDirectory() as folder:
        _command(Path(folder, "command"))
        writing.report(world(Path(folder, "written"), SHORT))
        _publishing({each: world(Path(folder, f"told{each}"), each) for each in sorted({SHORT, *sizes})})
        _sizes(world(Path(folder, "front"), SHORT))
        building.report(Path(folder), sizes)
        intake.report(world(Path(folder, "alarmed"), 1))
        forms.report(world(Path(folder, "typed"), 1))
        serving.report(world(Path(folder, "read"), SHORT), Path(folder), GETS)
        _judgement(world(Path(folder, "judged"), SHORT))
        mailing.report(Path(folder, "letters"))


def _command(home: Path) -> None:
    print(f"The command line from nothing; median of {TURNS}")
    made = world(home, 1)
    for arguments in (["--help"], ["show", "--home", str(made.home)]):
        command = [str(Path(sys.executable).with_name("statuspage")), *arguments]
        costs = [measured(command) for _ in range(TURNS)]
        seconds = statistics.median(cost.seconds for cost in costs)
        used = statistics.median(cost.processor for cost in costs)
        print(f"  statuspage {arguments[0]}: {seconds:.2f} s, {used:.2f} s of a processor")


def _publishing(histories: Mapping[int, World]) -> None:
    print(f"Publishing one first notice: fsync, compression and feeds included; median of {TURNS}, taken in turn")
    costs: dict[int, list[Cost]] = {size: [] for size in histories}
    for turn in range(TURNS + 1):
        for size, made in histories.items():
            costs[size].append(_published(made, turn))
    medians = {size: _median(each[1:]) for size, each in costs.items()}
    for size, one in medians.items():
        print(f"  {size:>7} incidents of history: {one.milliseconds:6.1f} ms   {one.files} files, {one.size:,} B")
    short, large = medians[min(medians)], medians[max(medians)]
    ratio = large.milliseconds / short.milliseconds
    print(f"  largest to smallest: {ratio:.2f} in time, {large.size / short.size:.2f} in bytes (budget 1.2 each)")


@dataclass(frozen=True)
class Cost:
    """What it took to publish one notice."""

    milliseconds: float
    files: int
    size: int


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.milliseconds for cost in costs),
        int(statistics.median(cost.files for cost in costs)),
        int(statistics.median(cost.size for cost in costs)),
    )


def _published(made: World, turn: int) -> Cost:
    """Publishes one notice in a running process."""
    if not turn:
        publishing.build(made, now=NOW)
    id, now = f"new{turn:09d}", NOW + timedelta(minutes=turn)
    tell(made, id, now)
    before = time.time_ns()
    began = time.perf_counter()
    publishing.publish(made, id, now=now)
    took = time.perf_counter() - began
    written = [path for path in _files(made) if path.stat().st_mtime_ns >= before]
    return Cost(took * 1000, len(written), sum(path.stat().st_size for path in written))


def _files(made: World) -> list[Path]:
    root = made.target.current.resolve()
    return [Path(folder, name) for folder, _, names in os.walk(root) for name in names]


def _sizes(made: World) -> None:
    print("Compressed bytes of the front (budgets: 6,000 when all is well, 8,000 with one open incident)")
    publishing.build(made, now=NOW)
    well = _fronts(made)
    tell(made, "new000000000", NOW)
    publishing.publish(made, "new000000000", now=NOW)
    for language, size in _fronts(made).items():
        print(f"  {language}: {well[language]:,} B well, {size:,} B with one open incident")


def _judgement(made: World) -> None:
    print("Lighthouse, of 100")
    publishing.build(made, now=NOW)
    tell(made, "new000000000", NOW)
    publishing.publish(made, "new000000000", now=NOW)
    leading = made.catalog.languages[0]
    places = {"the front": f"{leading}/", "an incident": paths.incident(leading, "new000000000")}
    for line in lighthouse.scores(made.target.current, places):
        print(line)


def _fronts(made: World) -> dict[str, int]:
    pages = {language: made.target.current / language / "index.html" for language in made.catalog.languages}
    return {language: len(gzip.compress(page.read_bytes(), 9)) for language, page in pages.items()}


if __name__ == "__main__":
    main(os.environ.get("SIZE", ""))
