"""What templates show of one incident: facts in rows, the route of notices, the story of one that is over."""

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
    worst,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import (
    aged,
    bare,
    beside_rows,
    in_full,
    in_short,
    site_clock,
    words_now,
    words_of,
)
from statuspage.rendering.site.templating import site_label

MARKS = {
    State.OPERATIONAL: "ok",
    State.DEGRADED: "part",
    State.PARTIAL: "part",
    State.MAJOR: "down",
    State.CHECKING: "chk",
    State.MAINTENANCE: "maint",
}
"""The class that gives a state its shape and colour."""

_LARGE = 5  # characters of a large time that fit half a row on a phone: 13:30
_SMALLER = 11  # and of one set smaller: 13:00–13:30


@dataclass(frozen=True, slots=True)
class Fact:
    """A row ready to be set. ``iso`` is its moment, when it has exactly one.

    ``day`` is the day of a large time, which stands above it; ``before`` and ``after`` are what else belongs to it.
    ``half`` sets it beside its neighbour; ``far`` sets it smaller on a phone, for a time that is longer than most.
    """

    row: FactRow
    iso: str = ""
    day: str = ""
    before: str = ""
    after: str = ""
    half: bool = False
    far: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """One notice on the route. ``as_of`` says when its words were true, where that differs from when they appeared."""

    anchor: str
    time: str
    iso: str
    label: str
    said: tuple[str, ...]
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """The next update: by when, and whether that time has passed."""

    time: str
    iso: str
    late: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as its readers see it at one moment. ``rest`` is the title without what the headline says."""

    id: str
    title: str
    rest: str
    headline: Markup
    plain: str
    description: str
    status: str
    state: str
    facts: tuple[Fact, ...]
    promise: Promise | None
    stops: tuple[Stop, ...]
    href: str = ""
    work: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """From the cross to the ring: when it began, when it was over, how long it took."""

    state: str
    start: str
    end: str
    length: str


def view_incident(
    edition: SiteContext, language: str, incident: Incident, *, now: datetime, beside: bool
) -> IncidentView:
    """The incident in one language. ``beside`` others, notices are said in short and those of today without a date."""
    book, words = edition.book(language), words_now(edition, language, incident, now)
    promise = _next_update(edition, language, incident, now)
    return IncidentView(
        id=incident.id,
        title=bare(book, words.title),
        rest=_rest(bare(book, words.title), bare(book, words.headline)),
        headline=Markup(bare(book, words.headline_html)),  # noqa: S704 - escaped by wording, stored as approved
        plain=bare(book, words.headline),
        description=in_short(book, words),
        status=words.status,
        state=shape(incident),
        facts=_fact_rows(edition, language, incident, words, promise),
        promise=promise,
        stops=_stops(edition, language, incident, now, beside),
        href=urls.incident_folder(language, incident.id),
        work=incident.maintenance,
    )


def ending(edition: SiteContext, language: str, incident: Incident) -> Ending | None:
    """The story of an incident that is over; None while it is not, or when its times are not known."""
    facts = last_period(incident)
    if facts is None or facts.started is None or facts.ended is None:
        return None
    time = site_clock(edition, language)
    same_day = time.day(facts.started.at) == time.day(facts.ended)
    show = time.clock if same_day else time.day_clock
    worst_of_all = worst(tuple(one.state for one in incident.impacts))
    return Ending(
        state="maint" if incident.maintenance else MARKS[worst_of_all],
        start=show(facts.started.at),
        end=show(facts.ended),
        length=time.length(facts.ended - facts.started.at),
    )


def shape(incident: Incident) -> str:
    """The mark an incident stands under: a ring once it is over, a square for planned work, else its worst state."""
    if incident.maintenance and not (incident.told_over or incident.shut):
        return "maint"
    return MARKS[displayed_state(incident, incident.state)]


def displayed_state(incident: Incident, state: State) -> State:
    """How a service stands for a customer: one that works again while we watch it is *checking*, not down."""
    return State.CHECKING if incident.status == "monitoring" and state is not State.OPERATIONAL else state


def last_period(incident: Incident) -> Facts | None:
    """The facts that say from when to when, once customers were told that it is over."""
    if not incident.told_over:
        return None
    return next((n.notice.facts for n in reversed(incident.notices) if n.notice.facts.ended), None)


def _fact_rows(
    edition: SiteContext, language: str, incident: Incident, words: NoticeText, promise: Promise | None
) -> tuple[Fact, ...]:
    facts = incident.latest.notice.facts if incident.latest else Facts(kind="")
    rows = [_late(edition, language, row, promise) for row in words.rows]
    pair = [row for row in rows if row.key in ("started", "estimate") and not row.lines]
    longest = max((len(row.time.value) for row in pair if row.time), default=0)
    half, far = len(pair) == 2 and longest <= _SMALLER, longest > _LARGE
    return tuple(
        Fact(
            row,
            _machine_time(edition, language, row, facts),
            *_around(edition, language, row, facts),
            half=half and row in pair,
            far=half and far and row in pair,
        )
        for row in rows
    )


def _around(edition: SiteContext, language: str, row: FactRow, facts: Facts) -> tuple[str, str, str]:
    """The day of a large time, what else stands before it, and what after it."""
    if row.time is None:
        return "", "", ""
    time, before, after = site_clock(edition, language), row.time.before.strip(), row.time.after.strip()
    for day in (time.day(at) for at in _moments(facts)):
        if day in before or day in after:
            return day, before.replace(day, "").strip(), after.replace(day, "").strip()
    return "", before, after


def _moments(facts: Facts) -> tuple[datetime, ...]:
    if facts.planned:
        return (facts.planned.start,)
    started = (facts.started.at,) if facts.started else ()
    expected = facts.estimate.now if isinstance(facts.estimate, MissedEstimate) else facts.estimate
    match expected:
        case Known(at=at) | NotBefore(at=at):
            return (*started, at)
        case Range(earliest=earliest, latest=latest):
            return (*started, earliest, latest)
        case _:
            return started


def _rest(title: str, headline: str) -> str:
    """The title without its beginning, where that is the headline; it is never empty."""
    said = headline.rstrip(".。")
    return (title.startswith(said) and title.removeprefix(said).strip(" ()（）")) or title


def _late(edition: SiteContext, language: str, row: FactRow, promise: Promise | None) -> FactRow:
    """A promise whose time has passed no longer reads as one."""
    if row.key != "next" or promise is None or not promise.late:
        return row
    return FactRow("next", row.label, (site_label(edition.book(language), "route.late", time=promise.time),))


def _machine_time(edition: SiteContext, language: str, row: FactRow, facts: Facts) -> str:
    at: datetime | None = None
    if row.key == "started" and facts.started:
        at = facts.started.at
    if row.key == "estimate" and isinstance(facts.estimate, Known | NotBefore):
        at = facts.estimate.at
    if row.key == "next":
        at = facts.next_update
    return site_clock(edition, language).iso(at) if at and row.time else ""


def _next_update(edition: SiteContext, language: str, incident: Incident, now: datetime) -> Promise | None:
    latest = incident.latest
    if latest is None or incident.told_over or latest.notice.facts.next_update is None:
        return None
    due = latest.notice.facts.next_update
    time = site_clock(edition, language)
    near = time.day(due) == time.day(latest.recorded)
    return Promise(time.clock(due) if near else time.day_clock(due), time.iso(due), due <= now)


def _stops(edition: SiteContext, language: str, incident: Incident, now: datetime, beside: bool) -> tuple[Stop, ...]:
    time = site_clock(edition, language)
    shown = time.day(now) if beside else ""
    stops: list[Stop] = []
    for said in reversed(incident.notices):
        day = time.day(said.recorded)
        stops.append(_stop(edition, language, incident, said, now=now, dated=day != shown, beside=beside))
        shown = day
    return tuple(stops)


def _stop(
    edition: SiteContext,
    language: str,
    incident: Incident,
    said: RecordedNotice,
    *,
    now: datetime,
    dated: bool,
    beside: bool,
) -> Stop:
    time = site_clock(edition, language)
    words = words_of(edition, language, incident, said)
    if incident.latest and said.sequence == incident.latest.sequence:
        words = aged(words, now)
    differs = abs(said.recorded - said.happened) >= timedelta(minutes=1)
    return Stop(
        anchor=urls.anchor(said.sequence),
        time=time.day_clock(said.recorded) if dated else time.clock(said.recorded),
        iso=time.iso(said.recorded),
        label=words.label,
        said=(beside_rows if beside else in_full)(edition.book(language), words),
        as_of=site_label(edition.book(language), "route.as_of", time=time.clock(said.happened)) if differs else "",
    )
