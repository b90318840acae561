"""The template data of one incident: its mark, its fact rows, and the timeline of its notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from markupsafe import Markup

from statuspage.domain import (
    AffectedAudience,
    Audience,
    FactRow,
    Facts,
    Incident,
    Known,
    LanguagePack,
    MissedEstimate,
    NotBefore,
    NoticeText,
    Range,
    State,
    TimeText,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import (
    current_notice_text,
    joined_text,
    short_text,
    site_clock,
    strip_marks,
)
from statuspage.rendering.site.pages.news import time_change
from statuspage.rendering.site.pages.timeline import NextUpdateView, TimelineItem, find_next_update, timeline
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import format_inline, lay_out_time

MARKS = {
    State.OPERATIONAL: "ok",
    State.DEGRADED: "part",
    State.PARTIAL: "part",
    State.MAJOR: "down",
    State.CHECKING: "chk",
    State.MAINTENANCE: "maint",
}
"""The CSS class that gives a state its shape and colour."""

_TIMES = ("start", "planned", "estimate", "next_update")
_BRIEF = ("scope", "workaround", "answers", "extra")

_LARGE = 5  # characters of a large time that fit half a row on a phone: 13:30
_SMALLER = 11  # and of a smaller one: 13:00–13:30


@dataclass(frozen=True, slots=True)
class FactView:
    """A row as displayed. ``iso`` is its time, if it has exactly one.

    ``day`` is the day of a large time, shown above it; ``before`` and ``after`` are the words around it. ``was`` is
    the time that customers were told before, if another. ``is_half_width`` puts it beside its neighbour, ``is_third``
    beside two of them where there is room; ``pair`` is the class that puts a short row beside another one on a wide
    card; ``is_compact`` makes it smaller on a phone, for a long time. ``marks`` are those of the services that its
    lines name, "" for other lines.
    """

    row: FactRow
    iso: str = ""
    day: str = ""
    before: str = ""
    after: str = ""
    was: str = ""
    is_half_width: bool = False
    is_third: bool = False
    pair: str = ""
    is_compact: bool = False
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as displayed at one moment. ``brief`` are its facts beside its times, for a row that opens; ``times``
    are those times, each with its label. ``updated`` is when its newest notice was published."""

    id: str
    title: str
    headline: Markup
    plain_headline: str
    description: str
    status: str
    state: str
    facts: tuple[FactView, ...]
    brief: tuple[FactView, ...]
    times: tuple[tuple[str, str], ...]
    updated: str
    next_update: NextUpdateView | None
    timeline: tuple[TimelineItem, ...]
    href: str = ""
    is_maintenance: bool = False


def view_incident(
    site: SiteContext, language: str, incident: Incident, *, now: datetime, compact: bool
) -> IncidentView:
    """The incident in one language. ``compact``: short notices, and no date on those of today."""
    pack, notice_text = site.language_pack(language), current_notice_text(site, language, incident, now)
    next_update = find_next_update(site, language, incident, now)
    facts = _fact_rows(site, language, incident, notice_text, next_update)
    items = timeline(site, language, incident, now=now, compact=compact)
    return IncidentView(
        id=incident.id,
        title=strip_marks(pack, notice_text.title),
        headline=Markup(strip_marks(pack, notice_text.headline_html)),  # noqa: S704 - escaped by wording, stored as approved
        plain_headline=strip_marks(pack, notice_text.headline),
        description=short_text(pack, notice_text),
        status=notice_text.status,
        state=incident_mark(incident),
        facts=facts if compact else _on_own_page(pack, incident, facts),
        brief=tuple(fact for fact in facts if fact.row.key in _BRIEF),
        times=tuple(_label_and_time(pack, fact, next_update) for fact in facts if fact.row.key in _TIMES),
        updated=items[0].time,
        next_update=next_update,
        timeline=items,
        href=urls.incident_folder(language, incident.id),
        is_maintenance=incident.is_maintenance,
    )


def incident_mark(incident: Incident) -> str:
    """The mark of the sentence about an incident: a ring once it is over, a square for maintenance, a cross for what
    everybody cannot use, a triangle where only some cannot, else that of its worst state."""
    if incident.is_announced_over or incident.is_closed_silently:
        return "ok"
    if incident.is_maintenance:
        return "maint"
    return sentence_mark(displayed_state(incident, incident.state), _audience(incident))


def sentence_mark(state: State, audience: Audience) -> str:
    """The mark of the sentence that says this of the worst service: a triangle for what only some cannot use."""
    if state is State.MAJOR and not reaches_everyone(audience):
        return "part"
    return "chk" if state is State.OPERATIONAL else MARKS[state]


def is_for_everyone(incident: Incident) -> bool:
    """Whether no notice has limited it to some people."""
    return reaches_everyone(_audience(incident))


def reaches_everyone(audience: Audience) -> bool:
    """Whether it is not limited to some people. As long as nobody knows who is affected, everyone is."""
    return audience.extent not in (AffectedAudience.SOME, AffectedAudience.GROUPS)


def _audience(incident: Incident) -> Audience:
    return incident.latest.notice.facts.audience if incident.latest else Audience()


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
    pairs = _pairs(site.language_pack(language), {row.key for row in rows})
    return tuple(
        FactView(
            row,
            _machine_time(site, language, row, facts),
            *_split_day(site, language, row, facts),
            is_half_width=is_half_width and row in time_pair,
            pair=pairs.get(row.key, ""),
            is_compact=is_half_width and is_compact and row in time_pair,
            marks=_service_marks(site.language_pack(language), incident, row, facts),
        )
        for row in rows
    )


def _service_marks(pack: LanguagePack, incident: Incident, row: FactRow, facts: Facts) -> tuple[str, ...]:
    """The mark of the service that each line of what is affected begins with, "" if it begins with none."""
    if row.key != "scope" or incident.is_maintenance or incident.status == "monitoring":
        return ()
    known = [affected for affected in facts.affected if affected.service in pack.services]
    marks = {pack.services[affected.service].name: MARKS[affected.state] for affected in known}
    names = sorted(marks, key=len, reverse=True)
    return tuple(next((marks[name] for name in names if line.startswith(name)), "") for line in row.lines)


def _pairs(pack: LanguagePack, keys: set[str]) -> dict[str, str]:
    """The classes of rows that stand side by side: what we do and why, then the promise and the contact."""
    work = {"current_action": "pair", "cause": "pair two"} if {"current_action", "cause"} <= keys else {}
    return {**work, "next_update": "pair"} if pack.contact else work


def _on_own_page(pack: LanguagePack, incident: Incident, facts: Sequence[FactView]) -> tuple[FactView, ...]:
    """The facts with what their times were before, and with the next update beside the other times."""
    facts = tuple(replace(fact, was=_earlier_time(pack, incident, fact.row)) for fact in facts)
    times = [fact for fact in facts if fact.row.key in _TIMES]
    if not times or times[-1].row.key != "next_update" or not times[0].is_half_width:
        return facts
    first = facts.index(times[0])
    before, after = facts[:first], [fact for fact in facts[first:] if fact not in times]
    return (*before, *times[:-1], replace(times[-1], is_third=True), *after)


def _label_and_time(pack: LanguagePack, fact: FactView, next_update: NextUpdateView | None) -> tuple[str, str]:
    """The label of a row with its time in one line, or the word in place of it; of a late promise with that word."""
    row = fact.row
    if row.key == "next_update" and next_update and next_update.is_overdue:
        return row.label, site_label(pack, "timeline.late_time", time=next_update.time)
    if row.time is None:
        return row.label, row.placeholder or joined_text(pack, row.lines)
    layout = lay_out_time(row.time)
    text = format_inline(TimeText(layout.value, layout.before, layout.after), pack.locale_rules)
    return row.label, f"{fact.day} {text}".strip() if row.key == "planned" else text


def _earlier_time(pack: LanguagePack, incident: Incident, row: FactRow) -> str:
    """The newest earlier time that differs from this row's, in the words of its notice."""
    if row.key not in ("start", "estimate") or row.time is None or row.lines:
        return ""
    texts = [item.notice.texts.get(pack.language) for item in incident.notices[-2::-1]]
    rows = [old for text in texts if text for old in text.rows if old.key == row.key and old.time]
    changes = (time_change(pack, old, row) for old in rows)
    return next((change.old for change in changes if change), "")


def _split_day(site: SiteContext, language: str, row: FactRow, facts: Facts) -> tuple[str, str, str]:
    """The day of a large time, the other words before it, and those after it."""
    if row.time is None:
        return "", "", ""
    clock, before, after = site_clock(site, language), row.time.before.strip(), row.time.after.strip()
    for day in (day for at in _moments(facts) for day in (clock.format_day(at, now=at - _YEAR), clock.format_day(at))):
        if day in before or day in after:
            return day, before.replace(day, "").strip(), after.replace(day, "").strip()
    return "", before, after


_YEAR = timedelta(days=366)
"""So long before a time the year was another, and the day is written with its year."""


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
