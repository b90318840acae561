"""Signed links for subscribers: valid for one purpose, impossible to guess."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from statuspage.domain.subscription import Subscriber


class Purpose(StrEnum):
    """The single purpose of a link, and the first part of its path."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


SIGNATURE_BYTES = 16
"""128 bits of the signature, which cannot be guessed (OWASP ASVS 5.0, 6.5.3)."""

_TOKEN = re.compile(r"(?P<key>\d{1,9})\.(?P<subscriber>\d{1,18})\.(?P<until>\d{0,12})\.(?P<mark>[A-Za-z0-9_-]{22})")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that signs links, and its number."""

    id: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenClaim:
    """What a link claims, before its signature is verified."""

    key: int
    subscriber: int
    expires: str
    signature: str = field(repr=False)


def token(key: Key, purpose: Purpose, subscriber: Subscriber, *, expires_at: datetime | None = None) -> str:
    """The signed part of a link. ``expires_at`` None: it never expires."""
    expires = str(int(expires_at.timestamp())) if expires_at else ""
    return f"{key.id}.{subscriber.id}.{expires}.{_signature(key, purpose, subscriber, expires)}"


def parse_token(token: str) -> TokenClaim | None:
    """The claim of a token; None if the token is malformed."""
    match = _TOKEN.fullmatch(token)
    return TokenClaim(int(match["key"]), int(match["subscriber"]), match["until"], match["mark"]) if match else None


def is_valid(
    claim: TokenClaim, purpose: Purpose, subscriber: Subscriber, keys: Mapping[int, Key], *, now: datetime
) -> bool:
    """Whether we signed it for this purpose and this subscriber, and it has not expired."""
    key = keys.get(claim.key)
    if key is None or claim.subscriber != subscriber.id:
        return False
    is_authentic = hmac.compare_digest(_signature(key, purpose, subscriber, claim.expires), claim.signature)
    return is_authentic and (not claim.expires or now < datetime.fromtimestamp(int(claim.expires), UTC))


def subscriber_link(address: str, purpose: Purpose, token: str, *, language: str) -> str:
    """The whole link. ``address`` is that of the subscriber pages, without a slash at the end."""
    return f"{address}/{language}/{purpose}/{token}"


def confirm_link(address: str, key: Key, subscriber: Subscriber, *, expires_at: datetime) -> str:
    """The page with the button that confirms a subscription."""
    link_token = token(key, Purpose.CONFIRM, subscriber, expires_at=expires_at)
    return subscriber_link(address, Purpose.CONFIRM, link_token, language=subscriber.preferences.language)


def preferences_link(address: str, key: Key, subscriber: Subscriber) -> str:
    """The page on which the subscription can be changed, ended and deleted."""
    link_token = token(key, Purpose.PREFERENCES, subscriber)
    return subscriber_link(address, Purpose.PREFERENCES, link_token, language=subscriber.preferences.language)


def unsubscribe_link(address: str, key: Key, subscriber: Subscriber) -> str:
    """The address for ``List-Unsubscribe``: a POST ends the subscription (RFC 8058), a GET shows the button for it."""
    link_token = token(key, Purpose.UNSUBSCRIBE, subscriber)
    return subscriber_link(address, Purpose.UNSUBSCRIBE, link_token, language=subscriber.preferences.language)


def _signature(key: Key, purpose: Purpose, subscriber: Subscriber, expires: str) -> str:
    mac = _keyed_hash(key.secret).copy()
    mac.update(f"{purpose}\n{subscriber.id}\n{subscriber.seed}\n{expires}".encode())
    return urlsafe_b64encode(mac.digest()[:SIGNATURE_BYTES]).rstrip(b"=").decode()


@lru_cache(maxsize=8)
def _keyed_hash(secret: bytes) -> hmac.HMAC:
    """The HMAC state shared by all signatures of a key. ``hmac.digest`` would compute it for each signature and release
    the GIL, and the thread switch costs more than the signature."""
    return hmac.new(secret, digestmod="sha256")


def hash_address(key: Key, kind: str, address: str) -> str:
    """A keyed hash of an address, to recognise it without being able to read it."""
    return hmac.digest(key.secret, f"address\n{kind}\n{address}".encode(), "sha256").hex()
