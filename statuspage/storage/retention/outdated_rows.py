"""Deletes rows that are older than they are kept, some at a time. Nothing that was published is among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, or_, select, tuple_, update

from statuspage.domain import AlertState, SubscriberStatus
from statuspage.storage.tables import (
    alert,
    alert_step,
    alert_tick,
    audit_log,
    call_attempt,
    draft,
    escalation,
    refusal,
    staff_notification,
    subscriber,
    subscription_email,
)

SETTLED = (AlertState.FALSE_ALARM.value, AlertState.CLOSED.value)

OUTDATED: Mapping[str, tuple[tuple[Table, tuple[ColumnElement[bool], ...], str], ...]] = {
    "audit_log": ((audit_log, (), "at"),),
    "refused_sign_ins": ((refusal, (), "hour"),),
    "drafts": ((draft, (), "at"),),
    "staff_notifications": ((staff_notification, (), "finished_at"), (call_attempt, (), "at")),
    "unconfirmed_subscribers": ((subscriber, (subscriber.c.status == SubscriberStatus.PENDING.value,), "changed"),),
    "subscription_emails": ((subscription_email, (), "finished_at"),),
}
"""By kind of record: the table, which of its rows, and the column that says how old a row is. Alerts are apart."""


def delete_portion(tx: Connection, kind: str, before: datetime, limit: int) -> int:
    """Deletes at most ``limit`` rows of this kind from before this time; returns how many."""
    if kind == "alerts":
        return _delete_alerts(tx, before, limit)
    count = 0
    for table, conditions, time in OUTDATED[kind]:
        keys = list(table.primary_key.columns)
        query = select(*keys).where(*conditions, table.columns[time] < before).limit(limit - count)
        count += _delete_rows(tx, table, keys, [tuple(row) for row in tx.execute(query)])
        if count >= limit:
            break
    return count


def _delete_rows(tx: Connection, table: Table, keys: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> int:
    if not rows:
        return 0
    chosen = keys[0].in_([row[0] for row in rows]) if len(keys) == 1 else tuple_(*keys).in_(rows)
    return tx.execute(delete(table).where(chosen)).rowcount


def _delete_alerts(tx: Connection, before: datetime, limit: int) -> int:
    """Alerts that led to no incident, with their steps, ticks and escalations. One that others are grouped with stays
    as long as they do."""
    member = alert.alias()
    leads = select(member.c.id).where(member.c.group_lead == alert.c.id).exists()
    conditions = (alert.c.state.in_(SETTLED), alert.c.incident.is_(None), alert.c.received_at < before, ~leads)
    ids = list(tx.execute(select(alert.c.id).where(*conditions).limit(limit)).scalars())
    if not ids:
        return 0
    escalations = select(escalation.c.id).where(escalation.c.alert.in_(ids))
    tx.execute(
        update(staff_notification)
        .where(or_(staff_notification.c.alert.in_(ids), staff_notification.c.escalation.in_(escalations)))
        .values(alert=None, escalation=None)
    )
    for table in (escalation, alert_step, alert_tick):
        tx.execute(delete(table).where(table.c.alert.in_(ids)))
    return tx.execute(delete(alert).where(alert.c.id.in_(ids))).rowcount
