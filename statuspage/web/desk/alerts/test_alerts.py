"""Test alerts on the home page: marked, with what the alert rules propose, until they disappear."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from statuspage.storage import test_alerts as storage
from statuspage.storage.engine import Connection
from statuspage.storage.test_alerts import TestAlert
from statuspage.usecases.alerts import test_alerts
from statuspage.web.desk import request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.alerts.alert_rows import suggested_words
from statuspage.web.desk.translations import Translator

pages = Blueprint("test_alerts", __name__)


@dataclass(frozen=True, slots=True)
class TestAlertRow:
    """A test alert in a list: its monitor's text, the suggested words for customers, from whom, and until when."""

    __test__ = False  # for pytest, which collects classes of this name

    id: str
    source: str
    words: str
    title: str
    labels: str
    sender: str
    until: str


def test_alert_rows(tx: Connection, translator: Translator, source: str = "") -> list[TestAlertRow]:
    """The test alerts that are shown now, newest first; ``source``: those of one monitor."""
    found = storage.list_alerts(tx, request_context.now())
    return [_row(each, translator) for each in found if source in ("", each.monitor_alert.source)]


def _row(alert: TestAlert, translator: Translator) -> TestAlertRow:
    until = translator.times.format_time(alert.received_at + test_alerts.SHOWN_FOR)
    monitor = groups.full_monitor_name(alert.monitor_alert.source, translator)
    labels = ", ".join(f"{name}={value}" for name, value in alert.monitor_alert.labels.items())
    sender = translator.t("test_alerts.by", name=alert.actor) if alert.actor else ""
    return TestAlertRow(
        *(alert.id, alert.monitor_alert.source, suggested_words(alert.proposal, translator)),
        *(alert.monitor_alert.title, labels),
        sender=translator.t("join").join(filter(None, (monitor, sender))),
        until=translator.t("test_alerts.until", time=until),
    )


@pages.post("/test-alerts/<id>/remove")
def remove_test(id: str) -> Response:
    """Removes a test alert at once."""
    test_alerts.remove_test(request_context.env(), id)
    return redirect(url_for("home.show_home"), 303)
