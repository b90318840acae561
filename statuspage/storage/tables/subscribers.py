"""The subscribers database, as SQLAlchemy Core. What changes its tables is a migration."""

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

# Who asked to be told. An address is folded to how it is compared; erased rows are gone.
subscriber = Table(
    "subscriber",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("address", String(1024), nullable=False),
    Column("contact", String(254), nullable=False),  # of a webhook: the mail address of whoever registered it
    Column("language", String(16), nullable=False),
    Column("services", JSON, nullable=False),  # ids; none: all of them
    Column("topic", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("origin", String(8), nullable=False),
    Column("consent", JSON, nullable=False),  # by whom, when and how consent was given
    Column("seed", String(32), nullable=False),  # goes into every link of theirs
    Column("secret", String(128), nullable=False),  # of a webhook: signs what is sent
    Column("created", Instant, nullable=False),
    Column("confirmed", Instant),
    Column("changed", Instant, nullable=False),
    UniqueConstraint("kind", "address"),
    Index("ix_subscriber_status_kind_language_id", "status", "kind", "language", "id"),
    sqlite_autoincrement=True,  # The number of an erased one is never given to somebody else.
)

# Addresses that are not written to, as a number that only the oldest of our keys makes of them.
suppression = Table(
    "suppression",
    subscribers,
    Column("address_hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# What is to be written to one subscriber about the subscription itself; the worker sends it.
subscription_email = Table(
    "subscription_email",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE")),  # none: nobody is written to
    Column("language", String(16), nullable=False),
    *queue_columns(),
    Index("ix_subscription_email_status_retry_at", "status", "retry_at"),
    Index("ix_subscription_email_subscriber", "subscriber"),
    Index("ix_subscription_email_finished_at", "finished_at"),
)

# What marks links; made when the first one is needed.
link_key = Table(
    "link_key",
    subscribers,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

# How often something was asked for since a moment: under an address, a network address, by everybody.
request_count = Table(
    "request_count",
    subscribers,
    Column("key", String(96), primary_key=True),
    Column("window_start", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Index("ix_request_count_window_start", "window_start"),
)

# One notice on its way to many. How each of them fared is only counted; ``in_progress`` are the numbers of those whom
# somebody is telling for the first time just now.
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
    Column("last_subscriber", Integer, nullable=False),  # the highest number that was given when it began
    Column("start_after", Integer, nullable=False),  # behind which number it began
    Column("position", Integer, nullable=False),  # up to which number everybody had their turn
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

# Who of it is put off or in doubt, or was and is in hand again; nobody else.
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
