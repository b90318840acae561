"""``history.rss`` and ``history.atom``: an entry for each incident and planned work, with all its notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from markupsafe import escape

from statuspage.domain import Incident
from statuspage.rendering.site.api import ENTRIES, Recent, changed
from statuspage.rendering.site.api.objects import at_each, incident_link, name_of, text_of
from statuspage.rendering.site.context import SCHEME, SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.templating import site_label

_Told = tuple[Incident, str]
"""An incident and its notices in HTML, which is escaped once more in both feeds."""


def history_feed_files(edition: SiteContext, recent: Recent) -> dict[str, bytes]:
    """Both feeds: the newest ``ENTRIES``, the one customers were told of last first."""
    stories = sorted(recent.lately, key=lambda i: (changed(i), i.id), reverse=True)[:ENTRIES]
    told = [(story, str(escape(html(edition, story)))) for story in stories]
    return {"history.atom": _atom(edition, recent, told), "history.rss": _rss(edition, recent, told)}


def html(edition: SiteContext, story: Incident) -> str:
    """All notices of one, newest first, a paragraph each; before them the time of work that is still ahead."""
    book, statuses = edition.catalog.leading, [then.status for then in at_each(story)]
    paragraphs = []
    for said, before, status in zip(story.notices, ("", *statuses), statuses, strict=False):
        # An update in the state that it was in before is called just that.
        called = site_label(book, f"client.update.{'update' if status == before else status}")
        paragraphs.append(_paragraph(edition, said.recorded, called, text_of(edition, story, said)))
    if story.planned and story.status == "scheduled":
        paragraphs.append(f"<p><strong>{_ahead(edition, story.planned.start, story.planned.end)}</strong></p>")
    return f"{escape(book.marks.start)}{''.join(paragraphs[::-1])}{escape(book.marks.end)}"


def _paragraph(edition: SiteContext, at: datetime, called: str, text: str) -> str:
    body = "<br />".join(str(escape(line)) for line in text.splitlines())
    return f"<p><small>{_when(edition, at, zone=True)}</small><br><strong>{escape(called)}</strong> - {body}</p>"


def _ahead(edition: SiteContext, start: datetime, end: datetime) -> str:
    """A planned time: both days only where they differ."""
    time = site_clock(edition, edition.catalog.leading.language)
    there = end.astimezone(ZoneInfo(edition.catalog.site.zone))
    until = f"{_var('time', f'{there:%H:%M}')} {there.tzname()}"
    if time.on(start) != time.on(end):
        until = _when(edition, end, zone=True)
    said = site_label(edition.catalog.leading, "client.scheduled")
    return f"{escape(said)} {_when(edition, start, zone=False)} - {until}"


def _when(edition: SiteContext, at: datetime, *, zone: bool) -> str:
    """Month, day padded to two places, hours and minutes, zone; day and time in the elements clients look for."""
    book = edition.catalog.leading
    there = at.astimezone(ZoneInfo(edition.catalog.site.zone))
    said = site_label(
        book,
        "client.when",
        month=escape(site_clock(edition, book.language).short_month(at)),
        day=_var("date", f"{there.day:2}"),
        time=_var("time", f"{there:%H:%M}"),
    )
    return f"{said} {there.tzname()}" if zone else said


def _var(name: str, text: str) -> str:
    return f"<var data-var='{name}'>{text}</var>"


def _atom(edition: SiteContext, recent: Recent, told: Sequence[_Told]) -> bytes:
    book = edition.catalog.leading
    own = book.marks.feed if book.marks.word else ""
    head = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{book.language}">',
        f"<id>tag:{edition.host},2005:{own}/history</id>",
        f'<link rel="alternate" type="text/html" href="{escape(edition.reach(""))}"/>',
        f'<link rel="self" type="application/atom+xml" href="{escape(edition.reach("history.atom"))}"/>',
        f"<title>{escape(_feed_title(edition))}</title>",
        f"<subtitle>{escape(_about(edition))}</subtitle>",
        f'<category term="{book.marks.machine}" scheme="{SCHEME}"/>',
        f"<updated>{_iso_time(recent.updated)}</updated>",
        f"<author><name>{escape(f'{book.marks.start}{book.site}')}</name></author>",
    ]
    return _document([*head, *(_atom_entry(edition, *one) for one in told), "</feed>"])


def _atom_entry(edition: SiteContext, story: Incident, escaped: str) -> str:
    parts = (
        f"<id>{_entry_id(edition, story)}</id>",
        f"<published>{_iso_time(changed(story))}</published>",
        f"<updated>{_iso_time(changed(story))}</updated>",
        f'<link rel="alternate" type="text/html" href="{escape(incident_link(edition, story))}"/>',
        f"<title>{escape(name_of(edition, story))}</title>",
        f'<category term="{edition.catalog.leading.marks.machine}" scheme="{SCHEME}"/>',
        f'<content type="html">{escaped}</content>',
    )
    return f"<entry>{''.join(parts)}</entry>"


def _entry_id(edition: SiteContext, story: Incident) -> str:
    return f"tag:{edition.host},2005:Incident/{story.id}"


def _rss(edition: SiteContext, recent: Recent, told: Sequence[_Told]) -> bytes:
    head = [
        '<rss version="2.0"><channel>',
        f"<title>{escape(_feed_title(edition))}</title>",
        f"<link>{escape(edition.reach(''))}</link>",
        f"<description>{escape(_about(edition))}</description>",
        _category(edition),
        f"<pubDate>{_rfc822(recent.updated)}</pubDate>",
    ]
    return _document([*head, *(_rss_item(edition, *one) for one in told), "</channel></rss>"])


def _rss_item(edition: SiteContext, story: Incident, escaped: str) -> str:
    page = escape(incident_link(edition, story))
    end = f"<maintenanceEndDate>{_rfc822(story.planned.end)}</maintenanceEndDate>" if story.planned else ""
    parts = (
        f"<title>{escape(name_of(edition, story))}</title>",
        f"<description>{escaped}</description>",
        f"<pubDate>{_rfc822(changed(story))}</pubDate>",
        f"<link>{page}</link>",
        f"<guid>{page}</guid>" if edition.address else f'<guid isPermaLink="false">{_entry_id(edition, story)}</guid>',
        _category(edition),
        end,
    )
    return f"<item>{''.join(parts)}</item>"


def _category(edition: SiteContext) -> str:
    return f'<category domain="{SCHEME}">{edition.catalog.leading.marks.machine}</category>'


def _feed_title(edition: SiteContext) -> str:
    book = edition.catalog.leading
    return f"{book.marks.start}{site_label(book, 'client.history', site=book.site)}"


def _about(edition: SiteContext) -> str:
    book = edition.catalog.leading
    return book.marks.banner or site_label(book, "feed.about", site=book.site)


def _iso_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0))


def _document(lines: Sequence[str]) -> bytes:
    declared = '<?xml version="1.0" encoding="UTF-8"?>'
    return ("\n".join([declared, *lines]) + "\n").encode()
