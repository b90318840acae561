"""Action items of incidents and drills: one list, followed up until done, found again when the cause comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from statuspage.domain import ActionState, Incident, Notice, NoticeKind
from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import drills, incidents
from statuspage.storage.drills import Drill
from statuspage.storage.tables import action_item
from statuspage.usecases import account_administration, action_items, audit_log
from statuspage.usecases.accounts import Role
from statuspage.usecases.action_items import ActionConflict, ActionInput, NoSuchActionItem, NoSuchSubject
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.redaction import redact
from tests.support.desk import drill_environment_in, env, person_in
from tests.support.environments import with_changes
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.site import booking
from tests.support.times import at

__all__ = ["env", "on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")

WHEN = {"actor": Actor("a1", "佐藤"), "now": at("14:00")}


def keep(env: Environment, id: str, incident: Incident, *, cause: str = "", later: timedelta = timedelta()) -> None:
    """Writes an incident whose last notice names this cause."""
    entries = []
    for item in incident.entries:
        entry = item.entry
        if isinstance(entry, Notice):
            entry = replace(entry, key=f"{id}-{item.sequence}", facts=replace(entry.facts, cause=cause or None))
        entries.append(replace(item, entry=entry, happened=item.happened + later, recorded=item.recorded + later))
    moved = replace(incident, id=id, opened=incident.opened + later, t0=incident.t0 + later, entries=tuple(entries))
    with env.databases.environment.begin() as tx:
        incidents.restore_incident(tx, moved)


OVER = booking(("12:03", "first"), ("12:30", "resolved"))
FIRST, SECOND, OTHER = "k3m9p2q7x4ab", "k3m9p2q7x4ac", "k3m9p2q7x4ad"


@pytest.fixture
def incident(env: Environment) -> str:
    """An incident that is over; its cause was a machine."""
    keep(env, FIRST, OVER, cause="machine")
    return FIRST


def test_an_item_has_an_owner_a_priority_a_day_and_a_link(env: Environment, incident: str):
    owner = person_in(env, "ken", "渡辺 健", password="")
    typed = ActionInput("予備へ切り替える", "渡辺 健", "urgent", "2026-07-31", "https://tracker.example/7")
    item = action_items.add_item(env, incident, typed, **WHEN)
    assert action_items.items_of(env, incident) == (item,)
    assert (item.owner_account, item.due, item.cause) == (owner.id, date(2026, 7, 31), "machine")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (ActionInput(" "), "action.text"),
        (ActionInput("x" * 501), "action.text"),
        (ActionInput("a\u202eb"), "action.text"),
        (ActionInput("a", owner="x" * 101), "action.owner"),
        (ActionInput("a", priority="now"), "action.priority"),
        (ActionInput("a", due="tomorrow"), "action.due"),
        (ActionInput("a", link="javascript:alert(1)"), "action.link"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_stored(
    env: Environment, incident: str, typed: ActionInput, code: str
):
    with pytest.raises(ActionRefused) as refused:
        action_items.add_item(env, incident, typed, **WHEN)
    assert refused.value.code == code
    assert action_items.all_items(env) == ()


def test_an_unknown_incident_has_no_items(env: Environment):
    with pytest.raises(NoSuchSubject):
        action_items.add_item(env, "nothing", ActionInput("a"), **WHEN)


def test_of_two_who_change_an_item_the_later_one_sees_the_change_of_the_earlier_one(env: Environment, incident: str):
    item = action_items.add_item(env, incident, ActionInput("first"), **WHEN)
    action_items.change_item(env, item.id, ActionInput("second"), version=item.version, **WHEN)
    with pytest.raises(ActionConflict) as conflict:
        action_items.finish_item(env, item.id, version=item.version, **WHEN)
    assert (conflict.value.current.text, conflict.value.current.state) == ("second", ActionState.OPEN)


def test_it_is_dropped_only_with_a_reason_and_can_be_taken_up_again(env: Environment, incident: str):
    item = action_items.add_item(env, incident, ActionInput("a"), **WHEN)
    with pytest.raises(ActionRefused):
        action_items.drop_item(env, item.id, " ", version=item.version, **WHEN)
    dropped = action_items.drop_item(env, item.id, "機器を廃止した", version=item.version, **WHEN)
    assert (dropped.state, dropped.reason, dropped.closed_by) == (ActionState.DROPPED, "機器を廃止した", "佐藤")
    again = action_items.reopen_item(env, item.id, version=dropped.version, **WHEN)
    assert (again.state, again.reason, again.closed_at) == (ActionState.OPEN, "", None)


def test_every_change_is_in_the_audit_log(env: Environment, incident: str):
    item = action_items.add_item(env, incident, ActionInput("a"), **WHEN)
    action_items.finish_item(env, item.id, version=item.version, **WHEN)
    rows = audit_log.list_actions(env.databases.accounts, 2).rows
    logged = [row["action"] for row in rows]
    assert {(row["account_id"], row["account_name"]) for row in rows} == {("a1", "佐藤")}
    assert logged == ["action_item.done", "action_item.added"]


def test_a_cause_that_came_back_while_its_item_is_open_is_said(env: Environment, incident: str):
    item = action_items.add_item(env, incident, ActionInput("予備へ切り替える"), **WHEN)
    keep(env, SECOND, OVER, cause="machine", later=timedelta(days=3))
    keep(env, OTHER, OVER, cause="power", later=timedelta(days=4))
    assert action_items.recurrences(env, [item])[item.id].incident_ids == (SECOND,)
    assert action_items.open_items_of_cause(env, SECOND) == (item,)
    assert action_items.open_items_of_cause(env, OTHER) == action_items.open_items_of_cause(env, FIRST) == ()
    done = action_items.finish_item(env, item.id, version=item.version, **WHEN)
    assert action_items.open_items_of_cause(env, SECOND) == ()
    assert action_items.recurrences(env, [done]) == {}


def test_a_cause_that_was_published_after_the_item_was_written_comes_back_too(env: Environment):
    keep(env, FIRST, OVER)
    item = action_items.add_item(env, FIRST, ActionInput("予備へ切り替える"), **WHEN)
    keep(env, SECOND, OVER, cause="machine", later=timedelta(days=3))
    assert action_items.open_items_of_cause(env, SECOND) == ()
    with env.databases.environment.begin() as tx:
        told = incidents.load_incident(tx, FIRST)
        assert told is not None and told.latest is not None
        facts = replace(told.latest.notice.facts, cause="machine")
        correction = replace(told.latest.notice, notice=NoticeKind.CORRECTION, facts=facts, key="correction")
        incidents.append_entry(tx, FIRST, correction, happened=at("15:00"), recorded=at("15:00"))
    assert action_items.open_items_of_cause(env, SECOND) == (item,)


def test_an_earlier_incident_with_the_same_cause_did_not_come_back(env: Environment, incident: str):
    keep(env, SECOND, OVER, cause="machine", later=-timedelta(days=3))
    item = action_items.add_item(env, incident, ActionInput("a"), **WHEN)
    assert action_items.recurrences(env, [item]) == {}


def test_a_redaction_reaches_the_items_of_the_incident(env: Environment, incident: str):
    text = "山田花子さまへ電話する"
    item = action_items.add_item(env, incident, ActionInput(text, "山田花子"), **WHEN)
    places = redact.redact_text(env, incident, "山田花子", reason="本人の依頼", actor="管理者", now=at("15:00"))
    assert [place.record_type for place in places.places].count("action") == 1
    redacted = action_items.find_item(env, item.id)
    assert "山田" not in redacted.text + redacted.owner


@pytest.fixture
def drill(tmp_path: Path, env: Environment) -> Iterator[Environment]:
    """A drill environment that shares its accounts with ``env``, with one drill."""
    (tmp_path / "other").mkdir()
    made = drill_environment_in(tmp_path / "other")
    joined = with_changes(made, accounts=env.databases.accounts)
    with joined.databases.environment.begin() as tx:
        drills.insert_drill(tx, Drill("drill1", "訓練", "佐藤", timedelta(minutes=10), at("10:00"), at("11:00")))
    yield joined
    made.databases.environment.close()
    made.databases.accounts.close()


def test_live_lists_the_items_of_drills_too_and_a_drill_only_its_own(
    env: Environment, incident: str, drill: Environment
):
    real = action_items.add_item(env, incident, ActionInput("本番"), **WHEN)
    rehearsed = action_items.add_item(drill, "drill1", ActionInput("訓練"), **WHEN)
    assert {item.id for item in action_items.all_items(env)} == {real.id, rehearsed.id}
    assert action_items.all_items(drill) == (rehearsed,)
    with pytest.raises(NoSuchActionItem):
        action_items.finish_item(drill, real.id, version=1, **WHEN)
    assert action_items.finish_item(env, rehearsed.id, version=1, **WHEN).state is ActionState.DONE


DUE = date(2026, 7, 10)


def morning(day: int, hour: int = 10) -> datetime:
    """That hour in Tokyo on a day of July 2026."""
    return datetime(2026, 7, day, hour, tzinfo=UTC) - timedelta(hours=9)


def remind(setup: OnCallSetup, now: datetime) -> int:
    setup.clock.now = now
    count = action_items.reminders.remind_owners(setup.env, now=now)
    setup.carry_out()
    return count


def test_the_owner_is_reminded_at_ten_on_the_day_and_the_lead_from_the_next_day_until_it_is_done(
    on_call_setup: OnCallSetup,
):
    env = on_call_setup.env
    keep(env, FIRST, OVER)
    lead = person_in(env, "mori", "森", password="")
    by = audit_log.Actor(lead.id, lead.name)
    account_administration.change_role(env.databases.accounts, lead.id, Role.LEAD, by=by, now=at("12:00"))
    item = action_items.add_item(env, FIRST, ActionInput("確認を戻す", "渡辺 健", due=DUE.isoformat()), **WHEN)
    assert remind(on_call_setup, morning(9)) == remind(on_call_setup, morning(10, 9)) == 0
    assert remind(on_call_setup, morning(10)) > 0
    assert remind(on_call_setup, morning(10, 12)) == 0
    assert "確認を戻す" in on_call_setup.chat.received[-1].body["text"]
    assert remind(on_call_setup, morning(11)) > 0
    (*_, first, second) = [one for one in on_call_setup.made() if one.channel == on_call_setup.made()[0].channel]
    assert [one.trigger for one in (first, second)] == [NotificationReason.ACTION_DUE] * 2
    assert (first.recipients, second.recipients) == (("渡辺 健",), ("渡辺 健", "森"))
    action_items.finish_item(env, item.id, version=item.version, **WHEN)
    assert remind(on_call_setup, morning(18)) == 0


def test_the_words_of_a_drill_are_not_in_a_reminder_and_a_drill_reminds_nobody(
    on_call_setup: OnCallSetup,
):
    env = on_call_setup.env
    with env.databases.environment.begin() as tx:
        drills.insert_drill(tx, Drill("drill1", "訓練", "佐藤", timedelta(minutes=10), at("10:00"), at("11:00")))
    item = action_items.add_item(env, "drill1", ActionInput("秘密の手順", due=DUE.isoformat()), **WHEN)
    with env.databases.accounts.begin() as tx:
        tx.execute(update(action_item).where(action_item.c.id == item.id).values(environment="drill"))
    assert action_items.reminders.remind_owners(replace(env, follows_up_actions=False), now=morning(10)) == 0
    assert remind(on_call_setup, morning(10)) > 0
    text = on_call_setup.chat.received[-1].body["text"]
    assert "訓練の改善項目" in text and "秘密の手順" not in text


def test_the_audit_log_says_what_of_an_item_was_before_and_after(env: Environment, incident: str):
    item = action_items.add_item(env, incident, ActionInput("予備へ切り替える", "渡辺", "urgent", "2026-07-31"), **WHEN)
    action_items.drop_item(env, item.id, "不要", version=item.version, **WHEN)
    (dropped, added) = audit_log.list_actions(env.databases.accounts, 2).rows
    assert (dropped["before"], dropped["after"]) == ({"state": "open"}, {"state": "dropped"})
    assert (added["before"], added["after"]["due"], added["after"]["owner"]) == (None, "2026-07-31", "渡辺")
    assert "予備" not in str(added)
