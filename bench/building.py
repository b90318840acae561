"""Measures a full build in a separate process: ``python -m bench.building HOME`` builds an instance's site."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.costs import Cost, measured
from bench.figures import Figures
from bench.history import ADDRESS, LANGUAGES, NOW, env
from bench.hugo import PAGE_BYTES, pages
from statuspage.settings import read_settings
from statuspage.usecases import bootstrap
from statuspage.usecases.publishing import site_updates


def report(folder: Path, sizes: Sequence[int], figures: Figures) -> None:
    """A build for each size of history, compared with a Hugo build of as many pages as it has of incidents."""
    print("A full build: 3 notices each, 2 languages")
    found: dict[int, Cost] = {}
    for size in sizes:
        changed_env = env(folder / f"built-{size}", size)
        cost = measured([sys.executable, "-m", "bench.building", str(changed_env.home)])
        texts = [path for path in changed_env.site_folder.current.resolve().rglob("*") if path.is_file()]
        found[size] = cost.of(texts)
        print(f"  {size:>7,} incidents: {found[size]}")
        _beside(folder / f"hugo-{size}", size, found[size], figures)
    small, large = sizes[-2:]
    ratio = (found[large].processor / found[small].processor) / (large / small)
    figures.add(f"full build, processors for each incident, {large:,} to {small:,}", ratio, "times", 1.1)
    figures.add(f"full build of {large:,}", found[large].seconds, "s")
    figures.add(f"full build of {large:,}, processors", found[large].processor, "s")
    figures.add(f"full build of {large:,}, memory", found[large].megabytes, "MB", 500)


def _beside(folder: Path, size: int, ours: Cost, figures: Figures) -> None:
    theirs = pages(folder, size * len(LANGUAGES), PAGE_BYTES)
    if theirs is None:
        print("  Hugo: not measured, it is not installed")
        return
    print(f"  {'Hugo':>7} {size * len(LANGUAGES):,} pages: {theirs}")
    budget = {100: 3, 10_000: 1}.get(size, 0)
    figures.add(f"full build of {size:,} to Hugo's", ours.seconds / theirs.seconds, "times as long", budget)
    figures.add(f"full build of {size:,} to Hugo's, processors", ours.processor / theirs.processor, "times")


def main(home: str) -> None:
    """Builds the site of this instance."""
    changed_env = bootstrap.live_environment(read_settings({"STATUSPAGE_ADDRESS": ADDRESS}, home=home), now=NOW)
    site_updates.build_site(changed_env, now=NOW)


if __name__ == "__main__":
    main(sys.argv[1])
