"""The front page and the pages of incidents and maintenances, as named files in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from markupsafe import Markup

from statuspage.domain import Incident, NoticeKind, RecordedNotice, State, UptimeRecord, last_period
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import (
    full_lines,
    notice_text_of,
    site_clock,
    with_line_breaks,
)
from statuspage.rendering.site.pages.current_status import (
    count_leading,
    ongoing_incidents,
    service_groups,
    shown_states,
    still_operational_text,
    upcoming_maintenances,
)
from statuspage.rendering.site.pages.history_days import last_days
from statuspage.rendering.site.pages.incident_view import IncidentView, view_incident
from statuspage.rendering.site.pages.resolved import AffectedService, affected_services, find_story
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
    """The page of one incident in every language."""
    return {
        f"{urls.incident_folder(language, incident.id)}index.html": _incident_page(site, language, incident, now)
        for language in site.catalog.languages
    }


def _front_page(
    site: SiteContext, language: str, content: FrontPageContent, now: datetime
) -> tuple[PageLayout, Mapping[str, object]]:
    clock, open_now = site_clock(site, language), ongoing_incidents(content.incidents)
    states = shown_states(site.catalog, open_now)
    cards = [view_incident(site, language, incident, now=now, compact=True) for incident in open_now]
    plans = [_plan(site, language, incident, now) for incident in upcoming_maintenances(content.incidents)]
    headline, title, description = _front_sentence(site, language, cards, count_leading(open_now))
    layout = PageLayout(
        language=language,
        path=f"{language}/",
        tail="",
        state=cards[0].state if cards else "ok",
        title=title,
        description=description,
        sections=("services", "groups", *_front_sections(cards, plans), "lists"),
    )
    view = {
        "cards": cards,
        "headline": headline,
        "is_in_headline": count_leading(open_now) < 2,
        "more": _others_text(site, language, open_now),
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


def _front_sections(cards: Sequence[IncidentView], plans: Sequence[_Plan]) -> tuple[str, ...]:
    """The parts of the style sheet for what is open and what is planned."""
    return (*(("plan",) if plans else ()), *(("incident",) if cards else ()), *(("several",) if len(cards) > 1 else ()))


def _front_sentence(
    site: SiteContext, language: str, cards: Sequence[IncidentView], leading: int
) -> tuple[Markup, str, str]:
    """The sentence of the front page, its title and its description: those of the widest and worst incident, unless
    several are that."""
    pack = site.language_pack(language)
    if not cards:
        headline = with_line_breaks(site_label(pack, "all_operational.headline"))
        description = site_label(pack, "all_operational.description", site=pack.site)
        return headline, site_label(pack, "all_operational.title"), description
    if leading < 2:
        return cards[0].headline, cards[0].plain_headline, cards[0].plain_headline
    problems = sum(not card.is_maintenance for card in cards)
    text = site_label(pack, "other_incidents.now", n=problems)
    return with_line_breaks(text), text.replace("|", ""), text.replace("|", "")


def _others_text(site: SiteContext, language: str, ongoing: Sequence[Incident]) -> str:
    """That there are more problems than the one in the headline; "" if there are none, or if it counts several."""
    problems = sum(not incident.is_maintenance for incident in ongoing) - 1
    if problems < 1 or count_leading(ongoing) > 1:
        return ""
    pack = site.language_pack(language)
    return site_label(pack, "other_incidents.one" if problems == 1 else "other_incidents.many", n=problems)


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
        day=f"{clock.format_day(planned.start, now=now)}{pack.locale_rules.day_gap}".rstrip(),
        start=clock.format_time(planned.start),
        iso=clock.format_iso(planned.start),
        end=clock.format_time(planned.end) if is_same_day else clock.format_day_time(planned.end, now=now),
        headline=view_incident(site, language, incident, now=now, compact=True).plain_headline,
        href=urls.incident_folder(language, incident.id),
    )


def _incident_page(site: SiteContext, language: str, incident: Incident, now: datetime) -> bytes:
    incident_view = view_incident(site, language, incident, now=now, compact=False)
    path, report = urls.incident_folder(language, incident.id), _newest_postmortem(incident)
    layout = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state=incident_view.state,
        title=incident_view.title,
        description=incident_view.description,
        sections=("incident", "crumb", "own", *(("story", "guide") if incident.is_announced_over else ())),
    )
    if not incident.is_announced_over:
        return render_page(site, layout, "incident.html", {"incident": incident_view})
    services = affected_services(site, language, incident)
    view = {
        "incident": incident_view,
        "story": find_story(site, language, incident),
        "services": services,
        "period": _period(site, language, incident, incident_view, now),
        "rows": [fact.row for fact in incident_view.facts if fact.row.key not in _told_otherwise(services)],
        "report": _report(site, language, incident, report) if report else (),
    }
    return render_page(site, layout, "resolved.html", view)


def _period(site: SiteContext, language: str, incident: Incident, view: IncidentView, now: datetime) -> str:
    """When it was and for how long, with its day; "" if that is not known."""
    facts, clock = last_period(incident), site_clock(site, language)
    line = next((line for fact in view.facts if fact.row.key == "period" for line in fact.row.lines), "")
    if not line or facts is None or facts.start is None or facts.ended_at is None:
        return line
    is_same_day = clock.local_date(facts.start.at) == clock.local_date(facts.ended_at)
    return f"{clock.format_full_day(facts.start.at, now=now)} · {line}" if is_same_day else line


def _told_otherwise(services: Sequence[AffectedService]) -> tuple[str, ...]:
    """The facts that the page of an incident that is over tells in its header and in its list of services."""
    return ("period", "scope") if services else ("period",)


def _newest_postmortem(incident: Incident) -> RecordedNotice | None:
    """The newest postmortem, if any."""
    return next((n for n in reversed(incident.notices) if n.notice.notice is NoticeKind.POSTMORTEM), None)


def _report(site: SiteContext, language: str, incident: Incident, recorded: RecordedNotice) -> tuple[Markup | str, ...]:
    """The postmortem as the one block of HTML that it was written as, or in paragraphs; nothing if it has only prepared
    sentences, which the facts say."""
    notice_text = notice_text_of(site, language, incident, recorded)
    is_by_hand = any(sentence.name == "by_hand" for sentence in notice_text.sentences)
    if recorded.notice.facts.preventions and not notice_text.postmortem and not is_by_hand:
        return ()
    if notice_text.postmortem:
        return (Markup(notice_text.postmortem),)  # noqa: S704 - cleaned by wording, stored as approved
    return full_lines(site.language_pack(language), notice_text)
