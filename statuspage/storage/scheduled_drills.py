"""Drills that are to come: at a time that everybody knows, or at a secret minute within a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, insert, select, update

from statuspage.storage.tables import rehearsal as rehearsals


class RehearsalState(StrEnum):
    """What became of a planned drill. *Missed*: something real, or another drill, was in its way to the end."""

    PLANNED = "planned"
    BEGUN = "begun"
    CANCELLED = "cancelled"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A drill that is to come. It begins at ``begins``, which lies within ``window``; the two are the same moment where
    nothing is secret. ``series`` is the id of the first of its series. ``goal`` None: the scenario's or the site's."""

    id: str
    series: str
    scenario: str
    title: str
    leader: str
    language: str
    window: tuple[datetime, datetime]
    begins: datetime
    announced: bool = True
    goal: timedelta | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept_out: tuple[str, ...] = ()
    state: RehearsalState = RehearsalState.PLANNED
    drill: str = ""

    @property
    def secret(self) -> bool:
        """Whether its minute is known to its leader alone."""
        return self.window[0] != self.window[1]


def plan(tx: Connection, one: Rehearsal) -> None:
    """Writes a drill that is to come."""
    tx.execute(
        insert(rehearsals).values(
            id=one.id,
            series=one.series,
            scenario=one.scenario,
            title=one.title,
            leader=one.leader,
            language=one.language,
            goal_seconds=round(one.goal.total_seconds()) if one.goal else None,
            announced=one.announced,
            window_from=one.window[0],
            window_to=one.window[1],
            begins=one.begins,
            roles={role: list(names) for role, names in one.roles.items()},
            kept_out=list(one.kept_out),
            state=one.state.value,
            drill=one.drill,
        )
    )


def settle_scheduled(tx: Connection, id: str, state: RehearsalState, drill: str = "") -> bool:
    """What became of it; False where that was settled before."""
    waiting = (rehearsals.c.id == id) & (rehearsals.c.state == RehearsalState.PLANNED)
    return tx.execute(update(rehearsals).where(waiting).values(state=state.value, drill=drill)).rowcount == 1


def again(tx: Connection, id: str) -> None:
    """It could not begin after all, and is planned as before."""
    begun = (rehearsals.c.id == id) & (rehearsals.c.state == RehearsalState.BEGUN)
    tx.execute(update(rehearsals).where(begun).values(state=RehearsalState.PLANNED.value, drill=""))


def coming(tx: Connection) -> tuple[Rehearsal, ...]:
    """Those still planned, by the beginning of their window."""
    query = select(rehearsals).where(rehearsals.c.state == RehearsalState.PLANNED)
    return tuple(_rehearsal(row) for row in tx.execute(query.order_by(rehearsals.c.window_from, rehearsals.c.id)))


def due_drills(tx: Connection, now: datetime) -> tuple[Rehearsal, ...]:
    """Those whose minute has come, the earliest first."""
    waiting = (rehearsals.c.state == RehearsalState.PLANNED) & (rehearsals.c.begins <= now)
    return tuple(_rehearsal(row) for row in tx.execute(select(rehearsals).where(waiting).order_by(rehearsals.c.begins)))


def find_scheduled(tx: Connection, id: str) -> Rehearsal | None:
    """One of them; None when there is none of this id."""
    row = tx.execute(select(rehearsals).where(rehearsals.c.id == id)).one_or_none()
    return _rehearsal(row) if row else None


def _rehearsal(row: Row[tuple[object, ...]]) -> Rehearsal:
    return Rehearsal(
        id=row.id,
        series=row.series,
        scenario=row.scenario,
        title=row.title,
        leader=row.leader,
        language=row.language,
        window=(row.window_from, row.window_to),
        begins=row.begins,
        announced=row.announced,
        goal=timedelta(seconds=row.goal_seconds) if row.goal_seconds is not None else None,
        roles={role: tuple(names) for role, names in row.roles.items()},
        kept_out=tuple(row.kept_out),
        state=RehearsalState(row.state),
        drill=row.drill,
    )
