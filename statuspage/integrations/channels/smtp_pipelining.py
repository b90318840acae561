"""Hands one letter after the other to a mail server over one conversation, with as few turns as it allows."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import suppress

from statuspage.integrations.channels.base import PutOff, Refused, Unreachable
from statuspage.integrations.channels.smtp_client import SmtpSession
from statuspage.integrations.channels.smtp_replies import MEANINGS, Answer, must_alone, of_failure, of_letter


class PipelinedSender:
    """Letters of one sender, each to one recipient.

    Where the server takes several commands at once (RFC 2920), those of a letter are one turn, and go with the end of
    the letter before when it is known who comes next (section 3.1 allows both): then each letter is one turn.
    ``ahead`` says whether that is tried; afterwards ``answered``, whether the server answered it as it does otherwise.
    """

    def __init__(self, talk: SmtpSession, sender: str, *, ahead: bool = True) -> None:
        self._talk = talk
        self._sender = sender
        self._at_once = talk.offers("pipelining")
        self._ahead = ahead and self._at_once
        self._next = ""
        self.answered = True

    def pass_on(self, to: str, letter: bytes, then: str = "") -> None:
        """Hands over one letter; ``then``, if it is given, has to be the next.

        Raises Gone and PutOff where it is about this recipient or letter alone, else as ``Talk.hand_over``.
        """
        said, self._next = self._next, ""
        if said and said != to:
            raise Unreachable("no_connection", "a letter to somebody else was begun")
        try:
            for answer, meaning, good in zip(self._begun(to, said=bool(said)), MEANINGS, (2, 2, 3), strict=False):
                must_alone(answer, meaning, good)
            must_alone(self._ended(letter, then), of_letter)
        except (Refused, PutOff):
            if not self._next:
                with suppress(OSError):  # the next letter finds out
                    self._talk.ask("RSET")
            raise
        except OSError as error:
            raise of_failure(error) from None

    def _ended(self, letter: bytes, then: str) -> Answer:
        """What is said to the letter itself; with its end goes the beginning of the next."""
        self._next = then if self._ahead else ""
        return self._talk.send(letter, _command_bytes(self._commands(then)) if self._next else b"")

    def _begun(self, to: str, *, said: bool) -> Iterator[Answer]:
        """What is answered to the commands of a letter; unless they are ``said``, they are said here."""
        commands = self._commands(to)
        if not self._at_once:
            yield from map(self._talk.ask, commands)
            return
        if not said:
            self._talk.say(_command_bytes(commands))
        heard = self._heard(len(commands), early=said)
        if heard[-1][0] // 100 == 3 and any(code // 100 != 2 for code, _ in heard[:-1]):
            self._talk.say(b".\r\n")  # they wait for a letter to nobody (section 3.1)
            self._talk.answer()
        elif said and _perhaps_too_early(heard):
            heard = self._once_more(commands, heard)
        yield from heard

    def _once_more(self, commands: Sequence[str], before: Sequence[Answer]) -> Sequence[Answer]:
        """What is answered in a turn of their own; where that is something else, nothing is said early any more."""
        self.answered = False
        self._talk.ask("RSET")
        self._talk.say(_command_bytes(commands))
        heard = self._heard(len(commands), early=False)
        self._ahead = self.answered = [code for code, _ in heard] == [code for code, _ in before]
        return heard

    def _heard(self, count: int, *, early: bool) -> Sequence[Answer]:
        """So many answers; fewer where the server hangs up after one that says why."""
        heard: list[Answer] = []
        try:
            while len(heard) < count:
                heard.append(self._talk.answer())
        except smtplib.SMTPServerDisconnected as error:
            if early and isinstance(error.__context__, TimeoutError):
                self.answered = False  # it may have thrown away what came before it was asked for
            if all(code // 100 == 2 for code, _ in heard):
                raise
        return heard

    def _commands(self, to: str) -> Sequence[str]:
        return f"MAIL FROM:<{self._sender}>", f"RCPT TO:<{to}>", "DATA"


def _perhaps_too_early(heard: Sequence[Answer]) -> bool:
    """Whether the first that was not taken may be about the moment: not understood, or out of its order (RFC 5321,
    4.2.2), or about the sender, who was taken before."""
    place, code = next(((place, code) for place, (code, _) in enumerate(heard) if code // 100 != 2), (0, 0))
    return 500 <= code <= 504 or (place == 0 and code >= 500)


def _command_bytes(commands: Sequence[str]) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")
