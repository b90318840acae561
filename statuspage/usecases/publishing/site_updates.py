"""Puts the site where customers read it: one notice's files, a renewed front, or all of it afresh."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from statuspage.domain import Incident, LanguagePack, NoticeText
from statuspage.integrations.hosting import Release, StaleWriteError, Unwritable
from statuspage.integrations.net import Expected, Reading, readback
from statuspage.rendering.site import (
    NEWEST_PAGE,
    SiteContext,
    aged,
    clean,
    guides,
    in_full,
    notices,
    stamp,
    status,
    unfinished,
    urls,
    with_twins,
    words_of,
)
from statuspage.storage import incidents, send_hold
from statuspage.storage.engine import Connection
from statuspage.usecases.content import sample_names
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import site_files
from statuspage.usecases.publishing.full_build import (
    DrillMarkError,
    Progress,
    fill,
    refuse_unfit,
    silent,
    write_checked_files,
)

__all__ = [
    "Built",
    "DrillMarkError",
    "Reading",
    "Unwritable",
    "build",
    "is_set_up",
    "publish",
    "read_back",
    "renew_front",
    "settle_site",
]

_TRIES = 5

BY_HAND = "by-hand"
"""The file beside the releases that says: what is there was published by a person, from content that did not pass."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: how many files it has, and how long it took."""

    files: int
    seconds: float


def publish(world: Environment, incident_id: str, *, now: datetime) -> None:
    """Makes the newest notice of an incident readable: its page, its month, its services, the feeds, then the front.

    What it costs does not grow with history. Raises Unwritable when the files cannot be written, Unfit when marks
    are wrong, and KeyError for an incident nobody was told of.
    """
    if not is_set_up(world):
        build(world, now=now)
        return
    _in_turn(world, incident_id, now)


def renew_front(world: Environment, *, now: datetime) -> None:
    """Gives the front the present time, and lets sentences whose time has passed give way on open incidents' pages.

    While the books are on hold, what is published is newer than they are, and stays. Nothing is put where there is no
    page yet while the house's own content has never passed.
    """
    if not is_set_up(world):
        if not world.by_hand:
            build(world, now=now)
        return
    if _on_hold(world):
        return
    _in_turn(world, "", now)


def settle_site(world: Environment, *, now: datetime) -> None:
    """For the start of a program: a fresh build when there is no site yet, or when content, templates or address are
    others than those it was made from; else a renewed front."""
    if world.by_hand or world.target.stamp == stamp(site_files.edition(world)) or _on_hold(world):
        renew_front(world, now=now)
    else:
        build(world, now=now)


def build(world: Environment, *, now: datetime, out: Path | None = None, tell: Progress = silent) -> Built:
    """All files of the site in a new release, which takes the place of the old one at once; or into the folder ``out``.

    What is published while it works is taken over. Stopped in the middle, it leaves what readers see as it was.
    ``tell`` hears how many parts of how many are done.
    """
    began = time.monotonic()
    if out is not None:
        release = Release(out)
        fill(world, release, now, tell)
        _complete(world, release, (), now)
    else:
        with world.target.building(), world.target.release(_fence(world)) as release:
            fill(world, release, now, tell)
            with world.target.turn():
                _complete(world, release, world.target.meanwhile(), now)
                world.target.switch(release, fence=_fence(world), stamp=stamp(site_files.edition(world)))
                _note_who_made_it(world)
    return Built(release.files, time.monotonic() - began)


def is_set_up(world: Environment) -> bool:
    """Whether what is there may be read by customers: not while it is the sample company's page and the content is no
    longer that sample, until somebody publishes by hand or content of the house's own has passed and is built."""
    if not world.target.ready:
        return False
    if not world.by_hand and world.catalog.leading.site in sample_names():
        return True
    return (world.target.root / BY_HAND).exists() or _name_in(world.target.current.resolve()) not in sample_names()


@lru_cache(maxsize=8)
def _name_in(release: Path) -> str:
    """Whose page this release is; it is the same as long as the release is there."""
    try:
        return str(json.loads((release / "history" / "index.json").read_text("utf-8")).get("site", ""))
    except (OSError, ValueError):
        return ""


def read_back(world: Environment, incident_id: str, sequence: int, *, timeout: float) -> Reading:
    """Whether customers can read this notice: GETs its page and both feeds in every language, for ``timeout`` seconds.

    Found and missing are named ``page.ja``, ``feed.ja`` (Atom), ``rss.ja`` and so on. Without an address nothing can
    be found.
    """
    edition = site_files.edition(world)
    with world.store.read_for_site() as tx:
        incident = site_files.published_incident(tx, incident_id)
    expected = tuple(_expected(edition, incident, sequence))
    if not world.address:
        return Reading({}, {one.name: "The page has no address yet." for one in expected})
    return readback.read_back(expected, timeout=timeout)


def _in_turn(world: Environment, incident_id: str, now: datetime) -> None:
    """Reads, prints and writes as the only writer; again when somebody on another machine was quicker."""
    for attempt in range(_TRIES):
        with world.target.turn():
            try:
                _write_notice(world, incident_id, now)
            except StaleWriteError:
                if attempt == _TRIES - 1:
                    raise Unwritable("busy", "The public site is being written by others all the time.") from None
                continue
            return


def _write_notice(world: Environment, incident_id: str, now: datetime) -> None:
    edition = site_files.edition(world)
    fence = _fence(world)  # before what it stands for is read, and given back at once: nobody waits while we print
    with world.store.read_for_site() as tx:
        files = _notice_files(world, edition, tx, incident_id, now)
    changed = world.target.changed(files)
    refuse_unfit(edition, changed)
    world.target.write(with_twins(changed), fence=fence, about=f"{incident_id}@{now.isoformat()}")


def _notice_files(
    world: Environment, edition: SiteContext, tx: Connection, incident_id: str, now: datetime
) -> dict[str, bytes]:
    """What a notice changes, in the order it is to be written; without an incident, what time alone changes."""
    files: dict[str, bytes] = {}
    which: set[str] = set(edition.catalog.services)
    if incident_id:
        incident = site_files.published_incident(tx, incident_id)
        which = set(incident.touched)
        files |= site_files.of_notice(edition, tx, incident, now)
    else:
        for incident in unfinished(incidents.open_now(tx)):
            files |= status.incidents(edition, incident, now=now)
        files |= guides.ways(edition)
    begun = {(month, NEWEST_PAGE) for month in site_files.new_months(world, edition, tx, now)}
    files |= site_files.of_places(edition, tx, begun, now)
    return {**files, **site_files.of_all(edition, tx, which, now)}


def _complete(world: Environment, release: Release, written: Iterable[str], now: datetime) -> None:
    """Prints what speaks of everything at once, and again what was published while the release was being filled, no
    older than readers have seen it."""
    edition, told, latest = site_files.edition(world), dict[str, None](), now
    for incident_id, _, at in (about.partition("@") for about in written):
        latest = max(latest, datetime.fromisoformat(at))
        told |= {incident_id: None} if incident_id else {}
    with world.store.read_for_site() as tx:
        for incident_id in told:
            write_checked_files(
                edition,
                release,
                site_files.of_notice(edition, tx, site_files.published_incident(tx, incident_id), latest),
                again=True,
            )
        for incident in (one for one in unfinished(incidents.open_now(tx)) if one.id not in told):
            write_checked_files(edition, release, status.incidents(edition, incident, now=latest), again=True)
        write_checked_files(edition, release, site_files.of_all(edition, tx, set(edition.catalog.services), latest))


def _note_who_made_it(world: Environment) -> None:
    note = world.target.root / BY_HAND
    if world.by_hand:
        note.touch()
    else:
        note.unlink(missing_ok=True)


def _on_hold(world: Environment) -> bool:
    with world.store.read() as tx:
        return send_hold.since(tx) is not None


def _fence(world: Environment) -> int:
    with world.store.begin() as tx:
        return incidents.next_fence(tx)


def _expected(edition: SiteContext, incident: Incident, sequence: int) -> Iterator[Expected]:
    said = {n.sequence: n for n in incident.notices}[sequence]
    for language in edition.catalog.languages:
        words = words_of(edition, language, incident, said)
        page = f"{edition.address}/{urls.incident_folder(language, incident.id)}"
        book = edition.book(language)
        texts = (_full(book, words), _full(book, aged(words, words.aged.at)) if words.aged else "")
        yield Expected(f"page.{language}", page, urls.anchor(sequence), *texts)
        mark = notices.item_id(edition, language, incident, sequence)
        for name, kind in (("feed", "atom"), ("rss", "rss")):
            feed = f"{edition.address}/{language}/feed.{kind}"
            yield Expected(f"{name}.{language}", feed, mark, clean(words.media["feed"].body))


def _full(book: LanguagePack, words: NoticeText) -> str:
    return clean(" ".join(in_full(book, words)))
