"""Updates the published site: one notice's files, a refreshed front page, or a full build."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from statuspage.domain import Incident, LanguagePack, NoticeText
from statuspage.integrations.hosting import Build, Folder, StaleWriteError, Unwritable
from statuspage.integrations.net import ExpectedNotice, ReadbackResult, readback
from statuspage.rendering.site import (
    SiteContext,
    build_fingerprint,
    filter_unfinished,
    full_lines,
    guides,
    notice_text_of,
    notices,
    replace_expired,
    status,
    strip_forbidden,
    urls,
    with_gzip_copies,
)
from statuspage.storage import incidents, send_hold
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import site_files
from statuspage.usecases.publishing.full_build import (
    Progress,
    fill_build,
    ignore_progress,
    refuse_wrong_marks,
    write_checked_files,
)

_MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A finished build: its number of files, and its duration."""

    files: int
    seconds: float


def publish_incident(env: Environment, incident_id: str, *, now: datetime) -> None:
    """Publishes the newest notice of an incident: its page, its month, its services, the feeds, then the front page.

    The cost does not grow with history. Raises Unwritable if the files cannot be written, DrillMarkError if marks are
    wrong, and KeyError for an incident that was never published.
    """
    if not env.site_folder.is_ready:
        build_site(env, now=now)
        return
    _write_exclusively(env, incident_id, now)


def refresh_front(env: Environment, *, now: datetime) -> None:
    """Refreshes the time on the front page, and replaces expired sentences on open incidents' pages.

    While sending is on hold, the published site is newer than the database, and stays.
    """
    if not env.site_folder.is_ready:
        build_site(env, now=now)
        return
    if _is_on_hold(env.databases.environment):
        return
    _write_exclusively(env, "", now)


def prepare_site(env: Environment, *, now: datetime) -> None:
    """Prepares the site when a program starts: a full build if there is none, or if content, templates or address have
    changed; otherwise a refreshed front page."""
    if env.site_folder.stamp == build_fingerprint(env.site) or _is_on_hold(env.databases.environment):
        refresh_front(env, now=now)
    else:
        build_site(env, now=now)


def build_site(
    env: Environment, *, now: datetime, output_folder: Path | None = None, report_progress: Progress = ignore_progress
) -> BuildResult:
    """Renders all files of the site into a new build, which replaces the old one at once; or into ``output_folder``.

    Notices published meanwhile are included. An interrupted build leaves the published site unchanged.
    ``report_progress`` gets the number of finished parts and of all parts.
    """
    started = time.monotonic()
    if output_folder is not None:
        new_build = Build(output_folder)
        fill_build(env.site, env.databases.environment, new_build, now, report_progress)
        _complete_build(env, new_build, (), now)
    else:
        with (
            env.site_folder.build_lock(),
            env.site_folder.new_build(_next_fence(env.databases.environment)) as new_build,
        ):
            fill_build(env.site, env.databases.environment, new_build, now, report_progress)
            with env.site_folder.write_lock():
                _complete_build(env, new_build, env.site_folder.changed_during_build(), now)
                env.site_folder.switch(
                    new_build, fence=_next_fence(env.databases.environment), stamp=build_fingerprint(env.site)
                )
    return BuildResult(new_build.file_count, time.monotonic() - started)


def read_back(env: Environment, incident_id: str, sequence: int, *, timeout: float) -> ReadbackResult:
    """Whether customers can read this notice: fetches its page and both feeds in every language, for up to ``timeout``
    seconds.

    What was found or missing is named ``page.ja``, ``feed.ja`` (Atom), ``rss.ja`` and so on. Without an address nothing
    can be found.
    """
    site = env.site
    with env.databases.environment.read_for_site() as tx:
        incident = site_files.published_incident(tx, incident_id)
    expected = tuple(_expected_pages(site, incident, sequence))
    if not env.site.address:
        return ReadbackResult({}, {item.name: "The page has no address yet." for item in expected})
    return readback.read_back(expected, timeout=timeout)


def _write_exclusively(env: Environment, incident_id: str, now: datetime) -> None:
    """Reads, renders and writes as the only writer; repeats it if another machine was faster."""
    for attempt in range(_MAX_ATTEMPTS):
        with env.site_folder.write_lock():
            try:
                _write_notice(env, incident_id, now)
            except StaleWriteError:
                if attempt == _MAX_ATTEMPTS - 1:
                    raise Unwritable("busy", "The public site is being written by others all the time.") from None
                continue
            return


def _write_notice(env: Environment, incident_id: str, now: datetime) -> None:
    site = env.site
    fence = _next_fence(
        env.databases.environment
    )  # Taken before reading, and released at once, so that nobody waits while we render.
    with env.databases.environment.read_for_site() as tx:
        files = _notice_files(env.site_folder, site, tx, incident_id, now)
    changed = env.site_folder.changed_files(files)
    refuse_wrong_marks(site, changed)
    env.site_folder.write_files(with_gzip_copies(changed), fence=fence, subject=f"{incident_id}@{now.isoformat()}")


def _notice_files(
    site_folder: Folder, site: SiteContext, tx: Connection, incident_id: str, now: datetime
) -> dict[str, bytes]:
    """The files that a notice changes, in write order; without an incident, those that change with time alone."""
    files: dict[str, bytes] = {}
    service_ids: set[str] = set(site.catalog.services)
    if incident_id:
        incident = site_files.published_incident(tx, incident_id)
        service_ids = set(incident.ever_affected)
        files |= site_files.notice_files(site, tx, incident, now)
    else:
        for incident in filter_unfinished(incidents.open_incidents(tx)):
            files |= status.incident_pages(site, incident, now=now)
        files |= guides.subscribe_pages(site)
    files |= site_files.new_month_files(site_folder, site, tx, now)
    return {**files, **site_files.overview_files(site, tx, service_ids, now)}


def _complete_build(env: Environment, new_build: Build, changes: Iterable[str], now: datetime) -> None:
    """Renders the overview files, and again what was published while the build was being filled, so that nothing is
    older than what readers have already seen."""
    site, changed_ids, latest = env.site, dict[str, None](), now
    for incident_id, _, changed_at in (change.partition("@") for change in changes):
        latest = max(latest, datetime.fromisoformat(changed_at))
        changed_ids |= {incident_id: None} if incident_id else {}
    with env.databases.environment.read_for_site() as tx:
        for incident_id in changed_ids:
            write_checked_files(
                site,
                new_build,
                site_files.notice_files(site, tx, site_files.published_incident(tx, incident_id), latest),
                may_overwrite=True,
            )
        for incident in (
            candidate
            for candidate in filter_unfinished(incidents.open_incidents(tx))
            if candidate.id not in changed_ids
        ):
            write_checked_files(site, new_build, status.incident_pages(site, incident, now=latest), may_overwrite=True)
        write_checked_files(site, new_build, site_files.overview_files(site, tx, set(site.catalog.services), latest))


def _is_on_hold(database: Database) -> bool:
    with database.read() as tx:
        return send_hold.find_hold_start(tx) is not None


def _next_fence(database: Database) -> int:
    with database.begin() as tx:
        return incidents.next_fence(tx)


def _expected_pages(site: SiteContext, incident: Incident, sequence: int) -> Iterator[ExpectedNotice]:
    recorded = {n.sequence: n for n in incident.notices}[sequence]
    for language in site.catalog.languages:
        notice_text = notice_text_of(site, language, incident, recorded)
        page_url = f"{site.address}/{urls.incident_folder(language, incident.id)}"
        pack = site.language_pack(language)
        texts = (
            _full_text(pack, notice_text),
            _full_text(pack, replace_expired(notice_text, notice_text.expired_wording.at))
            if notice_text.expired_wording
            else "",
        )
        yield ExpectedNotice(f"page.{language}", page_url, urls.anchor(sequence), *texts)
        item_id = notices.item_id(site, language, incident, sequence)
        for name, feed_type in (("feed", "atom"), ("rss", "rss")):
            feed_url = f"{site.address}/{language}/feed.{feed_type}"
            yield ExpectedNotice(
                f"{name}.{language}", feed_url, item_id, strip_forbidden(notice_text.media["feed"].body)
            )


def _full_text(pack: LanguagePack, notice_text: NoticeText) -> str:
    return strip_forbidden(" ".join(full_lines(pack, notice_text)))
