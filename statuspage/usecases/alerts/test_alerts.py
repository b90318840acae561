"""Test alerts: they show that an alert arrives, and what the alert rules make of it. Nothing counts or escalates them,
no drill waits for them, and they disappear by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from statuspage.domain import MonitorAlert, propose
from statuspage.storage import audit_log, test_alerts
from statuspage.storage.audit_log import Actor
from statuspage.storage.test_alerts import SHOWN_FOR as SHOWN_FOR
from statuspage.storage.test_alerts import TestAlert as TestAlert
from statuspage.usecases.environment import Environment


def receive_test(
    env: Environment, signals: Iterable[MonitorAlert], *, now: datetime, actor: str = ""
) -> tuple[TestAlert, ...]:
    """Stores a monitor's message as test alerts. ``actor`` sent it from the desk; "" if the monitor did."""
    rules = env.site.catalog.alert_rules
    received = tuple(TestAlert(env.new_id(), signal, propose(signal, rules), now, actor) for signal in signals)
    with env.databases.environment.begin() as tx:
        for alert in received[: test_alerts.MAX_TEST_ALERTS]:
            test_alerts.insert_alert(tx, alert)
    return received


def send_test(
    env: Environment, source: str, title: str, labels: Mapping[str, str], *, by: Actor, now: datetime
) -> TestAlert:
    """A test alert from the desk, as if this monitor had sent it with these labels. It is in the audit log."""
    (alert,) = receive_test(env, [MonitorAlert(source, "test", title, "", labels, now)], now=now, actor=by.name)
    with env.databases.accounts.begin() as tx:
        audit_log.record_action(tx, "monitor.tested", at=now, by=by, target=source, after=dict(labels) or None)
    return alert


def record_secret_shown(env: Environment, source: str, *, by: Actor, now: datetime) -> None:
    """Records that somebody looked at the secret of a monitor."""
    with env.databases.accounts.begin() as tx:
        audit_log.record_action(tx, "monitor.secret_shown", at=now, by=by, target=source)


def remove_test(env: Environment, id: str) -> None:
    """Removes a test alert at once."""
    with env.databases.environment.begin() as tx:
        test_alerts.delete_alert(tx, id)
