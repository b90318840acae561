"""An instance can be filled with a believable year, by its own use cases, and nothing leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from statuspage.domain.alert import AlertState
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Incident
from statuspage.settings import read_settings
from statuspage.storage import alerts, delivery_lookups, incidents, staff_notifications
from statuspage.usecases import bootstrap, drills
from statuspage.usecases.demo_data import DemoDataRefused, fill_instance
from statuspage.usecases.environment.model import Environment, Senders
from statuspage.usecases.new_company import NewCompany, create_company
from tests.support.content import without_long_check
from tests.support.times import at

pytestmark = pytest.mark.slow

NOW = at("12:00", "2026-07-04")
DAYS = 60


def environments(home: Path) -> tuple[Environment, Environment]:
    """Live and drill of a new company."""
    create_company(home, NewCompany("Acme", ("Payments API", "Dashboard", "Webhooks"), starter="saas"), now=NOW)
    live = bootstrap.live_environment(read_settings({}, home=str(home)), now=NOW)
    return live, bootstrap.drill_environment(home, home / "content", now=NOW)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Environment]:
    with without_long_check():
        live, drill = environments(tmp_path_factory.mktemp("demo") / "instance")
    fill(live, drill)
    return live, drill


def fill(live: Environment, drill: Environment, *, seed: int = 7, add: bool = False) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("statuspage.usecases.demo_data.filling.YEAR_DAYS", DAYS)
        fill_instance(live, drill, seed=seed, now=NOW, add=add)


def every(env: Environment) -> tuple[Incident, ...]:
    with env.databases.environment.read() as tx:
        return incidents.opened_between(tx, at("00:00", "2025-01-01"), NOW)


Story = Mapping[str, list[tuple[NoticeKind, datetime, str]]]


def story_of(env: Environment) -> Story:
    return {
        incident.id: [
            (item.notice.notice, item.recorded, item.notice.texts["en"].media["page"].body) for item in incident.notices
        ]
        for incident in every(env)
    }


def test_the_past_is_over_and_some_of_the_present_is_open(filled: tuple[Environment, Environment]):
    unplanned = [incident for incident in every(filled[0]) if not incident.is_maintenance]
    still_open = [incident for incident in unplanned if not incident.is_over]
    assert len(still_open) == 2
    assert len(unplanned) > len(still_open)
    assert all((NOW - incident.opened).days == 0 for incident in still_open)
    assert all(item.recorded <= NOW for incident in unplanned for item in incident.notices)
    with filled[0].databases.environment.read() as tx:
        states = {alert.state for alert in alerts.open_alerts(tx)}
    assert states == {AlertState.WAITING, AlertState.WATCHING}


def test_promised_updates_were_kept_and_ends_come_after_starts(filled: tuple[Environment, Environment]):
    for incident in every(filled[0]):
        promised = None
        for item in incident.notices:
            assert promised is None or item.recorded <= promised
            promised = item.notice.facts.next_update
        facts = incident.notices[-1].notice.facts
        if facts.ended_at and facts.start:
            assert facts.start.at < facts.ended_at <= incident.notices[-1].recorded


def test_planned_work_is_announced_begun_and_finished_and_some_is_to_come(filled: tuple[Environment, Environment]):
    planned = [incident for incident in every(filled[0]) if incident.is_maintenance]
    assert {incident.status for incident in planned} == {"completed", "scheduled"}
    done = next(incident for incident in planned if incident.is_over)
    assert [item.notice.notice for item in done.notices] == [
        NoticeKind.ANNOUNCED,
        NoticeKind.REMINDER,
        NoticeKind.STARTED,
        NoticeKind.FINISHED,
    ]


def test_drills_were_played_and_none_runs(filled: tuple[Environment, Environment]):
    drill = filled[1]
    assert drills.running_drill(drill.databases.environment) is None
    played = every(drill)
    assert len(played) == 6
    assert all(incident.id.startswith("drill") and incident.is_over for incident in played)


def test_nothing_is_left_to_be_sent_to_anybody(filled: tuple[Environment, Environment]):
    for env in filled:
        with env.databases.environment.read() as tx:
            assert delivery_lookups.count_untried(tx) == 0
            assert staff_notifications.QUEUE.count_untried(tx) == 0


def test_an_instance_with_incidents_of_its_own_is_refused_unless_told_so(filled: tuple[Environment, Environment]):
    before = len(every(filled[0]))
    with pytest.raises(DemoDataRefused) as refused:
        fill(*filled)
    assert (refused.value.reason, len(every(filled[0]))) == ("used", before)


def test_an_instance_that_can_send_is_refused_in_any_case(tmp_path: Path):
    live, drill = environments(tmp_path / "instance")
    senders = Senders({}, hosts={"bucket": object()})
    connected = replace(live, content=replace(live.content, senders=senders))
    with pytest.raises(DemoDataRefused) as refused:
        fill(connected, drill, add=True)
    assert (refused.value.reason, refused.value.names) == ("connected", "bucket")
    assert every(live) == ()


def test_a_second_year_can_be_added_with_the_same_seed(tmp_path: Path):
    both = environments(tmp_path / "instance")
    fill(*both)
    before = len(every(both[0]))
    fill(*both, add=True)
    assert len(every(both[0])) > before


def test_the_same_seed_makes_the_same_year_and_another_seed_another(
    filled: tuple[Environment, Environment], tmp_path: Path
):
    again, other = environments(tmp_path / "again"), environments(tmp_path / "other")
    fill(*again)
    fill(*other, seed=8)
    assert story_of(again[0]) == story_of(filled[0])
    assert story_of(again[1]) == story_of(filled[1])
    assert story_of(other[0]) != story_of(filled[0])
