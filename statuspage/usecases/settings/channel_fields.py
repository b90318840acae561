"""What the desk asks for each channel type: keys of ``channels.toml``, and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from statuspage.integrations import channels
from statuspage.integrations.channels import CredentialsInvalid

FieldKind = Literal["text", "choice", "flag"]


@dataclass(frozen=True, slots=True)
class Field:
    """A key of the channel's table. ``default`` is what an absent key means; ``choices`` are the allowed values."""

    key: str
    kind: FieldKind = "text"
    is_required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """The fields of one type. ``medium`` is the format of its texts, ``notices`` what it gets at first, ``fixed`` what
    else is written into a new table."""

    medium: str
    fields: tuple[Field, ...]
    notices: tuple[str, ...] = ("all",)
    fixed: Mapping[str, float] | None = None


ACCOUNT, REQUIRED_ACCOUNT = Field("account"), Field("account", is_required=True)
LINK = Field("include_link", "flag", default="true")
SENDER = Field("sender", is_required=True)


def _withdrawal(*ways: str) -> Field:
    return Field("withdrawal", "choice", default="follow_up", choices=("follow_up", *ways))


def _words(medium: str) -> Field:
    """Whether it gets the text for customers or that for colleagues."""
    return Field("medium", "choice", default=medium, choices=(medium, f"colleagues_{medium}"))


FORMS: Mapping[str, ChannelForm] = {
    "x": ChannelForm(
        "x",
        (REQUIRED_ACCOUNT, LINK, _withdrawal("delete")),
        fixed={"price_per_post": 0.015, "price_per_link": 0.2},  # https://docs.x.com/x-api/getting-started/pricing
    ),
    "mastodon": ChannelForm(
        "mastodon",
        (
            Field("server", is_required=True),
            ACCOUNT,
            LINK,
            Field("visibility", "choice", default="public", choices=("public", "unlisted", "private")),
            _withdrawal("edit", "delete"),
        ),
    ),
    "bluesky": ChannelForm("bluesky", (REQUIRED_ACCOUNT, LINK, _withdrawal("delete"))),
    "line": ChannelForm("line", (ACCOUNT, LINK), ("first_and_resolved", "maintenance")),
    "slack": ChannelForm(
        "slack", (ACCOUNT, Field("channel_id", is_required=True), _words("slack"), _withdrawal("edit", "delete"))
    ),
    "slack-webhook": ChannelForm("slack", (ACCOUNT, _words("slack"))),
    "teams": ChannelForm("teams", (ACCOUNT, _words("teams"))),
    "discord": ChannelForm("discord", (ACCOUNT, _words("discord"), _withdrawal("edit", "delete"))),
    "mail": ChannelForm("mail", (REQUIRED_ACCOUNT, SENDER)),
    "webhook": ChannelForm(
        "webhook", (ACCOUNT, Field("format", "choice", default="own", choices=("own", "statuspage")))
    ),
}
"""The types that can be added on the desk."""

NOTICE_CHOICES: Mapping[str, tuple[str, ...]] = {
    "all": ("all",),
    "some": ("first_and_resolved", "maintenance"),
    "incidents": ("first_and_resolved",),
    "maintenance": ("maintenance",),
}
"""Which notices a channel gets, by the value of the form."""

MOST_TEXT = 2000
"""Maximum characters of one field."""


def secret_names(type: str) -> tuple[tuple[str, bool], ...]:
    """The secrets of a type in the order of the form, each with whether it is required."""
    channel_type = channels.TYPES[type]
    return (
        *((name, True) for name in channel_type.secrets),
        *((name, False) for name in channel_type.optional_secrets),
    )


def secret_problem(type: str, name: str, value: str) -> str:
    """Why this cannot be a secret of that name, as the key of a sentence; "" if it can."""
    if len(value) > MOST_TEXT or any(not character.isprintable() for character in value):
        return "unreadable"
    match name:
        case "url":
            return "" if _is_web_address(value) else "url"
        case "server":
            return "" if _is_mail_server(value) else "mail_server"
        case "secret" | "old_secret" if type == "webhook":
            return "" if _is_signing_secret(value) else "signing_secret"
    return "unreadable" if any(character.isspace() for character in value) and name != "password" else ""


def field_problem(field: Field, value: str) -> str:
    """Why this cannot be the value of a field, as the key of a sentence; "" if it can."""
    if not value:
        return "missing" if field.is_required else ""
    if len(value) > MOST_TEXT or any(not character.isprintable() for character in value):
        return "unreadable"
    if field.kind != "text" and value not in (field.choices or ("true", "false")):
        return "choice"
    return "url" if field.key == "server" and not _is_web_address(value) else ""


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0 and " " not in text
    except ValueError:
        return False


def _is_mail_server(text: str) -> bool:
    from statuspage.integrations.channels import smtp_client

    try:
        smtp_client.parse_server(text)
    except CredentialsInvalid:
        return False
    return True


def _is_signing_secret(text: str) -> bool:
    from datetime import UTC, datetime

    from statuspage.integrations.channels import webhook

    try:
        webhook.signature_headers("try", datetime(2026, 1, 1, tzinfo=UTC), b"", (text,))
    except CredentialsInvalid:
        return False
    return True
