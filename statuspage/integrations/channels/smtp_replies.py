"""The meaning of a mail server's replies (RFC 5321, section 4.2)."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable

from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    RecipientDeferred,
    RecipientGone,
    Refused,
    Unreachable,
    Unsent,
)

AUTH_CODES = (530, 534, 535, 538)
"""Replies about our credentials (RFC 4954, section 6)."""

SmtpReply = tuple[int, str]
"""Three digits, and the text on one line."""


ErrorFactory = Callable[[str, int], Unsent]
"""The error for a permanent rejection, by the command it answers."""


def require_reply(reply: SmtpReply, to_error: ErrorFactory, expected: int = 2) -> None:
    """Accepts only a reply of the ``expected`` class. 4xx is temporary (RFC 5321, section 4.2.1), 5xx is not."""
    code = reply[0]
    if code // 100 == expected:
        return
    detail = reply_detail(reply)
    if code < 500:
        raise Unreachable("channel_down", detail)
    raise CredentialsInvalid("credentials", detail) if code in AUTH_CODES else to_error(detail, code)


def greeting_error(detail: str, _code: int) -> Unsent:
    """The server rejects us altogether."""
    return CredentialsInvalid("credentials", detail)


def sender_error(detail: str, code: int) -> Unsent:
    """552 concerns this email's size; anything else means that the server accepts nothing from this sender."""
    return Refused("refused", detail) if code == 552 else CredentialsInvalid("credentials", detail)


def recipient_error(detail: str, _code: int) -> Unsent:
    """The address does not exist, or accepts nothing from us."""
    return Refused("refused", detail)


message_error = recipient_error


def missing_recipient_error(detail: str, _code: int) -> Unsent:
    """The address does not exist; but a rejection for policy reasons (RFC 3463, 3.8) concerns us, not the address."""
    if re.match(r"\d+ 5\.7\.", detail):
        return Refused("refused", detail)
    return RecipientGone("refused", detail)


RECIPIENT_ERRORS = (sender_error, missing_recipient_error, message_error)
"""Errors for one recipient of many: after the sender, the recipient, and the email."""


def require_recipient_reply(reply: SmtpReply, to_error: ErrorFactory, expected: int = 2) -> None:
    """Accepts only a reply of the ``expected`` class. 421, and rejections that concern us, apply to all emails; any
    other 4xx only to this one."""
    try:
        require_reply(reply, to_error, expected)
    except Unreachable as error:
        if reply[0] != 421 and to_error is not sender_error:
            raise RecipientDeferred(error.reason, error.detail) from None
        raise


def tls_error(error: ssl.SSLError) -> Unsent:
    """A lost connection can be retried; a wrong certificate, or no TLS at all, needs a person."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Unreachable("no_connection", type(error).__name__)
    return CredentialsInvalid(
        "no_tls", str(getattr(error, "verify_message", "") or error.reason or type(error).__name__)
    )


def connection_error(error: OSError) -> Unsent:
    """The error for the failure that ended a session, by smtplib's exception class (an OSError)."""
    if isinstance(error, ssl.SSLError):
        return tls_error(error)
    if isinstance(error, smtplib.SMTPResponseException):
        return Unreachable("channel_down", f"{error.smtp_code}")
    return Unreachable("no_connection", type(error).__name__)


def reply_detail(reply: SmtpReply) -> str:
    """The reply's code and text."""
    return f"{reply[0]} {reply[1]}".strip() if reply[0] > 0 else reply[1]
