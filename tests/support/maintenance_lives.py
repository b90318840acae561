"""Generated lives of planned maintenance: announced, changed, started, extended, finished or cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from statuspage.domain import (
    IMPACT_STATES,
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Facts,
    MaintenanceWindow,
    NoticeKind,
    Precision,
    StartTime,
)
from tests.support.life_steps import Step
from tests.support.lives import BEGINNINGS, SERVICES, Life

ANNOUNCED, REMINDER, STARTED = NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.STARTED
EXTENDED, FINISHED, CANCELLED = NoticeKind.EXTENDED, NoticeKind.FINISHED, NoticeKind.CANCELLED


def live_through_maintenance(catalog: Catalog, seed: int) -> tuple[Step, ...]:
    """The maintenance with this number: the same one each time. Its window is near midnight, or near a change of
    clocks."""
    random = Random(f"maintenance {seed}")
    zone, beginning = BEGINNINGS[seed % len(BEGINNINGS)]
    start = datetime.fromisoformat(beginning) + timedelta(minutes=random.randint(0, 150))
    life = Life(replace(catalog, site=replace(catalog.site, zone=zone)), random, start - _ahead(random))
    life.publish(ANNOUNCED, _plan(random, start))
    if random.random() < 0.3:
        _change_plan(life)
    if random.random() < 0.4:
        life.now = max(life.now, _window(life).start - timedelta(days=1))
        life.publish(REMINDER, life.steps[-1].facts)
    if random.random() < 0.25:
        _wait_until(life, 0.5)
        _extend(life)
    if random.random() < 0.15:
        life.publish(CANCELLED, life.steps[-1].facts)
        return tuple(life.steps)
    _start(life)
    for _ in range(random.randint(0, 2)):
        life.wait()
        _extend(life)
    life.wait()
    _end(life)
    return tuple(life.steps)


def _ahead(random: Random) -> timedelta:
    return timedelta(days=random.randint(0, 9), minutes=random.randint(70, 900))


def _plan(random: Random, start: datetime) -> Facts:
    services = random.sample(SERVICES, random.randint(1, 4))
    return Facts(
        MAINTENANCE,
        tuple(Affected(service, random.choice(IMPACT_STATES)) for service in services),
        Audience(AffectedAudience.ALL),
        workarounds=random.choice(((), ("phone",))),
        maintenance_window=MaintenanceWindow(start, start + timedelta(minutes=random.randint(20, 400))),
    )


def _window(life: Life) -> MaintenanceWindow:
    window = life.steps[-1].facts.maintenance_window
    assert window is not None
    return window


def _wait_until(life: Life, part: float) -> None:
    """This part of the time until the planned start."""
    left = _window(life).start - life.now
    if left > timedelta():
        life.now += timedelta(minutes=int(left.total_seconds() / 60 * part))


def _change_plan(life: Life) -> None:
    """Another start, with the same or another length."""
    window, random = _window(life), life.random
    _wait_until(life, 0.3)
    start = window.start + timedelta(minutes=random.choice((30, 90, 600, 1440, 2 * 1440)))
    length = random.choice((window.end - window.start, timedelta(minutes=random.randint(20, 400))))
    changed = MaintenanceWindow(start, start + length, window.remind_at)
    life.publish(ANNOUNCED, replace(life.steps[-1].facts, maintenance_window=changed))


def _start(life: Life) -> None:
    """At the planned time, or by hand a little before or after it."""
    begun = _window(life).start + timedelta(minutes=life.random.choice((0, 0, 0, -4, 3, 12)))
    life.now = max(life.now, begun)
    life.publish(STARTED, replace(life.steps[-1].facts, start=StartTime(Precision.EXACT, begun)))


def _extend(life: Life) -> None:
    window = _window(life)
    end = max(window.end, life.now) + timedelta(minutes=life.random.randint(10, 180))
    life.publish(EXTENDED, replace(life.steps[-1].facts, maintenance_window=replace(window, end=end)))


def _end(life: Life) -> None:
    facts = life.steps[-1].facts
    if life.random.random() < 0.15:
        life.publish(CANCELLED, facts)
        return
    life.now = max(life.now, _window(life).end - timedelta(minutes=life.random.randint(-30, 15)))
    life.publish(FINISHED, replace(facts, ended_at=life.now - timedelta(minutes=life.random.choice((0, 2)))))
