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

from statuspage.storage.tables.column_types import Instant
from statuspage.storage.tables.metadata import NAMING_CONVENTION

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

# Addresses that are not written to, as a number that only the oldest of our keys makes of them.
suppression = Table(
    "suppression",
    subscribers,
    Column("folded", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# What is to be written to one subscriber about the subscription itself; the worker sends it.
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

# What marks links; made when the first one is needed.
link_key = Table(
    "link_key",
    subscribers,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
    Column("made", Instant, nullable=False),
)

# How often something was asked for since a moment: under an address, a network address, by everybody.
request_count = Table(
    "asking",
    subscribers,
    Column("key", String(96), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Index("ix_asking_since", "since"),
)

# One notice on its way to many. How each of them fared is only counted; ``hands`` are the numbers of those whom
# somebody is telling for the first time just now.
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

# Who of it is put off or in doubt, or was and is in hand again; nobody else.
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
