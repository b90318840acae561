"""Planned work on the desk: how it stands, what goes out by itself, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from statuspage.domain import Incident
from statuspage.domain import MaintenanceWindow as Window
from statuspage.usecases.notices import scheduled
from statuspage.web.desk.translations import Translator, mine, stopwatch

SOON = timedelta(hours=24)
"""How long before a moment its countdown runs."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done next, on a page of its own; ``key`` opens it."""

    label: str
    href: str
    go: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One piece of work as the home page shows it. ``at`` is the moment its clock runs to, shown as ``left``."""

    id: str
    title: str
    state: str
    window: str
    at: datetime
    left: str
    label: str
    late: bool
    acts: list[Act]


def planned(incident: Incident, voice: Translator, now: datetime) -> Planned:
    """How this work stands."""
    plan, latest = incident.planned, incident.latest
    if plan is None or latest is None:
        raise ValueError(f"{incident.id} is no planned work")
    words = mine(latest.notice.words, voice)
    at = plan.end if incident.begun or plan.end <= now else plan.start
    late = at <= now
    name = "end" if at is plan.end else "start"
    return Planned(
        id=incident.id,
        title=words.title,
        state=words.status,
        window=window(plan, voice),
        at=at,
        left=stopwatch(at - now) if at - now < SOON else "",
        label=voice.t(f"planned.{'past' if late else 'until'}_{name}"),
        late=late,
        acts=acts(incident, voice, late=late)[:2],
    )


def window(plan: Window, voice: Translator) -> str:
    """From when to when, with the day said once."""
    times = voice.times
    if times.on(plan.start) == times.on(plan.end):
        return f"{times.day_clock(plan.start)}–{times.clock(plan.end)}"
    return times.span(plan.start, plan.end)


def acts(incident: Incident, voice: Translator, *, late: bool = False) -> list[Act]:
    """What can be told customers of it next, the likeliest first."""
    if incident.over:
        return []
    kinds = ("finished", "extended", "cancelled") if incident.begun or late else ("announced", "started")
    more = () if incident.begun or late else ("extended", "cancelled")
    return [_act(incident, kind, voice, go=kind == "finished") for kind in (*kinds, *more)]


def by_itself(incident: Incident, voice: Translator, now: datetime) -> list[str]:
    """What will still go out by itself, one a line."""
    found = scheduled.waiting(incident, now)
    return [
        voice.t("planned.by_itself", label=mine(one.words, voice).label, at=voice.times.day_clock(one.at))
        for one in found
    ]


def _act(incident: Incident, notice: str, voice: Translator, *, go: bool) -> Act:
    href = url_for("report.on_incident", incident_id=incident.id, notice=notice)
    return Act(voice.t(f"incident.write.{notice}"), href, go)
