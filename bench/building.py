"""Measures a full build in a separate process: ``python -m bench.building HOME`` builds an instance's site."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.costs import Cost, measured
from bench.history import ADDRESS, NOW, env
from bench.hugo import pages
from statuspage.rendering.site.compression import gzip_bytes
from statuspage.settings import read_settings
from statuspage.usecases import bootstrap
from statuspage.usecases.publishing import site_updates


def report(folder: Path, sizes: Sequence[int]) -> None:
    """A build for each size of history, compared with a Hugo build of as many pages of the same size."""
    print("A full build: 3 notices each, 2 languages, compressed twins beside every text")
    found: dict[int, Cost] = {}
    for size in sizes:
        changed_env = env(folder / f"built-{size}", size)
        cost = measured([sys.executable, "-m", "bench.building", str(changed_env.home)])
        texts = [path for path in changed_env.site_folder.current.resolve().rglob("*") if path.is_file()]
        found[size] = cost.of(texts)
        print(f"  {size:>7,} incidents: {found[size]}")
        _compression(texts)
        _beside(folder / f"hugo-{size}", changed_env.site_folder.current, found[size])
    small, large = sizes[-2:]
    ratio = (found[large].processor / found[small].processor) / (large / small)
    print(
        f"  {large / small:.0f} times as many: {ratio:.2f} times the processors for each (a straight line: 1 or less)"
    )


def _compression(texts: Sequence[Path]) -> None:
    """The share of the gzip copies in that time, measured separately."""
    plain = [path for path in texts if path.with_name(f"{path.name}.gz").exists()]
    began = time.process_time()
    for path in plain:
        gzip_bytes(path.read_bytes())
    print(f"  {'':>7} of that compression: {time.process_time() - began:.2f} s of a processor for {len(plain):,} texts")


def _beside(folder: Path, site: Path, ours: Cost) -> None:
    own = list(site.resolve().glob("??/incidents/*/index.html"))
    mean = sum(path.stat().st_size for path in own) // len(own)
    theirs = pages(folder, len(own), mean)
    if theirs is None:
        print("  Hugo: not measured, it is not installed")
        return
    print(f"  {'Hugo':>7} {len(own):,} pages: {theirs}")
    clock, used = ours.seconds / theirs.seconds, ours.processor / theirs.processor
    print(f"  {'':>7} ours takes {clock:.2f} times as long, {used:.2f} times the processors")


def main(home: str) -> None:
    """Builds the site of this instance."""
    changed_env = bootstrap.live_environment(read_settings({"STATUSPAGE_ADDRESS": ADDRESS}, home=home), now=NOW)
    site_updates.build_site(changed_env, now=NOW)


if __name__ == "__main__":
    main(sys.argv[1])
