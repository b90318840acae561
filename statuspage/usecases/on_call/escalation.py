"""An alert that nobody takes climbs: more people are called, by louder ways, as minutes go by."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta

from statuspage.domain import Alert, AlertState, Escalation, EscalationStep, NotificationReason
from statuspage.storage import alerts, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import current, notify
from statuspage.usecases.on_call.notify import StaffMessage


def go_on(world: Environment, *, now: datetime) -> int:
    """Calls whom the steps say, each step once. Returns how many calls are new.

    However many alerts wait, one climb is under way, about the oldest of them. It is over when somebody takes one, or
    none is left that its monitor still calls broken; what waited beside it then stays quiet for the time of ``rest``,
    and climbs if nobody takes it. What comes in afterwards is news, and climbs at once. Nothing while the books are on
    hold, or a drill stands still.
    """
    if not world.catalog.duty.rungs:
        return 0
    with world.store.read() as tx:
        if not _to_do(tx, world, now):
            return 0
    with world.store.begin() as tx:
        return _climb(tx, world, now)


def _to_do(tx: Connection, world: Environment, now: datetime) -> bool:
    """A look without a lock: whether there is anything to begin, to go on with, or to end."""
    if notify.quiet(tx):
        return False
    return staff_notifications.climbing(tx) is not None or bool(_due(tx, world, now))


def _climb(tx: Connection, world: Environment, now: datetime) -> int:
    climb, waiting = staff_notifications.climbing(tx), _broken(tx)
    if climb is None:
        due = _due(tx, world, now)
        climb = staff_notifications.begin_climb(tx, due[0].id, now) if due else None
    elif not waiting:
        staff_notifications.end_climb(tx, now)
    return _call(tx, world, climb, waiting, now) if climb and waiting else 0


def _call(tx: Connection, world: Environment, climb: Escalation, waiting: list[Alert], now: datetime) -> int:
    """The steps whose minutes are over; of those missed together only the last, which is the loudest."""
    rungs = [(n, rung) for n, rung in enumerate(world.catalog.duty.rungs) if climb.began + rung.after <= now]
    loudest = max((rung.after for _, rung in rungs), default=None)
    return sum(_take_step(tx, world, climb, n, rung, waiting, now) for n, rung in rungs if rung.after == loudest)


def _take_step(
    tx: Connection,
    world: Environment,
    climb: Escalation,
    number: int,
    rung: EscalationStep,
    waiting: list[Alert],
    now: datetime,
) -> int:
    beside = sum(line.firing for line in alerts.joined(tx, [one.id for one in waiting]).values())
    word = _staff_message(world, climb, waiting, len(waiting) - 1 + beside, now)
    who = current.called(world, rung.who, now=now)
    return notify.enqueue_staff_notification(tx, world, f"climb.{climb.id}.{number}", word, (rung.way,), who, now=now)


def _staff_message(
    world: Environment, climb: Escalation, waiting: list[Alert], more: int, now: datetime
) -> StaffMessage:
    first = next((one for one in waiting if one.id == climb.alert), waiting[0])
    clock = notify.staff_clock(world)
    waited = max(int((now - first.received).total_seconds()) // 60, 0)
    lines = [notify.staff_label(world, "climb.since", time=clock.clock(first.received), minutes=waited)]
    lines += [notify.staff_label(world, "climb.more", count=more)] if more else []
    lines.append(notify.staff_label(world, "climb.take", link=notify.desk_link(world)).strip())
    title = notify.staff_label(world, "climb.title", title=notify.bare(world, first.signal.title))
    return StaffMessage(NotificationReason.CLIMB, title, tuple(lines), alert=first.id, climb=climb.id)


def _broken(tx: Connection) -> list[Alert]:
    """What nobody has taken and its monitor has not called over; the oldest first."""
    waiting = [a for a in alerts.waiting(tx) if a.state is AlertState.WAITING]
    lines = alerts.joined(tx, [a.id for a in waiting])
    return [a for a in waiting if a.signal.ends_at is None or (a.id in lines and lines[a.id].firing)]


def _due(tx: Connection, world: Environment, now: datetime) -> list[Alert]:
    """The same, but not what is still quiet because it waited when somebody took another one."""
    waiting = _broken(tx)
    taken = staff_notifications.ends(tx, waiting[0].received) if waiting else ()
    return [one for one in waiting if _speaks(one, taken, world.catalog.duty.rest, now)]


def _speaks(alert: Alert, taken: tuple[datetime, ...], rest: timedelta, now: datetime) -> bool:
    """Whether somebody is to be called about it: nobody took another one since it came in, or that is long ago."""
    first = bisect_left(taken, alert.received)
    return first == len(taken) or now >= taken[first] + rest
