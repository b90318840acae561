"""Hands letters to a mail server (RFC 5321), and says what each of its answers means for us."""

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
from statuspage.integrations.channels.http_limits import BOUNDS, Timeouts
from statuspage.integrations.channels.smtp_replies import (
    Answer,
    detail_of,
    must,
    of_failure,
    of_greeting,
    of_letter,
    of_recipient,
    of_sender,
)

PORTS = {"smtps": 465, "smtp": 587, "smtp-plain": 25}
"""TLS from the first byte; TLS by STARTTLS, without which nothing is said; no TLS, for a server on this machine."""

DETAIL = 300
"""Characters of the other side's own words that we keep."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how we are known there; without a ``user`` we do not sign in."""

    host: str
    port: int
    security: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in any text of ours, also as it is sent when signing in."""
        plain = (self.password, self.user, f"\0{self.user}\0{self.password}")
        return (*plain, *(b64encode(one.encode()).decode() for one in plain)) if self.user else ()


def server(address: str, user: str = "", password: str = "") -> Server:
    """The server at ``smtp://HOST[:PORT]``, ``smtps://`` or ``smtp-plain://``. Raises AuthBroken where that is none.

    Nothing goes in plain over a line that others can read along.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise CredentialsInvalid("credentials", _HOW) from None
    if not host or not port or parts.scheme not in PORTS or parts.path.strip("/"):
        raise CredentialsInvalid("credentials", _HOW)
    if parts.scheme == "smtp-plain" and not _is_here(host):
        raise CredentialsInvalid("no_tls", "smtp-plain:// is for a mail server on this machine alone")
    return Server(host, port, parts.scheme, user, password)


_HOW = "the mail server’s address should read as in smtp://mail.example.com:587"


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom, and the letter as bytes with CRLF at the ends of its lines."""

    sender: str
    recipients: tuple[str, ...]
    letter: bytes = field(repr=False)


@contextmanager
def signed_in(server: Server, bounds: Timeouts = BOUNDS) -> Iterator[SmtpSession]:
    """A conversation in which letters can be handed over. Raises Unreachable or AuthBroken; nothing has gone out then.

    A server that does not offer TLS, or not for its own name, is never spoken to without it.
    """
    smtp = _client(server, bounds)
    talk = SmtpSession(smtp, server, bounds)
    try:
        with _within(smtp, bounds.connect + bounds.whole):
            talk.begin()
        yield talk
        with suppress(OSError):
            smtp.docmd("QUIT")
    except OSError as error:
        raise of_failure(error) from None
    finally:
        _cut(smtp)


class SmtpSession:
    """One conversation with a mail server."""

    def __init__(self, smtp: smtplib.SMTP, server: Server, bounds: Timeouts) -> None:
        self._smtp = smtp
        self._server = server
        self._bounds = bounds

    def begin(self) -> None:
        """Says who we are, over TLS, and signs in."""
        smtp = self._smtp
        must(self._heard(*smtp.connect(self._server.host, self._server.port)), of_greeting)
        if smtp.sock is not None:
            smtp.sock.settimeout(self._bounds.read)
        self._hello()
        if self._server.security == "smtp":
            self._start_tls()
        if self._server.user:
            self._sign_in()

    def would_take(self, sender: str, recipients: Sequence[str]) -> None:
        """Asks whether they would take a letter, and sends none. Raises as ``hand_over`` where they would not."""
        with _within(self._smtp, self._bounds.whole):
            must(self.ask(f"MAIL FROM:<{sender}>"), of_sender)
            for one in recipients:
                must(self.ask(f"RCPT TO:<{one}>"), of_recipient)
            self.ask("RSET")

    def hand_over(self, envelope: Envelope, *, patient: bool = True) -> tuple[str, ...]:
        """Hands it over for all recipients at once; returns those refused for good while others were taken.

        While one is refused for now nobody gets it, so that a repetition doubles nothing; where we are no longer
        ``patient``, the others do. Raises Unreachable, Refused, AuthBroken, or Unsure once it was on its way.
        """
        with _within(self._smtp, self._bounds.whole):
            must(self.ask(f"MAIL FROM:<{envelope.sender}>"), of_sender)
            refused = self._addressed(envelope.recipients, patient=patient)
            must(self.ask("DATA"), of_letter, good=3)
            must(self.send(envelope.letter), of_letter)
        return refused

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        """Ends the conversation when one letter takes too long; for many, since an alarm for each would take longer
        than handing it over."""
        watch = Watch(self._smtp, self._bounds.whole)
        watch.start()
        try:
            yield watch
        finally:
            watch.over.set()

    def offers(self, name: str) -> bool:
        """Whether the server said that it knows this extension."""
        return self._smtp.has_extn(name)

    def ask(self, line: str) -> Answer:
        """What is answered to one command."""
        return self._heard(*self._smtp.docmd(line))

    def say(self, lines: bytes) -> None:
        """Says them, and waits for nothing."""
        self._smtp.send(lines)

    def answer(self) -> Answer:
        """The next answer to what was said."""
        return self._heard(*self._smtp.getreply())

    def send(self, letter: bytes, more: bytes = b"") -> Answer:
        """What is answered to the letter; each dot at the beginning of a line is doubled, and one alone stands at the
        end (section 4.5.2). ``more`` is said in the same breath.

        From here on it may have arrived, whatever becomes of the connection: raises Unsure where nobody says.
        """
        if letter.startswith(b".") or b"\n." in letter:
            letter = re.sub(rb"(?m)^\.", b"..", letter)
        try:
            self.say(letter + b".\r\n" + more)
            answer = self.answer()
        except smtplib.SMTPResponseException as error:
            raise DeliveryUnknown("odd_answer", f"{error.smtp_code}") from None
        except OSError as error:
            raise DeliveryUnknown("no_answer", type(error).__name__) from None
        if answer[0] // 100 not in (2, 4, 5):
            raise DeliveryUnknown("odd_answer", detail_of(answer))
        return answer

    def _hello(self) -> None:
        answer = self._heard(*self._smtp.ehlo())
        if answer[0] in (500, 502, 504):  # older than EHLO
            answer = self._heard(*self._smtp.helo())
        must(answer, of_greeting)

    def _start_tls(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise CredentialsInvalid("no_tls", "the mail server does not offer STARTTLS")
        answer = self._heard(*self._smtp.starttls(context=ssl.create_default_context()))
        must(answer, lambda detail, _code: CredentialsInvalid("no_tls", detail))
        self._hello()

    def _sign_in(self) -> None:
        try:
            self._smtp.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            detail = detail_of(self._heard(error.smtp_code, error.smtp_error))
            # 454 is a failure of theirs that passes; every other one is about our name or password.
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

    def _addressed(self, recipients: Sequence[str], *, patient: bool) -> tuple[str, ...]:
        """Names the recipients; those that were refused. Raises when none is left, or one is to be tried again."""
        said = {one: self.ask(f"RCPT TO:<{one}>") for one in recipients}
        refused = {one: answer for one, answer in said.items() if answer[0] // 100 != 2}
        later = [answer for answer in refused.values() if answer[0] < 500]
        none_left = len(refused) == len(said)
        if refused and (none_left or (later and patient)):
            must((later or list(refused.values()))[0], of_recipient)
        return tuple(refused)

    def _heard(self, code: int, said: bytes | str) -> Answer:
        if code // 100 == 2:
            return code, ""  # nobody reads the words with which something is taken
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        for secret in self._server.secrets:
            text = text.replace(secret, "…") if secret else text
        return code, " ".join(text.split())[:DETAIL]


@contextmanager
def _within(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Ends the conversation when it takes longer, however slowly the other side goes on talking."""
    alarm = Timer(seconds, _stop, (smtp,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


class Watch(Thread):
    """Looks after a conversation in which one letter follows the other; ``with watch`` lasts as long as one."""

    def __init__(self, smtp: smtplib.SMTP, seconds: float) -> None:
        super().__init__(daemon=True)
        self._smtp = smtp
        self._seconds = seconds
        self._since: float | None = None
        self.over = Event()

    def __enter__(self) -> None:
        self._since = monotonic()

    def __exit__(self, *_: object) -> None:
        self._since = None

    def run(self) -> None:
        """Until it is over."""
        while not self.over.wait(self._seconds / 10):
            if (since := self._since) is not None and monotonic() - since > self._seconds:
                _stop(self._smtp)


def _client(server: Server, bounds: Timeouts) -> smtplib.SMTP:
    name = socket.gethostname()
    own = name if "." in name else "[127.0.0.1]"  # as smtplib does it, without asking a name server first
    if server.security == "smtps":
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=own, timeout=bounds.connect, context=context)
    else:
        smtp = smtplib.SMTP(local_hostname=own, timeout=bounds.connect)
    smtp._host = server.host  # type: ignore[attr-defined]  # whose certificate it has to show; else only set on connecting
    return smtp


def _stop(smtp: smtplib.SMTP) -> None:
    """Whoever waits for the other side waits no longer; closing is left to them."""
    if smtp.sock is not None:
        with suppress(OSError):
            smtp.sock.shutdown(socket.SHUT_RDWR)


def _cut(smtp: smtplib.SMTP) -> None:
    _stop(smtp)
    smtp.close()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
