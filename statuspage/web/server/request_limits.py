"""Limits for the clients of a port: bytes, time, and connections."""

from __future__ import annotations

import errno
import socket
import time
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

from statuspage.process_log import Log
from statuspage.usecases.throttling import network_of

THREADS = 8
"""The number of requests served at once on one port. A desk has few users; pages are read from disk."""

DROP_FACTOR = 8
"""A body up to this multiple of the limit is read and discarded, so that the application can respond that it is too
large: a browser reads no response before it has sent everything. Of a larger one nothing is read."""

SPARE_CONNECTIONS = 20
"""Connections beyond the limit, for those that are being closed."""

CLEANUP_INTERVAL = 2.0
"""Seconds between two checks for overdue connections."""

NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors that end when something is closed, here or elsewhere. Until then the client waits in the socket's queue."""

ACCEPT_PAUSE = 0.2
"""Seconds until another connection is accepted after such an error."""

_HEADERS = {"clear_untrusted_proxy_headers": False}
"""Which forwarded headers are trusted is decided in one place, ``web.desk.trusted_proxies``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one port. ``body_bytes``: the body of one request. ``request_seconds``: until a request, headers and
    body, must have arrived. ``idle_seconds``: how long a connection is kept for another request. ``max_connections``:
    open at the same time."""

    body_bytes: int = 1_000_000
    request_seconds: float = 60.0
    idle_seconds: float = 120.0
    max_connections: int = 100


DEFAULT_LIMITS = Limits()


_log = Log(__name__)


class _NullBuffer(OverflowableBuffer):  # type: ignore[misc] # Waitress has no types
    """A buffer that discards everything."""

    def append(self, s: bytes) -> None:
        """Discards the bytes."""


class _LimitedRequest(HTTPRequestParser):  # type: ignore[misc] # Waitress has no types
    """A request that keeps no more bytes than the limit, neither in memory nor in a file."""

    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Discards a body that is announced as too large; of one far too large Waitress itself reads nothing."""
        super().parse_header(header_plus)
        if self.content_length > self._max_body:
            self.body_rcv = FixedStreamReceiver(self.content_length, _NullBuffer(1))

    def received(self, data: bytes) -> int:
        """Counts a chunked body, which announces no size, while it arrives, including its chunk headers."""
        used: int = super().received(data)
        in_chunks = self.chunked and self.body_bytes_received > self._max_body
        if in_chunks or isinstance(self.error, RequestEntityTooLarge):
            self.error = RequestEntityTooLarge(f"At most {self._max_body} bytes are taken here.")
            self.completed = True
        return used

    @property
    def _max_body(self) -> int:
        return int(self.adj.max_request_body_size) // DROP_FACTOR


class _Channel(HTTPChannel):  # type: ignore[misc] # Waitress has no types
    """One connection. Waitress counts the seconds since the last byte; here they count from the first byte of a
    request."""

    parser_class = _LimitedRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answered_at = monotonic()
        self.request_started_at: float | None = self.answered_at

    def received(self, data: bytes) -> bool:
        """Records when a request begins."""
        going_on: bool = super().received(data)
        if self.request_started_at is None and self.request is not None:
            self.request_started_at = monotonic()
        return going_on

    def service(self) -> None:
        """Once all responses are sent, the connection is idle, or the time of the next request begins."""
        super().service()
        self.answered_at = monotonic()
        self.request_started_at = None if self.request is None else self.answered_at

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for its client, because none of its requests is being served."""
        return not self.requests and not self.will_close

    @property
    def waiting_since(self) -> float:
        """Since when it waits."""
        return self.answered_at if self.request_started_at is None else self.request_started_at

    def is_overdue(self, limits: Limits, now: float) -> bool:
        """Whether its client has used up its time. A client that downloads a long response has time as long as data
        moves."""
        max_seconds = limits.idle_seconds if self.request_started_at is None else limits.request_seconds
        return self.is_waiting and not self.total_outbufs_len and now - self.waiting_since > max_seconds


class Server(TcpWSGIServer):  # type: ignore[misc] # Waitress has no types
    """Waitress on this socket, with limits. When all connections are taken, a new client replaces another connection:
    that of the address with the most connections that has kept us waiting longest."""

    channel_class = _Channel

    def __init__(self, application: WSGIApplication, listener: socket.socket, limits: Limits, channels: dict[int, Any]):
        self.limits = limits
        drop_bytes = limits.body_bytes * DROP_FACTOR
        settings = Adjustments(
            threads=THREADS,
            ident="",
            channel_timeout=limits.idle_seconds,
            cleanup_interval=CLEANUP_INTERVAL,
            connection_limit=limits.max_connections + SPARE_CONNECTIONS,
            max_request_body_size=drop_bytes,
            inbuf_overflow=drop_bytes,
            **_HEADERS,
        )
        socket_info = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(application, channels, _sock=listener, adj=settings, sockinfo=socket_info, bind_socket=False)

    def accept(self) -> Any:
        """The next connection; None if there is none, or no file handle for it."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            _log.error("connections not accepted, retrying", code=errno.errorcode[error.errno])
            time.sleep(ACCEPT_PAUSE)
            return None

    def handle_accept(self) -> None:
        """Accepts one more connection."""
        super().handle_accept()
        connections = [connection for connection in self.active_channels.values() if not connection.will_close]
        if len(connections) > self.limits.max_connections:
            _make_room(connections)

    def maintenance(self, now: float) -> None:
        """Closes overdue connections."""
        super().maintenance(now)
        for connection in self.active_channels.values():
            if connection.is_overdue(self.limits, monotonic()):
                connection.will_close = True


def _make_room(connections: list[_Channel]) -> None:
    counts = Counter(network_of(connection.addr[0]) for connection in connections)
    waiting = [connection for connection in connections if connection.is_waiting]
    if waiting:
        min(
            waiting, key=lambda connection: (-counts[network_of(connection.addr[0])], connection.waiting_since)
        ).will_close = True
