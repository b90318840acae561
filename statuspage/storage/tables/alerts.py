"""Tables beside alerts: checklist ticks, known messages, and Amazon SNS topics."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from statuspage.storage.tables.metadata import Instant, environment

# Messages of monitors, by what no other message has: the same one again changes nothing.
received_message = Table(
    "received_message",
    environment,
    Column("source", String(64), primary_key=True),
    Column("message_key", String(128), primary_key=True),
    Column("received_at", Instant, nullable=False),
    Index("ix_received_message_received_at", "received_at"),
)

# Topics of Amazon SNS that asked to send to us, and what somebody decided.
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

# Checklist items that somebody ticked off, or took back, before there was an incident.
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
