"""Fills a new build with the whole site; several processes render a long history."""

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

from statuspage.integrations.hosting import Build
from statuspage.rendering.site import SiteContext, drill_marks, status, with_gzip_copies
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.publishing import feed_files, site_files
from statuspage.usecases.publishing.site_files import MonthPage

SERIAL_LIMIT = 20
"""Up to this many parts of months, another process costs more than it saves."""

Progress = Callable[[int, int], None]

_CHUNK_SIZE = 4  # Parts handed to a process at a time.


class DrillMarkError(Exception):
    """A file lacks a mark of its environment, or has one of another. Nothing was published. ``faults`` name the
    files."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults[:3]))
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type[DrillMarkError], tuple[tuple[str, ...]]]:
        return type(self), (self.faults,)


def refuse_wrong_marks(site: SiteContext, files: dict[str, bytes]) -> None:
    """Raises DrillMarkError if a mark is wrong in any of these files."""
    if faults := drill_marks.find_mark_faults(site, files):
        raise DrillMarkError(faults)


def write_checked_files(
    site: SiteContext, build: Build, files: dict[str, bytes], *, may_overwrite: bool = False
) -> None:
    """Writes these files and their gzip copies into the build, replacing existing ones if ``may_overwrite``. Raises
    DrillMarkError."""
    refuse_wrong_marks(site, files)
    build.write_files(with_gzip_copies(files), may_overwrite=may_overwrite)


def ignore_progress(done: int, total: int) -> None:
    """Reports nothing."""


def fill_build(
    site: SiteContext, database: Database, build: Build, now: datetime, report_progress: Progress = ignore_progress
) -> None:
    """Renders everything from the database, except the overview files.

    ``report_progress`` gets the number of finished parts and of all parts.
    """
    with database.read_for_site() as tx:
        month_pages = tuple(_month_pages(site, tx, now))
    build_rest = partial(_build_rest, site, database, build, month_pages, now)
    workers = len(os.sched_getaffinity(0)) if len(month_pages) > SERIAL_LIMIT else 1
    if workers > 1:
        try:
            initial_args = (database.url, site, build.path, now)
            file_count = _render_in_parallel(initial_args, month_pages, workers, report_progress, build_rest)
            build.file_count += file_count
        except BrokenProcessPool:
            workers, build.file_count = 1, 0  # If no other process can be started, this one renders everything.
    if workers == 1:
        with database.read_for_site() as tx:
            for done, month_page in enumerate(month_pages, 1):
                _render_month_page(site, tx, build, month_page, now)
                report_progress(done, len(month_pages))
        build_rest()


def _build_rest(
    site: SiteContext, database: Database, build: Build, month_pages: Sequence[MonthPage], now: datetime
) -> None:
    """Everything that is not part of a month."""
    with database.read_for_site() as tx:
        write_checked_files(site, build, site_files.year_pages(site, tx, {month for month, _ in month_pages}, now))
        for files in feed_files.all_files(site, tx):
            write_checked_files(site, build, files)
    write_checked_files(site, build, site_files.static_files(site))


def _month_pages(site: SiteContext, tx: Connection, now: datetime) -> Iterator[MonthPage]:
    for month in site_files.all_months(site, tx, now):
        for page_number in range(site_files.older_part_count(site, tx, month) + 1):
            yield month, page_number


def _render_month_page(site: SiteContext, tx: Connection, build: Build, month_page: MonthPage, now: datetime) -> None:
    """One part of a month with its incidents' pages and archive files."""
    incidents = site_files.incidents_on_page(site, tx, *month_page)
    for incident in incidents:
        write_checked_files(site, build, status.incident_pages(site, incident, now=now))
    write_checked_files(site, build, site_files.month_page_files(site, tx, *month_page, now, incidents))
    write_checked_files(site, build, site_files.archive_files(site, tx, *month_page, incidents))


def _render_in_parallel(
    initial_args: tuple[str, SiteContext, Path, datetime],
    month_pages: Sequence[MonthPage],
    workers: int,
    report_progress: Progress,
    run_meanwhile: Callable[[], None],
) -> int:
    """Renders with ``workers`` processes, each with its own connection; returns how many files they wrote.
    ``run_meanwhile`` runs here while they start."""
    chunks = [month_pages[start : start + _CHUNK_SIZE] for start in range(0, len(month_pages), _CHUNK_SIZE)]
    spawn_context = multiprocessing.get_context("spawn")  # A forked process could inherit locks held by other threads.
    files = 0
    with ProcessPoolExecutor(
        workers, mp_context=spawn_context, initializer=_init_worker, initargs=initial_args
    ) as pool:
        try:
            earlier_mask = signal.pthread_sigmask(
                signal.SIG_BLOCK, {signal.SIGINT}
            )  # Also in those that are only starting.
            results = pool.map(_render_chunk, chunks)
            signal.pthread_sigmask(signal.SIG_SETMASK, earlier_mask)
            run_meanwhile()
            for chunk_number, file_count in enumerate(results, 1):
                files += file_count
                report_progress(min(chunk_number * _CHUNK_SIZE, len(month_pages)), len(month_pages))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # What has started is finished, so that nothing is written afterwards.
            raise
    return files


_worker_state: tuple[Database, SiteContext, Path, datetime]


def _init_worker(url: str, site: SiteContext, path: Path, now: datetime) -> None:
    global _worker_state
    # Ctrl-C stops the process that started the build, which stops this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker_state = Database.for_environment(url), site, path, now
    _worker_state[0].rename_services(site.catalog.renamed_services)
    gc.freeze()
    gc.set_threshold(200_000)  # Garbage collection of what is read takes a sixth of the time, and finds few cycles.


def _render_chunk(month_pages: Sequence[MonthPage]) -> int:
    database, site, path, now = _worker_state
    build = Build(path)
    with database.read_for_site() as tx:
        for month_page in month_pages:
            _render_month_page(site, tx, build, month_page, now)
    return build.file_count
