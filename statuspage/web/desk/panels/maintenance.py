"""Maintenance on the desk: its state, its automatic notices, and the next actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from statuspage.domain import Incident, MaintenanceWindow
from statuspage.usecases.notices import scheduled
from statuspage.web.desk.translations import Translator, short_title, stopwatch, text_for_reader

COUNTDOWN_FROM = timedelta(hours=24)
"""How long before a time its countdown is shown."""


@dataclass(frozen=True, slots=True)
class NextAction:
    """A next action, with its own page; ``key`` opens it."""

    label: str
    href: str
    is_primary: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """One maintenance as shown on the home page. ``at`` is the end of its countdown, ``time_left`` the remaining
    time."""

    id: str
    title: str
    state: str
    window: str
    at: datetime
    time_left: str
    label: str
    late: bool
    actions: list[NextAction]


def maintenance_row(incident: Incident, translator: Translator, now: datetime) -> MaintenanceRow:
    """The state of this maintenance."""
    plan, latest = incident.maintenance_window, incident.latest
    if plan is None or latest is None:
        raise ValueError(f"{incident.id} is no planned work")
    notice_text = text_for_reader(latest.notice.texts, translator)
    due_at = plan.end if incident.has_started or plan.end <= now else plan.start
    is_late = due_at <= now
    name = "end" if due_at is plan.end else "start"
    return MaintenanceRow(
        id=incident.id,
        title=short_title(notice_text),
        state=notice_text.status,
        window=window_text(plan, translator, now),
        at=due_at,
        time_left=stopwatch(due_at - now) if due_at - now < COUNTDOWN_FROM else "",
        label=translator.t(f"planned.{'past' if is_late else 'until'}_{name}"),
        late=is_late,
        actions=next_actions(incident, translator, is_late=is_late)[:2],
    )


def window_text(plan: MaintenanceWindow, translator: Translator, now: datetime) -> str:
    """From when to when, with the day given once and the zone beside it."""
    times = translator.times
    text, zone = times.format_dated_span(plan.start, plan.end, now=now), times.zone_name_at(plan.start)
    return times.add_in_brackets(text, zone) if zone == times.zone_name_at(plan.end) else text


@dataclass(frozen=True, slots=True)
class SamePlan:
    """Maintenance that is planned already, at the same time for the same service."""

    title: str
    window: str
    href: str


def same_plan(incident: Incident, plan: MaintenanceWindow, translator: Translator, now: datetime) -> SamePlan:
    """This other maintenance, as the form links to it."""
    return SamePlan(
        short_title(text_for_reader(incident.notices[-1].notice.texts, translator)),
        window_text(plan, translator, now),
        url_for("incidents.show_incident", incident_id=incident.id),
    )


def next_actions(incident: Incident, translator: Translator, *, is_late: bool = False) -> list[NextAction]:
    """The notices that may come next, the most likely first."""
    if incident.is_over:
        return []
    notice_kinds = (
        ("finished", "extended", "cancelled") if incident.has_started or is_late else ("announced", "started")
    )
    more = () if incident.has_started or is_late else ("extended", "cancelled")
    return [
        _next_action(incident, notice_kind, translator, is_primary=notice_kind == "finished")
        for notice_kind in (*notice_kinds, *more)
    ]


def scheduled_lines(incident: Incident, translator: Translator, now: datetime) -> list[str]:
    """The automatic notices to come, one per line."""
    waiting = scheduled.pending_follow_ups(incident, now)
    return [
        translator.t(
            "planned.automatic_notice",
            label=text_for_reader(notice.texts, translator).label,
            at=translator.times.add_in_brackets(
                translator.times.format_day_time(notice.at, now=now), translator.times.zone_name_at(notice.at)
            ),
        )
        for notice in waiting
    ]


def _next_action(incident: Incident, notice: str, translator: Translator, *, is_primary: bool) -> NextAction:
    href = url_for("notice_form.show_notice", incident_id=incident.id, notice=notice)
    return NextAction(translator.t(f"incident.write.{notice}"), href, is_primary)
