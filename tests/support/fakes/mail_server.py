"""A mail server on loopback that accepts and counts emails, and has faults.

A fault applies to the next email only; ``always`` stays. Three digits are the reply to the email itself, or at the
named stage: ``connect-554``, ``mail-550``, ``rcpt-451``. ``cut`` ends the connection before anything was accepted;
``drop``, ``hang``, ``drip``, ``endless``, ``slow`` and ``nonsense`` (an invalid reply) happen after it was accepted.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.fakes.service import ReceivedMessage

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # The log of the mail server is not ours.

USER, PASSWORD = "status-mailer", "mailer-password"


class MailServer:
    """The server. ``refuses`` maps a recipient to its reply; ``greylists`` defers the first attempt; ``busy`` lets
    nobody sign in now. ``signed`` names who tried to sign in, ``safe`` says of each email whether it came over TLS."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, offers_tls: bool = True) -> None:
        self.received: list[ReceivedMessage] = []
        self.emails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.taken_for: list[tuple[str, tuple[str, ...]]] = []
        self.faults: deque[str] = deque()
        self.always = ""
        self.requests: list[str] = []
        self.users = {USER: PASSWORD}
        self.refuses: dict[str, str] = {}
        self.greylists = self.busy = False
        self.signed: list[str] = []
        self.safe: list[bool] = []
        self.known: set[str] = set()
        self.closing, self.patience = threading.Event(), threading.Event()
        self.tls, self.implicit, self.offers_tls = tls, implicit, offers_tls
        self.port = 0

    @property
    def address(self) -> str:
        """The address as our settings name it."""
        scheme = "smtp-plain" if self.tls is None else "smtps" if self.implicit else "smtp"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings of a channel."""
        return {"server": self.address, "user": USER, "password": PASSWORD}

    def next(self, *faults: str) -> None:
        """Sets the faults of the next emails; an empty string is none."""
        self.faults.extend(faults)

    def revoke(self) -> None:
        """No login is valid any more."""
        self.users = {}

    def restore(self) -> None:
        """All are valid again."""
        self.users = {USER: PASSWORD}

    def fault(self, place: str) -> str:
        """The fault at this stage, which is then used up."""
        now = self.faults[0] if self.faults else self.always
        where, _, what = now.rpartition("-")
        if (where or "data") != place:
            return ""
        if self.faults:
            self.faults.popleft()
        return what

    def take(self, envelope: Envelope) -> None:
        """Stores an email."""
        raw = cast(bytes, envelope.original_content)
        email = cast(EmailMessage, message_from_bytes(raw, policy=policy.default))
        body = email.get_body(("plain",))
        text = body.get_content().replace("\r\n", "\n").removesuffix("\n") if body else ""
        parent = str(email.get("In-Reply-To", ""))
        self.raw.append(raw)
        self.emails.append(email)
        self.taken_for.append((str(envelope.mail_from), tuple(envelope.rcpt_tos)))
        self.received.append(ReceivedMessage(str(email["Message-ID"]), str(email["From"]), text, parent, email))


class _Handler:
    """The response at each stage."""

    def __init__(self, mail: MailServer) -> None:
        self._mail = mail

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if what := self._mail.fault("mail"):
            return f"{what} not from you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if what := self._mail.fault("rcpt"):
            return f"{what} not this one"
        if refusal := self._mail.refuses.get(address):
            return refusal
        if self._mail.greylists and address not in self._mail.known:
            self._mail.known.add(address)
            return "450 4.2.0 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail, fault = self._mail, self._mail.fault("data")
        if fault.isdigit():
            return f"{fault} said {PASSWORD} of it"
        if fault == "cut":
            return self._hang_up(server)
        mail.take(envelope)
        mail.safe.append(server.transport.get_extra_info("ssl_object") is not None)
        match fault:
            case "drop":
                return self._hang_up(server)
            case "hang" | "slow":
                event = mail.closing if fault == "hang" else mail.patience
                while not (event.is_set() or mail.closing.is_set()):
                    await asyncio.sleep(0.02)
            case "drip" | "endless":
                while not mail.closing.is_set() and not server.transport.is_closing():
                    await server.push("250-and more")
                    await asyncio.sleep(0.05 if fault == "drip" else 0)
            case "nonsense":
                return "<html>Welcome</html>"
        return "250 ok"

    def _hang_up(self, server: SMTP) -> str:
        server.transport.abort()
        raise ConnectionResetError


class _Smtp(SMTP):
    """aiosmtpd's server, which may also refuse to greet."""

    def __init__(self, mail: MailServer, **more: Any) -> None:
        super().__init__(_Handler(mail), hostname="mail.example", ident="loopback", **more)
        self._mail = mail
        self._greeted = False

    async def push(self, status: str | bytes) -> None:
        """The first response is the greeting."""
        if not self._greeted:
            self._greeted = True
            self._mail.requests.append("connect")
            if what := self._mail.fault("connect"):
                status = f"{what} not today"
        await super().push(status)

    def _handle_exception(self, error: Exception) -> None:
        """Logs nothing."""


def _signs_in(mail: MailServer) -> Any:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        given = cast(LoginPassword, data)
        mail.signed.append(given.login.decode())
        password = mail.users.get(given.login.decode())
        if mail.busy:
            return AuthResult(success=False, handled=False, message=f"454 4.7.0 not now, {PASSWORD}")
        return AuthResult(success=password is not None and password == given.password.decode(), handled=False)

    return check


@contextmanager
def mail_server(mail: MailServer | None = None) -> Iterator[MailServer]:
    """The running server for the time of the block."""
    mail = mail or MailServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def made() -> _Smtp:
        tls = mail.tls if mail.offers_tls and not mail.implicit else None
        return _Smtp(
            mail,
            authenticator=_signs_in(mail),
            auth_require_tls=False,
            tls_context=tls,
            loop=loop,
            timeout=30,
        )

    async def listen() -> asyncio.Server:
        return await loop.create_server(made, "127.0.0.1", 0, ssl=mail.tls if mail.implicit else None)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        mail.closing.set()
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
