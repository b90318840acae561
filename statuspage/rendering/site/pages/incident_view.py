"""The template data of one incident: fact rows, the timeline of notices, and its period once it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from statuspage.domain import (
    FactRow,
    Facts,
    Incident,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeText,
    Range,
    RecordedNotice,
    State,
    last_period,
    worst,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import (
    current_notice_text,
    full_lines,
    notice_text_of,
    replace_expired,
    short_lines,
    short_text,
    site_clock,
    strip_marks,
)
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import word_before

MARKS = {
    State.OPERATIONAL: "ok",
    State.DEGRADED: "part",
    State.PARTIAL: "part",
    State.MAJOR: "down",
    State.CHECKING: "chk",
    State.MAINTENANCE: "maint",
}
"""The CSS class that gives a state its shape and colour."""

_LARGE = 5  # characters of a large time that fit half a row on a phone: 13:30
_SMALLER = 11  # and of a smaller one: 13:00–13:30


@dataclass(frozen=True, slots=True)
class FactView:
    """A row as displayed. ``iso`` is its time, if it has exactly one.

    ``day`` is the day of a large time, shown above it; ``before`` and ``after`` are the words around it.
    ``is_half_width`` puts it beside its neighbour; ``is_compact`` makes it smaller on a phone, for a long time.
    """

    row: FactRow
    iso: str = ""
    day: str = ""
    before: str = ""
    after: str = ""
    is_half_width: bool = False
    is_compact: bool = False


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One notice of the timeline. ``as_of`` says when its text was true, if that differs from when it was published."""

    anchor: str
    time: str
    iso: str
    label: str
    lines: tuple[str, ...]
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class NextUpdateView:
    """The next update: when it is due, with the words before that time, and whether it has passed."""

    before: str
    time: str
    iso: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as displayed at one moment. ``short_title`` is the title without what the headline says."""

    id: str
    title: str
    short_title: str
    headline: Markup
    plain_headline: str
    description: str
    status: str
    state: str
    facts: tuple[FactView, ...]
    next_update: NextUpdateView | None
    timeline: tuple[TimelineItem, ...]
    href: str = ""
    is_maintenance: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedPeriod:
    """Start, end and duration of an incident that is over."""

    state: str
    start: str
    end: str
    length: str


def view_incident(
    site: SiteContext, language: str, incident: Incident, *, now: datetime, compact: bool
) -> IncidentView:
    """The incident in one language. ``compact``: short notices, and no date on those of today."""
    pack, notice_text = site.language_pack(language), current_notice_text(site, language, incident, now)
    next_update = _next_update(site, language, incident, now)
    return IncidentView(
        id=incident.id,
        title=strip_marks(pack, notice_text.title),
        short_title=_short_title(strip_marks(pack, notice_text.title), strip_marks(pack, notice_text.headline)),
        headline=Markup(strip_marks(pack, notice_text.headline_html)),  # noqa: S704 - escaped by wording, stored as approved
        plain_headline=strip_marks(pack, notice_text.headline),
        description=short_text(pack, notice_text),
        status=notice_text.status,
        state=incident_mark(incident),
        facts=_fact_rows(site, language, incident, notice_text, next_update),
        next_update=next_update,
        timeline=_timeline(site, language, incident, now, compact),
        href=urls.incident_folder(language, incident.id),
        is_maintenance=incident.is_maintenance,
    )


def find_resolved_period(site: SiteContext, language: str, incident: Incident) -> ResolvedPeriod | None:
    """The period of an incident that is over; None if it is not over or its times are not known."""
    facts = last_period(incident)
    if facts is None or facts.start is None or facts.ended_at is None:
        return None
    clock = site_clock(site, language)
    same_day = clock.format_day(facts.start.at) == clock.format_day(facts.ended_at)
    format_time = clock.format_time if same_day else clock.format_day_time
    worst_of_all = worst(tuple(impact.state for impact in incident.impacts))
    return ResolvedPeriod(
        state="maint" if incident.is_maintenance else MARKS[worst_of_all],
        start=format_time(facts.start.at),
        end=format_time(facts.ended_at),
        length=clock.format_duration(facts.ended_at - facts.start.at),
    )


def incident_mark(incident: Incident) -> str:
    """The mark of an incident: a ring once it is over, a square for maintenance, else that of its worst state."""
    if incident.is_maintenance and not (incident.is_announced_over or incident.is_closed_silently):
        return "maint"
    return MARKS[displayed_state(incident, incident.state)]


def displayed_state(incident: Incident, state: State) -> State:
    """The state of a service for customers: one that works again during monitoring is *checking*, not down."""
    return State.CHECKING if incident.status == "monitoring" and state is not State.OPERATIONAL else state


def _fact_rows(
    site: SiteContext, language: str, incident: Incident, notice_text: NoticeText, next_update: NextUpdateView | None
) -> tuple[FactView, ...]:
    facts = incident.latest.notice.facts if incident.latest else Facts(incident_type="")
    rows = [_replace_overdue(site, language, row, next_update) for row in notice_text.rows]
    time_pair = [row for row in rows if row.key in ("start", "estimate") and not row.lines]
    longest = max((len(row.time.value) for row in time_pair if row.time), default=0)
    is_half_width, is_compact = len(time_pair) == 2 and longest <= _SMALLER, longest > _LARGE
    return tuple(
        FactView(
            row,
            _machine_time(site, language, row, facts),
            *_split_day(site, language, row, facts),
            is_half_width=is_half_width and row in time_pair,
            is_compact=is_half_width and is_compact and row in time_pair,
        )
        for row in rows
    )


def _split_day(site: SiteContext, language: str, row: FactRow, facts: Facts) -> tuple[str, str, str]:
    """The day of a large time, the other words before it, and those after it."""
    if row.time is None:
        return "", "", ""
    clock, before, after = site_clock(site, language), row.time.before.strip(), row.time.after.strip()
    for day in (clock.format_day(at) for at in _moments(facts)):
        if day in before or day in after:
            return day, before.replace(day, "").strip(), after.replace(day, "").strip()
    return "", before, after


def _moments(facts: Facts) -> tuple[datetime, ...]:
    if facts.maintenance_window:
        return (facts.maintenance_window.start,)
    start_times = (facts.start.at,) if facts.start else ()
    expected = facts.estimate.current if isinstance(facts.estimate, MissedEstimate) else facts.estimate
    match expected:
        case Known(at=at) | NotBefore(at=at):
            return (*start_times, at)
        case Range(earliest=earliest, latest=latest):
            return (*start_times, earliest, latest)
        case _:
            return start_times


def _short_title(title: str, headline: str) -> str:
    """The title without its beginning if that is the headline; never empty."""
    beginning = headline.rstrip(".。")
    return (title.startswith(beginning) and title.removeprefix(beginning).strip(" ()（）")) or title


def _replace_overdue(site: SiteContext, language: str, row: FactRow, next_update: NextUpdateView | None) -> FactRow:
    """The row of the next update, no longer worded as a promise once its time has passed."""
    if row.key != "next_update" or next_update is None or not next_update.is_overdue:
        return row
    return FactRow(
        "next_update", row.label, (site_label(site.language_pack(language), "timeline.late", time=next_update.time),)
    )


def _machine_time(site: SiteContext, language: str, row: FactRow, facts: Facts) -> str:
    at: datetime | None = None
    if row.key == "start" and facts.start:
        at = facts.start.at
    if row.key == "estimate" and isinstance(facts.estimate, Known | NotBefore):
        at = facts.estimate.at
    if row.key == "next_update":
        at = facts.next_update
    return site_clock(site, language).format_iso(at) if at and row.time else ""


def _next_update(site: SiteContext, language: str, incident: Incident, now: datetime) -> NextUpdateView | None:
    latest = incident.latest
    if latest is None or incident.is_announced_over or latest.notice.facts.next_update is None:
        return None
    due_at = latest.notice.facts.next_update
    clock = site_clock(site, language)
    is_same_day = clock.format_day(due_at) == clock.format_day(latest.recorded)
    time = clock.format_time(due_at) if is_same_day else clock.format_day_time(due_at)
    pack = site.language_pack(language)
    return NextUpdateView(
        word_before(site_label(pack, "timeline.next_before"), time, pack.locale_rules),
        time,
        clock.format_iso(due_at),
        due_at <= now,
    )


def _timeline(
    site: SiteContext, language: str, incident: Incident, now: datetime, compact: bool
) -> tuple[TimelineItem, ...]:
    clock = site_clock(site, language)
    shown_day = clock.format_day(now) if compact else ""
    items: list[TimelineItem] = []
    for recorded_notice in reversed(incident.notices):
        day = clock.format_day(recorded_notice.recorded)
        items.append(
            _timeline_item(
                site, language, incident, recorded_notice, now=now, with_day=day != shown_day, compact=compact
            )
        )
        shown_day = day
    return tuple(items)


def _timeline_item(
    site: SiteContext,
    language: str,
    incident: Incident,
    recorded_notice: RecordedNotice,
    *,
    now: datetime,
    with_day: bool,
    compact: bool,
) -> TimelineItem:
    clock = site_clock(site, language)
    notice_text = notice_text_of(site, language, incident, recorded_notice)
    if incident.latest and recorded_notice.sequence == incident.latest.sequence:
        notice_text = replace_expired(notice_text, now)
    differs = abs(recorded_notice.recorded - recorded_notice.happened) >= timedelta(minutes=1)
    return TimelineItem(
        anchor=urls.anchor(recorded_notice.sequence),
        time=clock.format_day_time(recorded_notice.recorded)
        if with_day
        else clock.format_time(recorded_notice.recorded),
        iso=clock.format_iso(recorded_notice.recorded),
        label=notice_text.label,
        lines=(short_lines if compact else full_lines)(site.language_pack(language), notice_text),
        as_of=site_label(
            site.language_pack(language), "timeline.as_of", time=clock.format_time(recorded_notice.happened)
        )
        if differs
        else "",
    )
