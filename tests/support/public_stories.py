"""What the public pages tell in their mocks: three problems at once, and a whole life of one incident, composed in
every language of the content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.domain import (
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Facts,
    Incident,
    Known,
    MaintenanceWindow,
    Notice,
    NoticeKind,
    Precision,
    StartTime,
    State,
    TimelineEntry,
)
from statuspage.rendering.wording import REPORTS, IncidentContext, compose
from tests.support.times import at

ALL = Audience(AffectedAudience.ALL)
SOME = Audience(AffectedAudience.SOME)
NOW = at("12:48")
"""The moment of the mocks."""

Step = tuple[NoticeKind, datetime, Facts]


def told(catalog: Catalog, id: str, *steps: Step) -> Incident:
    """The incident with these notices, each composed after those before it."""
    entries: list[TimelineEntry] = []
    titles: dict[str, str] = {}
    for number, (kind, when, facts) in enumerate(steps, 1):
        before = Incident(id, steps[0][1], steps[0][1], "form", tuple(entries))
        reports = [item for item in before.notices if item.notice.notice in REPORTS]
        context = IncidentContext(
            id,
            "https://status.example",
            titles=titles,
            previous_facts=before.latest.notice.facts if before.latest else None,
            report_count=len(reports),
            corrected_notice_at=before.latest.recorded if before.latest and kind is NoticeKind.CORRECTION else None,
            first_notice_at=before.notices[0].recorded if before.notices else None,
            claims=before.claims,
        )
        texts = compose(kind, facts, catalog=catalog, incident=context, now=when)
        titles = {language: text.title for language, text in texts.items()}
        entries.append(TimelineEntry(number, when, when, Notice(kind, facts, texts)))
    return Incident(id, steps[0][1], steps[0][1], "form", tuple(entries))


def booking_life(catalog: Catalog, until: int = 7, *, id: str = "k3m9p2q7x4ab") -> Incident:
    """Booking stops at 11:48, comes back in two stages and is over at 13:40; the first ``until`` notices of it."""
    return told(catalog, id, *tuple(_booking_steps(catalog))[:until])


def _booking_steps(catalog: Catalog) -> Iterator[Step]:
    kind = catalog.incident_types["booking"]
    affected = (Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED))
    first = Facts(
        "booking",
        affected,
        ALL,
        StartTime(Precision.ABOUT, at("11:55")),
        workarounds=kind.workarounds[:2],
        next_update=at("12:30"),
    )
    found = replace(first, estimate=Known(at("13:00")), current_action=kind.current_actions[0], cause=kind.causes[0])
    earlier = replace(found, start=StartTime(Precision.ABOUT, at("11:48")), next_update=at("12:45"))
    later = replace(earlier, estimate=Known(at("13:30")), next_update=at("13:15"))
    slow = replace(later, affected=affected[1:], workarounds=(), estimate=Known(at("13:40")), next_update=at("13:45"))
    over = replace(slow, ended_at=at("13:40"), next_update=None)
    yield NoticeKind.FIRST, at("12:03"), first
    yield NoticeKind.UPDATE, at("12:18"), found
    yield NoticeKind.CORRECTION, at("12:30"), earlier
    yield NoticeKind.UPDATE, at("12:44"), later
    yield NoticeKind.PARTLY_RESTORED, at("13:12"), slow
    yield NoticeKind.RESOLVED, at("13:42"), over
    report = {
        language: f"## Cause\n\nA setting was wrong ({language}).\n\n* We test it." for language in catalog.languages
    }
    yield NoticeKind.POSTMORTEM, at("15:00", "2026-07-06"), replace(over, postmortem=report)


def login_trouble(catalog: Catalog) -> Incident:
    """Some people cannot sign in; nobody knows until when."""
    facts = Facts(
        "login",
        (Affected("login", State.PARTIAL),),
        SOME,
        StartTime(Precision.ABOUT, at("12:25")),
        workarounds=catalog.incident_types["login"].workarounds[:1],
        next_update=at("13:05"),
    )
    return told(catalog, "login2q7x4ab", (NoticeKind.FIRST, at("12:35"), facts))


def late_messages(catalog: Catalog) -> Incident:
    """Messages are late for everybody."""
    facts = Facts(
        "messages",
        (Affected("notices", State.DEGRADED),),
        ALL,
        StartTime(Precision.ABOUT, at("11:40")),
        Known(at("13:00")),
        next_update=at("13:00"),
    )
    return told(catalog, "late02q7x4ab", (NoticeKind.FIRST, at("12:20"), facts))


def past_incident(catalog: Catalog, type: str, service: str, state: State, began: datetime, minutes: int) -> Incident:
    """One that was over after so many minutes."""
    ended, start = began + timedelta(minutes=minutes), StartTime(Precision.EXACT, began)
    facts = Facts(type, (Affected(service, state),), ALL, start, next_update=ended)
    over = replace(facts, ended_at=ended, next_update=None)
    steps = (NoticeKind.FIRST, began + timedelta(minutes=5), facts), (NoticeKind.RESOLVED, ended, over)
    return told(catalog, f"past{began:%m%d}{service:.4}", *steps)


def past_incidents(catalog: Catalog) -> tuple[Incident, ...]:
    """Two of the week before."""
    return (
        past_incident(catalog, "messages", "notices", State.DEGRADED, at("09:10", "2026-07-01"), 38),
        past_incident(catalog, "entry", "gate", State.PARTIAL, at("07:02", "2026-06-28"), 19),
    )


def planned_work(catalog: Catalog) -> Incident:
    """Maintenance in the night to 8 July."""
    window = MaintenanceWindow(at("02:00", "2026-07-08"), at("04:00", "2026-07-08"))
    facts = Facts(MAINTENANCE, (Affected("fees", State.MAJOR),), maintenance_window=window)
    return told(catalog, "m3m9p2q7x4ab", (NoticeKind.ANNOUNCED, at("12:00", "2026-07-03"), facts))


def three_at_once(catalog: Catalog) -> tuple[Incident, ...]:
    """Booking stopped, sign-in trouble and late messages, beside planned work and past incidents."""
    open_now = (booking_life(catalog, 4), login_trouble(catalog), late_messages(catalog))
    return (*open_now, planned_work(catalog), *past_incidents(catalog))
