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
    is_primary: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One piece of work as the home page shows it. ``at`` is the moment its clock runs to, shown as ``left``."""

    id: str
    title: str
    state: str
    window: str
    at: datetime
    time_left: str
    label: str
    late: bool
    actions: list[Act]


def planned(incident: Incident, translator: Translator, now: datetime) -> Planned:
    """How this work stands."""
    plan, latest = incident.maintenance_window, incident.latest
    if plan is None or latest is None:
        raise ValueError(f"{incident.id} is no planned work")
    notice_text = mine(latest.notice.words, translator)
    due_at = plan.end if incident.has_started or plan.end <= now else plan.start
    is_late = due_at <= now
    name = "end" if due_at is plan.end else "start"
    return Planned(
        id=incident.id,
        title=notice_text.title,
        state=notice_text.status,
        window=window(plan, translator),
        at=due_at,
        time_left=stopwatch(due_at - now) if due_at - now < SOON else "",
        label=translator.t(f"planned.{'past' if is_late else 'until'}_{name}"),
        late=is_late,
        actions=acts(incident, translator, is_late=is_late)[:2],
    )


def window(plan: Window, translator: Translator) -> str:
    """From when to when, with the day said once."""
    times = translator.times
    if times.local_date(plan.start) == times.local_date(plan.end):
        return f"{times.format_day_time(plan.start)}–{times.format_time(plan.end)}"
    return times.format_span(plan.start, plan.end)


def acts(incident: Incident, translator: Translator, *, is_late: bool = False) -> list[Act]:
    """What can be told customers of it next, the likeliest first."""
    if incident.is_over:
        return []
    notice_kinds = ("finished", "extended", "cancelled") if incident.has_started or is_late else ("announced", "started")
    more = () if incident.has_started or is_late else ("extended", "cancelled")
    return [_act(incident, notice_kind, translator, is_primary=notice_kind == "finished") for notice_kind in (*notice_kinds, *more)]


def by_itself(incident: Incident, translator: Translator, now: datetime) -> list[str]:
    """What will still go out by itself, one a line."""
    waiting = scheduled.waiting(incident, now)
    return [
        translator.t("planned.by_itself", label=mine(notice.words, translator).label, at=translator.times.format_day_time(notice.at))
        for notice in waiting
    ]


def _act(incident: Incident, notice: str, translator: Translator, *, is_primary: bool) -> Act:
    href = url_for("report.on_incident", incident_id=incident.id, notice=notice)
    return Act(translator.t(f"incident.write.{notice}"), href, is_primary)
