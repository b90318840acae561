"""The front page and the pages of incidents and maintenances, as named files in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from markupsafe import Markup

from statuspage.domain import Incident, NoticeKind, RecordedNotice, State, UptimeRecord
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import (
    full_lines,
    notice_text_of,
    short_text,
    site_clock,
    strip_marks,
    with_line_breaks,
)
from statuspage.rendering.site.pages.current_status import (
    current_states,
    ongoing_incidents,
    page_mark,
    service_groups,
    still_operational_text,
    upcoming_maintenances,
)
from statuspage.rendering.site.pages.history_days import last_days
from statuspage.rendering.site.pages.incident_view import find_resolved_period, incident_mark, view_incident
from statuspage.rendering.site.templating import PageLayout, render_page, site_label


@dataclass(frozen=True, slots=True)
class FrontPageContent:
    """What the front page is made from: the open incidents and the newest of each of the last days, the total number
    for each day, and the record of each service."""

    incidents: Sequence[Incident]
    counts: Mapping[date, int]
    records: Mapping[str, UptimeRecord]


def front_pages(site: SiteContext, content: FrontPageContent, *, now: datetime) -> dict[str, bytes]:
    """The front page in every language, then the root in the leading one, which redirects browsers to their own
    language."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        layout, view = _front_page(site, language, content, now)
        files[f"{language}/index.html"] = render_page(site, layout, "home.html", view)
        if language == site.catalog.languages[0]:
            root = render_page(site, replace(layout, path="", redirects_by_language=True), "home.html", view)
    return {**files, "index.html": root}


def incident_pages(site: SiteContext, incident: Incident, *, now: datetime) -> dict[str, bytes]:
    """The page of one incident in every language, and that of its postmortem once there is one."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        files[f"{urls.incident_folder(language, incident.id)}index.html"] = _incident_page(
            site, language, incident, now
        )
    if _newest_postmortem(incident):
        for language in site.catalog.languages:
            files[f"{urls.postmortem(language, incident.id)}index.html"] = _postmortem_page(site, language, incident)
    return files


def _front_page(
    site: SiteContext, language: str, content: FrontPageContent, now: datetime
) -> tuple[PageLayout, Mapping[str, object]]:
    pack, clock = site.language_pack(language), site_clock(site, language)
    open_now = ongoing_incidents(content.incidents)
    states = current_states(site.catalog, open_now)
    cards = [view_incident(site, language, incident, now=now, compact=True) for incident in open_now]
    plans = [_plan(site, language, incident, now) for incident in upcoming_maintenances(content.incidents)]
    all_operational = site_label(pack, "all_operational.title")
    layout = PageLayout(
        language=language,
        path=f"{language}/",
        tail="",
        state=page_mark(states, open_now),
        title=cards[0].plain_headline if cards else all_operational,
        description=cards[0].description if cards else site_label(pack, "all_operational.description", site=pack.site),
        sections=("services", *(("plan",) if plans else ()), "lists", *(("incident",) if cards else ())),
    )
    view = {
        "cards": cards,
        "all_operational": with_line_breaks(site_label(pack, "all_operational.headline")),
        "more": len(cards) - 1,
        "still_operational": still_operational_text(site, language, states, open_now),
        "groups": service_groups(site, language, states, content.records),
        "key": [mark for mark in _KEY if mark != "chk" or State.CHECKING in states.values()],
        "since": _records_since(site, language, content.records),
        "plans": plans,
        "days": last_days(site, language, content.incidents, content.counts, now),
        "month": urls.month(language, *urls.month_of(now, site.catalog.site.zone)),
        "as_of": (clock.format_iso(now), clock.format_day_time(now), clock.zone_name_at(now)),
    }
    return layout, view


_KEY = ("ok", "part", "down", "maint", "chk")


def _records_since(site: SiteContext, language: str, records: Mapping[str, UptimeRecord]) -> str:
    """The first day of the records, if the bars show it."""
    first_day = site.catalog.site.history_start
    is_within_bars = first_day and any(first_day > record.first_day for record in records.values())
    return site_clock(site, language).format_short_date(first_day) if first_day and is_within_bars else ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Upcoming maintenance: its day and time, also in machine-readable form, and its text."""

    day: str
    start: str
    iso: str
    end: str
    headline: str
    href: str


def _plan(site: SiteContext, language: str, incident: Incident, now: datetime) -> _Plan:
    pack, clock, planned = site.language_pack(language), site_clock(site, language), incident.maintenance_window
    if planned is None:
        raise ValueError(f"{incident.id} has no window")
    is_same_day = clock.local_date(planned.start) == clock.local_date(planned.end)
    return _Plan(
        day=f"{clock.format_day(planned.start)}{pack.locale_rules.day_gap}".rstrip(),
        start=clock.format_time(planned.start),
        iso=clock.format_iso(planned.start),
        end=clock.format_time(planned.end) if is_same_day else clock.format_day_time(planned.end),
        headline=view_incident(site, language, incident, now=now, compact=True).plain_headline,
        href=urls.incident_folder(language, incident.id),
    )


def _incident_page(site: SiteContext, language: str, incident: Incident, now: datetime) -> bytes:
    incident_view = view_incident(site, language, incident, now=now, compact=False)
    resolved_period = find_resolved_period(site, language, incident)
    path = urls.incident_folder(language, incident.id)
    layout = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state=incident_view.state,
        title=incident_view.title,
        description=incident_view.description,
        sections=("incident", "own", "story") if incident.is_announced_over else ("incident", "own"),
    )
    template = "resolved.html" if incident.is_announced_over else "incident.html"
    postmortem_path = urls.postmortem(language, incident.id) if _newest_postmortem(incident) else ""
    summary = [fact for fact in incident_view.facts if fact.row.key != "cause"]
    view = {
        "incident": incident_view,
        "ending": resolved_period,
        "postmortem_path": postmortem_path,
        "summary": summary if any(fact.row.key == "scope" for fact in summary) else (),
        "cause": next((fact.row for fact in incident_view.facts if fact.row.key == "cause"), None),
    }
    return render_page(site, layout, template, view)


def _newest_postmortem(incident: Incident) -> RecordedNotice | None:
    """The newest postmortem, if any."""
    return next((n for n in reversed(incident.notices) if n.notice.notice is NoticeKind.POSTMORTEM), None)


def _postmortem_page(site: SiteContext, language: str, incident: Incident) -> bytes:
    recorded_notice = _newest_postmortem(incident)
    if recorded_notice is None:
        raise ValueError(f"{incident.id} has no report")
    pack, notice_text = site.language_pack(language), notice_text_of(site, language, incident, recorded_notice)
    path, clock = urls.postmortem(language, incident.id), site_clock(site, language)
    layout = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state=incident_mark(incident),
        title=site_label(pack, "postmortem.title", title=strip_marks(pack, notice_text.title)),
        description=short_text(pack, notice_text),
        sections=("guide",),
    )
    view = {
        "text": Markup(notice_text.postmortem),  # noqa: S704 - cleaned by wording, stored as approved
        "lines": () if notice_text.postmortem else full_lines(pack, notice_text),
        "written_at": (clock.format_iso(recorded_notice.recorded), clock.format_day_time(recorded_notice.recorded)),
        "href": urls.incident_folder(language, incident.id),
    }
    return render_page(site, layout, "postmortem.html", view)
