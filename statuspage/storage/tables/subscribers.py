"""Tables of the subscribers' database, in SQLAlchemy Core. Changing them needs a migration."""

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

from statuspage.storage.tables.column_types import Instant
from statuspage.storage.tables.metadata import NAMING_CONVENTION

subscribers = MetaData(naming_convention=NAMING_CONVENTION)

# Subscribers. An address is stored in its normalised form; erased rows are deleted.
subscriber = Table(
    "subscriber",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("address", String(1024), nullable=False),
    Column("contact", String(254), nullable=False),  # of a webhook: the email address of whoever registered it
    Column("language", String(16), nullable=False),
    Column("services", JSON, nullable=False),  # ids; none: all of them
    Column("about", String(16), nullable=False),
    Column("how_much", String(16), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("origin", String(8), nullable=False),
    Column("proof", JSON, nullable=False),  # by whom, when and how consent was given
    Column("seed", String(32), nullable=False),  # goes into every link of theirs
    Column("secret", String(128), nullable=False),  # of a webhook: signs what is sent
    Column("created", Instant, nullable=False),
    Column("confirmed", Instant),
    Column("changed", Instant, nullable=False),
    UniqueConstraint("kind", "address"),
    Index("ix_subscriber_standing_kind_language_id", "standing", "kind", "language", "id"),
    sqlite_autoincrement=True,  # The number of an erased one is never given to somebody else.
)

# Suppressed addresses, as a hash that only the oldest of our keys can make.
suppression = Table(
    "suppression",
    subscribers,
    Column("folded", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# Emails to one subscriber about the subscription itself; the worker sends them.
subscription_email = Table(
    "letter",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE")),  # none: nobody is written to
    Column("language", String(16), nullable=False),
    Column("end", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", Instant, nullable=False),
    Column("due", Instant),
    Column("started", Instant),
    Column("finished", Instant),
    Column("owner", String(64), nullable=False),
    Index("ix_letter_end_due", "end", "due"),
    Index("ix_letter_subscriber", "subscriber"),
    Index("ix_letter_finished", "finished"),
)

# Keys that sign links; made when the first one is needed.
link_key = Table(
    "link_key",
    subscribers,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
    Column("made", Instant, nullable=False),
)

# Request counts since a moment: for an address, a network address, and all.
request_count = Table(
    "asking",
    subscribers,
    Column("key", String(96), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Index("ix_asking_since", "since"),
)

# Bulk sends of notices. Outcomes are only counted; ``hands`` are the numbers of those who are being sent to for the
# first time just now.
bulk_send = Table(
    "mailing",
    subscribers,
    Column("id", Integer, primary_key=True),
    Column("incident", String(32), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("began", Instant, nullable=False),
    Column("until", Integer, nullable=False),  # the highest number that was given when it began
    Column("start", Integer, nullable=False),  # behind which number it began
    Column("place", Integer, nullable=False),  # up to which number everybody had their turn
    Column("wrapped", Boolean(name="wrapped"), nullable=False, server_default=false()),
    Column("through", Boolean(name="through"), nullable=False, server_default=false()),
    Column("owner", String(64), nullable=False),
    Column("hands", JSON, nullable=False, server_default="[]"),
    Column("listed", Integer, nullable=False, server_default="0"),
    Column("passed", Integer, nullable=False, server_default="0"),
    Column("told", Integer, nullable=False, server_default="0"),
    Column("twice", Integer, nullable=False, server_default="0"),
    Column("bounced", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("gave_up", Integer, nullable=False, server_default="0"),
    Column("ended", Instant),
    Column("overtaken", Boolean(name="overtaken"), nullable=False, server_default=false()),
    UniqueConstraint("incident", "channel", "language", "sequence"),
    Index("ix_mailing_ended", "ended"),
)

# Its recipients who are deferred or in doubt, or were and are in progress again; nobody else.
recipient = Table(
    "recipient",
    subscribers,
    Column("mailing", ForeignKey("mailing.id"), primary_key=True),
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("stand", String(8), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("unsure", Boolean(name="unsure"), nullable=False),
    Column("due", Instant),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_recipient_mailing_stand_due", "mailing", "stand", "due"),
    Index("ix_recipient_subscriber", "subscriber"),
)
