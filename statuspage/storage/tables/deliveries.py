"""Tables of what is sent to channels: each delivery with its receipt, and how the channels do."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from statuspage.storage.tables.metadata import Instant, environment, queue_columns

# One notice on one channel in one language. Its status and receipt are among the columns of every queue.
delivery = Table(
    "delivery",
    environment,
    Column("id", Integer, primary_key=True),
    Column("incident", ForeignKey("incident.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("payload", JSON, nullable=False),
    *queue_columns(),
    UniqueConstraint("incident", "sequence", "channel", "language"),
    Index("ix_delivery_status_retry_at", "status", "retry_at"),
    Index("ix_delivery_incident_channel_language_sequence", "incident", "channel", "language", "sequence"),
)

channel_health = Table(
    "channel_health",
    environment,
    Column("channel", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_failure_at", Instant),
    Column("closed_until", Instant),
    Column("failing_since", Instant),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
)
