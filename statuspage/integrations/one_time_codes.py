"""Codes of an authenticator app, by ``cryptography``'s TOTP (RFC 6238): six digits, thirty seconds, SHA-1."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30
"""Seconds for which a code is shown."""

LEEWAY = 1
"""The number of steps that a clock may be wrong, in either direction."""

DIGITS = 6


def new_key() -> str:
    """A new key: 160 random bits in Base32, as apps read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def setup_uri(key: str, *, login: str, issuer: str) -> str:
    """The address that an app reads from a QR code."""
    return _totp(key).get_provisioning_uri(login, issuer)


def matching_step(key: str, code: str, now: datetime) -> int | None:
    """The time step to which this code belongs, at most ``LEEWAY`` steps from now; None if it belongs to none.

    The default of every app is SHA-1; others ignore the parameter that would ask for more.
    """
    totp, current = _totp(key), int(now.timestamp()) // STEP
    found = None
    for step in range(current - LEEWAY, current + LEEWAY + 1):
        try:
            totp.verify(code.encode(), step * STEP)
        except InvalidToken:
            continue
        found = step
    return found


def _totp(key: str) -> TOTP:
    return TOTP(base64.b32decode(key), DIGITS, SHA1(), STEP)  # noqa: S303 - HMAC, as RFC 6238 has it
