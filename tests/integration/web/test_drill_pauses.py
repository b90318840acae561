"""The pauses of a drill on its screens: participants are told, and every figure is without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.storage import drill_injects
from statuspage.usecases import drills
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Clock, clock, drill_environment_in, signed_in
from tests.support.drill_series import QUICK, play
from tests.support.times import at

__all__ = ["clock"]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def test_participants_are_told_while_the_drill_is_paused(drill: Environment, clock: Clock):
    clock.now = at("10:01")
    plays = signed_in(drill, clock)
    drills.start_drill(drill, title="予約できない", leader="中村", goal=timedelta(minutes=10), now=at("10:00"))
    told = "訓練は一時停止中です"
    assert told not in plays.open("/").text
    drills.pause_drill(drill.databases.environment, now=at("10:01"))
    assert told in plays.open("/").text and told in plays.open("/drills/inbox/newest").text
    drills.resume_drill(drill, now=at("10:02"))
    assert told not in plays.open("/").text


def test_home_list_card_and_table_say_the_same_without_the_pause(drill: Environment, clock: Clock):
    report = play(drill, at("10:00"), QUICK)
    with drill.databases.environment.begin() as tx:
        drill_injects.insert_pause(tx, report.drill.id, at("10:01"))
        drill_injects.end_pause(tx, report.drill.id, at("10:02"))
    clock.now = at("11:00")
    browser = signed_in(drill, clock)
    assert "2分2秒でお客様にお知らせしました" in browser.open("/").words and "3分2秒" not in browser.words
    assert ">【訓練】レッスン予約：" in browser.open("/incidents").text
    assert "2分2秒" in browser.words and "3分2秒" not in browser.words
    assert "アラートから2分2秒で" in browser.open(f"/drills/{report.drill.id}").words
    assert "第一報まで,122,一時停止1分を除く" in browser.open(f"/drills/{report.drill.id}.csv").text
