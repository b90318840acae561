"""Tables of alerts, with their steps and checklist ticks; test alerts, received messages, and Amazon SNS topics."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from statuspage.storage.tables.metadata import Instant, environment

# Otherwise SQLite would look for alerts without a lead in this index, which has nearly all of them. It is partial on
# PostgreSQL too (its migration says so): SQLAlchemy would import that dialect to be told here.
_IS_GROUPED = text("group_lead IS NOT NULL")

alert = Table(
    "alert",
    environment,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("identity", String(512), nullable=False),
    Column("fired_at", Instant, nullable=False),  # the first start time the monitor reported
    Column("ends_at", Instant),
    Column("monitor_alert", JSON, nullable=False),
    Column("proposal", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("incident", ForeignKey("incident.id")),
    Column("redacted_at", Instant),  # after this time repetitions by its monitor no longer change its words
    Column("group_lead", String(32)),  # the alert that leads its group; NULL if it leads a group or is alone
    Column("last_grouped_at", Instant),  # when the newest alert of its group arrived
    UniqueConstraint("source", "identity", "fired_at"),
    Index("ix_alert_state_received_at", "state", "received_at"),
    Index("ix_alert_incident", "incident"),
    Index("ix_alert_received_at", "received_at"),
    Index("ix_alert_group_lead", "group_lead", sqlite_where=_IS_GROUPED),
)

alert_step = Table(
    "alert_step",
    environment,
    Column("alert", ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(128), nullable=False),
)

# Received messages of monitors, by a key that no other message has, so that a repetition changes nothing.
received_message = Table(
    "received_message",
    environment,
    Column("source", String(64), primary_key=True),
    Column("message_key", String(128), primary_key=True),
    Column("received_at", Instant, nullable=False),
    Index("ix_received_message_received_at", "received_at"),
)

# How many messages of each monitor ended how: taken, or refused for a reason; and the newest of them.
intake_count = Table(
    "intake_count",
    environment,
    Column("source", String(64), primary_key=True),
    Column("outcome", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("network", String(64), nullable=False),
)

# Alerts that were sent only to see that they arrive: for a few minutes, apart from those that count.
test_alert = Table(
    "test_alert",
    environment,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("monitor_alert", JSON, nullable=False),
    Column("proposal", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("actor", String(128), nullable=False),
)

# The newest heartbeat of each monitor that sends some.
monitor_heartbeat = Table(
    "monitor_heartbeat",
    environment,
    Column("source", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("last_at", Instant, nullable=False),
)

# Amazon SNS topics that asked to send alerts, and the decision about them.
topic = Table(
    "topic",
    environment,
    Column("arn", String(400), primary_key=True),
    Column("token", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("actor", String(128), nullable=False),
)

# Checklist items ticked or unticked before there was an incident.
alert_tick = Table(
    "alert_tick",
    environment,
    Column("alert", ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("done", Boolean(name="done"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(128), nullable=False),
)
