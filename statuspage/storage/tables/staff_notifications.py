"""Tables of escalations, of staff notifications, which are a queue of their own, and of attempts to reach somebody."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table

from statuspage.storage.tables.metadata import Instant, environment, queue_columns

# One period in which nobody acknowledged an alert.
escalation = Table(
    "escalation",
    environment,
    Column("id", Integer, primary_key=True),
    Column("alert", ForeignKey("alert.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("actor", String(128), nullable=False),  # who acknowledged; "" if nothing was left to acknowledge
    Index("ix_escalation_ended_at", "ended_at"),
)

staff_notification = Table(
    "staff_notification",
    environment,
    Column("id", Integer, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("trigger", String(24), nullable=False),
    Column("escalation", ForeignKey("escalation.id")),
    Column("alert", ForeignKey("alert.id")),
    Column("incident", ForeignKey("incident.id")),
    Column("channel", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("recipients", JSON, nullable=False),  # names
    Column("payload", JSON, nullable=False),
    *queue_columns(),
    Index("ix_staff_notification_status_retry_at", "status", "retry_at"),
    Index("ix_staff_notification_alert", "alert"),
    Index("ix_staff_notification_incident", "incident"),
    Index("ix_staff_notification_escalation", "escalation"),
)

# Somebody tried to reach a person: by phone, or the program through a channel for somebody left out of a drill.
call_attempt = Table(
    "call_attempt",
    environment,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person", String(128), nullable=False),
    Column("actor", String(128), nullable=False),  # "": the program
    Column("channel", String(64), nullable=False),  # "": a phone call
    Column("was_reached", Boolean(name="was_reached"), nullable=False),
    Index("ix_call_attempt_at", "at"),
)
