"""A mail server on loopback with pipelining: which commands are sent together, and to what each reply belongs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader

HANGS_UP = {"out": b"550 5.1.1 nobody, goodbye", "bye": b"421 4.7.0 too many"}
AT_RECIPIENT = {
    "gone": b"550 5.1.1 nobody",
    "odd": b"501 5.1.3 no address",
    "later": b"450 4.2.0 come back",
    **HANGS_UP,
}


@dataclass
class Post:
    """A mail server for one session at a time.

    A recipient's name sets its treatment: ``gone``, ``odd`` and ``later`` at RCPT, ``spam`` and ``busy`` at DATA,
    ``cut`` after it; with ``out`` and ``bye`` it closes the connection. ``waits``: it replies to an email only once the
    next has begun. ``deaf``: what is sent with the end of an email is lost. ``strict``: commands that are not accepted
    there. ``most``: after so many emails it closes the connection without a reply.
    """

    pipelining: bool = True
    waits: bool = False
    deaf: bool = False
    strict: tuple[str, ...] = ()
    most: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    _early: int = 0

    def serve(self, listening: socket.socket) -> None:
        """One session after the other, until the socket is closed."""
        with suppress(OSError):
            while True:
                self._talk(listening.accept()[0])

    def _talk(self, connection: socket.socket) -> None:
        with suppress(ConnectionError), connection, connection.makefile("rb") as heard:
            connection.sendall(b"220 post\r\n")
            while command := heard.readline():
                self.commands.append(command.strip())
                if not self._answered(connection, heard, command.decode().strip()):
                    return

    def _answered(self, connection: socket.socket, heard: BufferedReader, command: str) -> bool:
        early, self._early = self._early > 0, max(self._early - 1, 0)
        match command[:4].upper():
            case verb if early and verb in self.strict:
                connection.sendall(b"503 5.5.1 too early\r\n")
            case "EHLO":
                connection.sendall(
                    b"250-post\r\n250-PIPELINING\r\n250 SIZE\r\n" if self.pipelining else b"250 post\r\n"
                )
            case "RCPT":
                self._to = command.partition("<")[2].partition("@")[0]
                name = self._to.split("-")[0]
                bad = AT_RECIPIENT.get(name)
                self._to = "" if bad else self._to
                connection.sendall((bad or b"250 ok") + b"\r\n")
                return name not in HANGS_UP
            case "DATA" if self._to:
                connection.sendall(b"354 go on\r\n")
                return self._email(connection, heard)
            case "DATA":
                connection.sendall(b"554 to nobody\r\n")
            case _:
                connection.sendall(b"250 ok\r\n")
        return True

    def _email(self, connection: socket.socket, heard: BufferedReader) -> bool:
        email = b""
        while (line := heard.readline()) != b".\r\n":
            if not line:
                return False
            email += line
        bad = {"spam": b"554 5.7.1 no", "busy": b"452 4.3.1 full"}.get(self._to.split("-")[0])
        if not bad:
            self.taken.append((self._to, email))
        if self._to == "cut":
            return False
        if self.waits and self._to != "last":
            assert heard.peek(4)[:4] == b"MAIL"
        connection.setblocking(False)
        self._early = heard.peek().count(b"\n")
        if self.deaf:
            heard.read(len(heard.peek()))
        connection.setblocking(True)
        connection.sendall((bad or b"250 ok") + b"\r\n")
        return not self.most or len(self.taken) % self.most > 0


@contextmanager
def served(post: Post) -> Iterator[str]:
    """Its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=post.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield f"smtp-plain://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
