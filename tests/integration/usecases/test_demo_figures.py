"""The figures of the demo year against a calculation by hand, minute by minute from the timelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from statuspage.domain import Incident, State
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind
from statuspage.storage import incidents
from statuspage.usecases import figures
from statuspage.usecases.demo_data import fill_instance
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.figures import FigureTable
from tests.integration.usecases.test_demo_data import NOW, environments

pytestmark = pytest.mark.slow

ALL = ""


def built(env: Environment) -> FigureTable:
    return figures.build_figures(env, now=NOW)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    live, drill = environments(tmp_path_factory.mktemp("figures") / "instance")
    fill_instance(live, drill, seed=7, now=NOW)
    yield live
    for database in (live.databases.environment, live.databases.accounts, drill.databases.environment):
        database.close()


def month_of(moment: datetime, env: Environment) -> date:
    return moment.astimezone(ZoneInfo(env.site.catalog.site.zone)).date().replace(day=1)


def stories(env: Environment) -> tuple[Incident, ...]:
    with env.databases.environment.read() as tx:
        return incidents.opened_between(tx, datetime(2024, 1, 1, tzinfo=UTC), NOW + timedelta(days=1))


def minutes_by_hand(env: Environment, service: str) -> Mapping[tuple[date, State], int]:
    """Each minute of the year in which the service, or any, was in a state: the worst, planned work before all of the
    same service."""
    by_service: dict[str, dict[int, State]] = {}
    ranks = [State.MAJOR, State.PARTIAL, State.DEGRADED]
    for incident in stories(env):
        first, last = incident.notices[0].notice.facts, incident.notices[-1].notice.facts
        begun = [item for item in incident.notices if item.notice.notice is NoticeKind.STARTED]
        if incident.is_maintenance and not begun:
            continue
        start = begun[0].recorded if begun else first.start.at
        for affected in first.affected:
            states = by_service.setdefault(affected.service, {})
            for minute in range(int(start.timestamp()) // 60, int((last.ended_at or NOW).timestamp()) // 60):
                state = State.MAINTENANCE if incident.is_maintenance else affected.state
                known = states.get(minute, state)
                better = State.MAINTENANCE in (known, state) or ranks.index(known) <= ranks.index(state)
                states[minute] = (
                    (State.MAINTENANCE if State.MAINTENANCE in (known, state) else known) if better else state
                )
    chosen = [by_service.get(service, {})] if service else [*by_service.values()]
    merged: dict[int, State] = {}
    for minute, state in ((minute, state) for states in chosen for minute, state in states.items()):
        order = [*ranks, State.MAINTENANCE]
        merged[minute] = min(merged.get(minute, state), state, key=order.index)
    counts: dict[tuple[date, State], int] = {}
    for minute, state in merged.items():
        key = month_of(datetime.fromtimestamp(minute * 60, UTC), env), state
        counts[key] = counts.get(key, 0) + 1
    return counts


@pytest.mark.parametrize("service", [ALL, "payments-api", "dashboard", "webhooks"])
def test_the_minutes_of_the_demo_year_are_those_counted_by_hand(demo: Environment, service: str):
    table, by_hand = built(demo), minutes_by_hand(demo, service)
    shown = {
        (month, state): count
        for month in table.months
        for state, count in table.month(month, service).minutes.items()
        if count
    }
    assert shown == {key: count for key, count in by_hand.items() if key[0] in table.months}
    assert shown or service == "dashboard", "the invented year has no trouble there"


@pytest.mark.parametrize("service", [ALL, "payments-api", "dashboard", "webhooks"])
def test_everything_else_of_the_demo_year_is_what_was_counted_by_hand(demo: Environment, service: str):
    table = built(demo)
    for month in table.months:
        told = [
            incident
            for incident in stories(demo)
            if not incident.is_maintenance
            and incident.notices
            and month_of(incident.opened, demo) == month
            and service in (ALL, *(affected.service for affected in incident.notices[0].notice.facts.affected))
        ]
        counted = table.month(month, service)
        assert counted.incidents == len(told)
        assert sorted(counted.alerted.times) == sorted(seconds_by_hand(told, lambda source: source != "form"))
        assert sorted(counted.clocked_by_form.times) == sorted(seconds_by_hand(told, lambda source: source == "form"))
        promised = [
            (item.notice.facts.next_update, later.recorded)
            for incident in told
            for item, later in zip(incident.notices, incident.notices[1:], strict=False)
            if item.notice.facts.next_update
        ]
        assert (counted.promises_made, counted.promises_kept) == (
            len(promised),
            sum(came <= due for due, came in promised if due),
        )
        causes = [incident.notices[-1].notice.facts.cause for incident in told]
        assert counted.causes == {cause: causes.count(cause) for cause in {*causes} if cause}


def seconds_by_hand(told: list[Incident], is_wanted: Callable[[str], bool]) -> list[timedelta]:
    """From the start of the clock to the first page that was read."""
    return [
        next(item.happened for item in incident.entries if getattr(item.entry, "event", "") == EventKind.READABLE)
        - incident.t0
        for incident in told
        if is_wanted(incident.t0_source)
    ]
