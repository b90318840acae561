"""Shared by the tests of live alerts during drills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.alert import Alert, GroupingRules, MonitorAlert
from statuspage.domain.catalog import Catalog
from statuspage.usecases import alerts, drills
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Clock, drill_environment_in, environment_in
from tests.support.times import at

TITLE = "本物：ゲートの応答が遅い"


LIVE_DESK = "https://desk.example"


@dataclass
class Both:
    """A live environment and the drill beside it, with the same clock."""

    live: Environment
    drill: Environment
    clock: Clock

    def alert(self, identity: str = "gate", title: str = TITLE) -> Alert:
        """A live monitor sends an alert."""
        labels = {"service": "gate-api", "owner": "hanako@example.com"}
        signal = MonitorAlert(
            "alertmanager", identity, title, "Call 090-0000-0000", labels, self.clock.later(seconds=1)
        )
        return alerts.receive_alerts(self.live, [signal], now=self.clock())[0]

    def open(self, alert: Alert) -> str:
        """Confirms it, and updates the summary, as the desk does."""
        incident = alerts.confirm(self.live, alert.id, actor="佐藤", now=self.clock()).id
        shared_status.write_status(self.live, now=self.clock())
        return incident

    def begin(self, *, knows_live: bool = False) -> drills.Begun:
        """Starts a scripted drill."""
        setup = Setup(self.drill.site.catalog.scenarios["booking-phone"], "ja")
        goal = timedelta(minutes=10)
        known = self.status().handled_ids if knows_live else ()
        led = {"title": "予約", "leader": "佐藤", "goal": goal, "setup": setup, "known": known}
        return drills.start_drill(self.drill, **led, now=self.clock())

    def status(self) -> drills.LiveStatus:
        """What the drill knows about live."""
        return drills.live_status(self.drill.live_status_path, now=self.clock())

    def go_on(self, *known: str) -> None:
        """The leader ticks that these are known; by default everything that is open."""
        drills.go_on(self.drill, known or self.status().handled_ids, actor="佐藤", now=self.clock())

    def named(self) -> list[str]:
        """The titles of the alerts that the drill knows of."""
        return [one.id for one in self.status().alerts]


@pytest.fixture
def both(tmp_path: Path, catalog: Catalog) -> Iterator[Both]:
    apart = replace(catalog, grouping=GroupingRules(within=timedelta(0)))
    live, drill = replace(environment_in(tmp_path, apart), desk_url=LIVE_DESK), drill_environment_in(tmp_path)
    clock = Clock(at("10:00"))
    shared_status.write_status(live, now=clock())
    yield Both(live, drill, clock)
    for env in (live, drill):
        env.databases.environment.close()
        env.databases.accounts.close()
