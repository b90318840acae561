"""Events of action items for any tracker: created, changed, late, each once, signed, and never those of a drill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from statuspage.storage import send_hold
from statuspage.storage.post_incident import action_items as stored_items
from statuspage.storage.tables import action_item
from statuspage.usecases import action_items
from statuspage.usecases.action_items import ActionInput
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.redaction import redact
from tests.integration.usecases.test_action_items import DUE, FIRST, OVER, WHEN, keep, morning
from tests.support.environments import with_changes
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.times import at

__all__ = ["on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def tracker(on_call_setup: OnCallSetup) -> OnCallSetup:
    """The channel of the phone service is that of a tracker. An incident is over."""
    policy = replace(on_call_setup.env.site.catalog.on_call, event_channels=("phone",))
    on_call_setup.env = with_changes(on_call_setup.env, catalog=replace(on_call_setup.env.site.catalog, on_call=policy))
    keep(on_call_setup.env, FIRST, OVER)
    return on_call_setup


def announce(setup: OnCallSetup, now: datetime) -> list[Mapping[str, Any]]:
    """The events that the tracker gets now."""
    setup.clock.now = now
    earlier = len(setup.phone.received)
    action_items.events.announce_items(setup.env, now=now)
    setup.carry_out()
    return [one.body for one in setup.phone.received[earlier:]]


def types(events: list[Mapping[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("action_item.") for event in events]


def test_a_tracker_hears_once_of_each_item_each_change_and_each_missed_day(tracker: OnCallSetup):
    env = tracker.env
    item = action_items.add_item(env, FIRST, ActionInput("確認を戻す", "渡辺 健", due=DUE.isoformat()), **WHEN)
    (created,) = announce(tracker, at("14:01"))
    assert (created["type"], created["version"], created["cap_status"]) == ("action_item.created", 1, "Actual")
    data = created["data"]
    assert (data["id"], data["incident"], data["text"], data["owner"]) == (item.id, FIRST, "確認を戻す", "渡辺 健")
    assert (data["due"], data["state"], data["late"], data["created"]) == (
        "2026-07-10", "open", False, "2026-07-04T05:00:00.000Z",
    )  # fmt: skip
    assert announce(tracker, at("14:02")) == announce(tracker, morning(10)) == []
    assert types(late := announce(tracker, morning(11))) == ["late"]
    assert late[0]["data"]["late"] is True
    assert announce(tracker, morning(12)) == []
    action_items.finish_item(env, item.id, version=1, **WHEN)
    (done,) = announce(tracker, morning(12))
    assert (done["type"], done["data"]["state"], done["data"]["late"]) == ("action_item.changed", "done", False)
    assert announce(tracker, morning(13)) == []


def test_killed_between_the_queue_and_the_item_each_event_is_sent_once(
    tracker: OnCallSetup, monkeypatch: pytest.MonkeyPatch
):
    item = action_items.add_item(tracker.env, FIRST, ActionInput("予備を試す"), **WHEN)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as context:
        context.setattr(stored_items, "mark_announced", killed)
        with pytest.raises(SystemExit):
            action_items.events.announce_items(tracker.env, now=at("14:01"))
    assert types(announce(tracker, at("14:02"))) == ["created"]
    assert announce(tracker, at("14:03")) == []
    with monkeypatch.context() as context:
        context.setattr(stored_items, "mark_announced", killed)
        action_items.finish_item(tracker.env, item.id, version=1, **WHEN)
        with pytest.raises(SystemExit):
            action_items.events.announce_items(tracker.env, now=at("14:04"))
    assert types(announce(tracker, at("14:05"))) == ["changed"]
    assert len({headers["webhook-id"] for headers in tracker.phone.deliveries}) == 2


def test_an_item_that_changed_before_its_creation_was_recorded_is_created_once(
    tracker: OnCallSetup, monkeypatch: pytest.MonkeyPatch
):
    item = action_items.add_item(tracker.env, FIRST, ActionInput("予備を試す"), **WHEN)
    with monkeypatch.context() as context:
        context.setattr(stored_items, "mark_announced", lambda *_: None)
        assert types(announce(tracker, at("14:01"))) == ["created"]
    action_items.finish_item(tracker.env, item.id, version=1, **WHEN)
    assert types(announce(tracker, at("14:02"))) == ["changed"]


def test_what_a_drill_decided_never_leaves(tracker: OnCallSetup):
    env = tracker.env
    item = action_items.add_item(env, FIRST, ActionInput("訓練で決めたこと", due=DUE.isoformat()), **WHEN)
    with env.databases.accounts.begin() as tx:
        tx.execute(update(action_item).where(action_item.c.id == item.id).values(environment="drill"))
    assert announce(tracker, morning(20)) == []
    own = action_items.add_item(env, FIRST, ActionInput("本番で決めたこと"), **WHEN)
    drill = replace(env, follows_up_actions=False)
    assert action_items.events.announce_items(drill, now=morning(20)) == 0
    assert [event["data"]["id"] for event in announce(tracker, morning(20))] == [own.id]


def test_nothing_is_queued_during_a_hold_and_nothing_of_the_time_without_a_channel_is_sent(tracker: OnCallSetup):
    env = tracker.env
    action_items.add_item(env, FIRST, ActionInput("予備を試す"), **WHEN)
    with env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, at("14:00"))
    assert announce(tracker, at("14:01")) == []
    with env.databases.environment.begin() as tx:
        send_hold.end_hold(tx, send_hold.current_fence(tx))
    assert types(announce(tracker, at("14:02"))) == ["created"]

    policy = replace(env.site.catalog.on_call, event_channels=())
    without = with_changes(env, catalog=replace(env.site.catalog, on_call=policy))
    item = action_items.add_item(env, FIRST, ActionInput("手順を書く"), **WHEN)
    assert action_items.events.announce_items(without, now=at("14:03")) == 0
    assert announce(tracker, at("14:04")) == []
    action_items.finish_item(env, item.id, version=1, **WHEN)
    assert types(announce(tracker, at("14:05"))) == ["changed"]


def test_a_tracker_that_is_away_for_an_hour_gets_the_event_afterwards(tracker: OnCallSetup):
    action_items.add_item(tracker.env, FIRST, ActionInput("予備を試す"), **WHEN)
    tracker.phone.next(*["503"] * 8)
    action_items.events.announce_items(tracker.env, now=tracker.clock())
    for _ in range(14):
        tracker.work(minutes=10)
    assert [one.body["type"] for one in tracker.phone.received] == ["action_item.created"]
    assert tracker.clock.now - at("12:02") > timedelta(hours=1)


def test_a_redaction_reaches_the_queue_and_the_tracker(tracker: OnCallSetup):
    env: Environment = tracker.env
    action_items.add_item(env, FIRST, ActionInput("山田さんの口座を確認する"), **WHEN)
    announce(tracker, at("14:01"))
    redact.redact_text(env, FIRST, "山田さん", reason="本人の依頼", actor="管理者", now=at("14:02"))
    (changed,) = announce(tracker, at("14:03"))
    assert changed["type"] == "action_item.changed" and "山田" not in changed["data"]["text"]
    assert "山田" not in repr([one.payload for one in tracker.made()])
