"""The tables of the accounts database."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from statuspage.storage.tables.metadata import Instant, accounts

account = Table(
    "account",
    accounts,
    Column("id", String(32), primary_key=True),
    Column("login", String(128), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("disabled", Instant),
    Column("last_seen", Instant),
    Column("created", Instant, nullable=False),
)

session = Table(
    "session",
    accounts,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("created", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("method", String(16), nullable=False),  # how its owner signed in
    Column("stage", String(16), nullable=False),  # what is still missing before it opens the desk
    Column("verified_at", Instant, nullable=False),  # when a password, link or second factor was last given
    Index("ix_session_account_id", "account_id"),
    Index("ix_session_expires", "expires"),
)

sign_in_link = Table(
    "sign_in_link",
    accounts,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("expires", Instant, nullable=False),
    Column("used_at", Instant),
)

# The account of somebody who signs in through an identity provider.
identity = Table(
    "identity",
    accounts,
    Column("issuer", String(256), primary_key=True),
    Column("subject", String(256), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("has_group_role", Boolean, nullable=False),  # the provider's groups decide the role
    Column("bound_at", Instant, nullable=False),
    UniqueConstraint("account_id", "issuer"),
)

# A sign-in through a provider that has begun and not come back yet.
provider_attempt = Table(
    "provider_attempt",
    accounts,
    Column("state_hash", String(64), primary_key=True),
    Column("browser_hash", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("code_verifier", String(128), nullable=False),
    Column("account_id", String(32), nullable=False),  # to be connected or confirmed; "" for a sign-in
    Column("is_confirmation", Boolean, nullable=False),
    Column("network", String(64), nullable=False),
    Column("return_path", Text, nullable=False),
    Column("saved_form", Text, nullable=False),
    Column("expires", Instant, nullable=False),
    Index("ix_provider_attempt_expires", "expires"),
)

# One-time links on paper, for when the provider is down.
emergency_link = Table(
    "emergency_link",
    accounts,
    Column("number", Integer, primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("expires", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_from", String(64), nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", String(128), nullable=False),
    Index("ix_emergency_link_account_id", "account_id"),
)

passkey = Table(
    "passkey",
    accounts,
    Column("id", String(16), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("host", String(256), nullable=False),  # the host name for which it was made, and works
    Column("credential_id", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("created", Instant, nullable=False),
    Column("last_used", Instant),
    Index("ix_passkey_account_id", "account_id"),
)

authenticator_app = Table(
    "authenticator_app",
    accounts,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("last_step", BigInteger, nullable=False),  # the time step of the last code that was accepted
    Column("created", Instant, nullable=False),
)
"""Who uses an app that shows codes. Its key is among the secrets."""

recovery_code = Table(
    "recovery_code",
    accounts,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("code_hash", Text, nullable=False),
    Column("used_at", Instant),
)

sign_in_rule = Table(
    "sign_in_rule",
    accounts,
    Column("name", String(64), primary_key=True),
    Column("value", String(64), nullable=False),
)
"""Rules of signing in that administrators chose. Both desks share them."""

account_message = Table(
    "account_message",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("action", String(64), nullable=False),
    Column("account_name", String(128), nullable=False),  # who did it
    Index("ix_account_message_account_id", "account_id"),
)
"""What others changed about signing in to an account, told at its next sign-in."""

# What programs use the API with. ``environment`` is live or drill, ``scope`` the most that the token may do.
api_token = Table(
    "api_token",
    accounts,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),  # whose rights it has at most
    Column("name", String(64), nullable=False),
    Column("environment", String(8), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("last_used", Instant),
    Column("ended", Instant),
    Index("ix_api_token_account_id", "account_id"),
)

throttle = Table(
    "throttle",
    accounts,
    Column("key", String(256), primary_key=True),
    Column("window_start", Instant, nullable=False),
    Column("count", Integer, nullable=False),
)

audit_log = Table(
    "audit_log",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("account_id", String(32), nullable=False),  # who did it; "" if nobody was signed in
    Column("account_name", String(128), nullable=False),  # as it was then
    Column("origin", String(64), nullable=False),  # a network address, or "command line"
    Column("action", String(64), nullable=False),
    Column("target", String(256), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_log_at", "at"),
)

# What teams decided to change after incidents and drills. Both desks share it.
action_item = Table(
    "action_item",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("environment", String(8), nullable=False),  # live or drill
    Column("subject", String(32), nullable=False),  # the incident or the drill
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("cause", String(64), nullable=False),  # the published cause of the incident
    Column("owner", String(128), nullable=False),  # a person or a team
    Column("owner_account", String(32), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("due", Date),
    Column("link", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("announced", Integer, nullable=False),  # the version that other programs were told of
    Index("ix_action_item_state_due", "state", "due"),
    Index("ix_action_item_environment_subject", "environment", "subject"),
)

# The issue of an action item in a tracker: wanted, then made once and followed.
action_issue = Table(
    "action_issue",
    accounts,
    Column("item", ForeignKey("action_item.id"), primary_key=True),
    Column("repository", String(160), nullable=False),
    Column("marker", String(64), nullable=False),  # stands in the issue's text
    Column("requested_at", Instant, nullable=False),
    Column("requested_by", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_action_issue_next_at", "next_at"),
)

content_change = Table(
    "content_change",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("account_name", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", String(256), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("files", JSON, nullable=False),
)
"""The latest changes of content files on the desk, with what undoes them byte for byte."""

# When outdated records were last deleted.
retention_run = Table(
    "retention_run",
    accounts,
    Column("environment", String(8), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("ran_at", Instant, nullable=False),
    Column("removed", Integer, nullable=False),  # then
)

refusal = Table(
    "refusal",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("action", String(64), nullable=False),
    Column("account_id", String(32), nullable=False),  # the account they tried to use; "" if there is none
    Column("hour", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("networks", JSON, nullable=False),
    UniqueConstraint("hour", "action", "account_id"),
)
"""Counts of refused sign-in attempts by people without an account."""
