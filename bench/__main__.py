"""``python -m bench [INCIDENTS]``: the budgets of docs/design.md, section 7, as far as they can be met today."""

from __future__ import annotations

import gzip
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import lighthouse, plain
from bench.history import NOW, THIS_MONTH, tell, world
from statuspage import publishing
from statuspage.site import paths
from statuspage.world import World

SHORT = 100
TURNS = 11


def main(long: int) -> None:
    """Publishing with a short and a long history; a full build of one and of two parts; sizes."""
    plain.speed(plain.prepared())
    with tempfile.TemporaryDirectory() as folder:
        short_world, long_world = world(Path(folder, "short"), SHORT), world(Path(folder, "long"), long)
        _publishing(short_world, long_world, long)
        _sizes(world(Path(folder, "front"), SHORT))
        _judgement(world(Path(folder, "judged"), SHORT))
        _building(Path(folder), max(long // 4, THIS_MONTH))


def _publishing(short_world: World, long_world: World, long: int) -> None:
    print(f"Publishing one first notice: fsync, compression and feeds included; median of {TURNS}, taken in turn")
    few, many = [], []
    for turn in range(TURNS + 1):
        few.append(_published(short_world, turn))
        many.append(_published(long_world, turn))
    short, large = _median(few[1:]), _median(many[1:])
    print(f"  {SHORT:>7} incidents of history: {short.milliseconds:6.1f} ms   {short.files} files, {short.size:,} B")
    print(f"  {long:>7} incidents of history: {large.milliseconds:6.1f} ms   {large.files} files, {large.size:,} B")
    ratio = large.milliseconds / short.milliseconds
    print(f"  ratio {ratio:.2f} in time, {large.size / short.size:.2f} in bytes (budget 1.2 each)")


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


def _building(folder: Path, part: int) -> None:
    print("A full build in every language")
    one = publishing.build(world(folder / "one", part), now=NOW)
    two = publishing.build(world(folder / "two", 2 * part), now=NOW)
    print(f"  {part:>7} incidents: {one.seconds:6.2f} s   {one.files} files")
    print(f"  {2 * part:>7} incidents: {two.seconds:6.2f} s   {two.files} files")
    print(f"  ratio {two.seconds / one.seconds:.2f} for twice as many (a straight line: 2.00)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)
