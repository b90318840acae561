"""Scheduled drills: single or in a series, at a known time or at a time that the program picks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from statuspage.domain import Catalog, LanguagePack, Scenario
from statuspage.storage import drills, scheduled_drills
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Database
from statuspage.storage.scheduled_drills import ScheduledDrill, ScheduledDrillState
from statuspage.usecases.drills.lifecycle import (
    AlreadyRunning,
    Setup,
    people_named,
    refuse_forbidden,
    refuse_leader_left_out,
    refuse_unreadable,
    start_drill,
)
from statuspage.usecases.drills.live_precedence import LiveIncident, live_status
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import absence

START_TOLERANCE = timedelta(minutes=30)
"""How long after its start time, or its window, a drill still starts if something prevented it."""

ANNOUNCEMENTS = "announcements"
"""The file with the drill's announcement, beside the messages of its channels."""


class NoSuchRehearsal(Exception):
    """The id of the scheduled drill is unknown."""


class BadWindow(Exception):
    """The time is in the past, or the window ends before it begins."""


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """A request to schedule drills. ``goal`` None: that of the scenario or site. ``tabletop``: talked through."""

    scenario: str
    title: str
    leader: str
    language: str = ""
    goal: timedelta | None = None
    announced: bool = True
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept_out: tuple[str, ...] = ()
    tabletop: bool = False


def goal_of(catalog: Catalog, scenario: Scenario | None, requested: timedelta | None) -> timedelta:
    """The goal from the alert to the readable first notice: as requested, else the scenario's, else the site's."""
    return requested or (scenario.notice_goal if scenario else None) or catalog.site.notice_goal


def series_windows(
    first_window: tuple[datetime, datetime], zone: str, *, every: int = 0, times: int = 1
) -> tuple[tuple[datetime, datetime], ...]:
    """``times`` windows: the first one, then the same time of day after every ``every`` days."""
    local_window = [at.astimezone(ZoneInfo(zone)) for at in first_window]
    shifted = [[at + timedelta(days=every * n) for at in local_window] for n in range(max(times, 1))]
    return tuple(
        (start.astimezone(first_window[0].tzinfo), end.astimezone(first_window[0].tzinfo)) for start, end in shifted
    )


def plan_rehearsals(
    env: Environment,
    request: RehearsalRequest,
    time_windows: Sequence[tuple[datetime, datetime]],
    *,
    chance: Callable[[], float],
    now: datetime,
) -> tuple[ScheduledDrill, ...]:
    """Schedules drills, each at a time within its window picked by ``chance`` (0 to 1).

    Raises ForbiddenPhraseError, BadWindow, or ActionRefused for characters that reverse text and for a leader
    who is left out.
    """
    refuse_unreadable(request.title, request.leader, *people_named(request.roles, request.kept_out))
    refuse_leader_left_out(request.leader, absence.names_of(env, request.kept_out))
    refuse_forbidden(env.site.catalog, request.title)
    if any(end < begin or end <= now for begin, end in time_windows):
        raise BadWindow
    rehearsals: list[ScheduledDrill] = []
    for window in time_windows:
        id = env.new_id()
        begins = max(_pick_minute(window, chance), now)
        series = rehearsals[0].series_id if rehearsals else id
        rehearsal = ScheduledDrill(
            id, series, request.scenario, request.title, request.leader, request.language, window, begins,
            request.announced, request.goal, request.roles, request.kept_out, is_tabletop=request.tabletop,
        )  # fmt: skip
        rehearsals.append(rehearsal)
    with env.databases.environment.begin() as tx:
        for rehearsal in rehearsals:
            scheduled_drills.insert_scheduled(tx, rehearsal)
    return tuple(rehearsals)


def _pick_minute(window: tuple[datetime, datetime], chance: Callable[[], float]) -> datetime:
    """A whole minute within the window; all are equally likely."""
    minutes = int((window[1] - window[0]).total_seconds() // 60) + 1
    return window[0] + timedelta(minutes=min(int(chance() * minutes), minutes - 1))


def upcoming_rehearsals(database: Database) -> tuple[ScheduledDrill, ...]:
    """The scheduled drills, the next one first."""
    with database.read() as tx:
        return scheduled_drills.upcoming_drills(tx)


def cancel_rehearsal(database: Database, id: str, *, whole_series: bool = False) -> tuple[ScheduledDrill, ...]:
    """Cancels a scheduled drill or, with ``whole_series``, its series. Returns what was cancelled. Raises
    NoSuchRehearsal."""
    with database.begin() as tx:
        planned = scheduled_drills.upcoming_drills(tx)
        rehearsal = next((candidate for candidate in planned if candidate.id == id), None)
        if rehearsal is None:
            raise NoSuchRehearsal
        cancelled = [
            candidate
            for candidate in planned
            if candidate.id == id or (whole_series and candidate.series_id == rehearsal.series_id)
        ]
        for member in cancelled:
            scheduled_drills.settle_scheduled(tx, member.id, ScheduledDrillState.CANCELLED)
    return tuple(replace(member, state=ScheduledDrillState.CANCELLED) for member in cancelled)


def begin_due(env: Environment, *, now: datetime) -> Drill | None:
    """Starts a drill that is due, unless there is a live incident; None if none starts.

    A drill that was prevented until half an hour after its window is marked as *missed*.
    """
    with env.databases.environment.read() as tx:
        due_rehearsals = scheduled_drills.due_drills(tx, now)
    for rehearsal in due_rehearsals:
        scenario = env.site.catalog.scenarios.get(rehearsal.scenario)
        if now > max(rehearsal.window[1], rehearsal.starts_at) + START_TOLERANCE or (
            rehearsal.scenario and scenario is None
        ):
            _settle_scheduled(env.databases.environment, rehearsal, ScheduledDrillState.MISSED)
        elif (
            not live_status(env.live_status_path, now=now).open_items
            and (drill := _begin_rehearsal(env, rehearsal, scenario, now)) is not None
        ):
            return drill
    return None


def _begin_rehearsal(
    env: Environment, rehearsal: ScheduledDrill, scenario: Scenario | None, now: datetime
) -> Drill | None:
    window = rehearsal.window if rehearsal.is_secret else None
    setup = Setup(
        scenario,
        rehearsal.language,
        rehearsal.is_announced,
        window,
        rehearsal.roles,
        rehearsal.excluded_people,
        rehearsal.is_tabletop,
    )
    id = env.new_id()
    if not _settle_scheduled(env.databases.environment, rehearsal, ScheduledDrillState.STARTED, id):
        return None
    try:
        goal = goal_of(env.site.catalog, scenario, rehearsal.goal)
        return start_drill(
            env, id=id, title=rehearsal.title, leader=rehearsal.leader, goal=goal, setup=setup, now=now
        ).drill
    except (LiveIncident, AlreadyRunning):
        with env.databases.environment.begin() as tx:
            scheduled_drills.revert_to_planned(tx, rehearsal.id)
        return None


def _settle_scheduled(
    database: Database, rehearsal: ScheduledDrill, state: ScheduledDrillState, drill_id: str = ""
) -> bool:
    with database.begin() as tx:
        return scheduled_drills.settle_scheduled(tx, rehearsal.id, state, drill_id)


def mark_announcement(text: str, pack: LanguagePack) -> str:
    """The announcement of a drill, with the drill marks."""
    return f"{pack.marks.start}{text}{pack.marks.end}"


def announce(home: Path, id: str, text: str, *, now: datetime) -> None:
    """Writes the announcement to a file of the drill; it is not sent."""
    folder = home / ANNOUNCEMENTS
    folder.mkdir(parents=True, exist_ok=True)
    record = {"id": id, "channel": ANNOUNCEMENTS, "at": now.isoformat(), "message": {"text": text}}
    temporary = folder / f".{id}.json"
    temporary.write_text(json.dumps(record, ensure_ascii=False, indent=2), "utf-8")
    temporary.replace(folder / f"{id}.json")


def next_announcement(env: Environment) -> str:
    """The announcement to pass on: of the drill that runs, if it began without having been scheduled, else of the next
    one that is announced; "" if there is none."""
    with env.databases.environment.read() as tx:
        running, planned = drills.find_running_drill(tx), scheduled_drills.upcoming_drills(tx)
    ids = [*([running.id] if running else ()), *(rehearsal.id for rehearsal in planned if rehearsal.is_announced)]
    return next((text for id in ids if (text := _read_announcement(env.home, id))), "")


def _read_announcement(home: Path, id: str) -> str:
    try:
        return str(json.loads((home / ANNOUNCEMENTS / f"{id}.json").read_text("utf-8"))["message"]["text"])
    except FileNotFoundError:
        return ""
