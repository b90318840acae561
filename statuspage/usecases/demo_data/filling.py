"""Plays a year in an instance: incidents, planned work, false alarms and drills of the past, and what is open now."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from statuspage.domain import DRILL, Affected, Catalog, IncidentType, State
from statuspage.storage import alerts as stored_alerts
from statuspage.storage import incidents
from statuspage.usecases import drills
from statuspage.usecases.demo_data.drill_stories import play_drill
from statuspage.usecases.demo_data.incident_stories import (
    Story,
    Trouble,
    false_alarm_story,
    incident_story,
    maintenance_story,
    open_alert_story,
)
from statuspage.usecases.demo_data.player import Player, quiet
from statuspage.usecases.environment import Environment

YEAR_DAYS = 365
DRILL_MINUTES = (11, 9, 8, 6, 5, 4)
"""From the alert to the first report in the drills of the year: the team gets quicker."""

PEOPLE = {
    "ja": ("佐藤 美咲", "鈴木 翔", "高橋 葵", "渡辺 健"),
    "en": ("Robin Meyer", "Alex Kim", "Sam Costa", "Jo Novak"),
}


class DemoDataRefused(Exception):
    """The instance is not one to be filled: ``reason`` is the last part of a label key (``cli.demo_data_KEY``)."""

    def __init__(self, reason: str, names: str = "") -> None:
        super().__init__(f"{reason} {names}".rstrip())
        self.reason, self.names = reason, names


@dataclass(frozen=True, slots=True)
class DemoResult:
    """How many there are now: incidents of which some are open, maintenances, drills."""

    incidents: int
    open: int
    maintenances: int
    drills: int


def refusal(env: Environment, *, add: bool) -> None:
    """Raises DemoDataRefused where something could be sent, or where the instance has incidents of its own and ``add``
    is not said."""
    senders = env.senders
    connected = (*senders.channels, *senders.staff_channels, *senders.hosts)
    if connected:
        raise DemoDataRefused("connected", ", ".join(sorted(connected)))
    with env.databases.environment.read() as tx:
        is_used = bool(incidents.latest_incidents(tx, 1) or stored_alerts.latest_alerts(tx, 1))
    if is_used and not add:
        raise DemoDataRefused("used")


def fill_instance(live: Environment, drill: Environment, *, seed: int, now: datetime, add: bool = False) -> DemoResult:
    """Fills both environments up to ``now``; the same for the same seed and time. Raises DemoDataRefused. Published
    files are not changed: build the site afterwards."""
    refusal(live, add=add)
    rng = random.Random(f"{seed} {_stored(live)} {_stored(drill)}")  # noqa: S311 - stories, not secrets
    catalog = live.site.catalog
    people = PEOPLE.get(catalog.desk_languages[0], PEOPLE["en"])
    played = _play_drills(Player(quiet(drill, rng, DRILL), rng, people), now)
    player = Player(quiet(live, rng), rng, people)
    stories = [*_past_stories(player, now), *_present_stories(player, now)]
    _play(stories, until=now)
    return _count(player, played, now)


def _stored(env: Environment) -> int:
    """How many incidents there are, so that a second year gets other ids than the first."""
    with env.databases.environment.read() as tx:
        return len(incidents.latest_incidents(tx, 10_000))


def _play(stories: Sequence[Story], *, until: datetime) -> None:
    """Advances all stories together, the earliest step first, up to this time."""
    numbers = count()
    pending = [(next(story), next(numbers), story) for story in stories]
    heapq.heapify(pending)
    while pending and pending[0][0] <= until:
        _, _, story = heapq.heappop(pending)
        following = next(story, None)
        if following is not None:
            heapq.heappush(pending, (following, next(numbers), story))


def _past_stories(player: Player, now: datetime) -> list[Story]:
    rng, catalog = player.rng, player.env.site.catalog
    stories: list[Story] = []
    day = YEAR_DAYS - 3
    while day > 3:
        start = _moment(now, day, rng)
        minutes = rng.choice((18, 25, 35, 50, 70, 110, 180))
        trouble = _trouble(player, start, minutes)
        stories.append(incident_story(player, trouble))
        if rng.random() < 0.5:
            stories.append(false_alarm_story(player, _single(catalog, rng), start - timedelta(days=1)))
        day -= rng.randint(8, 19)
    for weeks in (44, 31, 18, 6):
        begins = (now - timedelta(weeks=weeks)).replace(hour=17, minute=0, second=0, microsecond=0)
        stories.append(maintenance_story(player, rng.choice(_in_use(catalog)), begins))
    return stories


def _present_stories(player: Player, now: datetime) -> list[Story]:
    """What is open: an incident with two notices, a smaller one just reported, planned work to come, and alerts."""
    rng, catalog = player.rng, player.env.site.catalog
    coming = (now + timedelta(days=3)).replace(hour=17, minute=0, second=0, microsecond=0)
    main = _trouble(player, now - timedelta(minutes=55), 600, state=State.MAJOR)
    used = {affected.service for affected in main.affected}
    others = [id for id in _in_use(catalog) if id not in used] or _in_use(catalog)
    second = Affected(others[0], State.DEGRADED)
    small = Trouble(_type_for(catalog, "slow"), (second,), now - timedelta(minutes=21), timedelta(hours=9), True)
    waiting, watched = Affected(others[-1], State.DEGRADED), Affected(rng.choice(others), State.PARTIAL)
    return [
        incident_story(player, main),
        incident_story(player, small),
        maintenance_story(player, rng.choice(_in_use(catalog)), coming),
        open_alert_story(player, watched, now - timedelta(minutes=110), is_watched=True),
        open_alert_story(player, waiting, now - timedelta(minutes=2), is_watched=False),
    ]


def _trouble(player: Player, start: datetime, minutes: int, state: State | None = None) -> Trouble:
    """A type of incident that the company can have, with what its type proposes."""
    rng, catalog = player.rng, player.env.site.catalog
    kinds = [
        kind
        for kind in catalog.unplanned_types.values()
        if not kind.needs_approval and kind.gives_estimate and kind.id != "other"
    ]
    proposing = [kind for kind in kinds if kind.services] or kinds or [_type_for(catalog, "other")]
    kind = rng.choice(proposing)
    affected = kind.services[: rng.choice((1, 1, 2))] or (Affected(rng.choice(_in_use(catalog)), kind.state),)
    if state is not None:
        affected = tuple(Affected(item.service, state) for item in affected)
    return Trouble(kind, affected, start, timedelta(minutes=minutes), rng.random() < 0.7)


def _type_for(catalog: Catalog, id: str) -> IncidentType:
    """The incident type of this id, else the first one."""
    return catalog.unplanned_types.get(id) or next(iter(catalog.unplanned_types.values()))


def _single(catalog: Catalog, rng: random.Random) -> Affected:
    return Affected(rng.choice(_in_use(catalog)), State.DEGRADED)


def _in_use(catalog: Catalog) -> list[str]:
    return [id for id, service in catalog.services.items() if not service.is_retired]


def _moment(now: datetime, days: int, rng: random.Random) -> datetime:
    """A minute of that day, so many days ago."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    return midnight + timedelta(minutes=rng.randint(0, 20 * 60))


def _play_drills(player: Player, now: datetime) -> int:
    """The scenarios in turn, spread over the year; how many were played: none while something real is open."""
    if drills.live_status(player.env.live_status_path, now=now).open_items:
        return 0
    scenarios = [item for item in player.env.site.catalog.scenarios.values() if item.services and item.title]
    for number, minutes in enumerate(DRILL_MINUTES if scenarios else ()):
        at = (now - timedelta(days=320 - 58 * number)).replace(hour=6, minute=0, second=0, microsecond=0)
        play_drill(player, scenarios[number % len(scenarios)], at, minutes)
    return len(DRILL_MINUTES) if scenarios else 0


def _count(player: Player, played: int, now: datetime) -> DemoResult:
    with player.env.databases.environment.read() as tx:
        every = incidents.opened_between(tx, now - timedelta(days=2 * YEAR_DAYS), now + timedelta(days=1))
    planned = [incident for incident in every if incident.is_maintenance]
    unplanned = [incident for incident in every if not incident.is_maintenance]
    return DemoResult(len(unplanned), sum(not incident.is_over for incident in unplanned), len(planned), played)
