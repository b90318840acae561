"""The tables of what monitors sent besides alerts: which messages were heard, which topics of Amazon may send."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from statuspage.store.instants import Instant
from statuspage.store.named import world

# What monitors have sent already, by what no other message has: the same one again changes nothing.
heard = Table(
    "heard",
    world,
    Column("source", String(64), primary_key=True),
    Column("once", String(128), primary_key=True),
    Column("at", Instant, nullable=False),
    Index("ix_heard_at", "at"),
)

# Topics of Amazon SNS that asked to send to us, and what somebody decided.
topic = Table(
    "topic",
    world,
    Column("arn", String(400), primary_key=True),
    Column("token", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked", Instant, nullable=False),
    Column("decided", Instant),
    Column("by", String(128), nullable=False),
)
