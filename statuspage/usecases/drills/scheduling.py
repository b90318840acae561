"""Drills that are to come: alone or in a series, at a known time or at a minute that the program picks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain import LanguagePack, Scenario
from statuspage.storage import scheduled_drills
from statuspage.storage.drills import Drill
from statuspage.storage.scheduled_drills import Rehearsal, RehearsalState
from statuspage.usecases.drills.lifecycle import (
    AlreadyRunning,
    LiveIncident,
    Setup,
    live_status,
    people_named,
    refuse_denials,
    refuse_turned,
    start_drill,
)
from statuspage.usecases.environment import Environment

START_TOLERANCE = timedelta(minutes=30)
"""How long after its minute, or its window, a drill still begins when something was in its way."""

WORDS = "announcements"
"""Where the drill keeps the word to all on duty, beside what its channels wrote."""


class NoSuchRehearsal(Exception):
    """No drill of this id is planned."""


class BadWindow(Exception):
    """The time lies behind us, or the window ends before it begins."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of drills that are to come. ``goal`` None: the scenario's or the site's."""

    scenario: str
    title: str
    leader: str
    language: str = ""
    goal: timedelta | None = None
    announced: bool = True
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept_out: tuple[str, ...] = ()


def goal_of(world: Environment, scenario: Scenario | None, asked: timedelta | None) -> timedelta:
    """Alert to readable first notice: as asked for, else the scenario's, else the site's."""
    return asked or (scenario.goal if scenario else None) or world.catalog.site.goal


def windows(
    first: tuple[datetime, datetime], zone: str, *, every: int = 0, times: int = 1
) -> tuple[tuple[datetime, datetime], ...]:
    """The first window, and the same time of day again ``every`` so many days, ``times`` in all."""
    local = [at.astimezone(ZoneInfo(zone)) for at in first]
    shifted = [[at + timedelta(days=every * n) for at in local] for n in range(max(times, 1))]
    return tuple((a.astimezone(first[0].tzinfo), b.astimezone(first[0].tzinfo)) for a, b in shifted)


def plan(
    world: Environment,
    wanted: Wanted,
    within: Sequence[tuple[datetime, datetime]],
    *,
    chance: Callable[[], float],
    now: datetime,
) -> tuple[Rehearsal, ...]:
    """Puts drills on the plan, each at a minute that ``chance`` (0 to 1) picks within its window.

    Raises Denies, BadWindow, and NotNow for characters that turn text around.
    """
    refuse_turned(wanted.title, wanted.leader, *people_named(wanted.roles, wanted.kept_out))
    refuse_denials(world, wanted.title)
    if any(end < begin or end <= now for begin, end in within):
        raise BadWindow
    made: list[Rehearsal] = []
    for window in within:
        id = world.new_id()
        begins = max(_minute(window, chance), now)
        series = made[0].series if made else id
        one = Rehearsal(
            id, series, wanted.scenario, wanted.title, wanted.leader, wanted.language, window, begins,
            wanted.announced, wanted.goal, wanted.roles, wanted.kept_out,
        )  # fmt: skip
        made.append(one)
    with world.store.begin() as tx:
        for one in made:
            scheduled_drills.plan(tx, one)
    return tuple(made)


def _minute(window: tuple[datetime, datetime], chance: Callable[[], float]) -> datetime:
    """A whole minute within the window; each is as likely as the next."""
    minutes = int((window[1] - window[0]).total_seconds() // 60) + 1
    return window[0] + timedelta(minutes=min(int(chance() * minutes), minutes - 1))


def coming(world: Environment) -> tuple[Rehearsal, ...]:
    """The drills that are planned, the next one first."""
    with world.store.read() as tx:
        return scheduled_drills.coming(tx)


def cancel(world: Environment, id: str, *, whole: bool = False) -> tuple[Rehearsal, ...]:
    """Takes a drill off the plan, or with ``whole`` its series. Returns what was. Raises NoSuchRehearsal."""
    with world.store.begin() as tx:
        planned = scheduled_drills.coming(tx)
        found = next((one for one in planned if one.id == id), None)
        if found is None:
            raise NoSuchRehearsal
        gone = [one for one in planned if one.id == id or (whole and one.series == found.series)]
        for one in gone:
            scheduled_drills.settle_scheduled(tx, one.id, RehearsalState.CANCELLED)
    return tuple(replace(one, state=RehearsalState.CANCELLED) for one in gone)


def begin_due(world: Environment, *, now: datetime) -> Drill | None:
    """Begins the drill whose minute has come, unless something real is going on; None where none begins.

    What was in its way for half an hour after its window takes it off the plan: it was *missed*.
    """
    with world.store.read() as tx:
        due = scheduled_drills.due_drills(tx, now)
    for one in due:
        scenario = world.catalog.scenarios.get(one.scenario)
        if now > max(one.window[1], one.begins) + START_TOLERANCE or (one.scenario and scenario is None):
            _settle_scheduled(world, one, RehearsalState.MISSED)
        elif not live_status(world, now=now).going_on and (drill := _begin(world, one, scenario, now)) is not None:
            return drill
    return None


def _begin(world: Environment, one: Rehearsal, scenario: Scenario | None, now: datetime) -> Drill | None:
    window = one.window if one.secret else None
    setup = Setup(scenario, one.language, one.announced, window, one.roles, one.kept_out)
    id = world.new_id()
    if not _settle_scheduled(world, one, RehearsalState.BEGUN, id):
        return None
    try:
        goal = goal_of(world, scenario, one.goal)
        return start_drill(world, id=id, title=one.title, leader=one.leader, goal=goal, setup=setup, now=now).drill
    except (LiveIncident, AlreadyRunning):
        with world.store.begin() as tx:
            scheduled_drills.again(tx, one.id)
        return None


def _settle_scheduled(world: Environment, one: Rehearsal, state: RehearsalState, drill: str = "") -> bool:
    with world.store.begin() as tx:
        return scheduled_drills.settle_scheduled(tx, one.id, state, drill)


def word(said: str, book: LanguagePack) -> str:
    """The word to all on duty about a drill, as everything of one is marked."""
    return f"{book.marks.start}{said}{book.marks.end}"


def announce(world: Environment, id: str, text: str, *, now: datetime) -> None:
    """Keeps the word to all on duty in a file of the drill, and sends it nowhere."""
    folder = world.home / WORDS
    folder.mkdir(parents=True, exist_ok=True)
    record = {"id": id, "channel": WORDS, "at": now.isoformat(), "message": {"text": text}}
    fresh = folder / f".{id}.json"
    fresh.write_text(json.dumps(record, ensure_ascii=False, indent=2), "utf-8")
    fresh.replace(folder / f"{id}.json")


def announced(world: Environment) -> tuple[str, ...]:
    """The words to all on duty that the sandbox holds, the newest first."""
    files = sorted((world.home / WORDS).glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return tuple(str(json.loads(path.read_text("utf-8"))["message"]["text"]) for path in files)
