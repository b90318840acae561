"""A mail server on loopback, in a process of its own, that accepts emails as fast as they come and records each.

``python -m tests.support.fakes.mail_sink FILE`` prints its port on one line. FILE gets a line for each accepted email:
Message-ID and recipient. The recipient's address sets its treatment: ``gone-…`` does not exist, ``later-…`` is
deferred.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_END = b"\r\n.\r\n"
_ID = re.compile(rb"(?im)^Message-ID:\s*(\S+)")


@dataclass(frozen=True)
class Sink:
    """A running server."""

    port: int
    file: Path

    @property
    def address(self) -> str:
        """The address as our settings name it."""
        return f"smtp-plain://127.0.0.1:{self.port}"

    def taken(self) -> Counter[tuple[str, str]]:
        """How often each email arrived: (Message-ID, recipient)."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return Counter((id, to) for id, to in (line.split(" ", 1) for line in lines))


@contextmanager
def mail_sink(file: Path) -> Iterator[Sink]:
    """Such a server for the time of the block."""
    command = [sys.executable, "-m", "tests.support.fakes.mail_sink", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Sink(int(process.stdout.readline()), file)
        finally:
            process.kill()


class _Talk(asyncio.Protocol):
    """One session: just enough of RFC 5321, pipelining (RFC 2920) included."""

    def __init__(self, file: int, put_off: set[bytes]) -> None:
        self._file = file
        self._put_off = put_off
        self._heard = bytearray()
        self._in_email = False
        self._to: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(b"220 sink")

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while self._email() if self._in_email else self._line():
            pass

    def _line(self) -> bool:
        line, end, rest = bytes(self._heard).partition(b"\r\n")
        if not end:
            return False
        self._heard = bytearray(rest)
        match line[:4].upper():
            case b"EHLO":
                self._say(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME")
            case b"RCPT":
                self._addressed(line.partition(b"<")[2].partition(b">")[0])
            case b"DATA" if self._to:
                self._in_email = True
                self._say(b"354 go on")
            case b"DATA":
                self._say(b"554 nobody to give it to")
            case b"QUIT":
                self._say(b"221 bye")
                self._transport.close()
            case _:
                self._to.clear()
                self._say(b"250 ok")
        return True

    def _addressed(self, to: bytes) -> None:
        if to.startswith(b"gone-"):
            return self._say(b"550 5.1.1 no such user")
        if to.startswith(b"later-") and to not in self._put_off:
            self._put_off.add(to)
            return self._say(b"450 4.2.0 come back later")
        self._to.append(to)
        return self._say(b"250 ok")

    def _email(self) -> bool:
        position = self._heard.find(_END)
        if position < 0:
            return False
        found = _ID.search(self._heard, 0, position)
        id = found[1] if found else b"-"
        # Written before the reply: a process killed on receiving "250" has certainly sent it.
        lines = b"".join(b"%s %s\n" % (id, to) for to in self._to)
        self._write(lines)
        del self._heard[: position + len(_END)]
        self._in_email = False
        self._to.clear()
        self._say(b"250 ok")
        return True

    def _write(self, lines: bytes) -> None:
        with open(self._file, "ab", buffering=0, closefd=False) as file:
            file.write(lines)

    def _say(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")


async def _serve(path: str) -> None:
    put_off: set[bytes] = set()
    with Path(path).open("ab", buffering=0) as file:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Talk(file.fileno(), put_off), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
