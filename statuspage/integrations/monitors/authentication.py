"""Whether a message comes from whom it says: it carries the secret, or was signed with it in its monitor's own way.

Everything is compared in constant time, and over the bytes as they came. A signature over a time holds for five
minutes. ``Proof.once`` is what no other message has, where a monitor makes sure of that: kept with what is stored, so
that a message sent again, by a monitor or by somebody who listened, changes nothing.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

SIGNATURE_LIFETIME = timedelta(minutes=5)
"""How old a dated signature may be, and how far its clock may run ahead."""

HEADER = "X-Statuspage-Secret"
"""Where a monitor that has no better place puts the secret."""

_SECONDS = re.compile(r"\d{1,12}")


class Unproven(Exception):
    """Nothing proves where this message comes from. The sentence says what to look at, and no secret."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A message that is believed. ``once``: what no other message of its source has, "" where nothing is sure."""

    once: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """A message as it came: its bytes, its headers by their names in small letters, the key in its address, and the
    password that came with it."""

    body: bytes
    headers: Mapping[str, str]
    key: str = ""
    password: str = ""

    def header(self, name: str) -> str:
        """What a header says, however its name was written; "" where it is missing."""
        return self.headers.get(name.lower(), "").strip()


Signed = Callable[[Came, str, datetime], Proof | None]
"""Looks at a message with the secret. None where it is not signed in this way; raises Unproven where it is, wrongly."""


def prove(came: Came, secret: str, signed: Signed | None, *, in_address: bool, now: datetime) -> Proof:
    """The proof that this message brings. Raises Unproven."""
    if carries(came, secret, in_address=in_address):
        return Proof()
    if signed is not None and (found := signed(came, secret, now)) is not None:
        return found
    raise Unproven("The secret is missing or wrong.")


def carries(came: Came, secret: str, *, in_address: bool) -> bool:
    """Whether the secret is there: as bearer token, as password, in its header, or where need be in the address."""
    scheme, _, token = came.header("Authorization").partition(" ")
    given = [came.password, came.header(HEADER)]
    given += [token.strip()] if scheme.lower() == "bearer" else []
    given += [came.key] if in_address else []
    return any([_same(one, secret) for one in given])  # noqa: C419 - each is looked at, whichever was right


def grafana(came: Came, secret: str, now: datetime) -> Proof | None:
    """HMAC-SHA256 in hex over the body, or over ``TIME:body`` where a header for the time is set
    (Grafana, "Configure webhook notifications", HMAC signature)."""
    given = came.header("X-Grafana-Alerting-Signature")
    if not given:
        return None
    stamp = came.header("X-Grafana-Alerting-Timestamp")
    content = f"{stamp}:".encode() + came.body if stamp else came.body
    _hold(_same(given.lower(), _hex(content, secret)))
    if not stamp:
        return Proof()
    _within(stamp, now)
    return Proof(given.lower())


def pagerduty(came: Came, secret: str, now: datetime) -> Proof | None:
    """``v1=`` and HMAC-SHA256 in hex over the body; several while a secret is replaced
    (PagerDuty, "Verifying Signatures")."""
    given = came.header("X-PagerDuty-Signature")
    if not given:
        return None
    wanted = f"v1={_hex(came.body, secret)}"
    _hold(any([_same(one.strip(), wanted) for one in given.split(",")[:20]]))  # noqa: C419
    return Proof(_mark(came.body))


def sentry(came: Came, secret: str, now: datetime) -> Proof | None:
    """HMAC-SHA256 in hex over the body with the integration's client secret (Sentry, "Webhooks", Headers)."""
    given = came.header("Sentry-Hook-Signature")
    if not given:
        return None
    _hold(_same(given.lower(), _hex(came.body, secret)))
    return Proof(_mark(came.body))


def standard(came: Came, secret: str, now: datetime) -> Proof | None:
    """The three headers of Standard Webhooks: HMAC-SHA256 in Base64 over ``id.time.body``."""
    id, stamp, given = (came.header(f"Webhook-{part}") for part in ("Id", "Timestamp", "Signature"))
    if not (id and stamp and given):
        return None
    content = b".".join((id.encode(), stamp.encode(), came.body))
    wanted = f"v1,{b64encode(hmac.digest(_key(secret), content, 'sha256')).decode()}"
    _hold(any([_same(one, wanted) for one in given.split()[:20]]))  # noqa: C419
    _within(stamp, now)
    return Proof(_mark(id.encode()))


def _same(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


def _hex(content: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), content, "sha256").hex()


def _mark(content: bytes) -> str:
    return sha256(content).hexdigest()


def _key(secret: str) -> bytes:
    """The bytes in Base64 after ``whsec_``, as the specification writes it; any other secret as it is."""
    written = secret.removeprefix("whsec_")
    try:
        return b64decode(written, validate=True) if written != secret else secret.encode()
    except ValueError:
        return secret.encode()


def _hold(right: bool) -> None:
    if not right:
        raise Unproven("The signature does not fit the message and the secret.")


def _within(stamp: str, now: datetime) -> None:
    """Seconds since 1970, as all of them write it."""
    if not _SECONDS.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > SIGNATURE_LIFETIME.total_seconds():
        raise Unproven("The signature is older than five minutes, or the clocks differ.")
