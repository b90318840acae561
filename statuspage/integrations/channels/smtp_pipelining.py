"""Sends one email after the other over one SMTP session, with as few round trips as the server allows."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import suppress

from statuspage.integrations.channels.base import RecipientDeferred, Refused, Unreachable
from statuspage.integrations.channels.smtp_client import SmtpSession
from statuspage.integrations.channels.smtp_replies import (
    RECIPIENT_ERRORS,
    SmtpReply,
    connection_error,
    message_error,
    require_recipient_reply,
)


class PipelinedSender:
    """Emails of one sender, each to one recipient.

    If the server supports pipelining (RFC 2920), the commands of an email are one round trip, and are sent with the end
    of the previous email if the next recipient is known (section 3.1 allows both): then each email takes one round
    trip. ``pipelines_next`` says whether that is tried, ``replies_consistently`` whether the server's replies stayed
    the same when it was.
    """

    def __init__(self, session: SmtpSession, sender: str, *, pipelines_next: bool = True) -> None:
        self._session = session
        self._sender = sender
        self._supports_pipelining = session.supports("pipelining")
        self._pipelines_next = pipelines_next and self._supports_pipelining
        self._announced = ""
        self.replies_consistently = True

    def send_one(self, recipient: str, message: bytes, next_recipient: str = "") -> None:
        """Sends one email; ``next_recipient``, if given, must be the next.

        Raises RecipientGone and RecipientDeferred if only this recipient or email is concerned, otherwise the errors of
        ``SmtpSession.send_message``.
        """
        announced, self._announced = self._announced, ""
        if announced and announced != recipient:
            raise Unreachable("no_connection", "an email to somebody else was begun")
        try:
            for reply, to_error, expected in zip(
                self._begin_transaction(recipient, already_sent=bool(announced)),
                RECIPIENT_ERRORS,
                (2, 2, 3),
                strict=False,
            ):
                require_recipient_reply(reply, to_error, expected)
            require_recipient_reply(self._send_message(message, next_recipient), message_error)
        except (Refused, RecipientDeferred):
            if not self._announced:
                with suppress(OSError):  # the next email will find out
                    self._session.send_command("RSET")
            raise
        except OSError as error:
            raise connection_error(error) from None

    def _send_message(self, message: bytes, next_recipient: str) -> SmtpReply:
        """The reply to the email itself; the commands of the next one are sent with its end."""
        self._announced = next_recipient if self._pipelines_next else ""
        return self._session.send_data(
            message, _command_bytes(self._transaction_commands(next_recipient)) if self._announced else b""
        )

    def _begin_transaction(self, recipient: str, *, already_sent: bool) -> Iterator[SmtpReply]:
        """The replies to the commands of an email, which are sent here unless ``already_sent``."""
        commands = self._transaction_commands(recipient)
        if not self._supports_pipelining:
            yield from map(self._session.send_command, commands)
            return
        if not already_sent:
            self._session.send_bytes(_command_bytes(commands))
        replies = self._read_replies(len(commands), early=already_sent)
        if replies[-1][0] // 100 == 3 and any(code // 100 != 2 for code, _ in replies[:-1]):
            self._session.send_bytes(b".\r\n")  # the server waits for an email without a recipient (section 3.1)
            self._session.read_reply()
        elif already_sent and _maybe_too_early(replies):
            replies = self._repeat_commands(commands, replies)
        yield from replies

    def _repeat_commands(self, commands: Sequence[str], earlier_replies: Sequence[SmtpReply]) -> Sequence[SmtpReply]:
        """Repeats the commands in a separate round trip. If the replies differ, nothing is sent early any more."""
        self.replies_consistently = False
        self._session.send_command("RSET")
        self._session.send_bytes(_command_bytes(commands))
        replies = self._read_replies(len(commands), early=False)
        self._pipelines_next = self.replies_consistently = [code for code, _ in replies] == [
            code for code, _ in earlier_replies
        ]
        return replies

    def _read_replies(self, count: int, *, early: bool) -> Sequence[SmtpReply]:
        """Up to ``count`` replies; fewer if the server gives a reason and closes the connection."""
        replies: list[SmtpReply] = []
        try:
            while len(replies) < count:
                replies.append(self._session.read_reply())
        except smtplib.SMTPServerDisconnected as error:
            if early and isinstance(error.__context__, TimeoutError):
                self.replies_consistently = False  # it may have discarded what was sent early
            if all(code // 100 == 2 for code, _ in replies):
                raise
        return replies

    def _transaction_commands(self, recipient: str) -> Sequence[str]:
        return f"MAIL FROM:<{self._sender}>", f"RCPT TO:<{recipient}>", "DATA"


def _maybe_too_early(replies: Sequence[SmtpReply]) -> bool:
    """Whether the first rejection may be due to early sending: not understood or out of order (RFC 5321, 4.2.2), or
    about the sender, who was accepted before."""
    index, code = next(((index, code) for index, (code, _) in enumerate(replies) if code // 100 != 2), (0, 0))
    return 500 <= code <= 504 or (index == 0 and code >= 500)


def _command_bytes(commands: Sequence[str]) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")
