"""``python -m bench [INCIDENTS]``: the budgets of docs/design.md, section 7, as far as they can be met today."""

from __future__ import annotations

import gzip
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.history import NOW, THIS_MONTH, tell, world
from statuspage import publishing
from statuspage.world import World

SHORT = 100
TURNS = 11


def main(long: int) -> None:
    """Publishing with a short and a long history; a full build of one and of two parts; sizes."""
    with tempfile.TemporaryDirectory() as folder:
        short_world, long_world = world(Path(folder, "short"), SHORT), world(Path(folder, "long"), long)
        _publishing(short_world, long_world, long)
        _sizes(world(Path(folder, "front"), SHORT))
        _building(Path(folder), max(long // 4, THIS_MONTH))


def _publishing(short_world: World, long_world: World, long: int) -> None:
    print(f"Publishing one first notice: fsync, compression and feeds included; median of {TURNS}")
    few = _published(short_world)
    many = _published(long_world)
    print(f"  {SHORT:>7} incidents of history: {few[0]:6.1f} ms   {few[1]} files, {few[2] / 1000:.0f} kB")
    print(f"  {long:>7} incidents of history: {many[0]:6.1f} ms   {many[1]} files, {many[2] / 1000:.0f} kB")
    print(f"  ratio {many[0] / few[0]:.2f} in time, {many[2] / few[2]:.2f} in bytes (budget 1.2)")


def _published(made: World) -> tuple[float, int, int]:
    """Milliseconds, files and bytes of publishing one notice in a running process."""
    publishing.build(made, now=NOW)
    times, files, size = [], 0, 0
    for turn in range(TURNS + 1):
        now = NOW + timedelta(minutes=turn)
        tell(made, f"new{turn:09d}", now)
        before = time.time_ns()
        began = time.perf_counter()
        publishing.publish(made, f"new{turn:09d}", now=now)
        times.append((time.perf_counter() - began) * 1000)
        written = [path for path in _files(made) if path.stat().st_mtime_ns >= before]
        files, size = len(written), sum(path.stat().st_size for path in written)
    return statistics.median(times[1:]), files, size


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
