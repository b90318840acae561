"""Test alerts: what a monitor, or somebody on the desk, sent only to see that it arrives. They are stored apart from
alerts, so that nothing counts, groups or escalates them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from statuspage.domain import MonitorAlert, Proposal
from statuspage.serialization import from_json_value, to_json_value
from statuspage.storage.tables import test_alert

SHOWN_FOR = timedelta(minutes=10)
"""How long a test alert stays; after that it is deleted."""

MAX_TEST_ALERTS = 20
"""The maximum number of test alerts, because whoever has a monitor's secret can send some; the newest are kept."""


@dataclass(frozen=True, slots=True)
class TestAlert:
    """A test alert, with what the alert rules propose for it. ``actor`` sent it from the desk; "" if a monitor did."""

    __test__ = False  # for pytest, which collects classes of this name

    id: str
    monitor_alert: MonitorAlert
    proposal: Proposal
    received_at: datetime
    actor: str = ""


def insert_alert(tx: Connection, alert: TestAlert) -> None:
    """Stores a test alert, and deletes those that are over, and the oldest beyond the maximum."""
    columns = test_alert.c
    tx.execute(delete(test_alert).where(columns.received_at <= alert.received_at - SHOWN_FOR))
    newest_first = select(columns.id).order_by(columns.received_at.desc(), columns.id)
    surplus = tx.execute(newest_first).scalars().all()[MAX_TEST_ALERTS - 1 :]
    tx.execute(delete(test_alert).where(columns.id.in_(surplus)))
    values = {
        "id": alert.id,
        "source": alert.monitor_alert.source,
        "monitor_alert": to_json_value(alert.monitor_alert),
        "proposal": to_json_value(alert.proposal),
        "received_at": alert.received_at,
        "actor": alert.actor[:128],
    }
    tx.execute(insert(test_alert).values(values))


def list_alerts(tx: Connection, now: datetime) -> tuple[TestAlert, ...]:
    """The test alerts that are still shown, newest first."""
    columns = test_alert.c
    query = select(test_alert).where(columns.received_at > now - SHOWN_FOR)
    return tuple(
        TestAlert(
            row.id,
            from_json_value(MonitorAlert, row.monitor_alert),
            from_json_value(Proposal, row.proposal),
            row.received_at,
            row.actor,
        )
        for row in tx.execute(query.order_by(columns.received_at.desc(), columns.id))
    )


def delete_alert(tx: Connection, id: str) -> None:
    """Deletes a test alert, if it is there."""
    tx.execute(delete(test_alert).where(test_alert.c.id == id))
