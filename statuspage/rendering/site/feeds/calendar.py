"""``calendar.ics``: planned maintenance for calendars, in every language (RFC 5545, RFC 7986)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from statuspage.domain import Incident, LanguagePack, NoticeKind
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of, strip_marks
from statuspage.rendering.site.templating import site_label, strip_forbidden

if TYPE_CHECKING:
    from icalendar import Event

_AGAIN = timedelta(hours=1)  # how soon a calendar should refresh


def calendar_files(site: SiteContext, maintenances: Sequence[Incident]) -> dict[str, bytes]:
    """A calendar in every language. ``maintenances`` are the newest ones; cancelled ones are kept and marked as
    such."""
    return {f"{language}/calendar.ics": _calendar(site, language, maintenances) for language in site.catalog.languages}


def _calendar(site: SiteContext, language: str, maintenances: Sequence[Incident]) -> bytes:
    from icalendar import Calendar

    pack = site.language_pack(language)
    calendar = Calendar()
    calendar.add("prodid", f"-//statuspage//{language}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = f"{pack.marks.start}{site_label(pack, 'calendar.name', site=pack.site)}"
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", site.catalog.site.zone)
    calendar.add("refresh-interval", _AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("x-cap-status", pack.marks.machine)
    for maintenance in maintenances:
        calendar.add_component(_event(site, pack, maintenance))
    return bytes(calendar.to_ical())


def _event(site: SiteContext, pack: LanguagePack, maintenance: Incident) -> Event:
    plan, newest = maintenance.maintenance_window, maintenance.notices[-1]
    if plan is None:
        raise ValueError(f"{maintenance.id} is no planned work")
    notice_text = notice_text_of(site, pack.language, maintenance, newest)
    from icalendar import Event

    event = Event()
    event.add("uid", f"{maintenance.id}@{site.feed_id_host}")
    event.add("sequence", count_plan_changes(maintenance))
    event.add("dtstamp", newest.recorded)
    event.add("created", maintenance.notices[0].recorded)
    event.add("last-modified", newest.recorded)
    event.add("dtstart", plan.start)
    event.add("dtend", plan.end)
    event.add("summary", strip_forbidden(f"{pack.marks.start}{strip_marks(pack, notice_text.title)}"))
    event.add("description", strip_forbidden(notice_text.media["feed"].body))
    event.add("url", site.absolute_url(urls.incident_folder(pack.language, maintenance.id)))
    event.add("status", "CANCELLED" if _is_cancelled(maintenance) else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [pack.marks.machine])
    return event


def count_plan_changes(maintenance: Incident) -> int:
    """How often the plan was changed or cancelled since it was announced. Calendars use the version with the higher
    number."""
    plans = [(n.notice.facts.maintenance_window, n.notice.notice is NoticeKind.CANCELLED) for n in maintenance.notices]
    windows = [(plan.start, plan.end, off) for plan, off in plans if plan]
    return sum(before != after for before, after in pairwise(windows))


def _is_cancelled(maintenance: Incident) -> bool:
    return any(n.notice.notice is NoticeKind.CANCELLED for n in maintenance.notices)
