"""The table of requests to the API that were sent with a key, so that the same one again does nothing twice."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from statuspage.storage.tables.metadata import Instant, environment

# One request. ``status`` is 0 while it is being carried out, and if the program was killed meanwhile.
api_request = Table(
    "api_request",
    environment,
    Column("token", String(32), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("digest", String(64), nullable=False),  # of method, path, precondition and body
    Column("claimed_at", Instant, nullable=False),
    Column("plan", JSON, nullable=False),  # what it was about to store, by which that is found again
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", Text, nullable=False),
    Column("incident", String(32), nullable=False),  # whose texts are in the body; "" if none are
    Index("ix_api_request_claimed_at", "claimed_at"),
    Index("ix_api_request_incident", "incident"),
)
