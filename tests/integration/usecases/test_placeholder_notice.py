"""A holding notice is offered if customers were told nothing for a while; it is never published automatically."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.domain.alert import Alert, MonitorAlert
from statuspage.domain.incident import Incident
from statuspage.domain.staff_notification import NotificationReason, StaffNotification
from statuspage.storage import incidents, staff_notifications
from statuspage.usecases import alerts
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices import holding_notice
from tests.support.desk import Browser, Clock, clock, env, signed_in
from tests.support.environments import with_changes

__all__ = ["clock", "env"]


@pytest.fixture
def waiting(env: Environment) -> Environment:
    """A company that offers one after eight minutes."""
    site = replace(env.site.catalog.site, placeholder_after=timedelta(minutes=8))
    return with_changes(env, catalog=replace(env.site.catalog, site=site))


def alert(env: Environment, clock: Clock, service: str = "booking-api") -> Alert:
    signal = MonitorAlert("alertmanager", "f1", "予約の応答エラー", "", {"service": service}, clock())
    return alerts.receive_alerts(env, [signal], now=clock())[0]


def staff_notifications_of(env: Environment) -> list[StaffNotification]:
    with env.databases.environment.read() as tx:
        return [
            notification
            for notification in staff_notifications.newest_notifications(tx, 50)
            if notification.trigger is NotificationReason.PLACEHOLDER
        ]


def opened(env: Environment) -> Iterator[Incident]:
    with env.databases.environment.read() as tx:
        yield from incidents.open_incidents(tx)


def test_colleagues_hear_once_that_one_is_ready_and_customers_nothing(waiting: Environment, clock: Clock):
    found = alert(waiting, clock)
    clock.later(minutes=20)
    assert holding_notice.remind_staff(waiting, now=clock()) == 0  # nobody has acknowledged: escalation
    alerts.acknowledge(waiting, found.id, actor="佐藤", now=clock())
    assert holding_notice.remind_staff(waiting, now=clock.later(minutes=7)) == 0
    assert holding_notice.remind_staff(waiting, now=clock.later(minutes=1)) == 2
    alerts.confirm(waiting, found.id, actor="佐藤", now=clock())
    assert holding_notice.remind_staff(waiting, now=clock.later(minutes=9)) == 0
    assert {notification.channel for notification in staff_notifications_of(waiting)} == {"chat", "mail"}
    assert "8分" in staff_notifications_of(waiting)[0].payload["text"]
    (incident,) = opened(waiting)
    assert incident.latest is None


def test_a_company_that_did_not_ask_for_it_is_offered_none(env: Environment, clock: Clock):
    alerts.confirm(env, alert(env, clock).id, actor="佐藤", now=clock())
    assert holding_notice.remind_staff(env, now=clock.later(minutes=60)) == 0
    assert not signed_in(env, clock).tree.xpath("//*[@aria-keyshortcuts='h']")


@pytest.mark.parametrize("confirmed", [True, False])
def test_two_presses_publish_it_with_words_of_its_own(waiting: Environment, clock: Clock, confirmed: bool):
    found = alert(waiting, clock)
    browser = signed_in(waiting, clock)
    take = alerts.confirm if confirmed else alerts.acknowledge
    take(waiting, found.id, actor="佐藤", now=clock())
    assert not browser.open("/").tree.xpath("//*[@aria-keyshortcuts='h']")
    clock.later(minutes=8)
    opens_it(browser.open("/"), found.id)
    assert browser.path.endswith("/notices/new/first")
    browser.send(do="publish")
    assert browser.path.rpartition("/notices/")[2].isdigit()
    (incident,) = opened(waiting)
    assert incident.latest is not None
    words = incident.latest.notice.texts
    assert "現在分かっているのは以上です。そのほかのことは、確認しています。" in words["ja"].media["page"].body
    assert "This is all that we know." in words["en"].media["page"].body
    assert incident.latest.notice.facts.incident_type == found.proposal.incident_type
    assert holding_notice.remind_staff(waiting, now=clock()) == 0
    assert not browser.open("/").tree.xpath("//*[@aria-keyshortcuts='h']")
    browser.open(f"/incidents/{incident.id}/notices/new/update")
    assert browser.fields()["extra-ja"] == [""]


def test_where_nobody_knows_what_the_alert_means_only_what_is_affected_is_left_to_choose(
    waiting: Environment, clock: Clock
):
    found = alert(waiting, clock, "a name no rule knows")
    alerts.acknowledge(waiting, found.id, actor="佐藤", now=clock())
    browser = signed_in(waiting, clock)
    clock.later(minutes=8)
    opens_it(browser.open("/"), found.id)
    browser.send(do="publish")
    assert "影響のあるサービスを1つ以上選んでください" in browser.words
    browser.send({"service": ["fees"]}, do="publish")
    assert browser.path.rpartition("/notices/")[2].isdigit()


def opens_it(browser: Browser, alert_id: str) -> None:
    """What the key H opens on the home page."""
    (key,) = browser.tree.xpath("//main//*[@aria-keyshortcuts='h']")
    if key.tag == "a":
        browser.open(key.get("href"))
    else:
        browser.send(do="placeholder", action=f"/alerts/{alert_id}")


def test_what_somebody_typed_stays(waiting: Environment, clock: Clock):
    found = alert(waiting, clock)
    incident = alerts.confirm(waiting, found.id, actor="佐藤", now=clock())
    browser = signed_in(waiting, clock).open(f"/incidents/{incident.id}/notices/new/first")
    browser.send({"extra-ja": "お店の電話でも承ります。"}, do="preview")
    clock.later(minutes=8)
    browser.open(f"/incidents/{incident.id}")
    (key,) = browser.tree.xpath("//main//*[@aria-keyshortcuts='h']")
    browser.open(key.get("href"))
    assert "お店の電話でも承ります。" in browser.words
    (link,) = browser.tree.xpath("//a[@id='continue-draft']/@href")
    browser.open(link)
    assert browser.fields()["extra-ja"] == ["お店の電話でも承ります。"]
    assert browser.fields()["extra-en"] == ["This is all that we know. We are checking the rest."]
