"""What one visitor of a door may take of it: how many bytes, how much time, and how much of the room."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any
from wsgiref.types import WSGIApplication

from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver
from waitress.server import TcpWSGIServer
from waitress.utilities import RequestEntityTooLarge

from statuspage.domain import network_of

THREADS = 8
"""Requests worked on at once by one door. A desk holds a handful of people; pages are read from disk."""

DROPPED = 8
"""A body up to so many times the limit is read and dropped, so that the application can say in its own words that it is
too large; a browser reads no answer before it has sent everything. Of a larger one nothing is read."""

SPARE = 20
"""Connections beyond the limit, for those that are being closed."""

CLEANUP = 2.0
"""Seconds between two looks for who takes too long."""

_HEADERS = {"clear_untrusted_proxy_headers": False}
"""Which forwarded headers are believed is decided in one place, ``web.proxies``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``body``: bytes of one request's body. ``request``: seconds until a request must be here, headers and body.
    ``idle``: seconds that a connection is kept for another one. ``connections``: open at once."""

    body: int = 1_000_000
    request: float = 60.0
    idle: float = 120.0
    connections: int = 100


USUAL = Limits()


class _Nowhere(OverflowableBuffer):  # type: ignore[misc] # Waitress has no types
    """Keeps nothing."""

    def append(self, s: bytes) -> None:
        """Drops it."""


class _Request(HTTPRequestParser):  # type: ignore[misc] # Waitress has no types
    """Keeps no byte more than the limit, neither in memory nor in a file."""

    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        """A body that is announced as too large is dropped; of one far too large Waitress reads nothing by itself."""
        super().parse_header(header_plus)
        if self.content_length > self._most:
            self.body_rcv = FixedStreamReceiver(self.content_length, _Nowhere(1))

    def received(self, data: bytes) -> int:
        """A body in chunks announces nothing: it is counted while it comes, with what lies between the chunks."""
        used: int = super().received(data)
        in_chunks = self.chunked and self.body_bytes_received > self._most
        if in_chunks or isinstance(self.error, RequestEntityTooLarge):
            self.error = RequestEntityTooLarge(f"At most {self._most} bytes are taken here.")
            self.completed = True
        return used

    @property
    def _most(self) -> int:
        return int(self.adj.max_request_body_size) // DROPPED


class _Channel(HTTPChannel):  # type: ignore[misc] # Waitress has no types
    """One connection. Waitress counts the seconds since the last byte; here they count from a request's first one."""

    parser_class = _Request

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.answered = monotonic()
        self.begun: float | None = self.answered

    def received(self, data: bytes) -> bool:
        """Notes when a request begins."""
        going_on: bool = super().received(data)
        if self.begun is None and self.request is not None:
            self.begun = monotonic()
        return going_on

    def service(self) -> None:
        """Once everything is answered the connection is idle, or the time of what came meanwhile begins."""
        super().service()
        self.answered = monotonic()
        self.begun = None if self.request is None else self.answered

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for its client: no request of it is being worked on."""
        return not self.requests and not self.will_close

    @property
    def waits_since(self) -> float:
        """Since when, if it does."""
        return self.answered if self.begun is None else self.begun

    def is_overdue(self, limits: Limits, now: float) -> bool:
        """Whether its client has had its time. One that fetches a long answer has as long as something moves."""
        most = limits.idle if self.begun is None else limits.request
        return self.is_waiting and not self.total_outbufs_len and now - self.waits_since > most


class Server(TcpWSGIServer):  # type: ignore[misc] # Waitress has no types
    """Waitress on this socket within limits. Where all room is taken, whoever comes gets that of another: of the
    address that holds most, the connection that has kept us waiting longest."""

    channel_class = _Channel

    def __init__(self, application: WSGIApplication, door: socket.socket, limits: Limits, opened: dict[int, Any]):
        self.limits = limits
        settings = Adjustments(
            threads=THREADS, ident="", channel_timeout=limits.idle, cleanup_interval=CLEANUP,
            connection_limit=limits.connections + SPARE, max_request_body_size=limits.body * DROPPED,
            inbuf_overflow=limits.body * DROPPED, **_HEADERS,
        )  # fmt: skip
        place = (door.family, door.type, door.proto, door.getsockname())
        super().__init__(application, opened, _sock=door, adj=settings, sockinfo=place, bind_socket=False)

    def handle_accept(self) -> None:
        """Lets one more in."""
        super().handle_accept()
        inside = [one for one in self.active_channels.values() if not one.will_close]
        if len(inside) > self.limits.connections:
            _make_room(inside)

    def maintenance(self, now: float) -> None:
        """Closes what takes too long."""
        super().maintenance(now)
        for one in self.active_channels.values():
            if one.is_overdue(self.limits, monotonic()):
                one.will_close = True


def _make_room(inside: list[_Channel]) -> None:
    held = Counter(network_of(one.addr[0]) for one in inside)
    waiting = [one for one in inside if one.is_waiting]
    if waiting:
        min(waiting, key=lambda one: (-held[network_of(one.addr[0])], one.waits_since)).will_close = True
