"""An older state of the database is restored: it starts with a send hold, reports it, and nothing is sent twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.storage.engine.database import Database
from statuspage.usecases import delivery
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment import restore_guard
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.support import desk
from tests.support.database import copy_of, url_of
from tests.support.deliveries import (
    FIRST,
    SECOND_NOTICE,
    clock,
    deliveries_by_channel,
    ends,
    enqueue_notice,
    env,
    work,
    x,
)
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.x_server import Server
from tests.support.instance import Cli, cli, home, publish_report

__all__ = ["cli", "clock", "env", "home", "x"]

pytestmark = pytest.mark.usefixtures("database")


def put_back(env: Environment, copy: str, clock: Clock) -> Environment:
    """The same environment as a start finds it after its databases were replaced by an older copy."""
    env.databases.environment.close()
    older = with_changes(env, environment=Database.for_environment(copy))
    restore_guard.detect_restored_backup(older.databases.environment, older.home, now=clock())
    return older


@pytest.fixture
def copied(env: Environment, clock: Clock, tmp_path: Path) -> str:
    """A copy made after a notice was stored and before any of it was sent."""
    enqueue_notice(env, FIRST, clock, "x-ja")
    env.databases.environment.close()
    return copy_of(tmp_path / "environment.db")


def test_what_may_have_gone_out_is_looked_at_and_nothing_is_sent_again(
    env: Environment, copied: str, x: Server, clock: Clock
) -> None:
    work(env, clock)
    assert (len(x.posts), ends(env, 1)["x-ja"]) == (1, DeliveryStatus.DELIVERED), "the control: it had gone out"
    older = put_back(env, copied, clock)
    assert restore_guard.held_since(older.databases.environment) == clock()
    assert (deliveries_by_channel(older, 1)["x-ja"].status, deliveries_by_channel(older, 1)["x-ja"].reason) == (
        DeliveryStatus.NEEDS_REVIEW,
        "restored",
    )
    assert (deliveries_by_channel(older, 1)[SITE].status, deliveries_by_channel(older, 1)[SITE].reason) == (
        DeliveryStatus.WAITING,
        "send_hold",
    )
    clock.later(hours=2)
    work(older, clock)
    assert len(x.posts) == 1
    older.databases.environment.close()


@pytest.mark.slow
def test_what_is_told_on_hold_waits_and_goes_out_when_a_person_says_so(
    env: Environment, copied: str, x: Server, clock: Clock
) -> None:
    work(env, clock)
    older = put_back(env, copied, clock)
    second = enqueue_notice(older, SECOND_NOTICE, clock, "x-ja")
    assert delivery.drain(older, clock=clock, patience=5), "a command does not wait for it"
    assert {d.reason for d in deliveries_by_channel(older, second).values()} == {"send_hold"}
    assert len(x.posts) == 1
    assert restore_guard.lift_hold(older, now=clock())
    assert restore_guard.held_since(older.databases.environment) is None
    work(older, clock)
    assert set(ends(older, second).values()) == {DeliveryStatus.DELIVERED}
    assert (len(x.posts), ends(older, 1)["x-ja"]) == (2, DeliveryStatus.NEEDS_REVIEW)
    assert not restore_guard.lift_hold(older, now=clock())
    older.databases.environment.close()


def test_once_let_go_the_next_start_is_not_held(env: Environment, copied: str, x: Server, clock: Clock) -> None:
    work(env, clock)
    older = put_back(env, copied, clock)
    restore_guard.lift_hold(older, now=clock())
    restore_guard.detect_restored_backup(older.databases.environment, older.home, now=clock())
    assert restore_guard.held_since(older.databases.environment) is None
    older.databases.environment.close()


def test_the_page_stays_as_it_is_while_the_database_is_older(env: Environment, copied: str, clock: Clock) -> None:
    work(env, clock)
    enqueue_notice(env, SECOND_NOTICE, clock)
    work(env, clock)
    front = env.site_folder.current / "ja" / "index.html"
    before = front.read_bytes()
    older = put_back(env, copied, clock)
    clock.later(minutes=30)
    site_updates.refresh_front(older, now=clock())
    site_updates.prepare_site(older, now=clock())
    assert front.read_bytes() == before
    older.databases.environment.close()


@pytest.mark.slow
def test_a_crash_between_the_claim_and_the_mark_holds_nothing(env: Environment, x: Server, clock: Clock) -> None:
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    (env.home / restore_guard.LAST_SENT_FILE).unlink()
    restore_guard.detect_restored_backup(env.databases.environment, env.home, now=clock())
    assert restore_guard.held_since(env.databases.environment) is None


def test_a_database_that_is_up_to_date_gets_no_send_hold(env: Environment, x: Server, clock: Clock) -> None:
    for story in (FIRST, SECOND_NOTICE):
        enqueue_notice(env, story, clock, "x-ja")
        work(env, clock)
        restore_guard.detect_restored_backup(env.databases.environment, env.home, now=clock())
        assert restore_guard.held_since(env.databases.environment) is None


def test_the_mark_only_grows_and_survives_nonsense(tmp_path: Path) -> None:
    for number in (3, 12, 7):
        restore_guard.remember_sent(tmp_path, number)
    assert restore_guard.last_sent_number(tmp_path) == 12
    (tmp_path / restore_guard.LAST_SENT_FILE).write_text("nonsense")
    assert restore_guard.last_sent_number(tmp_path) == 0
    assert restore_guard.last_sent_number(tmp_path / "nowhere") == 0


@pytest.mark.slow
def test_a_command_says_that_it_is_on_hold_and_queue_go_ends_it(cli: Cli, home: Path) -> None:
    publish_report(cli)
    store = Database.for_environment(url_of(home / "environment.db"))
    with store.begin() as tx:
        tx.exec_driver_sql("UPDATE site SET fence = 0")  # as in a copy from before
    store.close()
    result = cli("show")
    assert (result.code, result.err.startswith("Sending is on hold: the database is older")) == (0, True)
    assert cli("build").code == 1
    assert cli("queue", "release", "--json").json == {"was_on_hold": True}
    assert cli("show").err == ""
    assert cli("queue", "release").out == "Sending is not on hold.\n"


def test_the_desk_says_so_in_red_and_its_button_ends_it(tmp_path: Path, catalog: Catalog, clock: Clock) -> None:
    older = desk.environment_in(tmp_path, catalog)
    restore_guard.remember_sent(older.home, 40)
    restore_guard.detect_restored_backup(older.databases.environment, older.home, now=clock())
    desk.person_in(older, "sato", role=Role.LEAD)
    browser = desk.signed_in(older, desk.Clock(clock())).open("/")
    (form,) = browser.tree.xpath("//div[@role='alert']//form")
    assert "送信を停止しています" in form.getparent().text_content()
    (token,) = form.xpath(".//input[@name='csrf_token']/@value")
    browser.page = browser.client.post(form.get("action"), data={"csrf_token": token}, follow_redirects=True)
    assert "送信を再開しました。" in browser.text
    assert browser.tree.xpath("//div[@role='alert']//form") == []
    assert restore_guard.held_since(older.databases.environment) is None
