"""Common parts of all monitor parsers: sizes, times, texts, and error messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from statuspage.domain import has_unreadable_characters

MAX_MESSAGE_BYTES = 256 * 1024
"""Maximum bytes of a message."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""A date outside this range is an error of the sender, not a time."""

TITLE_LIMIT = 200
TEXT_LIMIT = 2000
"""Maximum characters of a title, label or identity, and of a longer text."""

_HTTP = ("http://", "https://")


class MessagePart(BaseModel):
    """A part of a message. Unknown fields are ignored, because newer releases of monitors add some."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


M = TypeVar("M", bound=BaseModel)


def check_size(body: bytes) -> bytes:
    """Returns the body. Raises Unreadable if it is too large."""
    if len(body) > MAX_MESSAGE_BYTES:
        raise Unreadable(f"The message is larger than {MAX_MESSAGE_BYTES // 1024} KB.")
    return body


def parse_message(model: type[M], body: bytes) -> M:
    """The message. Raises Unreadable if it is invalid or too large."""
    try:
        return model.model_validate_json(check_size(body))
    except ValidationError as error:
        raise Unreadable(describe_error(error)) from None


def check_time(at: datetime, field: str) -> datetime:
    """The time in UTC. Raises Unreadable, naming its ``field``, if it is not plausible."""
    if not EARLIEST <= at <= LATEST:
        raise Unreadable(f"{field}: {at.isoformat()} is no sensible time.")
    return at.astimezone(UTC)


def start_or_now(at: datetime | None, now: datetime) -> datetime:
    """The start according to the monitor, in UTC; ``now`` if it gives none, or an implausible one.

    A wrong clock at the monitor, or Go's zero time, must not lose the alert.
    """
    return at.astimezone(UTC) if at is not None and EARLIEST <= at <= LATEST else now


def clean(text: str, limit: int = TITLE_LIMIT) -> str:
    """The text on one line, without characters that break a feed or reverse text, cut to ``limit`` characters."""
    line = " ".join("".join(" " if has_unreadable_characters(char) else char for char in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def require_text(text: str, field: str, limit: int = TITLE_LIMIT) -> str:
    """A required text, cleaned. Raises Unreadable, naming its ``field``, if nothing is left of it."""
    if not (cleaned := clean(text, limit)):
        raise Unreadable(f"{field}: there is nothing to read in it.")
    return cleaned


def clean_labels(labels: dict[str, str]) -> dict[str, str]:
    """The labels for alert rules, cleaned, without empty ones."""
    cleaned = {clean(name): clean(value) for name, value in labels.items()}
    return {name: value for name, value in cleaned.items() if value}


def browser_link(address: str) -> str:
    """The URL if a browser may safely follow it, else ""."""
    cleaned = clean(address, TEXT_LIMIT)
    return cleaned if cleaned.startswith(_HTTP) and cleaned == address else ""


def describe_error(error: ValidationError) -> str:
    """The first error, in one sentence, without the sender's data.

    An unsupported version is reported before errors that may follow from it.
    """
    errors = error.errors(include_url=False, include_input=False)
    chosen = next((item for item in errors if item["loc"] == ("version",)), errors[0])
    path = ".".join(str(step + 1) if isinstance(step, int) else step for step in chosen["loc"])
    if chosen["type"] == "json_invalid":
        return f"The message is not valid JSON: {chosen['msg'].removeprefix('Invalid JSON: ')}."
    if path == "version" and chosen["type"] == "literal_error":
        return f"version: only messages of version {chosen['ctx']['expected'].replace(chr(39), chr(34))} are read."
    return f"{path or 'The message'}: {chosen['msg'][0].lower()}{chosen['msg'][1:]}."


class Unreadable(Exception):
    """The monitor's message is invalid. ``reason`` says why in one plain sentence."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
