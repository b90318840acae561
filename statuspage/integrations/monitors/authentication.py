"""Authenticates a monitor's message: it contains the secret, or is signed with it as its monitor specifies.

All comparisons take constant time and use the bytes as received. A signature with a timestamp is valid for five
minutes. ``Proof.replay_key`` is unique to a message, if the monitor guarantees that: it is stored, so that a message
sent again, by the monitor or by an attacker, changes nothing.
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
"""How old a signature's timestamp may be, and how far it may be in the future."""

SECRET_HEADER = "X-Statuspage-Secret"  # noqa: S105 - the name of a header, not a secret
"""The header for the secret, if a monitor has no better place."""

_SECONDS = re.compile(r"\d{1,12}")


class AuthenticationFailed(Exception):
    """The origin of the message is not proven. The sentence says what to check, and contains no secret."""


@dataclass(frozen=True, slots=True)
class Proof:
    """An authenticated message. ``replay_key`` is unique among the messages of its source, "" if unknown."""

    replay_key: str = ""


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A message as received: its bytes, its headers by lower-case name, the key in its URL, and the password sent with
    it."""

    body: bytes
    headers: Mapping[str, str]
    url_key: str = ""
    password: str = ""

    def header(self, name: str) -> str:
        """The value of a header, regardless of case; "" if it is missing."""
        return self.headers.get(name.lower(), "").strip()


SignatureCheck = Callable[[IncomingRequest, str, datetime], Proof | None]
"""Verifies a message's signature with the secret. Returns None if it is not signed in this way; raises
AuthenticationFailed if the signature is wrong."""


def authenticate(
    request: IncomingRequest, secret: str, check_signature: SignatureCheck | None, *, secret_in_url: bool, now: datetime
) -> Proof:
    """The proof contained in this message. Raises AuthenticationFailed, also if there is no secret to prove."""
    if not secret:
        raise AuthenticationFailed("The secret is missing or wrong.")
    if carries_secret(request, secret, secret_in_url=secret_in_url):
        return Proof()
    if check_signature is not None and (proof := check_signature(request, secret, now)) is not None:
        return proof
    raise AuthenticationFailed("The secret is missing or wrong.")


def carries_secret(request: IncomingRequest, secret: str, *, secret_in_url: bool) -> bool:
    """Whether the message contains the secret: as bearer token, as password, in its header or, if allowed, in the
    URL."""
    scheme, _, token = request.header("Authorization").partition(" ")
    candidates = [request.password, request.header(SECRET_HEADER)]
    candidates += [token.strip()] if scheme.lower() == "bearer" else []
    candidates += [request.url_key] if secret_in_url else []
    return any([_is_equal(candidate, secret) for candidate in candidates])  # noqa: C419 - compares all, always


def check_grafana(request: IncomingRequest, secret: str, now: datetime) -> Proof | None:
    """HMAC-SHA256 in hex over the body, or over ``TIME:body`` if a header for the time is set (Grafana, "Configure
    webhook notifications", HMAC signature)."""
    signature = request.header("X-Grafana-Alerting-Signature")
    if not signature:
        return None
    stamp = request.header("X-Grafana-Alerting-Timestamp")
    content = f"{stamp}:".encode() + request.body if stamp else request.body
    _require_valid(_is_equal(signature.lower(), _hex(content, secret)))
    if not stamp:
        return Proof()
    _require_recent(stamp, now)
    return Proof(signature.lower())


def check_pagerduty(request: IncomingRequest, secret: str, now: datetime) -> Proof | None:
    """``v1=`` and HMAC-SHA256 in hex over the body; several while a secret is being rotated (PagerDuty, "Verifying
    Signatures")."""
    signature = request.header("X-PagerDuty-Signature")
    if not signature:
        return None
    expected = f"v1={_hex(request.body, secret)}"
    _require_valid(any([_is_equal(candidate.strip(), expected) for candidate in signature.split(",")[:20]]))  # noqa: C419 - compares all
    return Proof(_digest(request.body))


def check_sentry(request: IncomingRequest, secret: str, now: datetime) -> Proof | None:
    """HMAC-SHA256 in hex over the body with the integration's client secret (Sentry, "Webhooks", Headers)."""
    signature = request.header("Sentry-Hook-Signature")
    if not signature:
        return None
    _require_valid(_is_equal(signature.lower(), _hex(request.body, secret)))
    return Proof(_digest(request.body))


def check_standard_webhooks(request: IncomingRequest, secret: str, now: datetime) -> Proof | None:
    """The three headers of Standard Webhooks: HMAC-SHA256 in Base64 over ``id.time.body``."""
    id, stamp, signatures = (request.header(f"Webhook-{suffix}") for suffix in ("Id", "Timestamp", "Signature"))
    if not (id and stamp and signatures):
        return None
    content = b".".join((id.encode(), stamp.encode(), request.body))
    expected = f"v1,{b64encode(hmac.digest(_signing_key(secret), content, 'sha256')).decode()}"
    _require_valid(any([_is_equal(candidate, expected) for candidate in signatures.split()[:20]]))  # noqa: C419 - compares all
    _require_recent(stamp, now)
    return Proof(_digest(id.encode()))


def _is_equal(candidate: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(candidate.encode(errors="replace"), expected.encode())


def _hex(content: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), content, "sha256").hex()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _signing_key(secret: str) -> bytes:
    """The Base64 bytes after ``whsec_``, as the specification writes it; any other secret as it is."""
    encoded = secret.removeprefix("whsec_")
    try:
        return b64decode(encoded, validate=True) if encoded != secret else secret.encode()
    except ValueError:
        return secret.encode()


def _require_valid(is_valid: bool) -> None:
    if not is_valid:
        raise AuthenticationFailed("The signature does not fit the message and the secret.")


def _require_recent(stamp: str, now: datetime) -> None:
    """Raises AuthenticationFailed unless the timestamp (seconds since 1970) is recent."""
    if not _SECONDS.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > SIGNATURE_LIFETIME.total_seconds():
        raise AuthenticationFailed("The signature is older than five minutes, or the clocks differ.")
