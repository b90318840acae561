"""A proxy in front of a real S3 server that breaks some requests, as large services sometimes do."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SLOW_DOWN = (503, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
DENIED = (403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")

Answer = tuple[int, bytes]


@dataclass
class Proxy:
    """``spoil`` is called for every request (method, path, its number among those with this method, from 1) and may
    answer it; ``hide`` names what a listing does not show yet. ``log`` has every forwarded request."""

    address: str = ""
    spoil: Callable[[str, str, int], Answer | None] = lambda method, path, number: None
    hide: frozenset[str] = frozenset()
    log: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def number(self, method: str) -> int:
        with self.lock:
            self.counts[method] = self.counts.get(method, 0) + 1
            return self.counts[method]

    def puts(self) -> list[str]:
        return [path for method, path in self.log if method == "PUT"]


@contextmanager
def s3_proxy(upstream: str) -> Iterator[Proxy]:
    proxy, url = Proxy(), urlsplit(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = urlsplit(self.path).path
            spoiled = proxy.spoil(self.command, path, proxy.number(self.command))
            if spoiled is not None:
                return self.answer(spoiled[0], [("Content-Type", "application/xml")], spoiled[1])
            behind = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=10)
            behind.request(self.command, self.path, body, dict(self.headers))
            found = behind.getresponse()
            data = found.read()
            behind.close()
            with proxy.lock:
                proxy.log.append((self.command, path))
            for key in proxy.hide if self.command == "GET" else ():
                data = re.sub(
                    rb"<Contents>\s*<Key>%s</Key>.*?</Contents>" % re.escape(key.encode()), b"", data, flags=re.S
                )
            dropped = ("content-length", "connection", "transfer-encoding")
            return self.answer(found.status, [(k, v) for k, v in found.getheaders() if k.lower() not in dropped], data)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any

        def answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing: pytest's output is for the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    proxy.address = f"http://127.0.0.1:{server.server_port}"
    yield proxy
    server.shutdown()
    server.server_close()
