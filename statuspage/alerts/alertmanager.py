"""Reads Prometheus Alertmanager's webhook message, version 4.

The fields are those of its documentation ("Configuration", under webhook_config). A repeated alert keeps its
``fingerprint`` (a hash of its labels) and its ``startsAt``; the next outage with the same labels has another
``startsAt``. So the two together name one alert: a repeat is the same one, and a new outage is a new one.
``groupKey`` and ``status`` are no part of it, because grouping may change and *resolved* is about the same alert.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from statuspage.alerts.unreadable import Unreadable
from statuspage.incoming import Signal
from statuspage.rules import unreadable

SOURCE = "alertmanager"
LIMIT = 256 * 1024
"""Bytes of the largest message that is read."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Outside of these a date is a fault of the sender, not a time."""

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Go's zero time, 0001-01-01T00:00:00Z: Alertmanager's way to say that an alert has not ended."""

TITLE_LIMIT = 200
TEXT_LIMIT = 2000
_HTTP = ("http://", "https://")

_Labels = dict[str, str]


class _Alert(BaseModel):
    """One alert of the message."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    status: Literal["firing", "resolved"]
    labels: _Labels
    annotations: _Labels = {}
    startsAt: AwareDatetime
    endsAt: AwareDatetime = NEVER
    generatorURL: str = ""
    fingerprint: Annotated[str, Field(min_length=1, max_length=100)]


class _Message(BaseModel):
    """The whole message. Unknown fields are let through: newer releases add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: Literal["4"]
    groupKey: str
    truncatedAlerts: int = 0
    status: Literal["firing", "resolved"]
    receiver: str
    groupLabels: _Labels
    commonLabels: _Labels
    commonAnnotations: _Labels
    externalURL: str
    alerts: Annotated[tuple[_Alert, ...], Field(min_length=1)]


def read(body: bytes) -> tuple[Signal, ...]:
    """The alerts of one message, in its order. Raises Unreadable when it is no such message or is too large."""
    if len(body) > LIMIT:
        raise Unreadable(f"The message is larger than {LIMIT // 1024} KB.")
    try:
        message = _Message.model_validate_json(body)
    except ValidationError as error:
        raise Unreadable(_reason(error)) from None
    return tuple(_signal(alert, number) for number, alert in enumerate(message.alerts, 1))


def _signal(alert: _Alert, number: int) -> Signal:
    starts_at = _sane(alert.startsAt, number, "startsAt")
    ended = alert.status == "resolved" and alert.endsAt != NEVER
    ends_at = _sane(alert.endsAt, number, "endsAt") if ended else None
    title = alert.annotations.get("summary") or alert.labels.get("alertname") or "Alert"
    return Signal(
        source=SOURCE,
        identity=f"{_clean(alert.fingerprint, TITLE_LIMIT)} {starts_at.isoformat()}",
        title=_clean(title, TITLE_LIMIT),
        summary=_clean(alert.annotations.get("description", ""), TEXT_LIMIT),
        labels={_clean(name, TITLE_LIMIT): _clean(value, TITLE_LIMIT) for name, value in alert.labels.items()},
        starts_at=starts_at,
        ends_at=ends_at,
        url=_link(alert.generatorURL),
    )


def _sane(at: datetime, number: int, name: str) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise Unreadable(f"alerts.{number}.{name}: {at.isoformat()} is no sensible time.")
    return at.astimezone(UTC)


def _clean(text: str, limit: int) -> str:
    """The text without characters that break a feed or turn text around, on one line, no longer than ``limit``."""
    line = " ".join("".join(" " if unreadable(c) else c for c in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _link(address: str) -> str:
    """The address when it is one that a browser may follow, else nothing."""
    clean = _clean(address, TEXT_LIMIT)
    return clean if clean.startswith(_HTTP) and clean == address else ""


def _reason(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence, without the sender's own data in it."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    if first["type"] == "json_invalid":
        return f"The message is not valid JSON: {first['msg'].removeprefix('Invalid JSON: ')}."
    if where == "version" and first["type"] != "missing":
        return 'version: only messages of version "4" are read.'
    return f"{where or 'The message'}: {first['msg'][0].lower()}{first['msg'][1:]}."
