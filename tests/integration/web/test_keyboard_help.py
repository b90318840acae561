"""Help for new users of the desk: keyboard shortcuts, and what is not connected yet."""

from __future__ import annotations

import pytest

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import staff_notifications
from statuspage.usecases import alerts
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call.notify import StaffMessage, enqueue_staff_notification
from statuspage.web.desk.keyboard_help import KEYS
from tests.support.desk import Browser, Clock, clock, env, signed_in
from tests.support.environments import with_changes

__all__ = ["clock", "env"]


@pytest.fixture
def fresh(env: Environment) -> Environment:
    """The environment at its first start: everything is prepared, nothing is connected."""
    return with_changes(
        env, unready_staff_channels=dict.fromkeys(env.site.catalog.notification_channels, "notification_unready")
    )


def alarms(browser: Browser) -> list[str]:
    """Everything that the page shows in red or orange."""
    return [one.text_content() for one in browser.tree.xpath("//*[contains(concat(' ', @class, ' '), ' down ')]")]


def test_a_desk_that_is_not_connected_yet_says_so_once_and_calmly(fresh: Environment, clock: Clock):
    browser = signed_in(fresh, clock)
    away = len(fresh.site.catalog.channels) + len(fresh.site.catalog.notification_channels)
    assert f"ほかに未接続のチャネルが{away}件あります。" in browser.words
    hrefs = [one.get("href") for one in browser.tree.xpath("//aside//a")]
    assert "/settings/channels" in hrefs
    assert alarms(browser) == []


def test_an_alert_that_could_notify_nobody_is_no_red_line(fresh: Environment, clock: Clock):
    alert = alerts.receive_alerts(
        fresh, [MonitorAlert("alertmanager", "gate", "ゲート", "", {}, clock())], now=clock()
    )[0]
    with fresh.databases.environment.begin() as tx:
        enqueue_staff_notification(
            tx,
            fresh,
            "escalation.1.0",
            StaffMessage(NotificationReason.ESCALATION, "ゲート", alert=alert.id),
            ("chat",),
            (),
            now=clock(),
        )
    browser = signed_in(fresh, clock)
    assert alarms(browser) == []
    (line,) = browser.open(f"/alerts/{alert.id}").tree.xpath("//*[@class='notifications']/li")
    assert line.get("class") == "unk"
    assert "未接続のため、呼び出していません。" in line.text_content()
    assert alarms(browser) == []


def test_a_notification_that_failed_names_the_file_in_which_it_is_mended(env: Environment, clock: Clock):
    alert = alerts.receive_alerts(env, [MonitorAlert("alertmanager", "gate", "ゲート", "", {}, clock())], now=clock())[
        0
    ]
    with env.databases.environment.begin() as tx:
        enqueue_staff_notification(
            tx,
            env,
            "escalation.1.0",
            StaffMessage(NotificationReason.ESCALATION, "ゲート", alert=alert.id),
            ("chat",),
            (),
            now=clock(),
        )
        staff_notifications.fail_notification(tx, "escalation.1.0.chat", "no_channel", clock())
    browser = signed_in(env, clock)
    assert "誰にも連絡できていません" in browser.words
    words = browser.open(f"/alerts/{alert.id}").words
    assert "on_call.toml を確認してください" in words
    assert "channels.toml" not in words


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_key_of_the_desk_is_in_the_list_that_each_page_leads_to(env: Environment, clock: Clock, language: str):
    browser = signed_in(env, clock, language, language=language)
    (link,) = browser.tree.xpath("//header//a[@id='keyboard-help']")
    browser.open(link.get("href"))
    listed = browser.tree.xpath("//dl[@class='keys']/div")
    assert len(listed) == sum(len(found) for _, found in KEYS)
    assert not any("desk.keyboard_help" in one.text_content() for one in listed)
