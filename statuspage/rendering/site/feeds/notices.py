"""RSS, Atom and JSON Feed with one item for each notice. The bytes change only when a notice is published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from markupsafe import escape

from statuspage.domain import Incident, LanguagePack, RecordedNotice
from statuspage.rendering.site import urls
from statuspage.rendering.site.compression import gzip_bytes
from statuspage.rendering.site.context import SCHEME, SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of
from statuspage.rendering.site.templating import site_label, strip_forbidden

if TYPE_CHECKING:
    from feedgen.feed import FeedGenerator

ENTRY_LIMIT = 40
"""How many of the newest notices to pass in: more than are shown, so that the cut does not change their dates."""

_ITEM_LIMIT = 25
_LARGEST = 20_000  # bytes, compressed
_EMPTY_FEED_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # date of a feed without a notice
IncidentNotice = tuple[Incident, RecordedNotice]


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    title: str
    lines: tuple[str, ...]
    html: str
    link: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class _FeedMetadata:
    """One feed: its folder, which is also that of its page; the end of its id; and its name."""

    pack: LanguagePack
    folder: str
    id: str
    title: str
    description: str


def build_feeds(site: SiteContext, newest: Sequence[IncidentNotice]) -> dict[str, bytes]:
    """RSS, Atom and JSON Feed in every language. ``newest`` are the newest notices of all incidents, newest first."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        pack = site.language_pack(language)
        title = f"{pack.marks.start}{pack.site} {pack.tagline}"
        description = pack.marks.banner or site_label(pack, "feed.about", site=pack.site)
        metadata = _FeedMetadata(pack, f"{language}/", language, title, description)
        files |= _fit_to_limit(site, metadata, _items(site, language, newest))
    return files


def build_service_feeds(site: SiteContext, service: str, newest: Sequence[IncidentNotice]) -> dict[str, bytes]:
    """The feeds of one service. ``newest`` are the newest notices of incidents that named it, newest first."""
    files: dict[str, bytes] = {}
    configured = site.catalog.services[service]
    for language in site.catalog.languages:
        pack = site.language_pack(language)
        name = pack.services[service].name
        title = site_label(pack, "feed.of_service", service=name, site=f"{pack.site} {pack.tagline}")
        description = pack.marks.banner or site_label(pack, "feed.about_service", service=name)
        folder = urls.service(language, service)
        metadata = _FeedMetadata(
            pack, folder, f"{language}/{configured.first_id}", f"{pack.marks.start}{title}", description
        )
        files |= _fit_to_limit(site, metadata, _items(site, language, newest))
    return urls.with_former_ids(files, service, configured.former_ids)


def item_id(site: SiteContext, language: str, incident: Incident, sequence: int) -> str:
    """The id of a notice in the feeds of one language; it never changes (RFC 4151)."""
    return f"tag:{site.feed_id_host},{incident.opened.year}:{incident.id}/{sequence}/{language}"


def _items(site: SiteContext, language: str, newest: Sequence[IncidentNotice]) -> list[_Item]:
    dates = _distinct_dates([recorded_notice.recorded for _, recorded_notice in newest])
    dated = list(zip(newest, dates, strict=True))[:_ITEM_LIMIT]
    return [_item(site, language, incident, recorded_notice, at) for (incident, recorded_notice), at in dated]


def _item(site: SiteContext, language: str, incident: Incident, recorded_notice: RecordedNotice, at: datetime) -> _Item:
    notice_text = notice_text_of(site, language, incident, recorded_notice)
    text = notice_text.media["feed"]
    lines = tuple(line for line in strip_forbidden(text.body).splitlines() if line.strip())
    path = f"{urls.incident_folder(language, incident.id)}#{urls.anchor(recorded_notice.sequence)}"
    return _Item(
        id=item_id(site, language, incident, recorded_notice.sequence),
        title=strip_forbidden(text.subject or notice_text.title),
        lines=lines,
        html="".join(f"<p>{escape(line)}</p>" for line in lines),
        link=site.absolute_url(path),
        published_at=at,
    )


def _distinct_dates(recorded: Sequence[datetime]) -> list[datetime]:
    """The times in whole seconds, newest first, each at least a second later than the next."""
    dates: list[datetime] = []
    for at in reversed(recorded):
        whole_second = at.replace(microsecond=0)
        dates.append(max(whole_second, dates[-1] + timedelta(seconds=1)) if dates else whole_second)
    return dates[::-1]


def _fit_to_limit(site: SiteContext, metadata: _FeedMetadata, items: list[_Item]) -> dict[str, bytes]:
    """All three feeds with as many of the newest items as fit the limit."""
    while True:
        files = _render_feeds(site, metadata, items)
        if len(items) <= 1 or all(len(gzip_bytes(data)) <= _LARGEST for data in files.values()):
            return files
        items = items[: len(items) // 2]


def _render_feeds(site: SiteContext, metadata: _FeedMetadata, items: Sequence[_Item]) -> dict[str, bytes]:
    atom, rss = (_feed(site, metadata, items, name) for name in ("feed.atom", "feed.rss"))
    return {
        f"{metadata.folder}feed.atom": atom.atom_str(pretty=True),
        f"{metadata.folder}feed.rss": rss.rss_str(pretty=True),
        f"{metadata.folder}feed.json": _json(site, metadata, items),
    }


def _feed(site: SiteContext, metadata: _FeedMetadata, items: Sequence[_Item], name: str) -> FeedGenerator:
    from feedgen.feed import FeedGenerator

    feed, pack = FeedGenerator(), metadata.pack
    feed.id(f"tag:{site.feed_id_host},2000:{pack.marks.feed_namespace}/{metadata.id}")
    feed.title(metadata.title)
    feed.description(metadata.description)
    feed.author(name=f"{pack.marks.start}{pack.site}")
    feed.language(pack.language)
    feed.generator("statuspage")
    if site.address:
        feed.link(href=site.absolute_url(f"{metadata.folder}{name}"), rel="self")
    feed.link(
        href=site.absolute_url(metadata.folder), rel="alternate"
    )  # The last link becomes the channel's link in RSS.
    feed.category(term=pack.marks.machine, scheme=SCHEME)
    feed.updated(items[0].published_at if items else _EMPTY_FEED_DATE)
    feed.lastBuildDate(items[0].published_at if items else _EMPTY_FEED_DATE)
    for item in items:
        _add_entry(feed, pack, item)
    return feed


def _add_entry(feed: FeedGenerator, pack: LanguagePack, item: _Item) -> None:
    entry = feed.add_entry(order="append")
    entry.id(item.id)
    entry.guid(item.id, permalink=False)
    entry.title(item.title)
    entry.link(href=item.link)
    entry.content(item.html, type="html")
    entry.published(item.published_at)
    entry.updated(item.published_at)
    entry.category(term=pack.marks.machine, scheme=SCHEME)


def _json(site: SiteContext, metadata: _FeedMetadata, items: Sequence[_Item]) -> bytes:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with extensions under our own names."""
    pack = metadata.pack
    reached = {"feed_url": site.absolute_url(f"{metadata.folder}feed.json")} if site.address else {}
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": metadata.title,
        "home_page_url": site.absolute_url(metadata.folder),
        **reached,
        "description": metadata.description,
        "language": pack.language,
        "authors": [{"name": f"{pack.marks.start}{pack.site}"}],
        "_statuspage": {"cap_status": pack.marks.machine},
        "items": [_json_item(pack, item) for item in items],
    }
    return f"{json.dumps(body, ensure_ascii=False)}\n".encode()


def _json_item(pack: LanguagePack, item: _Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.link,
        "title": item.title,
        "content_html": item.html,
        "content_text": "\n".join(item.lines),
        "date_published": item.published_at.isoformat(),
        "language": pack.language,
        "tags": [pack.marks.machine],
    }
