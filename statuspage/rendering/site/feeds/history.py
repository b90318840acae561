"""``history.rss`` and ``history.atom``: one entry for each incident and maintenance, with all its notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import escape

from statuspage.domain import Incident
from statuspage.rendering.site.api import ENTRIES, RecentIncidents, last_notice_at
from statuspage.rendering.site.api.objects import add_marks, incident_link, notice_body, snapshot_at_each_notice
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of, site_clock, strip_marks, without_date
from statuspage.rendering.site.feeds.elements import (
    atom_category,
    atom_time,
    element,
    html_element,
    rss_category,
    rss_time,
    xml_document,
)
from statuspage.rendering.site.templating import site_label

_FeedEntry = tuple[Incident, str]
"""An incident with its notices as HTML."""


def history_feed_files(site: SiteContext, recent: RecentIncidents) -> dict[str, bytes]:
    """Both feeds: the ``ENTRIES`` with the newest notices, newest first."""
    incidents = sorted(recent.latest, key=lambda i: (last_notice_at(i), i.id), reverse=True)[:ENTRIES]
    entries = [(incident, incident_html(site, incident)) for incident in incidents]
    return {"history.atom": _atom(site, recent, entries), "history.rss": _rss(site, recent, entries)}


def incident_html(site: SiteContext, incident: Incident) -> str:
    """All notices of an incident, newest first, a paragraph each; before them the planned time if it is still ahead."""
    pack, statuses = site.catalog.leading_pack, [snapshot.status for snapshot in snapshot_at_each_notice(incident)]
    paragraphs = []
    for recorded_notice, previous_status, status in zip(incident.notices, ("", *statuses), statuses, strict=False):
        # An update that does not change the state is labelled "Update".
        label = site_label(pack, f"api.update.{'update' if status == previous_status else status}")
        paragraphs.append(
            _paragraph(site, recorded_notice.recorded, label, notice_body(site, incident, recorded_notice))
        )
    if incident.maintenance_window and incident.status == "scheduled":
        window = incident.maintenance_window
        paragraphs.append(f"<p><strong>{_planned_time(site, window.start, window.end)}</strong></p>")
    return f"{escape(pack.marks.start)}{''.join(paragraphs[::-1])}{escape(pack.marks.end)}"


def _title(site: SiteContext, incident: Incident) -> str:
    """The title without its date, which every paragraph has."""
    pack = site.catalog.leading_pack
    title = notice_text_of(site, pack.language, incident, incident.notices[-1]).title
    return add_marks(pack, without_date(strip_marks(pack, title)))


def _paragraph(site: SiteContext, at: datetime, label: str, text: str) -> str:
    body = "<br />".join(str(escape(line)) for line in text.splitlines())
    return f"<p><small>{_format_time(site, at, zone=True)}</small><br><strong>{escape(label)}</strong> - {body}</p>"


def _planned_time(site: SiteContext, start: datetime, end: datetime) -> str:
    """A planned time; both days only if they differ."""
    clock = site_clock(site, site.catalog.leading_pack.language)
    local_end = end.astimezone(ZoneInfo(site.catalog.site.zone))
    end_text = f"{_var('time', f'{local_end:%H:%M}')} {local_end.tzname()}"
    if clock.local_date(start) != clock.local_date(end):
        end_text = _format_time(site, end, zone=True)
    label = site_label(site.catalog.leading_pack, "api.scheduled")
    return f"{escape(label)} {_format_time(site, start, zone=False)} - {end_text}"


def _format_time(site: SiteContext, at: datetime, *, zone: bool) -> str:
    """Month, day padded to two characters, time and zone; day and time are in the elements that clients look for."""
    pack = site.catalog.leading_pack
    local_time = at.astimezone(ZoneInfo(site.catalog.site.zone))
    text = site_label(
        pack,
        "api.when",
        month=escape(site_clock(site, pack.language).format_short_month(at)),
        day=_var("date", f"{local_time.day:2}"),
        time=_var("time", f"{local_time:%H:%M}"),
    )
    return f"{text} {local_time.tzname()}" if zone else text


def _var(name: str, text: str) -> str:
    return f"<var data-var='{name}'>{text}</var>"


def _atom(site: SiteContext, recent: RecentIncidents, entries: Sequence[_FeedEntry]) -> bytes:
    pack = site.catalog.leading_pack
    feed_mark = pack.marks.feed_namespace if pack.marks.word else ""
    header = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{pack.language}">',
        f"<id>tag:{site.feed_id_host},2005:{feed_mark}/history</id>",
        f'<link rel="alternate" type="text/html" href="{escape(site.absolute_url(""))}"/>',
        f'<link rel="self" type="application/atom+xml" href="{escape(site.absolute_url("history.atom"))}"/>',
        element("title", _feed_title(site)),
        element("subtitle", _feed_description(site)),
        atom_category(pack.marks.machine),
        f"<updated>{atom_time(recent.updated_at)}</updated>",
        f"<author><name>{escape(f'{pack.marks.start}{pack.site}')}</name></author>",
    ]
    return xml_document([*header, *(_atom_entry(site, *entry) for entry in entries), "</feed>"])


def _atom_entry(site: SiteContext, incident: Incident, html: str) -> str:
    parts = (
        f"<id>{_entry_id(site, incident)}</id>",
        f"<published>{atom_time(last_notice_at(incident))}</published>",
        f"<updated>{atom_time(last_notice_at(incident))}</updated>",
        f'<link rel="alternate" type="text/html" href="{escape(incident_link(site, incident))}"/>',
        element("title", _title(site, incident)),
        atom_category(site.catalog.leading_pack.marks.machine),
        html_element('content type="html"', html),
    )
    return f"<entry>{''.join(parts)}</entry>"


def _entry_id(site: SiteContext, incident: Incident) -> str:
    return f"tag:{site.feed_id_host},2005:Incident/{incident.id}"


def _rss(site: SiteContext, recent: RecentIncidents, entries: Sequence[_FeedEntry]) -> bytes:
    pack = site.catalog.leading_pack
    header = [
        '<rss version="2.0"><channel>',
        element("title", _feed_title(site)),
        f"<link>{escape(site.absolute_url(''))}</link>",
        element("description", _feed_description(site)),
        rss_category(pack.marks.machine),
        f"<pubDate>{rss_time(recent.updated_at)}</pubDate>",
    ]
    return xml_document([*header, *(_rss_item(site, *entry) for entry in entries), "</channel></rss>"])


def _rss_item(site: SiteContext, incident: Incident, html: str) -> str:
    link = escape(incident_link(site, incident))
    end_element = (
        f"<maintenanceEndDate>{rss_time(incident.maintenance_window.end)}</maintenanceEndDate>"
        if incident.maintenance_window
        else ""
    )
    parts = (
        element("title", _title(site, incident)),
        html_element("description", html),
        f"<pubDate>{rss_time(last_notice_at(incident))}</pubDate>",
        f"<link>{link}</link>",
        f"<guid>{link}</guid>" if site.address else f'<guid isPermaLink="false">{_entry_id(site, incident)}</guid>',
        rss_category(site.catalog.leading_pack.marks.machine),
        end_element,
    )
    return f"<item>{''.join(parts)}</item>"


def _feed_title(site: SiteContext) -> str:
    pack = site.catalog.leading_pack
    return f"{pack.marks.start}{site_label(pack, 'api.history', site=pack.site)}"


def _feed_description(site: SiteContext) -> str:
    pack = site.catalog.leading_pack
    return pack.marks.banner or site_label(pack, "feed.about", site=pack.site)
