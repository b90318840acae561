"""RSS and Atom with one item for each notice. The bytes change only when a notice is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import escape

from statuspage.domain import Incident, LanguagePack, RecordedNotice
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of
from statuspage.rendering.site.feeds.elements import (
    atom_category,
    atom_time,
    element,
    html_element,
    rss_category,
    rss_time,
    xml_document,
)
from statuspage.rendering.site.templating import site_label, strip_forbidden

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
        items = _items(site, language, newest)[:SERVICE_ITEM_LIMIT]
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


def _items(site: SiteContext, language: str, newest: Sequence[IncidentNotice]) -> list[_Item]:
    dates = _distinct_dates([recorded_notice.recorded for _, recorded_notice in newest])
    recent_count = sum(dates[0] - at <= _RECENT for at in dates)
    count = min(max(recent_count, _ALWAYS_SHOWN), _ITEM_LIMIT)
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
    """RSS 2.0 (https://www.rssboard.org/rss-specification), with a link to itself from Atom."""
    machine = metadata.pack.marks.machine
    itself = f'<atom:link href="{escape(metadata.address)}feed.rss" rel="self" type="application/rss+xml"/>'
    header = [
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
        element("title", metadata.title),
        element("link", metadata.address),
        element("description", metadata.description),
        *([itself] if metadata.is_reachable else []),
        rss_category(machine),
        element("generator", "statuspage"),
        element("language", metadata.pack.language),
        element("lastBuildDate", rss_time(_updated_at(items))),
    ]
    return xml_document([*header, *(_rss_item(machine, item) for item in items), "</channel></rss>"])


def _rss_item(machine: str, item: _Item) -> str:
    parts = (
        element("title", item.title),
        element("link", item.link),
        html_element("description", item.html),
        f'<guid isPermaLink="false">{item.id}</guid>',
        rss_category(machine),
        element("pubDate", rss_time(item.published_at)),
    )
    return f"<item>{''.join(parts)}</item>"


def _atom(metadata: _FeedMetadata, items: Sequence[_Item]) -> bytes:
    """Atom 1.0 (RFC 4287)."""
    pack = metadata.pack
    address = escape(metadata.address)
    header = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{pack.language}">',
        f"<id>{metadata.id}</id>",
        element("title", metadata.title),
        element("updated", atom_time(_updated_at(items))),
        f"<author>{element('name', f'{pack.marks.start}{pack.site}')}</author>",
        *([f'<link href="{address}feed.atom" rel="self"/>'] if metadata.is_reachable else []),
        f'<link href="{address}" rel="alternate"/>',
        atom_category(pack.marks.machine),
        element("generator", "statuspage"),
        element("subtitle", metadata.description),
    ]
    return xml_document([*header, *(_atom_entry(pack.marks.machine, item) for item in items), "</feed>"])


def _atom_entry(machine: str, item: _Item) -> str:
    published = atom_time(item.published_at)
    parts = (
        element("id", item.id),
        element("title", item.title),
        element("updated", published),
        html_element('content type="html"', item.html),
        f'<link href="{escape(item.link)}"/>',
        atom_category(machine),
        element("published", published),
    )
    return f"<entry>{''.join(parts)}</entry>"


def _updated_at(items: Sequence[_Item]) -> datetime:
    return items[0].published_at if items else _EMPTY_FEED_DATE
