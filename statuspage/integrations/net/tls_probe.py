"""Fetches the certificate of a server: its issuer and its expiry."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from smtplib import SMTP, SMTPNotSupportedError

TLS_TIMEOUT = 6.0
"""Seconds for a server to present its certificate."""


class CertificateUnavailable(Exception):
    """No certificate trusted by this machine was presented; the text says why."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``issuer``: the organisation that signed it; ``expires_at`` aware, UTC."""

    issuer: str
    expires_at: datetime


def fetch_certificate(host: str, port: int = 443, *, address: str = "") -> Certificate:
    """The certificate of this host. ``address`` is the IP address to connect to instead of a lookup. Raises
    CertificateUnavailable."""
    try:
        with (
            socket.create_connection((address or host, port), TLS_TIMEOUT) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured,
        ):
            return _peer_certificate(secured)
    except ssl.SSLCertVerificationError as error:
        raise CertificateUnavailable(error.verify_message) from error
    except OSError as error:
        raise CertificateUnavailable(error.strerror or type(error).__name__) from error


def fetch_mail_certificate(host: str, port: int, *, implicit_tls: bool) -> Certificate:
    """The certificate of a mail server, from the first byte or after STARTTLS (RFC 3207). Raises
    CertificateUnavailable."""
    if implicit_tls:
        return fetch_certificate(host, port)
    try:
        with SMTP(host, port, timeout=TLS_TIMEOUT) as smtp:
            smtp.starttls(context=ssl.create_default_context())
            if not isinstance(smtp.sock, ssl.SSLSocket):
                raise CertificateUnavailable("no TLS")
            return _peer_certificate(smtp.sock)
    except ssl.SSLCertVerificationError as error:
        raise CertificateUnavailable(error.verify_message) from error
    except SMTPNotSupportedError as error:
        raise CertificateUnavailable("no STARTTLS") from error
    except OSError as error:  # SMTPException is one too.
        raise CertificateUnavailable(str(error.strerror or type(error).__name__)) from error


def _peer_certificate(connection: ssl.SSLSocket) -> Certificate:
    fields = connection.getpeercert() or {}
    expires_at = ssl.cert_time_to_seconds(str(fields.get("notAfter", "")))
    names = {key: value for name_part in _issuer_parts(fields.get("issuer", ())) for key, value in name_part}
    issuer = names.get("organizationName") or names.get("commonName", "")
    return Certificate(issuer, datetime.fromtimestamp(expires_at, UTC))


def _issuer_parts(issuer: object) -> tuple[tuple[tuple[str, str], ...], ...]:
    return issuer if isinstance(issuer, tuple) else ()
