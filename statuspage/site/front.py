"""What the front shows: how all services stand, what is open, and what the last days were like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.catalog import Catalog
from statuspage.facts import State, worst
from statuspage.site import Edition, paths
from statuspage.site.press import label
from statuspage.site.telling import clock, words_now
from statuspage.site.views import MARKS, last_period
from statuspage.timeline import Incident
from statuspage.wording.times import listed

DAYS = 7
"""How many days before today the front looks back."""

_PER_DAY = 5  # finished incidents shown of one day; the rest are on the month's page
_NAMED = 3  # working groups or services named under the headline


@dataclass(frozen=True, slots=True)
class Line:
    """One service and how it stands."""

    name: str
    state: str
    word: str


@dataclass(frozen=True, slots=True)
class Past:
    """One incident in a list of days."""

    title: str
    href: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day with incidents, or a stretch of quiet ones. ``more`` counts those not listed."""

    name: str
    iso: str
    past: tuple[Past, ...]
    more: int = 0


def public(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Those that customers were told of, newest first by their first notice. Without a notice nothing is public."""
    told = [incident for incident in incidents if incident.notices]
    return tuple(sorted(told, key=lambda i: (i.notices[0].recorded, i.id), reverse=True))


def running(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Those whose readers were not told that it is over: the worst first, then the one with the newest notice."""
    open_now = [incident for incident in incidents if incident.notices and not incident.told_over]
    newest = sorted(open_now, key=lambda i: i.notices[-1].recorded, reverse=True)
    return tuple(sorted(newest, key=lambda i: worst((i.state, State.OPERATIONAL)) is not worst(_states(newest))))


def standing(catalog: Catalog, incidents: Sequence[Incident]) -> dict[str, State]:
    """How each service in use stands, given what customers were told."""
    states: dict[str, list[State]] = {s.id: [] for s in catalog.services.values() if not s.retired}
    for incident in incidents:
        for affected in incident.affected:
            states.setdefault(affected.service, []).append(affected.state)
    return {service: worst(tuple(found)) for service, found in states.items()}


def overall(states: dict[str, State], incidents: Sequence[Incident]) -> str:
    """The mark of the whole page: a cross only when nothing can be used, a ring only when nothing is open."""
    if states and all(state is State.MAJOR for state in states.values()):
        return "down"
    if any(state is not State.OPERATIONAL for state in states.values()):
        return "part"
    return "chk" if incidents else "ok"


def groups(edition: Edition, language: str, states: dict[str, State]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Each group's name with its services, in the order of the content."""
    book = edition.book(language)
    lines: dict[str, list[Line]] = {group: [] for group in edition.catalog.groups}
    for service, state in states.items():
        line = Line(book.services[service].name, MARKS[state], label(book, f"state.{state}"))
        lines[edition.catalog.services[service].group].append(line)
    return tuple((book.groups[group], tuple(found)) for group, found in lines.items() if found)


def still(edition: Edition, language: str, states: dict[str, State]) -> str:
    """The line that says what works all the same; "" when nothing does, or when everything does."""
    book, catalog = edition.book(language), edition.catalog
    well = [s for s, state in states.items() if state is State.OPERATIONAL]
    if not well or len(well) == len(states):
        return ""
    held_up = {catalog.services[s].group for s, state in states.items() if state is not State.OPERATIONAL}
    whole = [g for g in catalog.groups if g not in held_up and any(catalog.services[s].group == g for s in well)]
    names = [book.groups[g] for g in whole] or [book.services[s].name for s in well]
    named = names[:_NAMED]
    everything = len(names) <= _NAMED and all(catalog.services[s].group in whole for s in well)
    if not everything:
        named.append(label(book, "still.others"))
    return label(book, "still.all" if everything else "still.some", services=listed([n for n in named if n], language))


def days(edition: Edition, language: str, incidents: Sequence[Incident], now: datetime) -> tuple[Day, ...]:
    """Today when something is over already, then the last seven days, quiet ones merged; newest first."""
    time, zone = clock(edition, language), ZoneInfo(edition.catalog.site.zone)
    today = now.astimezone(zone).date()
    found: dict[date, list[Past]] = {today - timedelta(days=n): [] for n in range(DAYS + 1)}
    for incident in public(incidents):
        day = incident.notices[0].recorded.astimezone(zone).date()
        if day in found and incident.told_over:
            found[day].append(past(edition, language, incident, now))
    if not found[today]:
        del found[today]
    busy = {public_day(incident, zone) for incident in running(incidents)}
    shown: list[Day] = []
    quiet: list[date] = []
    for day, lines in found.items():
        if not lines and day not in busy:
            quiet.append(day)
            continue
        shown += _quiet(time.days, quiet)
        quiet = []
        if lines:
            shown.append(Day(time.days(day, day), day.isoformat(), tuple(lines[:_PER_DAY]), len(lines[_PER_DAY:])))
    return (*shown, *_quiet(time.days, quiet))
