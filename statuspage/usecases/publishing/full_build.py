"""Fills a new release with the whole site; a long history is printed by several processes at once."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import partial
from pathlib import Path

from statuspage.integrations.hosting import Release
from statuspage.rendering.site import SiteContext, drill_marks, status, with_twins
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import feed_files, site_files
from statuspage.usecases.publishing.site_files import MonthPage

FEW = 20
"""Parts of months up to which another process costs more than it saves."""

Progress = Callable[[int, int], None]

_LOT = 4  # parts handed to a process at a time


class DrillMarkError(Exception):
    """A file lacks a mark of its world, or carries one of another. Nothing was published. ``faults`` name the files."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults[:3]))
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type[DrillMarkError], tuple[tuple[str, ...]]]:
        return type(self), (self.faults,)


def refuse_unfit(edition: SiteContext, files: dict[str, bytes]) -> None:
    """Raises Unfit when a mark is wrong in any of these files."""
    if found := drill_marks.faults(edition, files):
        raise DrillMarkError(found)


def write_checked_files(
    edition: SiteContext, release: Release, files: dict[str, bytes], *, again: bool = False
) -> None:
    """These files and their twins into the release, those that are there ``again``. Raises Unfit."""
    refuse_unfit(edition, files)
    release.write(with_twins(files), again=again)


def silent(done: int, of: int) -> None:
    """Tells nobody how far it is."""


def fill(world: Environment, release: Release, now: datetime, tell: Progress = silent) -> None:
    """Everything there is to read, as the books say it now, but for what speaks of all of it at once.

    ``tell`` hears how many parts of how many are done.
    """
    edition = site_files.edition(world)
    with world.store.read_for_site() as tx:
        places = tuple(_places(edition, tx, now))
    rest = partial(_rest, world, release, places, now)
    hands = len(os.sched_getaffinity(0)) if len(places) > FEW else 1
    if hands > 1:
        try:
            written = _together(world, release.path, places, now, hands, tell, rest)
            release.files += written
        except BrokenProcessPool:
            hands, release.files = 1, 0  # Where no other process can be had, this one prints all of it.
    if hands == 1:
        with world.store.read_for_site() as tx:
            for number, place in enumerate(places, 1):
                _print(edition, tx, release, place, now)
                tell(number, len(places))
        rest()


def _rest(world: Environment, release: Release, places: Sequence[MonthPage], now: datetime) -> None:
    """All that is no part of a month."""
    edition = site_files.edition(world)
    with world.store.read_for_site() as tx:
        for year in sorted({month[0] for month, _ in places}):
            write_checked_files(edition, release, site_files.of_year(edition, tx, year, now))
        for files in feed_files.all_files(edition, tx):
            write_checked_files(edition, release, files)
    write_checked_files(edition, release, site_files.unchanging(edition))


def _places(edition: SiteContext, tx: Connection, now: datetime) -> Iterator[MonthPage]:
    for month in site_files.months(edition, tx, now):
        for number in range(site_files.closed(edition, tx, month) + 1):
            yield month, number


def _print(edition: SiteContext, tx: Connection, release: Release, place: MonthPage, now: datetime) -> None:
    """One part of a month with its incidents' pages and shards."""
    found = site_files.on_page(edition, tx, *place)
    for incident in found:
        write_checked_files(edition, release, status.incidents(edition, incident, now=now))
    write_checked_files(edition, release, site_files.of_month(edition, tx, *place, now, found))
    write_checked_files(edition, release, site_files.of_history(edition, tx, *place, found))


def _together(
    world: Environment,
    path: Path,
    places: Sequence[MonthPage],
    now: datetime,
    hands: int,
    tell: Progress,
    beside: Callable[[], None],
) -> int:
    """The same by so many processes, each with a connection of its own; returns how many files they wrote. What is to
    be done ``beside`` is done here while they start."""
    lots = [places[start : start + _LOT] for start in range(0, len(places), _LOT)]
    begin = (world.store.url, site_files.edition(world), path, now)
    fresh = multiprocessing.get_context("spawn")  # A copy of a process that has threads may find its locks held.
    files = 0
    with ProcessPoolExecutor(hands, mp_context=fresh, initializer=_begin, initargs=begin) as pool:
        try:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # also in those that are only starting
            results = pool.map(_print_lot, lots)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            beside()
            for number, written in enumerate(results, 1):
                files += written
                tell(min(number * _LOT, len(places)), len(places))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is in hand is finished, so that nothing is written afterwards
            raise
    return files


_ours: tuple[Database, SiteContext, Path, datetime]


def _begin(url: str, edition: SiteContext, path: Path, now: datetime) -> None:
    global _ours
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Who stops the build stops the process that asked for it.
    _ours = Database.world(url), edition, path, now
    _ours[0].rename(edition.catalog.renamed)
    gc.freeze()
    gc.set_threshold(200_000)  # Looking for cycles among what is read takes a sixth of the time, and finds few.


def _print_lot(places: Sequence[MonthPage]) -> int:
    store, edition, path, now = _ours
    release = Release(path)
    with store.read_for_site() as tx:
        for place in places:
            _print(edition, tx, release, place, now)
    return release.files
