"""The common part of all fake services on loopback: they accept messages, count them, and have faults. What is specific
to a service (URLs, credentials, texts) is in its own module beside this one.

A fault applies to the next message only; ``always`` stays. Before a message is accepted: a status (``503``), one with a
form of Retry-After (``429-after``, ``-date``, ``-negative``, ``-nonsense``, ``-absurd``, ``-reset``, ``-past``) or with
a page (``503-html``), ``redirect``, ``cut`` (the connection ends before anything was accepted). After it was accepted:
``drop`` (the connection ends), ``hang`` (no response), ``drip`` and ``endless`` (a response without end), ``slow``
(until ``patience`` is set), ``html``, ``empty``, ``list``, ``no-id`` (a response without information).
"""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class ReceivedMessage:
    """A message as accepted. ``parent`` is the id of the one it replies to, ``body`` everything that was sent."""

    id: str
    account: str
    text: str
    parent: str = ""
    body: Any = None


@dataclass(frozen=True)
class Request:
    """A request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The query."""
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body or b"null")

    @property
    def fields(self) -> dict[str, Any]:
        """The body as JSON or as a form, which most services accept alike."""
        if "json" in self.headers.get("Content-Type", ""):
            return dict(self.json or {})
        return dict(parse_qsl(self.body.decode()))

    @property
    def bearer(self) -> str:
        """Its bearer token."""
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


class Reply(Exception):
    """A response; raised if it is a rejection."""

    def __init__(self, status: int, body: Any = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.headers = status, dict(headers or {})
        self.text = body if isinstance(body, str) else json.dumps(body)


EMPTY_ANSWERS = {"html": "<html><body>Welcome</body></html>", "empty": "", "no-id": "{}", "list": "[1]"}
"""Bodies with a success status after the message was accepted."""


class Service(ThreadingHTTPServer):
    """One service at its own address. A subclass answers requests (``answer``) and sets the form of rejections."""

    daemon_threads = True
    reset: ClassVar[str] = "X-RateLimit-Reset"
    empty_answers: ClassVar[Mapping[str, str]] = EMPTY_ANSWERS
    scheme = "http"

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.received: list[ReceivedMessage] = []
        self.faults: deque[str] = deque()
        self.always = ""
        self.requests: list[str] = []
        self.authorized: list[str] = []
        self.elsewhere = ""
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.patience = threading.Event()

    def is_message(self, request: Request) -> bool:
        """Whether this request sends something to customers; such requests meet the faults."""
        raise NotImplementedError

    def answer(self, request: Request) -> Reply:
        """The response without a fault. Rejections are raised."""
        raise NotImplementedError

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """A rejection in the service's own form."""
        return Reply(status, {"error": "Something is technically wrong."}, headers)

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Faults that only this service has."""
        return {}

    def until(self, at: float) -> str:
        """How this service writes the time when a limit is lifted."""
        return str(int(at))

    def revoke(self) -> None:
        """The credentials are revoked."""
        raise NotImplementedError

    def restore(self) -> None:
        """They are valid again."""
        raise NotImplementedError

    def server_bind(self) -> None:
        """Binds without a reverse lookup of the address, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def use_tls(self, context: ssl.SSLContext) -> None:
        """From now on it speaks TLS only."""
        self.socket, self.scheme = context.wrap_socket(self.socket, server_side=True), "https"

    def count(self, request: str) -> int:
        """How often this was requested."""
        return self.requests.count(request)

    def next(self, *faults: str) -> None:
        """Sets the faults of the next messages; an empty string is none."""
        self.faults.extend(faults)

    def refused(self, fault: str) -> Reply | None:
        """The rejection for this fault."""
        if fault in (own := self.own()):
            return own[fault]()
        status, _, form = fault.partition("-")
        if not status.isdigit():
            return None
        if form == "html":
            return Reply(int(status), "<html><body>Over capacity</body></html>")
        return self.refusal(int(status), self._asked_to_wait(form))

    def _asked_to_wait(self, form: str) -> dict[str, str]:
        now = time.time()
        match form:
            case "after":
                return {"Retry-After": "45"}
            case "negative":
                return {"Retry-After": "-45"}
            case "date":
                return {"Retry-After": formatdate(int(now) + 60, usegmt=True)}
            case "reset":
                return {self.reset: self.until(now + 90)}
            case "absurd":
                return {self.reset: self.until(now + 30 * 86400)}
            case "past":
                return {self.reset: self.until(now - 60)}
            case "nonsense":
                return {self.reset: "soon"}
        return {}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Service
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""

    def _any(self) -> None:
        try:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, self.headers, body)
            self.server.requests.append(f"{self.command} {self.path}")
            self.server.authorized.append(self.headers.get("Authorization", ""))
            self._send(self._reply(request))
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def _reply(self, request: Request) -> Reply:
        try:
            return self._message(request) if self.server.is_message(request) else self.server.answer(request)
        except Reply as refusal:
            return refusal

    def _message(self, request: Request) -> Reply:
        service = self.server
        with service.lock:
            fault = service.faults.popleft() if service.faults else service.always
        self._before(fault)
        with service.lock:
            reply = service.answer(request)
        self._after(fault)
        return Reply(200, service.empty_answers[fault]) if fault in service.empty_answers else reply

    def _before(self, fault: str) -> None:
        if refusal := self.server.refused(fault):
            raise refusal
        if fault == "redirect":
            raise Reply(307, "", {"Location": self.server.elsewhere + self.path})
        if fault == "cut":
            self._hang_up()

    def _after(self, fault: str) -> None:
        match fault:
            case "slow":
                self.server.patience.wait(60)
            case "hang":
                self.server.closing.wait(60)
                raise ConnectionResetError
            case "drop":
                self._hang_up()
            case "endless" | "drip":
                self._never_stop(b" " * 4096 if fault == "endless" else b" ")

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError

    def _never_stop(self, piece: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.server.closing.wait(0.05 if len(piece) == 1 else 0):
            self.wfile.write(piece)
        raise ConnectionResetError

    def _send(self, reply: Reply) -> None:
        body = reply.text.encode()
        content_type = "text/html" if reply.text.startswith("<") else "application/json"
        self.send_response(reply.status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


S = TypeVar("S", bound=Service)


@contextmanager
def running(service: S) -> Iterator[S]:
    """The running service for the time of the block."""
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.closing.set()
        service.shutdown()
        service.server_close()
        thread.join()
