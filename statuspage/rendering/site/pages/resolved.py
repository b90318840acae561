"""An incident that is over, told from its whole life: the line up to the ring, and everything that was affected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import WORST_FIRST, Impact, Incident, last_period, worst
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.pages.incident_view import MARKS
from statuspage.rendering.site.templating import site_label

MOST_STEPS = 4
"""How many marks the line has at most; a life with more turns is told by its worst state alone."""

LINE = 300
"""Units of the drawing of one service, which are also its width."""

_EDGE = 24  # units of the line before the beginning and after the end


@dataclass(frozen=True, slots=True)
class Step:
    """One mark on the line: since when, and for how long until the next ("" for the last)."""

    state: str
    time: str
    length: str


@dataclass(frozen=True, slots=True)
class Story:
    """The life of an incident as a line. ``text`` says the same in words."""

    steps: tuple[Step, ...]
    text: str


@dataclass(frozen=True, slots=True)
class AffectedService:
    """A service at its worst: how long and when, and where that begins and ends on its line."""

    state: str
    name: str
    state_name: str
    length: str
    span: str
    begin: int
    end: int


Stretch = tuple[Impact, datetime, datetime]


def find_story(site: SiteContext, language: str, incident: Incident) -> Story | None:
    """The line of an incident that is over; None if it is not over or its times are not known."""
    facts = last_period(incident)
    if facts is None or facts.start is None or facts.ended_at is None:
        return None
    start, end, clock = facts.start.at, facts.ended_at, site_clock(site, language)
    turns = [(start, "maint")] if incident.is_maintenance else _turns(_stretches(incident, start, end), start, end)
    if len(turns) >= MOST_STEPS:
        turns = [(start, MARKS[worst(tuple(impact.state for impact in incident.impacts))])]
    is_same_day = clock.format_day(start) == clock.format_day(end)
    format_time = clock.format_time if is_same_day else clock.format_day_time
    moments = [*(at for at, _ in turns), end]
    steps = [
        Step(mark, format_time(at), clock.format_duration(until - at))
        for (at, mark), until in zip(turns, moments[1:], strict=True)
    ]
    work = "_work" if incident.is_maintenance else ""
    last = site_label(site.language_pack(language), f"story_end{work}", end=format_time(end))
    whole = clock.format_duration(end - start)
    text = site_label(
        site.language_pack(language), f"story{work}", start=steps[0].time, end=format_time(end), length=whole
    )
    return Story((*steps, Step("ok", last, "")), text)


def affected_services(site: SiteContext, language: str, incident: Incident) -> tuple[AffectedService, ...]:
    """Everything that was affected since the first report, worst first and then longest; empty for maintenance and
    where the times are not known."""
    facts, pack, clock = last_period(incident), site.language_pack(language), site_clock(site, language)
    if incident.is_maintenance or facts is None or facts.start is None or facts.ended_at is None:
        return ()
    start, whole = facts.start.at, facts.ended_at - facts.start.at
    stretches = _stretches(incident, start, facts.ended_at)
    stretches.sort(key=lambda item: (WORST_FIRST.index(item[0].state), item[1] - item[2]))
    return tuple(
        AffectedService(
            MARKS[impact.state],
            pack.services[impact.service].name,
            site_label(pack, f"state.{impact.state}"),
            clock.format_duration(until - since),
            clock.format_span(since, until),
            *(_EDGE + round((LINE - 2 * _EDGE) * (at - start) / whole) if whole else _EDGE for at in (since, until)),
        )
        for impact, since, until in stretches
    )


def _stretches(incident: Incident, start: datetime, end: datetime) -> list[Stretch]:
    """Each service with its own beginning and end, within those of the incident."""
    return [
        (impact, min(max(impact.started or start, start), end), min(max(impact.ended or end, start), end))
        for impact in incident.impacts
    ]


def _turns(stretches: Sequence[Stretch], start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """When the worst mark of all services changed, from the beginning to the end."""
    moments = sorted({start, *(at for _, since, until in stretches for at in (since, until) if at < end)})
    turns: list[tuple[datetime, str]] = []
    for at in moments:
        states = tuple(impact.state for impact, since, until in stretches if since <= at < until)
        mark = MARKS[worst(states)] if stretches else "chk"
        if not turns or turns[-1][1] != mark:
            turns.append((at, mark))
    return turns
