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


def refuse_unfit(site: SiteContext, files: dict[str, bytes]) -> None:
    """Raises Unfit when a mark is wrong in any of these files."""
    if faults := drill_marks.faults(site, files):
        raise DrillMarkError(faults)


def write_checked_files(
    site: SiteContext, build: Release, files: dict[str, bytes], *, may_overwrite: bool = False
) -> None:
    """These files and their twins into the release, those that are there ``again``. Raises Unfit."""
    refuse_unfit(site, files)
    build.write_files(with_twins(files), may_overwrite=may_overwrite)


def silent(done: int, total: int) -> None:
    """Tells nobody how far it is."""


def fill(env: Environment, build: Release, now: datetime, report_progress: Progress = silent) -> None:
    """Everything there is to read, as the books say it now, but for what speaks of all of it at once.

    ``tell`` hears how many parts of how many are done.
    """
    site = site_files.edition(env)
    with env.database.read_for_site() as tx:
        month_pages = tuple(_places(site, tx, now))
    build_rest = partial(_rest, env, build, month_pages, now)
    workers = len(os.sched_getaffinity(0)) if len(month_pages) > FEW else 1
    if workers > 1:
        try:
            file_count = _together(env, build.path, month_pages, now, workers, report_progress, build_rest)
            build.file_count += file_count
        except BrokenProcessPool:
            workers, build.file_count = 1, 0  # Where no other process can be had, this one prints all of it.
    if workers == 1:
        with env.database.read_for_site() as tx:
            for done, month_page in enumerate(month_pages, 1):
                _print(site, tx, build, month_page, now)
                report_progress(done, len(month_pages))
        build_rest()


def _rest(env: Environment, build: Release, month_pages: Sequence[MonthPage], now: datetime) -> None:
    """All that is no part of a month."""
    site = site_files.edition(env)
    with env.database.read_for_site() as tx:
        for year in sorted({month[0] for month, _ in month_pages}):
            write_checked_files(site, build, site_files.of_year(site, tx, year, now))
        for files in feed_files.all_files(site, tx):
            write_checked_files(site, build, files)
    write_checked_files(site, build, site_files.unchanging(site))


def _places(site: SiteContext, tx: Connection, now: datetime) -> Iterator[MonthPage]:
    for month in site_files.months(site, tx, now):
        for page_number in range(site_files.closed(site, tx, month) + 1):
            yield month, page_number


def _print(site: SiteContext, tx: Connection, build: Release, month_page: MonthPage, now: datetime) -> None:
    """One part of a month with its incidents' pages and shards."""
    incidents = site_files.on_page(site, tx, *month_page)
    for incident in incidents:
        write_checked_files(site, build, status.incidents(site, incident, now=now))
    write_checked_files(site, build, site_files.of_month(site, tx, *month_page, now, incidents))
    write_checked_files(site, build, site_files.of_history(site, tx, *month_page, incidents))


def _together(
    env: Environment,
    path: Path,
    month_pages: Sequence[MonthPage],
    now: datetime,
    workers: int,
    report_progress: Progress,
    run_meanwhile: Callable[[], None],
) -> int:
    """The same by so many processes, each with a connection of its own; returns how many files they wrote. What is to
    be done ``beside`` is done here while they start."""
    chunks = [month_pages[start : start + _LOT] for start in range(0, len(month_pages), _LOT)]
    initial_args = (env.database.url, site_files.edition(env), path, now)
    spawn_context = multiprocessing.get_context("spawn")  # A copy of a process that has threads may find its locks held.
    files = 0
    with ProcessPoolExecutor(workers, mp_context=spawn_context, initializer=_begin, initargs=initial_args) as pool:
        try:
            earlier_mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # also in those that are only starting
            results = pool.map(_print_lot, chunks)
            signal.pthread_sigmask(signal.SIG_SETMASK, earlier_mask)
            run_meanwhile()
            for chunk_number, file_count in enumerate(results, 1):
                files += file_count
                report_progress(min(chunk_number * _LOT, len(month_pages)), len(month_pages))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is in hand is finished, so that nothing is written afterwards
            raise
    return files


_ours: tuple[Database, SiteContext, Path, datetime]


def _begin(url: str, site: SiteContext, path: Path, now: datetime) -> None:
    global _ours
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Who stops the build stops the process that asked for it.
    _ours = Database.for_environment(url), site, path, now
    _ours[0].rename_services(site.catalog.renamed_services)
    gc.freeze()
    gc.set_threshold(200_000)  # Looking for cycles among what is read takes a sixth of the time, and finds few.


def _print_lot(month_pages: Sequence[MonthPage]) -> int:
    database, site, path, now = _ours
    build = Release(path)
    with database.read_for_site() as tx:
        for month_page in month_pages:
            _print(site, tx, build, month_page, now)
    return build.file_count
