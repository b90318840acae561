"""What is older than it is kept is deleted once a day; nothing that was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select

from statuspage.domain import AlertState, Retention
from statuspage.domain.catalog import Catalog
from statuspage.storage.audit_log import Actor, record_action
from statuspage.storage.engine import Database
from statuspage.storage.tables import (
    alert,
    alert_step,
    audit_log,
    draft,
    escalation,
    refusal,
    session,
    staff_notification,
    throttle,
)
from statuspage.usecases import accounts, retention
from statuspage.usecases.environment.model import Environment
from tests.support.database import database
from tests.support.desk import Clock, environment_in, person_in, signed_in
from tests.support.environments import with_changes

__all__ = ["database"]

DAY = timedelta(days=1)


@pytest.fixture
def env(database: str, tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """A live environment on each database in turn."""
    env = environment_in(tmp_path, catalog)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def count(database: Database, table: object) -> int:
    with database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def record(env: Environment, at: datetime, times: int = 1) -> None:
    with env.databases.accounts.begin() as tx:
        for _ in range(times):
            record_action(tx, "signed.in", at=at, by=Actor(name="佐藤"))


def an_alert(env: Environment, id: str, state: AlertState, at: datetime, **more: object) -> None:
    values = {"source": "m", "identity": id, "fired_at": at, "monitor_alert": {}, "proposal": {}, "received_at": at}
    with env.databases.environment.begin() as tx:
        tx.execute(insert(alert).values(id=id, state=state.value, **values, **more))
        tx.execute(insert(alert_step).values(alert=id, number=1, state=state.value, at=at, actor="佐藤"))
        (number,) = tx.execute(insert(escalation).values(alert=id, started_at=at, actor="")).inserted_primary_key or (
            0,
        )
        row = {
            "key": id, "trigger": "t", "escalation": number, "alert": id, "channel": "c", "language": "ja",
            "recipients": [], "payload": {}, "status": "delivered", "reason": "", "detail": "", "attempts": 1,
            "queued_at": at, "finished_at": at, "owner": "", "maybe_sent": False, "receipt": {}, "sequence": 0,
        }  # fmt: skip
        known = {column.name for column in staff_notification.columns}
        tx.execute(insert(staff_notification).values({name: row[name] for name in row if name in known}))


def alerts_in(env: Environment) -> set[str]:
    with env.databases.environment.read() as tx:
        return set(tx.execute(select(alert.c.id)).scalars())


def test_every_kind_of_the_periods_is_looked_at_and_none_else(env: Environment, clock: Clock):
    retention.delete_outdated(env, now=clock())
    assert {kind.name for kind in retention.list_kinds(env)} == {field.name for field in fields(Retention)}
    assert all(kind.last_run and kind.last_run.ran_at == clock() for kind in retention.list_kinds(env))


def test_rows_leave_when_their_days_are_over_and_the_page_says_how_many(env: Environment, clock: Clock):
    record(env, clock(), times=3)
    clock.later(days=Retention().audit_log, seconds=-1)
    record(env, clock())
    retention.delete_outdated(env, now=clock())
    assert count(env.databases.accounts, audit_log) == 4
    clock.later(days=1)
    retention.delete_outdated(env, now=clock())
    assert count(env.databases.accounts, audit_log) == 1
    (kind,) = [each for each in retention.list_kinds(env) if each.name == "audit_log"]
    assert kind.last_run is not None
    assert (kind.last_run.removed, kind.last_run.ran_at) == (3, clock())


def test_it_looks_once_a_day_and_again_if_the_clock_was_set_back(env: Environment, clock: Clock):
    retention.delete_outdated(env, now=clock())
    record(env, clock() - 2000 * DAY)
    retention.delete_outdated(env, now=clock.later(hours=23))
    assert count(env.databases.accounts, audit_log) == 1
    retention.delete_outdated(env, now=clock.later(days=-3))
    assert count(env.databases.accounts, audit_log) == 0


def test_many_rows_leave_in_small_transactions(env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "PORTION", 4)
    record(env, clock() - 2000 * DAY, times=11)
    portions = []
    delete_portion = retention.retention.delete_portion
    monkeypatch.setattr(
        retention.retention, "delete_portion", lambda *args: portions.append(delete_portion(*args)) or portions[-1]
    )
    retention.delete_outdated(env, now=clock())
    assert [size for size in portions if size] == [4, 4, 3]


def test_alerts_leave_with_their_steps_but_not_what_is_open_or_belongs_to_an_incident(env: Environment, clock: Clock):
    old = clock() - 400 * DAY
    with env.databases.environment.begin() as tx:
        from statuspage.storage.tables import incident

        values = {"opened_at": old, "t0": old, "t0_source": "alert", "sequence": 0, "latest_notice": 0}
        tx.execute(insert(incident).values(id="i1", **values, is_over=True, has_open_questions=False))
    an_alert(env, "gone", AlertState.FALSE_ALARM, old)
    an_alert(env, "open", AlertState.WAITING, old)
    an_alert(env, "watched", AlertState.WATCHING, old)
    an_alert(env, "cause", AlertState.CLOSED, old, incident="i1")
    an_alert(env, "lead", AlertState.CLOSED, old)
    an_alert(env, "member", AlertState.CLOSED, clock(), group_lead="lead")
    retention.delete_outdated(env, now=clock())
    assert alerts_in(env) == {"open", "watched", "cause", "lead", "member"}
    assert count(env.databases.environment, alert_step) == count(env.databases.environment, escalation) == 5
    assert count(env.databases.environment, staff_notification) == 1  # of "member", which is new


def test_drafts_refusals_throttles_and_sessions_leave(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    browser.open("/incidents/new").send(do="save", **{"text-ja": "まだ"})
    stranger = signed_in(env, clock, "other", "別人")
    stranger.client.delete_cookie("desk")
    person_in(env, "x", "x")
    stranger.sign_in("nobody", "wrong password!")
    assert min(count(env.databases.accounts, table) for table in (refusal, throttle, session)) >= 1
    assert count(env.databases.environment, draft) == 1
    retention.delete_outdated(env, now=clock.later(days=100))
    assert [count(env.databases.accounts, table) for table in (refusal, throttle, session)] == [0, 0, 0]
    assert count(env.databases.environment, draft) == 0


def test_the_company_chooses_the_days(env: Environment, clock: Clock):
    site = replace(env.site.catalog.site, retention=Retention(audit_log=10))
    shorter = with_changes(env, catalog=replace(env.site.catalog, site=site))
    record(env, clock() - 11 * DAY)
    retention.delete_outdated(shorter, now=clock())
    assert count(env.databases.accounts, audit_log) == 0


def test_a_drill_deletes_only_what_is_its_own(env: Environment, clock: Clock, tmp_path: Path):
    record(env, clock() - 2000 * DAY)
    drill = replace(env, name="drill", live_status_path=tmp_path / "summary.json")
    drill = replace(drill, databases=replace(drill.databases, subscribers=None))
    retention.delete_outdated(drill, now=clock())
    assert count(env.databases.accounts, audit_log) == 1
    assert {kind.name for kind in retention.list_kinds(drill)} == {"alerts", "drafts", "staff_notifications"}
    assert all(kind.last_run is None for kind in retention.list_kinds(env))


def test_the_defaults_are_days_within_what_the_content_may_say():
    assert all(1 <= days <= 36_500 for days in asdict(Retention()).values())


def test_that_somebody_signed_in_is_known_also_without_the_audit_log(env: Environment, clock: Clock) -> None:
    assert not accounts.has_anyone_signed_in(env.databases.accounts)
    signed_in(env, clock)
    with env.databases.accounts.begin() as tx:
        tx.execute(delete(audit_log))
    assert accounts.has_anyone_signed_in(env.databases.accounts)
