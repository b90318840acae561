"""The drills of a drill world: who led them, when, and towards which goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from statuspage.store.schema import drill as drills


@dataclass(frozen=True, slots=True)
class Drill:
    """One rehearsal. ``goal`` is alert to readable first notice; ``alert`` the alert that opened it.

    ``note`` is whatever else its leader or the program keeps with it, as plain JSON.
    """

    id: str
    title: str
    leader: str
    goal: timedelta
    started: datetime
    ended: datetime | None = None
    alert: str = ""
    note: Mapping[str, Any] = field(default_factory=dict)

    @property
    def suspended(self) -> bool:
        """Whether something real broke it off."""
        return bool(self.note.get("suspended"))


def start(tx: Connection, drill: Drill) -> None:
    """Writes a new drill."""
    tx.execute(
        insert(drills).values(
            id=drill.id,
            title=drill.title,
            leader=drill.leader,
            goal_seconds=round(drill.goal.total_seconds()),
            started=drill.started,
            ended=drill.ended,
            alert=drill.alert,
            note=dict(drill.note),
        )
    )


def end(tx: Connection, id: str, at: datetime) -> bool:
    """Ends a running drill; False when there is none of this id or it is over already."""
    running = (drills.c.id == id) & drills.c.ended.is_(None)
    return tx.execute(update(drills).where(running).values(ended=at)).rowcount == 1


def annotate(tx: Connection, id: str, note: Mapping[str, Any]) -> None:
    """Replaces what is kept with the drill."""
    tx.execute(update(drills).where(drills.c.id == id).values(note=dict(note)))


def get(tx: Connection, id: str) -> Drill | None:
    """One drill; None when there is none of this id."""
    row = tx.execute(select(drills).where(drills.c.id == id)).one_or_none()
    return _drill(row) if row else None


def running(tx: Connection) -> Drill | None:
    """The drill that has not ended, the newest when there should be several; None when there is none."""
    query = select(drills).where(drills.c.ended.is_(None)).order_by(drills.c.started.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return _drill(row) if row else None


def every(tx: Connection) -> tuple[Drill, ...]:
    """All drills, the newest first."""
    return tuple(_drill(row) for row in tx.execute(select(drills).order_by(drills.c.started.desc(), drills.c.id)))


def _drill(row: Row[tuple[object, ...]]) -> Drill:
    goal = timedelta(seconds=row.goal_seconds)
    return Drill(row.id, row.title, row.leader, goal, row.started, row.ended, row.alert, row.note)
