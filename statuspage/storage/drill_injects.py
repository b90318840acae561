"""The course of a drill: its injects, the leader's observations, the pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from statuspage.domain import Inject
from statuspage.serialization import from_json_value, to_json_value
from statuspage.storage.tables import inject as injects
from statuspage.storage.tables import observation as observations
from statuspage.storage.tables import pause as pauses


class InjectState(StrEnum):
    """The state of an inject."""

    PLANNED = "planned"
    FIRED = "fired"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class DrillInject:
    """One inject of a drill, as scripted when the drill began, and its state.

    ``planned_at`` is its time by our clock, moved by the pauses so far (by ``delay`` in all); None if it is triggered
    by hand or by a stage. ``settled_at`` is when it was fired or skipped, ``actor`` by whom ("": automatically).
    ``alert`` is the id of the alert it fired.
    """

    drill: str
    number: int
    inject: Inject
    state: InjectState = InjectState.PLANNED
    planned_at: datetime | None = None
    settled_at: datetime | None = None
    actor: str = ""
    alert: str = ""
    delay: timedelta = timedelta()

    @property
    def fired_at(self) -> datetime | None:
        """When it was fired; None if it was not."""
        return self.settled_at if self.state is InjectState.FIRED else None


@dataclass(frozen=True, slots=True)
class Observation:
    """What the leader, an observer or, after the end, anybody noted, and when."""

    number: int
    at: datetime
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of the drill; ``ended_at`` None: it is still paused."""

    number: int
    started_at: datetime
    ended_at: datetime | None = None


def insert_script(
    tx: Connection, drill: str, started: datetime, script: tuple[Inject, ...], *, is_tabletop: bool = False
) -> None:
    """Stores the whole script when the drill starts. At a table nothing comes by itself."""
    for number, inject in enumerate(script, 1):
        planned_at = started + inject.at if inject.at is not None and not is_tabletop else None
        row = {
            "drill": drill,
            "number": number,
            "body": to_json_value(inject),
            "state": "planned",
            "planned_at": planned_at,
        }
        tx.execute(insert(injects).values(**row, settled_at=None, actor="", alert="", delay_seconds=0))


def list_injects(tx: Connection, drill: str) -> tuple[DrillInject, ...]:
    """The injects of a drill, in script order."""
    return tuple(
        _drill_inject(row)
        for row in tx.execute(select(injects).where(injects.c.drill == drill).order_by(injects.c.number))
    )


def settle_inject(
    tx: Connection, drill: str, number: int, state: InjectState, *, at: datetime, actor: str, alert: str = ""
) -> bool:
    """Marks an inject as fired or skipped; False if it was settled before."""
    waiting = (injects.c.drill == drill) & (injects.c.number == number) & (injects.c.state == InjectState.PLANNED)
    values = {"state": state.value, "settled_at": at, "actor": actor, "alert": alert}
    return tx.execute(update(injects).where(waiting).values(**values)).rowcount == 1


def delay_injects(tx: Connection, drill: str, duration: timedelta) -> None:
    """Delays the injects that are still planned."""
    for inject in list_injects(tx, drill):
        if inject.state is InjectState.PLANNED and inject.planned_at is not None:
            values = {
                "planned_at": inject.planned_at + duration,
                "delay_seconds": round((inject.delay + duration).total_seconds()),
            }
            condition = (injects.c.drill == drill) & (injects.c.number == inject.number)
            tx.execute(update(injects).where(condition).values(**values))


def insert_observation(tx: Connection, drill: str, text: str, *, actor: str, at: datetime) -> Observation:
    """Stores an observation by the leader."""
    observation = Observation(_next_number(tx, observations, drill), at, actor, text)
    tx.execute(insert(observations).values(drill=drill, number=observation.number, at=at, actor=actor, text=text))
    return observation


def list_observations(tx: Connection, drill: str) -> tuple[Observation, ...]:
    """The leader's observations, oldest first."""
    rows = tx.execute(select(observations).where(observations.c.drill == drill).order_by(observations.c.number))
    return tuple(Observation(row.number, row.at, row.actor, row.text) for row in rows)


def insert_pause(tx: Connection, drill: str, at: datetime) -> None:
    """Begins a pause."""
    tx.execute(insert(pauses).values(drill=drill, number=_next_number(tx, pauses, drill), started_at=at, ended_at=None))


def end_pause(tx: Connection, drill: str, at: datetime) -> None:
    """Ends the current pause."""
    tx.execute(update(pauses).where((pauses.c.drill == drill) & pauses.c.ended_at.is_(None)).values(ended_at=at))


def list_pauses(tx: Connection, drill: str) -> tuple[Pause, ...]:
    """The pauses of a drill, oldest first."""
    rows = tx.execute(select(pauses).where(pauses.c.drill == drill).order_by(pauses.c.number))
    return tuple(Pause(row.number, row.started_at, row.ended_at) for row in rows)


def _next_number(tx: Connection, table: Table, drill: str) -> int:
    return int(tx.execute(select(func.count()).where(table.c.drill == drill)).scalar_one()) + 1


def _drill_inject(row: Row[tuple[object, ...]]) -> DrillInject:
    delayed = timedelta(seconds=row.delay_seconds)
    state, inject = InjectState(row.state), from_json_value(Inject, row.body)
    return DrillInject(
        row.drill, row.number, inject, state, row.planned_at, row.settled_at, row.actor, row.alert, delayed
    )
