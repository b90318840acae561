"""The drills of a drill environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from statuspage.storage.tables import drill as drills


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill. ``goal`` is the time from the alert to a readable first notice; ``alert`` the alert that opened it.

    ``scenario`` is the id of the scenario in the content ("": none); ``language`` that of its alerts. ``is_announced``:
    everybody on call had been told. ``window`` is the time in which it began at a moment known only to the leader.
    ``ends_at`` is when it ends automatically, ``paused_since`` when the current pause began. ``roles`` maps a role to
    names; ``excluded_people`` were left out on purpose. ``note`` holds further plain JSON of the program and the
    leader.
    """

    id: str
    title: str
    leader: str
    goal: timedelta
    started: datetime
    ended: datetime | None = None
    alert: str = ""
    note: Mapping[str, Any] = field(default_factory=dict)
    scenario: str = ""
    language: str = ""
    is_announced: bool = True
    window: tuple[datetime, datetime] | None = None
    ends_at: datetime | None = None
    paused_since: datetime | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded_people: tuple[str, ...] = ()

    @property
    def absent_names(self) -> tuple[str, ...]:
        """Every name by which those left out were known when it began."""
        return (*self.excluded_people, *self.note.get("also_known_as", ()))

    @property
    def is_solo(self) -> bool:
        """Whether one person played it alone, guided by the screen: a tutorial."""
        return bool(self.note.get("tutorial"))

    @property
    def is_tabletop(self) -> bool:
        """Whether it was talked through at a table: nothing was played, and no time was measured."""
        return bool(self.note.get("tabletop"))

    @property
    def is_secret(self) -> bool:
        """Whether only its leader knew the minute at which it began."""
        return self.window is not None

    @property
    def is_measured(self) -> bool:
        """Whether its time may be compared with others: it was played to its end, and not alone."""
        return not (self.is_suspended or self.is_tabletop or self.is_solo)

    def roles_of(self, name: str) -> tuple[str, ...]:
        """The roles of this person, the leader's first; empty for somebody who was only there."""
        led = ("leader",) if name == self.leader else ()
        return (*led, *(role for role, names in self.roles.items() if name in names and role not in led))

    @property
    def broken_at(self) -> datetime | None:
        """When its leader broke something on purpose; None if nothing was, or nobody has said so."""
        text = self.note.get("broken_at")
        return datetime.fromisoformat(text) if text else None

    @property
    def is_suspended(self) -> bool:
        """Whether a real alert interrupted it."""
        return bool(self.note.get("suspended"))


def insert_drill(tx: Connection, drill: Drill) -> None:
    """Inserts a new drill."""
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
            scenario=drill.scenario,
            language=drill.language,
            is_announced=drill.is_announced,
            window_from=drill.window[0] if drill.window else None,
            window_to=drill.window[1] if drill.window else None,
            ends_at=drill.ends_at,
            paused_since=drill.paused_since,
            roles={role: list(names) for role, names in drill.roles.items()},
            excluded_people=list(drill.excluded_people),
        )
    )


def end_drill(tx: Connection, id: str, at: datetime) -> bool:
    """Ends a running drill; False if the id is unknown or it is already over."""
    condition = (drills.c.id == id) & drills.c.ended.is_(None)
    return tx.execute(update(drills).where(condition).values(ended=at)).rowcount == 1


def set_note(tx: Connection, id: str, note: Mapping[str, Any]) -> None:
    """Replaces the drill's note."""
    tx.execute(update(drills).where(drills.c.id == id).values(note=dict(note)))


def set_leader(tx: Connection, id: str, leader: str) -> None:
    """Sets who leads the drill."""
    tx.execute(update(drills).where(drills.c.id == id).values(leader=leader))


def set_opening_alert(tx: Connection, id: str, alert: str) -> None:
    """Sets the alert that opened the drill, unless there is one."""
    tx.execute(update(drills).where((drills.c.id == id) & (drills.c.alert == "")).values(alert=alert))


def set_pause(tx: Connection, id: str, paused_since: datetime | None, ends_at: datetime | None) -> None:
    """Pauses a drill (``paused_since``) or resumes it (None), and sets when it now ends automatically."""
    tx.execute(update(drills).where(drills.c.id == id).values(paused_since=paused_since, ends_at=ends_at))


def find_drill(tx: Connection, id: str) -> Drill | None:
    """One drill; None if the id is unknown."""
    row = tx.execute(select(drills).where(drills.c.id == id)).one_or_none()
    return _drill(row) if row else None


def find_drill_at(tx: Connection, moment: datetime) -> Drill | None:
    """The drill that was running at this moment; None if there was none."""
    condition = (drills.c.started <= moment) & (drills.c.ended.is_(None) | (drills.c.ended > moment))
    row = tx.execute(select(drills).where(condition).order_by(drills.c.started.desc()).limit(1)).one_or_none()
    return _drill(row) if row else None


def find_running_drill(tx: Connection) -> Drill | None:
    """The running drill, the newest if there are several; None if there is none."""
    query = select(drills).where(drills.c.ended.is_(None)).order_by(drills.c.started.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return _drill(row) if row else None


def list_drills(tx: Connection) -> tuple[Drill, ...]:
    """All drills, newest first."""
    return tuple(_drill(row) for row in tx.execute(select(drills).order_by(drills.c.started.desc(), drills.c.id)))


def _drill(row: Row[tuple[object, ...]]) -> Drill:
    return Drill(
        row.id,
        row.title,
        row.leader,
        timedelta(seconds=row.goal_seconds),
        row.started,
        row.ended,
        row.alert,
        row.note,
        scenario=row.scenario,
        language=row.language,
        is_announced=row.is_announced,
        window=(row.window_from, row.window_to) if row.window_from and row.window_to else None,
        ends_at=row.ends_at,
        paused_since=row.paused_since,
        roles={role: tuple(names) for role, names in row.roles.items()},
        excluded_people=tuple(row.excluded_people),
    )
