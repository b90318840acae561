"""Tables of escalations and staff notifications; the latter are a queue of their own."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from statuspage.storage.tables.column_types import Instant
from statuspage.storage.tables.metadata import environment

# One escalation of an unacknowledged alert.
escalation = Table(
    "climb",
    environment,
    Column("id", Integer, primary_key=True),
    Column("alert", ForeignKey("alert.id"), nullable=False),
    Column("began", Instant, nullable=False),
    Column("ended", Instant),
    Column("by", String(128), nullable=False),  # who acknowledged; "" if nothing was left to acknowledge
    Index("ix_climb_ended", "ended"),
)

staff_notification = Table(
    "call",
    environment,
    Column("id", Integer, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("cause", String(16), nullable=False),
    Column("climb", ForeignKey("climb.id")),
    Column("alert", ForeignKey("alert.id")),
    Column("incident", ForeignKey("incident.id")),
    Column("way", String(64), nullable=False),
    Column("who", JSON, nullable=False),  # names
    Column("payload", JSON, nullable=False),
    Column("end", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", Instant, nullable=False),
    Column("due", Instant),
    Column("started", Instant),
    Column("finished", Instant),
    Column("owner", String(64), nullable=False),
    Column("unsure", Boolean(name="unsure"), nullable=False),
    Column("receipt", JSON, nullable=False),
    Index("ix_call_end_due", "end", "due"),
    Index("ix_call_alert", "alert"),
    Index("ix_call_incident", "incident"),
    Index("ix_call_climb", "climb"),
)
