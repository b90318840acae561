"""Sends emails to a mail server (RFC 5321) and interprets its replies."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Event, Thread, Timer
from time import monotonic
from urllib.parse import urlsplit

from statuspage.integrations.channels.base import CredentialsInvalid, DeliveryUnknown, Unreachable
from statuspage.integrations.channels.smtp_replies import (
    SmtpReply,
    connection_error,
    greeting_error,
    message_error,
    recipient_error,
    reply_detail,
    require_reply,
    sender_error,
)
from statuspage.integrations.channels.timeouts import DEFAULT_TIMEOUTS, Timeouts

PORTS = {"smtps": 465, "smtp": 587, "smtp-plain": 25}
"""TLS from the first byte; STARTTLS, without which nothing is sent; no TLS, for a server on this machine."""

DETAIL = 300
"""Maximum characters stored of the other side's own message."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and our account there. Without a ``user`` we do not sign in."""

    host: str
    port: int
    security: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text of ours, including its encoded form used when signing in."""
        plain = (self.password, self.user, f"\0{self.user}\0{self.password}")
        return (*plain, *(b64encode(secret.encode()).decode() for secret in plain)) if self.user else ()


def parse_server(address: str, user: str = "", password: str = "") -> Server:
    """The server at ``smtp://HOST[:PORT]``, ``smtps://`` or ``smtp-plain://``. Raises CredentialsInvalid if that is
    invalid.

    Plain text is only allowed over a connection that others cannot read.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise CredentialsInvalid("credentials", _ADDRESS_HINT) from None
    if not host or not port or parts.scheme not in PORTS or parts.path.strip("/"):
        raise CredentialsInvalid("credentials", _ADDRESS_HINT)
    if parts.scheme == "smtp-plain" and not _is_loopback(host):
        raise CredentialsInvalid("no_tls", "smtp-plain:// is for a mail server on this machine alone")
    return Server(host, port, parts.scheme, user, password)


_ADDRESS_HINT = "the mail server’s address should read as in smtp://mail.example.com:587"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender, recipients, and the email as bytes with CRLF line ends."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes = field(repr=False)


@contextmanager
def open_session(server: Server, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> Iterator[SmtpSession]:
    """A session in which emails can be sent. Raises Unreachable or CredentialsInvalid; nothing was sent then.

    A server without TLS, or without a valid certificate for its name, is never used unencrypted.
    """
    smtp = _build_client(server, timeouts)
    session = SmtpSession(smtp, server, timeouts)
    try:
        with _time_limit(smtp, timeouts.connect + timeouts.total):
            session.start()
        yield session
        with suppress(OSError):
            smtp.docmd("QUIT")
    except OSError as error:
        raise connection_error(error) from None
    finally:
        _close(smtp)


class SmtpSession:
    """One session with a mail server."""

    def __init__(self, smtp: smtplib.SMTP, server: Server, timeouts: Timeouts) -> None:
        self._smtp = smtp
        self._server = server
        self._timeouts = timeouts

    def start(self) -> None:
        """Greets the server, starts TLS, and signs in."""
        smtp = self._smtp
        require_reply(self._clean_reply(*smtp.connect(self._server.host, self._server.port)), greeting_error)
        if smtp.sock is not None:
            smtp.sock.settimeout(self._timeouts.read)
        self._say_hello()
        if self._server.security == "smtp":
            self._start_tls()
        if self._server.user:
            self._sign_in()

    def check_accepts(self, sender: str, recipients: Sequence[str]) -> None:
        """Checks whether the server would accept an email, without sending one. Raises the errors of ``send_message``
        if not."""
        with _time_limit(self._smtp, self._timeouts.total):
            require_reply(self.send_command(f"MAIL FROM:<{sender}>"), sender_error)
            for recipient in recipients:
                require_reply(self.send_command(f"RCPT TO:<{recipient}>"), recipient_error)
            self.send_command("RSET")

    def send_message(self, envelope: Envelope, *, all_or_none: bool = True) -> tuple[str, ...]:
        """Sends it to all recipients at once; returns those permanently refused while others were accepted.

        If one is temporarily refused, nobody gets it, so that a retry causes no duplicates; without ``all_or_none``,
        the others get it. Raises Unreachable, Refused, CredentialsInvalid, or DeliveryUnknown once sending has begun.
        """
        with _time_limit(self._smtp, self._timeouts.total):
            require_reply(self.send_command(f"MAIL FROM:<{envelope.sender}>"), sender_error)
            refused = self._send_recipients(envelope.recipients, all_or_none=all_or_none)
            require_reply(self.send_command("DATA"), message_error, expected=3)
            require_reply(self.send_data(envelope.message), message_error)
        return refused

    @contextmanager
    def watchdog(self) -> Iterator[Watchdog]:
        """Ends the session if one email takes too long. One watchdog serves many emails, because starting a timer for
        each would take longer than sending it."""
        watchdog = Watchdog(self._smtp, self._timeouts.total)
        watchdog.start()
        try:
            yield watchdog
        finally:
            watchdog.stopped.set()

    def supports(self, name: str) -> bool:
        """Whether the server announced this extension."""
        return self._smtp.has_extn(name)

    def send_command(self, command: str) -> SmtpReply:
        """The reply to one command."""
        return self._clean_reply(*self._smtp.docmd(command))

    def send_bytes(self, data: bytes) -> None:
        """Sends the bytes without waiting for a reply."""
        self._smtp.send(data)

    def read_reply(self) -> SmtpReply:
        """The next reply."""
        return self._clean_reply(*self._smtp.getreply())

    def send_data(self, message: bytes, next_commands: bytes = b"") -> SmtpReply:
        """Sends the email and returns the reply. Dots at the beginning of a line are doubled, and a single one ends the
        email (section 4.5.2). ``next_commands`` are sent with it.

        From here on it may have arrived: without a reply, raises DeliveryUnknown.
        """
        if message.startswith(b".") or b"\n." in message:
            message = re.sub(rb"(?m)^\.", b"..", message)
        try:
            self.send_bytes(message + b".\r\n" + next_commands)
            reply = self.read_reply()
        except smtplib.SMTPResponseException as error:
            raise DeliveryUnknown("unexpected_response", f"{error.smtp_code}") from None
        except OSError as error:
            raise DeliveryUnknown("no_response", type(error).__name__) from None
        if reply[0] // 100 not in (2, 4, 5):
            raise DeliveryUnknown("unexpected_response", reply_detail(reply))
        return reply

    def _say_hello(self) -> None:
        reply = self._clean_reply(*self._smtp.ehlo())
        if reply[0] in (500, 502, 504):  # older than EHLO
            reply = self._clean_reply(*self._smtp.helo())
        require_reply(reply, greeting_error)

    def _start_tls(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise CredentialsInvalid("no_tls", "the mail server does not offer STARTTLS")
        reply = self._clean_reply(*self._smtp.starttls(context=ssl.create_default_context()))
        require_reply(reply, lambda detail, _code: CredentialsInvalid("no_tls", detail))
        self._say_hello()

    def _sign_in(self) -> None:
        try:
            self._smtp.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            detail = reply_detail(self._clean_reply(error.smtp_code, error.smtp_error))
            # 454 is a temporary failure of the server; all others concern our name or password.
            passes = error.smtp_code < 500
            raise (
                Unreachable("channel_down", detail) if passes else CredentialsInvalid("credentials", detail)
            ) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except (smtplib.SMTPException, UnicodeError):
            raise CredentialsInvalid(
                "credentials", "the mail server does not let us sign in in any way we know"
            ) from None

    def _send_recipients(self, recipients: Sequence[str], *, all_or_none: bool) -> tuple[str, ...]:
        """Sends the recipients; returns those refused. Raises if none is left, or if one is to be retried."""
        replies = {recipient: self.send_command(f"RCPT TO:<{recipient}>") for recipient in recipients}
        refused = {recipient: reply for recipient, reply in replies.items() if reply[0] // 100 != 2}
        deferred = [reply for reply in refused.values() if reply[0] < 500]
        all_refused = len(refused) == len(replies)
        if refused and (all_refused or (deferred and all_or_none)):
            require_reply((deferred or list(refused.values()))[0], recipient_error)
        return tuple(refused)

    def _clean_reply(self, code: int, words: bytes | str) -> SmtpReply:
        if code // 100 == 2:
            return code, ""  # the text of a successful reply is not used
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        for secret in self._server.secrets:
            text = text.replace(secret, "…") if secret else text
        return code, " ".join(text.split())[:DETAIL]


@contextmanager
def _time_limit(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Ends the session after ``seconds``, even if the other side keeps sending slowly."""
    alarm = Timer(seconds, _stop, (smtp,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


class Watchdog(Thread):
    """Watches a session in which one email follows another; each ``with watch`` block is one email."""

    def __init__(self, smtp: smtplib.SMTP, seconds: float) -> None:
        super().__init__(daemon=True)
        self._smtp = smtp
        self._seconds = seconds
        self._started_at: float | None = None
        self.stopped = Event()

    def __enter__(self) -> None:
        self._started_at = monotonic()

    def __exit__(self, *_: object) -> None:
        self._started_at = None

    def run(self) -> None:
        """Runs until the session is over."""
        while not self.stopped.wait(self._seconds / 10):
            if (started_at := self._started_at) is not None and monotonic() - started_at > self._seconds:
                _stop(self._smtp)


def _build_client(server: Server, timeouts: Timeouts) -> smtplib.SMTP:
    name = socket.gethostname()
    local_name = name if "." in name else "[127.0.0.1]"  # as smtplib does, but without a DNS lookup first
    if server.security == "smtps":
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=local_name, timeout=timeouts.connect, context=context)
    else:
        smtp = smtplib.SMTP(local_hostname=local_name, timeout=timeouts.connect)
    smtp._host = server.host  # type: ignore[attr-defined]  # the host name to verify; else only set when connecting
    return smtp


def _stop(smtp: smtplib.SMTP) -> None:
    """Wakes whoever waits for the other side, and leaves closing to them."""
    if smtp.sock is not None:
        with suppress(OSError):
            smtp.sock.shutdown(socket.SHUT_RDWR)


def _close(smtp: smtplib.SMTP) -> None:
    _stop(smtp)
    smtp.close()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
