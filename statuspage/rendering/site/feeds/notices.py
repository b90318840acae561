"""RSS, Atom and JSON Feed, one item for each notice: valid, and the same bytes as long as nothing was said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedgen.feed import FeedGenerator
from markupsafe import escape

from statuspage.domain import Incident, LanguagePack, RecordedNotice
from statuspage.rendering.site import urls
from statuspage.rendering.site.compression import packed
from statuspage.rendering.site.context import SCHEME, SiteContext
from statuspage.rendering.site.displayed_words import words_of
from statuspage.rendering.site.templating import clean, site_label

ENTRY_LIMIT = 40
"""How many of the newest notices to pass in: some more than are shown, so that their dates do not depend on the cut."""

_SHOWN = 25
_LARGEST = 20_000  # bytes, compressed
_SILENCE = datetime(2000, 1, 1, tzinfo=UTC)  # date of a feed in which nothing was ever said
Said = tuple[Incident, RecordedNotice]


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    title: str
    lines: tuple[str, ...]
    html: str
    link: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one feed is about: its folder, the end of its id, and its name. Its page is its folder."""

    book: LanguagePack
    folder: str
    id: str
    title: str
    about: str


def feeds(edition: SiteContext, newest: Sequence[Said]) -> dict[str, bytes]:
    """RSS, Atom and JSON Feed in every language. ``newest`` are the newest notices of all incidents, newest first."""
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        book = edition.book(language)
        title = f"{book.marks.start}{book.site} {book.tagline}"
        about = book.marks.banner or site_label(book, "feed.about", site=book.site)
        sheet = _Sheet(book, f"{language}/", language, title, about)
        files |= _fitting(edition, sheet, _items(edition, language, newest))
    return files


def of_service(edition: SiteContext, service: str, newest: Sequence[Said]) -> dict[str, bytes]:
    """The same of one service. ``newest`` are the newest notices of incidents that named it, newest first."""
    files: dict[str, bytes] = {}
    own = edition.catalog.services[service]
    for language in edition.catalog.languages:
        book = edition.book(language)
        name = book.services[service].name
        title = site_label(book, "feed.of_service", service=name, site=f"{book.site} {book.tagline}")
        about = book.marks.banner or site_label(book, "feed.about_service", service=name)
        folder = urls.service(language, service)
        sheet = _Sheet(book, folder, f"{language}/{own.first_id}", f"{book.marks.start}{title}", about)
        files |= _fitting(edition, sheet, _items(edition, language, newest))
    return urls.with_former(files, service, own.was)


def item_id(edition: SiteContext, language: str, incident: Incident, sequence: int) -> str:
    """The id of a notice in the feeds of one language; it never changes (RFC 4151)."""
    return f"tag:{edition.host},{incident.opened.year}:{incident.id}/{sequence}/{language}"


def _items(edition: SiteContext, language: str, newest: Sequence[Said]) -> list[_Item]:
    dates = _distinct([said.recorded for _, said in newest])
    shown = list(zip(newest, dates, strict=True))[:_SHOWN]
    return [_item(edition, language, incident, said, at) for (incident, said), at in shown]


def _item(edition: SiteContext, language: str, incident: Incident, said: RecordedNotice, at: datetime) -> _Item:
    words = words_of(edition, language, incident, said)
    text = words.media["feed"]
    lines = tuple(line for line in clean(text.body).splitlines() if line.strip())
    place = f"{urls.incident_folder(language, incident.id)}#{urls.anchor(said.sequence)}"
    return _Item(
        id=item_id(edition, language, incident, said.sequence),
        title=clean(text.subject or words.title),
        lines=lines,
        html="".join(f"<p>{escape(line)}</p>" for line in lines),
        link=edition.reach(place),
        at=at,
    )


def _distinct(recorded: Sequence[datetime]) -> list[datetime]:
    """The same times to the whole second, newest first, each later than the next by at least a second."""
    dates: list[datetime] = []
    for at in reversed(recorded):
        whole = at.replace(microsecond=0)
        dates.append(max(whole, dates[-1] + timedelta(seconds=1)) if dates else whole)
    return dates[::-1]


def _fitting(edition: SiteContext, sheet: _Sheet, items: list[_Item]) -> dict[str, bytes]:
    """All three with as many of the newest items as fit the limit."""
    while True:
        files = _printed(edition, sheet, items)
        if len(items) <= 1 or all(len(packed(data)) <= _LARGEST for data in files.values()):
            return files
        items = items[: len(items) // 2]


def _printed(edition: SiteContext, sheet: _Sheet, items: Sequence[_Item]) -> dict[str, bytes]:
    atom, rss = (_feed(edition, sheet, items, name) for name in ("feed.atom", "feed.rss"))
    return {
        f"{sheet.folder}feed.atom": atom.atom_str(pretty=True),
        f"{sheet.folder}feed.rss": rss.rss_str(pretty=True),
        f"{sheet.folder}feed.json": _json(edition, sheet, items),
    }


def _feed(edition: SiteContext, sheet: _Sheet, items: Sequence[_Item], name: str) -> FeedGenerator:
    feed, book = FeedGenerator(), sheet.book
    feed.id(f"tag:{edition.host},2000:{book.marks.feed}/{sheet.id}")
    feed.title(sheet.title)
    feed.description(sheet.about)
    feed.author(name=f"{book.marks.start}{book.site}")
    feed.language(book.language)
    feed.generator("statuspage")
    if edition.address:
        feed.link(href=edition.reach(f"{sheet.folder}{name}"), rel="self")
    feed.link(href=edition.reach(sheet.folder), rel="alternate")  # The last one becomes the channel's link in RSS.
    feed.category(term=book.marks.machine, scheme=SCHEME)
    feed.updated(items[0].at if items else _SILENCE)
    feed.lastBuildDate(items[0].at if items else _SILENCE)
    for item in items:
        _add(feed, book, item)
    return feed


def _add(feed: FeedGenerator, book: LanguagePack, item: _Item) -> None:
    entry = feed.add_entry(order="append")
    entry.id(item.id)
    entry.guid(item.id, permalink=False)
    entry.title(item.title)
    entry.link(href=item.link)
    entry.content(item.html, type="html")
    entry.published(item.at)
    entry.updated(item.at)
    entry.category(term=book.marks.machine, scheme=SCHEME)


def _json(edition: SiteContext, sheet: _Sheet, items: Sequence[_Item]) -> bytes:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). What is not of it stands under names of our own."""
    book = sheet.book
    reached = {"feed_url": edition.reach(f"{sheet.folder}feed.json")} if edition.address else {}
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": sheet.title,
        "home_page_url": edition.reach(sheet.folder),
        **reached,
        "description": sheet.about,
        "language": book.language,
        "authors": [{"name": f"{book.marks.start}{book.site}"}],
        "_statuspage": {"cap_status": book.marks.machine},
        "items": [_json_item(book, item) for item in items],
    }
    return f"{json.dumps(body, ensure_ascii=False)}\n".encode()


def _json_item(book: LanguagePack, item: _Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.link,
        "title": item.title,
        "content_html": item.html,
        "content_text": "\n".join(item.lines),
        "date_published": item.at.isoformat(),
        "language": book.language,
        "tags": [book.marks.machine],
    }
