"""A fake Amazon SNS on loopback, with a real certificate and key, at URLs of Amazon's form."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from statuspage.integrations.monitors.sns import fetch_url

HOST = "https://sns.ap-northeast-1.amazonaws.com"
CERTIFICATE = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""What is signed, in this order (developer guide, "Verifying the signature of an Amazon SNS message")."""


def key_and_certificate(*, until: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> tuple[RSAPrivateKey, bytes]:
    """A key and a self-signed certificate."""
    key = generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .sign(key, SHA256())
    )
    return key, made.public_bytes(Encoding.PEM)


@dataclass
class Sns:
    """The fake server. ``asked`` are the requested URLs; ``answers`` its responses instead of 200."""

    key: RSAPrivateKey
    certificate: bytes
    address: str = ""
    asked: list[str] = field(default_factory=list)
    answers: int = 200

    def fetch(self, address: str) -> bytes:
        """The ``fetch`` of ``Amazon``: the same URL, here."""
        assert address.startswith(f"{HOST}/"), address
        return fetch_url(self.address + address.removeprefix(HOST))

    def sign(self, message: dict[str, Any], version: str = "2") -> dict[str, Any]:
        """The message with Amazon's signature."""
        signed = {**message, "SignatureVersion": version, "SigningCertURL": HOST + CERTIFICATE}
        names = SIGNED[message["Type"]]
        text = "".join(f"{name}\n{signed[name]}\n" for name in names if signed.get(name) is not None)
        digest = SHA256() if version == "2" else SHA1()
        signature = self.key.sign(text.encode(), PKCS1v15(), digest)
        return {**signed, "Signature": b64encode(signature).decode()}

    @property
    def confirmed(self) -> list[dict[str, list[str]]]:
        """The received confirmations."""
        return [parse_qs(urlsplit(one).query) for one in self.asked if "Action=ConfirmSubscription" in one]


@contextmanager
def sns_server() -> Iterator[Sns]:
    """Runs the server during the block."""
    fake = Sns(*key_and_certificate())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            found = fake.certificate if self.path == CERTIFICATE else b"<ConfirmSubscriptionResponse/>"
            self.send_response(fake.answers)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
