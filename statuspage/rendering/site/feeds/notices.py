"""RSS and Atom with one item for each notice. The bytes change only when a notice is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from markupsafe import escape

from statuspage.domain import Incident, LanguagePack, RecordedNotice
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SCHEME, SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of
from statuspage.rendering.site.templating import site_label, strip_forbidden

if TYPE_CHECKING:
    from feedgen.feed import FeedGenerator

ENTRY_LIMIT = 40
"""How many of the newest notices to pass in: more than are shown, so that the cut does not change their dates."""

_ITEM_LIMIT = 25
SERVICE_ITEM_LIMIT = 5
_ALWAYS_SHOWN = 10
_RECENT = timedelta(hours=1)
"""Readers ask again within an hour. What is more than this older than the newest notice is shown only up to
``_ALWAYS_SHOWN`` items, because each notice writes the whole feed."""

_LARGEST = 50_000  # bytes
_EMPTY_FEED_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # date of a feed without a notice
IncidentNotice = tuple[Incident, RecordedNotice]


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    title: str
    html: str
    link: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class _FeedMetadata:
    """One feed: the address of its page, below which it is; whether that is complete; its id and its name."""

    pack: LanguagePack
    address: str
    is_reachable: bool
    id: str
    title: str
    description: str


_Render = Callable[[_FeedMetadata, Sequence[_Item]], bytes]


def build_feeds(site: SiteContext, newest: Sequence[IncidentNotice]) -> dict[str, bytes]:
    """RSS and Atom in every language. ``newest`` are the newest notices of all incidents, newest first."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        pack = site.language_pack(language)
        description = pack.marks.banner or site_label(pack, "feed.about", site=pack.site)
        metadata = _metadata(site, pack, f"{language}/", language, f"{pack.site} {pack.tagline}", description)
        items = _items(site, language, newest)
        files[f"{language}/feed.atom"] = _fit_to_limit(metadata, items, _atom)
        files[f"{language}/feed.rss"] = _fit_to_limit(metadata, items, _rss)
    return files


def build_service_feeds(site: SiteContext, service: str, newest: Sequence[IncidentNotice]) -> dict[str, bytes]:
    """RSS of one service in every language. ``newest`` are the newest notices of incidents that named it, newest
    first."""
    files: dict[str, bytes] = {}
    configured = site.catalog.services[service]
    for language in site.catalog.languages:
        pack = site.language_pack(language)
        name = pack.services[service].name
        title = site_label(pack, "feed.of_service", service=name, site=f"{pack.site} {pack.tagline}")
        description = pack.marks.banner or site_label(pack, "feed.about_service", service=name)
        folder = urls.service(language, service)
        items = _items(site, language, newest, SERVICE_ITEM_LIMIT)
        metadata = _metadata(site, pack, folder, f"{language}/{configured.first_id}", title, description)
        files[f"{folder}feed.rss"] = _fit_to_limit(metadata, items, _rss)
    return urls.with_former_ids(files, service, configured.former_ids)


def _metadata(
    site: SiteContext, pack: LanguagePack, folder: str, id: str, title: str, description: str
) -> _FeedMetadata:
    return _FeedMetadata(
        pack,
        site.absolute_url(folder),
        bool(site.address),
        f"tag:{site.feed_id_host},2000:{pack.marks.feed_namespace}/{id}",
        f"{pack.marks.start}{title}",
        description,
    )


def item_id(site: SiteContext, language: str, incident: Incident, sequence: int) -> str:
    """The id of a notice in the feeds of one language; it never changes (RFC 4151)."""
    return f"tag:{site.feed_id_host},{incident.opened.year}:{incident.id}/{sequence}/{language}"


def _items(site: SiteContext, language: str, newest: Sequence[IncidentNotice], limit: int = _ITEM_LIMIT) -> list[_Item]:
    dates = _distinct_dates([recorded_notice.recorded for _, recorded_notice in newest])
    recent_count = sum(dates[0] - at <= _RECENT for at in dates)
    count = min(max(recent_count, _ALWAYS_SHOWN), limit)
    dated = list(zip(newest, dates, strict=True))[:count]
    return [_item(site, language, incident, recorded_notice, at) for (incident, recorded_notice), at in dated]


def _item(site: SiteContext, language: str, incident: Incident, recorded_notice: RecordedNotice, at: datetime) -> _Item:
    notice_text = notice_text_of(site, language, incident, recorded_notice)
    text = notice_text.media["feed"]
    lines = [line for line in strip_forbidden(text.body).splitlines() if line.strip()]
    path = f"{urls.incident_folder(language, incident.id)}#{urls.anchor(recorded_notice.sequence)}"
    return _Item(
        id=item_id(site, language, incident, recorded_notice.sequence),
        title=strip_forbidden(text.subject or notice_text.title),
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


def _fit_to_limit(metadata: _FeedMetadata, items: list[_Item], render: _Render) -> bytes:
    """The feed with as many of the newest items as fit the limit."""
    while True:
        data = render(metadata, items)
        if len(items) <= 1 or len(data) <= _LARGEST:
            return data
        items = items[: len(items) // 2]


def _rss(metadata: _FeedMetadata, items: Sequence[_Item]) -> bytes:
    data: bytes = _feed(metadata, items, "feed.rss").rss_str()
    return data


def _atom(metadata: _FeedMetadata, items: Sequence[_Item]) -> bytes:
    data: bytes = _feed(metadata, items, "feed.atom").atom_str()
    return data


def _feed(metadata: _FeedMetadata, items: Sequence[_Item], name: str) -> FeedGenerator:
    from feedgen.feed import FeedGenerator

    feed, pack = FeedGenerator(), metadata.pack
    feed.id(metadata.id)
    feed.title(metadata.title)
    feed.description(metadata.description)
    feed.author(name=f"{pack.marks.start}{pack.site}")
    feed.language(pack.language)
    feed.generator("statuspage")
    if metadata.is_reachable:
        feed.link(href=f"{metadata.address}{name}", rel="self")
    feed.link(href=metadata.address, rel="alternate")  # The last link becomes the channel's link in RSS.
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
