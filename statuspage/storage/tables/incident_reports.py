"""Tables of incident reports for business customers. The number of a report is its id; each version has its own row."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from statuspage.storage.tables.metadata import Instant, environment

incident_report = Table(
    "incident_report",
    environment,
    Column("id", Integer, primary_key=True),
    Column("incident", ForeignKey("incident.id"), nullable=False),
    Column("recipient", Text, nullable=False),  # "" for nobody in particular
    Column("services", JSON, nullable=False),  # ids of the services that the recipient uses
    Column("created_at", Instant, nullable=False),
    Index("ix_incident_report_incident", "incident"),
)

incident_report_version = Table(
    "incident_report_version",
    environment,
    Column("report", ForeignKey("incident_report.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),  # draft, approved
    Column("texts", JSON, nullable=False),  # by part and language
    Column("changes", Integer, nullable=False),  # counts the changes of a draft
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(128), nullable=False),
    Column("sequence", Integer),  # the newest entry of the incident when it was approved
    Column("approved_at", Instant),
    Column("approved_by", String(128), nullable=False),
)
