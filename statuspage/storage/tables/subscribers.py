"""The tables of the subscribers database, in SQLAlchemy Core. Change them with a migration."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from statuspage.storage.tables.metadata import NAMING_CONVENTION, Instant, queue_columns

subscribers = MetaData(naming_convention=NAMING_CONVENTION)

# Subscribers. The address is normalised for comparison; erased rows are deleted.
subscriber = Table(
    "subscriber",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("address", String(1024), nullable=False),
    Column("contact", String(254), nullable=False),  # of a webhook: the email address of whoever registered it
    Column("language", String(16), nullable=False),
    Column("services", JSON, nullable=False),  # ids; empty: all of them
    Column("topic", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("origin", String(8), nullable=False),
    Column("consent", JSON, nullable=False),  # by whom, when and how consent was given
    Column("seed", String(32), nullable=False),  # part of all links of this subscriber
    Column("secret", String(128), nullable=False),  # of a webhook: signs its calls
    Column("created", Instant, nullable=False),
    Column("confirmed", Instant),
    Column("changed", Instant, nullable=False),
    UniqueConstraint("kind", "address"),
    Index("ix_subscriber_status_kind_language_id", "status", "kind", "language", "id"),
    sqlite_autoincrement=True,  # The number of a deleted row is never reused.
)

# Suppressed addresses, as hashes made with the oldest of our keys.
suppression = Table(
    "suppression",
    subscribers,
    Column("address_hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# Emails about the subscription itself, sent by the worker.
subscription_email = Table(
    "subscription_email",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE")),  # NULL: no email is sent
    Column("language", String(16), nullable=False),
    *queue_columns(),
    Index("ix_subscription_email_status_retry_at", "status", "retry_at"),
    Index("ix_subscription_email_subscriber", "subscriber"),
    Index("ix_subscription_email_finished_at", "finished_at"),
)

# Keys that sign links; created when first needed.
link_key = Table(
    "link_key",
    subscribers,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

# The number of requests since a given time, by address, by network address and in total.
request_count = Table(
    "request_count",
    subscribers,
    Column("key", String(96), primary_key=True),
    Column("window_start", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Index("ix_request_count_window_start", "window_start"),
)

# One notice being sent to many subscribers. Results are only counted; ``in_progress`` are the numbers of the first-time
# recipients being sent to right now.
bulk_send = Table(
    "bulk_send",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("incident", String(32), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("last_subscriber", Integer, nullable=False),  # the highest number when it began
    Column("start_after", Integer, nullable=False),  # the number after which it began
    Column("position", Integer, nullable=False),  # the number up to which everybody had a turn
    Column("has_wrapped", Boolean(name="has_wrapped"), nullable=False, server_default=false()),
    Column("is_complete", Boolean(name="is_complete"), nullable=False, server_default=false()),
    Column("owner", String(64), nullable=False),
    Column("in_progress", JSON, nullable=False, server_default="[]"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("processed", Integer, nullable=False, server_default="0"),
    Column("delivered", Integer, nullable=False, server_default="0"),
    Column("maybe_duplicated", Integer, nullable=False, server_default="0"),
    Column("bounced", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("gave_up", Integer, nullable=False, server_default="0"),
    Column("ended_at", Instant),
    Column("is_superseded", Boolean(name="is_superseded"), nullable=False, server_default=false()),
    UniqueConstraint("incident", "channel", "language", "sequence"),
    Index("ix_bulk_send_ended_at", "ended_at"),
)

# Recipients who are deferred or uncertain, or are being retried; nobody else.
recipient = Table(
    "recipient",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("bulk_send", ForeignKey("bulk_send.id"), nullable=False),
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    *queue_columns(),
    UniqueConstraint("bulk_send", "subscriber"),
    Index("ix_recipient_bulk_send_status_retry_at", "bulk_send", "status", "retry_at"),
    Index("ix_recipient_subscriber", "subscriber"),
)
