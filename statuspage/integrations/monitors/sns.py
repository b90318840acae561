"""Amazon SNS: its envelope, the verification of Amazon's signature, and our requests to Amazon.

The rules are those of Amazon's developer guide ("Verifying the signatures of Amazon SNS messages", "HTTP/HTTPS
subscription confirmation JSON format"): the certificate is fetched over HTTPS from an SNS host only; which fields are
signed, in which order, depends on the type; signature version 1 is SHA-1, version 2 SHA-256. A message contains two
URLs to fetch, and neither is trusted: the certificate URL is used only if it has exactly Amazon's form, in the topic's
own region, and the confirmation URL is built by us from the topic and the token.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from pydantic import AwareDatetime, Field

from statuspage.integrations.channels import Timeouts
from statuspage.integrations.monitors.parsing import MessagePart, parse_message

if TYPE_CHECKING:
    from cryptography import x509

# cryptography and requests are imported where they are used: whoever reads content does not need them.

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"

MESSAGE_LIFETIME = timedelta(hours=1)
"""How old a message may be, and how far its time may be in the future. SNS keeps the time in its retries, which may
take that long, so the five minutes of other monitors would lose alarms."""

MAX_FETCHES_PER_MINUTE = 10
"""The maximum number of certificates fetched within a minute, so that a flood of forged ones does not make us flood
Amazon."""

MAX_CERTIFICATES = 16
"""The number of certificates cached."""

_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d):(\d{12}):([A-Za-z0-9_.-]{1,256})")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem")
_TOKEN = re.compile(r"[A-Za-z0-9]{1,1024}")
_TIMEOUTS = Timeouts(connect=3.0, read=5.0, total=8.0)

_SIGNED_FIELDS = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class AuthenticationFailed(Exception):
    """The message is not proven to be Amazon's. The sentence says what is wrong."""


class SnsUnavailable(Exception):
    """Amazon was unreachable, or gave an invalid response. It may work later."""


class Envelope(MessagePart):
    """The body that SNS posts. Texts are kept unchanged, because they are signed."""

    Type: str
    MessageId: Annotated[str, Field(min_length=1, max_length=100)]
    TopicArn: Annotated[str, Field(max_length=400)]
    Message: str
    Timestamp: str
    Subject: str | None = None
    Token: str | None = None
    SubscribeURL: str | None = None
    SignatureVersion: str = ""
    Signature: str = ""
    SigningCertURL: str = ""


class _Time(MessagePart):
    at: AwareDatetime


def parse_envelope(body: bytes) -> Envelope:
    """The envelope. Raises Unreadable if it is invalid."""
    return parse_message(Envelope, body)


def sns_host(topic: str) -> str:
    """The SNS host in the topic's region. Raises AuthenticationFailed if the topic is malformed."""
    match = _ARN.fullmatch(topic)
    if match is None:
        raise AuthenticationFailed("TopicArn: this is no topic of Amazon SNS.")
    return f"sns.{match[2]}.amazonaws.com{'.cn' if match[1] == 'aws-cn' else ''}"


def fetch_url(address: str) -> bytes:
    """The content of this URL, with limits on time and size; redirects are not followed. Raises SnsUnavailable."""
    import requests

    from statuspage.integrations.channels import http_limits

    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", http_limits.BoundedAdapter(_TIMEOUTS))
        session.mount("http://", http_limits.BoundedAdapter(_TIMEOUTS))
        try:
            response = session.get(address, allow_redirects=False)
        except requests.RequestException as error:
            raise SnsUnavailable(type(error).__name__) from None
    if response.status_code != 200:
        raise SnsUnavailable(str(response.status_code))
    return response.content


class SnsVerifier:
    """Verifies Amazon's signatures and confirms subscriptions. ``fetch`` is called with checked URLs only."""

    def __init__(self, fetch: Callable[[str], bytes] = fetch_url) -> None:
        self._fetch = fetch
        self._certificates: dict[str, x509.Certificate] = {}
        self._fetch_times: list[datetime] = []
        self._lock = Lock()

    def verify(self, message: Envelope, *, now: datetime) -> None:
        """Returns if Amazon signed this message within the last hour. Raises AuthenticationFailed, SnsUnavailable."""
        if message.Type not in _SIGNED_FIELDS:
            raise AuthenticationFailed("Type: this is no message of Amazon SNS.")
        _require_recent(message.Timestamp, now)
        certificate = self._get_certificate(_certificate_url(message), now)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise AuthenticationFailed("SigningCertURL: the certificate is not valid now.")
        _verify_signature(message, certificate)

    def confirm_subscription(self, topic: str, token: str) -> None:
        """Tells Amazon that this topic may send to us. Raises AuthenticationFailed, SnsUnavailable."""
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed("Token: this is no token of Amazon SNS.")
        query = urlencode({"Action": "ConfirmSubscription", "TopicArn": topic, "Token": token})
        self._fetch(f"https://{sns_host(topic)}/?{query}")

    def _get_certificate(self, address: str, now: datetime) -> x509.Certificate:
        with self._lock:
            if address not in self._certificates:
                self._limit_fetches(now)
                self._certificates[address] = _load_certificate(self._fetch(address))
                while len(self._certificates) > MAX_CERTIFICATES:
                    del self._certificates[next(iter(self._certificates))]
            return self._certificates[address]

    def _limit_fetches(self, now: datetime) -> None:
        self._fetch_times = [fetched_at for fetched_at in self._fetch_times if now - fetched_at < timedelta(minutes=1)]
        if len(self._fetch_times) >= MAX_FETCHES_PER_MINUTE:
            raise SnsUnavailable("asked too often")
        self._fetch_times.append(now)


def _require_recent(timestamp: str, now: datetime) -> None:
    try:
        sent_at = _Time.model_validate({"at": timestamp}).at
    except ValueError:
        raise AuthenticationFailed("Timestamp: this is no time.") from None
    if abs(now - sent_at) > MESSAGE_LIFETIME:
        raise AuthenticationFailed("Timestamp: this is too old, or the clocks differ.")


def _certificate_url(message: Envelope) -> str:
    """The certificate's URL, which must have exactly Amazon's form, in the topic's own region."""
    prefix = f"https://{sns_host(message.TopicArn)}"
    if not (
        message.SigningCertURL.startswith(prefix) and _CERTIFICATE.fullmatch(message.SigningCertURL[len(prefix) :])
    ):
        raise AuthenticationFailed("SigningCertURL: this is no certificate of Amazon SNS in the topic's region.")
    return message.SigningCertURL


def _load_certificate(pem: bytes) -> x509.Certificate:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise SnsUnavailable("no certificate") from None


def _verify_signature(message: Envelope, certificate: x509.Certificate) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    digest = {"1": SHA1, "2": SHA256}.get(message.SignatureVersion)
    key = certificate.public_key()
    if digest is None or not isinstance(key, RSAPublicKey):
        raise AuthenticationFailed("SignatureVersion: only 1 and 2 are known.")
    try:
        key.verify(b64decode(message.Signature, validate=True), _signed_content(message), PKCS1v15(), digest())
    except (ValueError, InvalidSignature):
        raise AuthenticationFailed("Signature: Amazon did not sign this.") from None


def _signed_content(message: Envelope) -> bytes:
    values = ((name, getattr(message, name)) for name in _SIGNED_FIELDS[message.Type])
    return "".join(f"{name}\n{value}\n" for name, value in values if value is not None).encode(errors="replace")
