"""Tables of retrospectives. ``subject`` is the id of an incident or of a drill."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from statuspage.storage.tables.metadata import Instant, environment

retrospective = Table(
    "retrospective",
    environment,
    Column("subject", String(32), primary_key=True),
    Column("state", String(16), nullable=False),  # draft, reviewed, done
    Column("causes", JSON, nullable=False),  # ids of contributing causes
    Column("changed_at", Instant, nullable=False),  # when the state was set
    Column("changed_by", String(128), nullable=False),
)

retrospective_note = Table(
    "retrospective_note",
    environment,
    Column("id", Integer, primary_key=True),
    Column("subject", ForeignKey("retrospective.subject"), nullable=False),
    Column("section", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_by", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_retrospective_note_subject", "subject"),
)

# What people add to the timeline, with where it is known from.
retrospective_event = Table(
    "retrospective_event",
    environment,
    Column("id", Integer, primary_key=True),
    Column("subject", ForeignKey("retrospective.subject"), nullable=False),
    Column("happened", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("author", String(128), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_retrospective_event_subject", "subject"),
)
