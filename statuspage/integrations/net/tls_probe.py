"""The certificate that a server shows: who signed it, and until when it holds."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from smtplib import SMTP, SMTPNotSupportedError

TLS_TIMEOUT = 6.0
"""Seconds until a server must have shown its certificate."""


class NotShown(Exception):
    """No certificate that this machine believes in was shown; the text says why."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``issuer``: the organisation that signed it; ``until`` aware, UTC."""

    issuer: str
    until: datetime


def shown(host: str, port: int = 443, *, at: str = "") -> Certificate:
    """The certificate of this host; ``at`` is the address to call instead of looking the name up. Raises NotShown."""
    try:
        with (
            socket.create_connection((at or host, port), TLS_TIMEOUT) as line,
            ssl.create_default_context().wrap_socket(line, server_hostname=host) as secured,
        ):
            return _peer_certificate(secured)
    except ssl.SSLCertVerificationError as error:
        raise NotShown(error.verify_message) from error
    except OSError as error:
        raise NotShown(error.strerror or type(error).__name__) from error


def shown_by_mail(host: str, port: int, *, first: bool) -> Certificate:
    """The same of a mail server: from the first byte, or after STARTTLS (RFC 3207). Raises NotShown."""
    if first:
        return shown(host, port)
    try:
        with SMTP(host, port, timeout=TLS_TIMEOUT) as mail:
            mail.starttls(context=ssl.create_default_context())
            if not isinstance(mail.sock, ssl.SSLSocket):
                raise NotShown("no TLS")
            return _peer_certificate(mail.sock)
    except ssl.SSLCertVerificationError as error:
        raise NotShown(error.verify_message) from error
    except SMTPNotSupportedError as error:
        raise NotShown("no STARTTLS") from error
    except OSError as error:  # SMTPException is one too.
        raise NotShown(str(error.strerror or type(error).__name__)) from error


def _peer_certificate(line: ssl.SSLSocket) -> Certificate:
    found = line.getpeercert() or {}
    until = ssl.cert_time_to_seconds(str(found.get("notAfter", "")))
    names = {key: value for part in _issuer_parts(found.get("issuer", ())) for key, value in part}
    issuer = names.get("organizationName") or names.get("commonName", "")
    return Certificate(issuer, datetime.fromtimestamp(until, UTC))


def _issuer_parts(issuer: object) -> tuple[tuple[tuple[str, str], ...], ...]:
    return issuer if isinstance(issuer, tuple) else ()
