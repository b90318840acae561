"""A web application on a port of this machine: bound, served from a thread, stopped without interrupting requests."""

from __future__ import annotations

import errno
import socket
from functools import partial
from ipaddress import ip_address
from threading import Thread
from types import TracebackType
from typing import Any, Self
from wsgiref.types import WSGIApplication

from waitress.wasyncore import close_all

from statuspage.web.server.request_limits import DEFAULT_LIMITS, Limits, Server

PORT_TRIES = 50
"""How many ports are tried if the requested one is taken."""

STOP_GRACE = 5.0
"""Seconds for running requests to finish when the program stops."""


class NoPort(Exception):
    """No port could be opened. The message says which ones were tried."""


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket on this port, or on the next free one after it. Port 0: any. Raises NoPort."""
    last_port = min(port + PORT_TRIES, 65_535) if port else 0
    for candidate in range(port, last_port + 1):
        listener = _bind(host, candidate)
        if listener is not None:
            return listener
    raise NoPort(f"No free port on {host} from {port} to {last_port}.")


def _bind(host: str, port: int) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise NoPort(f"{host}:{port} cannot be opened: {error.strerror}.") from error
    return listener


def port_of(listener: socket.socket) -> int:
    """The port this socket listens on."""
    return int(listener.getsockname()[1])


def is_loopback(host: str) -> bool:
    """Whether a port on this host can be reached only from this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(listener: socket.socket) -> str:
    """The URL to open in a browser on this machine."""
    host = str(listener.getsockname()[0])
    shown_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - what is shown instead
    return f"http://{shown_host}:{port_of(listener)}"


class ServerThread:
    """An application served from its own thread until the block ends."""

    def __init__(self, application: WSGIApplication, listener: socket.socket, limits: Limits = DEFAULT_LIMITS) -> None:
        self.address = address_of(listener)
        self._channels: dict[int, Any] = {}
        self._server = Server(application, listener, limits, self._channels)
        self._thread = Thread(target=self._server.run, name=f"web-{port_of(listener)}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops accepting requests, gives running ones a few seconds, and closes the socket."""
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=STOP_GRACE)
        self._server.trigger.pull_trigger(partial(close_all, self._channels, ignore_all=True))
        self._thread.join(STOP_GRACE)
