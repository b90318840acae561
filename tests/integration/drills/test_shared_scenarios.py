"""The scenarios that every company has: each is played from its first inject to its card, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.drill_scenario import InjectKind, Scenario
from statuspage.domain.facts import NoticeKind
from statuspage.usecases import alerts, drills, notices
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment.model import Environment
from tests.support.content import LANGUAGES
from tests.support.desk import Clock, clock, drill_environment_in, signed_in
from tests.support.drill_series import read_back
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["clock"]

SHARED = tuple(sorted(path.stem for path in (LANGUAGES / "scenarios").glob("*.toml") if path.stem != "tutorial"))
MARKS = {"ja": "【訓練】", "en": "[DRILL]"}


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def publish(env: Environment, incident: str, script: Scenario, notice: NoticeKind, now: datetime, ended: str) -> None:
    """A notice about what the scenario is about, readable at once."""
    target = notices.open_notice_form(env.databases.environment, incident, actor="佐藤", now=now)
    assert target is not None
    services = [f"{one.service}:{one.state}" for one in script.services]
    fields = {"ended": ended} if ended else {"next_update": "20m"}
    typed = typed_input(incident_type=script.incident_type, services=services, start="about:20m", **fields)
    preview = notices.preview_notice(env, typed, notice_kind=notice, target=target, now=now)
    assert preview.problems == ()
    published = notices.publish_notice(env, typed, preview.token, actor="佐藤", now=now)
    assert isinstance(published, notices.Published)
    read_back(env, incident, published.sequence, now)


def play(env: Environment, script: Scenario, language: str) -> str:
    """The whole script; every inject is fired, those without a minute at minute 1. Returns the drill's id."""
    start, goal = at("10:00"), script.notice_goal or timedelta(minutes=10)
    drill_id = drills.start_drill(
        env,
        title=script.title[language],
        leader="中村",
        goal=goal,
        setup=Setup(script, language, roles={"observer": ("鈴木",)}),
        now=start,
    ).drill.id
    if script.scope == "engineers":  # The test environment's own monitor sends it.
        signal = MonitorAlert("alertmanager", "test", "Probe failed", "", {"service": "booking-api"}, start)
        alerts.receive_alerts(env, [signal], now=start)
    for minute in range(4):
        drills.advance_drill(env, now=start + timedelta(minutes=minute))
    for fed in drills.inject_status(env.databases.environment).script:
        if fed.inject.at is None:
            drills.fire_inject(env, fed.inject.id, actor="中村", now=start + timedelta(minutes=3))
    alert = drills.inject_status(env.databases.environment).drill.alert
    incident = alerts.confirm(env, alert, actor="佐藤", now=start + timedelta(minutes=4)).id
    publish(env, incident, script, NoticeKind.FIRST, start + timedelta(minutes=5), "")
    for minute in range(6, int(script.duration.total_seconds() // 60)):
        drills.advance_drill(env, now=start + timedelta(minutes=minute))
        if minute == 20:
            publish(env, incident, script, NoticeKind.UPDATE, start + timedelta(minutes=minute), "")
    over = start + script.duration - timedelta(minutes=1)
    publish(env, incident, script, NoticeKind.RESOLVED, over, "5m")
    assert drills.advance_drill(env, now=start + script.duration) is not None
    return drill_id


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", SHARED)
def test_it_is_played_to_its_card(name: str, language: str, drill: Environment, clock: Clock) -> None:
    script = drill.site.catalog.scenarios[name]
    drill_id = play(drill, script, language)
    clock.now = at("12:00")
    reader = signed_in(drill, clock, language=language)
    assert reader.open(f"/drills/{drill_id}").page.status_code == 200
    card = json.loads(reader.open(f"/drills/{drill_id}.json").text)
    alerted = next((one.at for one in script.injects if one.kind is InjectKind.ALERT and one.at), timedelta())
    assert card["time_to_notice"]["seconds"] == 300 - alerted.total_seconds()
    assert {inject["state"] for inject in card["injects"]} == {"fired"}
    assert [objective["id"] for objective in card["objectives"]] == [objective.id for objective in script.objectives]
    measured = {item["id"]: item["grade"] for item in card["objectives"] if item["measure"] in ("readable", "resolved")}
    assert set(measured.values()) <= {"performed", "some_challenges"}
    text = reader.open(f"/drills/{drill_id}.md").text
    assert "{" not in text
    for objective in script.objectives:
        assert objective.text[language] in text
    for inject in script.injects:
        assert inject.subject[language].startswith(MARKS[language])
        if inject.kind is not InjectKind.GUIDE:
            assert inject.expected_action[language] in text
