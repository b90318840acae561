"""Redactions: all stored words about an incident, their replacement, and who did it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, insert, or_, select, update

from statuspage.domain import SITE, DeliveryStatus
from statuspage.storage import incidents, notice_text
from statuspage.storage.post_incident import incident_reports, retrospectives
from statuspage.storage.tables import (
    alert,
    delivery,
    draft,
    drill,
    entry,
    incident,
    inject,
    observation,
    redaction,
    staff_notification,
)

OPEN, SEALED = 0, 1

UNASSIGNED_OWNERS = ("new", "plan")
"""The owner of drafts that do not belong to an incident yet."""


@dataclass(frozen=True, slots=True)
class StoredText:
    """Stored words about an incident, in the row with this ``key``.

    ``record_type`` is notice, note, step, alert, delivery, call, draft, drill, observation, inject, action,
    retro_note, retro_event or report; ``number`` is the sequence of a notice.
    """

    record_type: str
    key: tuple[Any, ...]
    content: Any
    number: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Redaction:
    """One redaction, without the removed words. ``external_deliveries`` are deliveries whose messages are held by
    others."""

    id: int
    incident: str
    at: datetime
    actor: str
    reason: str
    replacements: int
    external_deliveries: tuple[int, ...]
    finished_at: datetime | None


def stored_texts_of(tx: Connection, incident_id: str) -> Iterator[StoredText]:
    """All stored words about an incident. Raises KeyError if the id is unknown."""
    opened_at = tx.execute(select(incident.c.opened_at).where(incident.c.id == incident_id)).scalar_one_or_none()
    if opened_at is None:
        raise KeyError(incident_id)
    for row in tx.execute(select(entry).where(entry.c.incident == incident_id).order_by(entry.c.sequence)):
        yield StoredText(
            row.type, (row.incident, row.sequence), notice_text.join_media(row.body, row.media), row.sequence
        )
    yield from _later_texts(tx, incident_id)
    owners = [incident_id]
    for row in tx.execute(select(alert).where(alert.c.incident == incident_id).order_by(alert.c.id)):
        owners.append(row.id)
        yield StoredText("alert", (row.id,), row.monitor_alert, name=row.id)
    for row in tx.execute(select(delivery).where(delivery.c.incident == incident_id).order_by(delivery.c.id)):
        yield StoredText("delivery", (row.id,), _sent_content(row), row.sequence, row.channel)
    yield from (
        StoredText("call", (row.id,), _sent_content(row), name=row.channel) for row in _notifications(tx, incident_id)
    )
    for row in tx.execute(select(draft).order_by(draft.c.owner, draft.c.account_id)):
        if row.owner.partition(":")[0] in (*owners, *UNASSIGNED_OWNERS):
            yield StoredText("draft", (row.owner, row.account_id), {"form": row.form})
    during = (drill.c.started <= opened_at) & or_(drill.c.ended.is_(None), drill.c.ended >= opened_at)
    for row in tx.execute(select(drill).where(during)):
        yield StoredText("drill", (row.id,), {"title": row.title, "note": row.note}, name=row.id)
        for observation_row in tx.execute(select(observation).where(observation.c.drill == row.id)):
            yield StoredText("observation", (row.id, observation_row.number), {"text": observation_row.text})
        for inject_row in tx.execute(select(inject).where(inject.c.drill == row.id)):
            yield StoredText("inject", (row.id, inject_row.number), {"body": inject_row.body})
        yield from _later_texts(tx, row.id)


def _later_texts(tx: Connection, subject: str) -> Iterator[StoredText]:
    for record_type, id, texts in retrospectives.texts_of(tx, subject):
        yield StoredText(record_type, (id,), texts)
    for number, version, words in incident_reports.texts_of(tx, subject):
        yield StoredText("report", (number, version), words, name=f"IR-{number:04}")


def _sent_content(row: Row[Any]) -> dict[str, Any]:
    return {"payload": row.payload, "detail": row.detail}


def notification_ids_of(tx: Connection, incident_id: str) -> tuple[int, ...]:
    """The ids of the staff notifications about an incident and its alerts."""
    return tuple(row.id for row in _notifications(tx, incident_id))


def channels_used(tx: Connection, ids: Collection[int]) -> tuple[str, ...]:
    """The channels through which these staff notifications were sent, or may have been."""
    condition = staff_notification.c.maybe_sent | staff_notification.c.status.in_(
        [status.value for status in (DeliveryStatus.DELIVERED, DeliveryStatus.SENDING, DeliveryStatus.NEEDS_REVIEW)]
    )
    query = (
        select(staff_notification.c.channel)
        .where(staff_notification.c.id.in_(ids), condition)
        .distinct()
        .order_by(staff_notification.c.channel)
    )
    return tuple(tx.execute(query).scalars())


def _notifications(tx: Connection, incident_id: str) -> Sequence[Row[Any]]:
    alert_ids = select(alert.c.id).where(alert.c.incident == incident_id)
    condition = (staff_notification.c.incident == incident_id) | staff_notification.c.alert.in_(alert_ids)
    return tx.execute(select(staff_notification).where(condition).order_by(staff_notification.c.id)).all()


def begin_redaction(tx: Connection, incident_id: str, *, at: datetime, actor: str, reason: str) -> int:
    """Records a redaction, which unlocks the incident's words until ``seal_redaction``. Returns its number."""
    values = {
        "incident": incident_id,
        "at": at,
        "actor": actor,
        "reason": reason,
        "replacements": 0,
        "external_deliveries": [],
        "sealed": OPEN,
    }
    redaction_id: int = tx.execute(insert(redaction).values(values).returning(redaction.c.id)).scalar_one()
    return redaction_id


def replace_text(tx: Connection, stored: StoredText, content: Any, at: datetime) -> None:
    """Replaces these words.

    A delivery that may already have been sent, and can only be recognised by its words, needs review.
    """
    match stored.record_type:
        case "alert":
            tx.execute(update(alert).where(alert.c.id == stored.key[0]).values(monitor_alert=content, redacted_at=at))
        case "delivery":
            tx.execute(update(delivery).where(delivery.c.id == stored.key[0]).values(content))
            _review_if_maybe_sent(tx, stored.key[0], at)
        case "call":
            tx.execute(update(staff_notification).where(staff_notification.c.id == stored.key[0]).values(content))
        case "draft":
            condition = (draft.c.owner == stored.key[0]) & (draft.c.account_id == stored.key[1])
            tx.execute(update(draft).where(condition).values(form=content["form"]))
        case "drill":
            tx.execute(update(drill).where(drill.c.id == stored.key[0]).values(content))
        case "observation" | "inject":
            table = observation if stored.record_type == "observation" else inject
            condition = (table.c.drill == stored.key[0]) & (table.c.number == stored.key[1])
            tx.execute(update(table).where(condition).values(content))
        case "retro_note" | "retro_event":
            retrospectives.replace_texts(tx, stored.record_type, stored.key[0], content)
        case "report":
            number, version = stored.key
            incident_reports.replace_texts(tx, number, version, content, at=at)
        case "action":
            pass  # It is in the accounts database; the use case replaces it there.
        case _:
            incidents.rewrite_entry(tx, stored.key[0], stored.key[1], content)


def _review_if_maybe_sent(tx: Connection, delivery_id: Any, at: datetime) -> None:
    """Leaves a delivery whose outcome only its words would tell to a person."""
    maybe_sent = (
        (delivery.c.status == DeliveryStatus.WAITING.value) & delivery.c.maybe_sent & (delivery.c.channel != SITE)
    )
    values = {"status": DeliveryStatus.NEEDS_REVIEW.value, "reason": "redacted", "finished_at": at, "retry_at": None}
    tx.execute(update(delivery).where(delivery.c.id == delivery_id, maybe_sent).values(values))


def seal_redaction(
    tx: Connection, redaction_id: int, *, replacements: int, external_deliveries: Collection[int]
) -> None:
    """Completes what ``begin_redaction`` began. Without it the database refuses the transaction."""
    change = {"replacements": replacements, "external_deliveries": sorted(external_deliveries), "sealed": SEALED}
    tx.execute(update(redaction).where(redaction.c.id == redaction_id).values(change))


def find_other_mentions(tx: Connection, incident_id: str, text: str) -> tuple[str, ...]:
    """The ids of other incidents, and of alerts without an incident, that contain exactly this text."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    in_entries = select(entry.c.incident).where(
        entry.c.incident != incident_id, _contains(entry.c.body, escaped) | _contains(entry.c.media, escaped)
    )
    in_alerts = select(alert.c.id).where(alert.c.incident.is_(None), _contains(alert.c.monitor_alert, escaped))
    in_other_alerts = select(alert.c.incident).where(
        alert.c.incident != incident_id, _contains(alert.c.monitor_alert, escaped)
    )
    return tuple(
        sorted({id for query in (in_entries, in_alerts, in_other_alerts) for id in tx.execute(query).scalars()})
    )


def redactions_of_incident(tx: Connection, incident_id: str) -> tuple[Redaction, ...]:
    """The redactions of an incident, oldest first."""
    rows = tx.execute(select(redaction).where(redaction.c.incident == incident_id).order_by(redaction.c.id))
    return tuple(_redaction(row) for row in rows)


def unfinished_redactions(tx: Connection) -> tuple[Redaction, ...]:
    """The redactions after which the site and files have not been confirmed clean."""
    return tuple(_redaction(row) for row in tx.execute(select(redaction).where(redaction.c.finished_at.is_(None))))


def finish_redactions(tx: Connection, redaction_ids: Collection[int], at: datetime) -> None:
    """Records that the site and files are clean."""
    tx.execute(update(redaction).where(redaction.c.id.in_(redaction_ids)).values(finished_at=at))


def _contains(column: Any, text: str) -> Any:
    return cast(column, Text).icontains(text, autoescape=True)


def _redaction(row: Any) -> Redaction:
    return Redaction(
        row.id,
        row.incident,
        row.at,
        row.actor,
        row.reason,
        row.replacements,
        tuple(row.external_deliveries),
        row.finished_at,
    )
