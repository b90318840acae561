"""Scheduled drills: at an announced time, or at a secret time within a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, insert, select, update

from statuspage.storage.tables import scheduled_drill as scheduled_drills


class ScheduledDrillState(StrEnum):
    """The state of a scheduled drill. *Missed*: a real alert or another drill prevented it until its window ended."""

    PLANNED = "planned"
    STARTED = "started"
    CANCELLED = "cancelled"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class ScheduledDrill:
    """A scheduled drill. It begins at ``starts_at``, within ``window``; the window is a single moment if nothing is
    secret. ``series_id`` is the id of the first drill of its series. ``goal`` None: that of the scenario or site.
    ``is_tabletop``: it will be talked through."""

    id: str
    series_id: str
    scenario: str
    title: str
    leader: str
    language: str
    window: tuple[datetime, datetime]
    starts_at: datetime
    is_announced: bool = True
    goal: timedelta | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded_people: tuple[str, ...] = ()
    state: ScheduledDrillState = ScheduledDrillState.PLANNED
    drill_id: str = ""
    is_tabletop: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether only its leader knows the exact time."""
        return self.window[0] != self.window[1]


def insert_scheduled(tx: Connection, scheduled: ScheduledDrill) -> None:
    """Inserts a scheduled drill."""
    tx.execute(
        insert(scheduled_drills).values(
            id=scheduled.id,
            series_id=scheduled.series_id,
            scenario=scheduled.scenario,
            title=scheduled.title,
            leader=scheduled.leader,
            language=scheduled.language,
            goal_seconds=round(scheduled.goal.total_seconds()) if scheduled.goal else None,
            is_announced=scheduled.is_announced,
            window_from=scheduled.window[0],
            window_to=scheduled.window[1],
            starts_at=scheduled.starts_at,
            roles={role: list(names) for role, names in scheduled.roles.items()},
            excluded_people=list(scheduled.excluded_people),
            state=scheduled.state.value,
            drill_id=scheduled.drill_id,
            is_tabletop=scheduled.is_tabletop,
        )
    )


def settle_scheduled(tx: Connection, id: str, state: ScheduledDrillState, drill: str = "") -> bool:
    """Stores its final state; False if it was settled before."""
    condition = (scheduled_drills.c.id == id) & (scheduled_drills.c.state == ScheduledDrillState.PLANNED)
    return tx.execute(update(scheduled_drills).where(condition).values(state=state.value, drill_id=drill)).rowcount == 1


def revert_to_planned(tx: Connection, id: str) -> None:
    """Returns it to *planned*, because it could not begin after all."""
    condition = (scheduled_drills.c.id == id) & (scheduled_drills.c.state == ScheduledDrillState.STARTED)
    tx.execute(update(scheduled_drills).where(condition).values(state=ScheduledDrillState.PLANNED.value, drill_id=""))


def upcoming_drills(tx: Connection) -> tuple[ScheduledDrill, ...]:
    """Drills still planned, by the beginning of their window."""
    query = select(scheduled_drills).where(scheduled_drills.c.state == ScheduledDrillState.PLANNED)
    return tuple(
        _scheduled_drill(row)
        for row in tx.execute(query.order_by(scheduled_drills.c.window_from, scheduled_drills.c.id))
    )


def due_drills(tx: Connection, now: datetime) -> tuple[ScheduledDrill, ...]:
    """Drills that are due to start, the earliest first."""
    condition = (scheduled_drills.c.state == ScheduledDrillState.PLANNED) & (scheduled_drills.c.starts_at <= now)
    return tuple(
        _scheduled_drill(row)
        for row in tx.execute(select(scheduled_drills).where(condition).order_by(scheduled_drills.c.starts_at))
    )


def _scheduled_drill(row: Row[tuple[object, ...]]) -> ScheduledDrill:
    return ScheduledDrill(
        id=row.id,
        series_id=row.series_id,
        scenario=row.scenario,
        title=row.title,
        leader=row.leader,
        language=row.language,
        window=(row.window_from, row.window_to),
        starts_at=row.starts_at,
        is_announced=row.is_announced,
        goal=timedelta(seconds=row.goal_seconds) if row.goal_seconds is not None else None,
        roles={role: tuple(names) for role, names in row.roles.items()},
        excluded_people=tuple(row.excluded_people),
        state=ScheduledDrillState(row.state),
        drill_id=row.drill_id,
        is_tabletop=row.is_tabletop,
    )
