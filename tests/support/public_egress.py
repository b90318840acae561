"""A stranger's program on loopback, and requests that can reach nothing else."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from statuspage.integrations.channels.public_egress import Egress
from statuspage.integrations.channels.timeouts import Timeouts


class Stranger:
    """A server named ``hooks.example`` that records its requests."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.names: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = _well
        self.certificate = _certificate(folder)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.certificate.with_suffix(".key"))
        context.sni_callback = lambda _socket, name, _context: self.names.append(str(name))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


def _well(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(204)
    handler.end_headers()


def _certificate(folder: Path) -> Path:
    file = folder / "hooks.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hooks"
    where = ["-addext", "subjectAltName=DNS:hooks.example", "-keyout", str(file.with_suffix(".key")), "-out", str(file)]
    subprocess.run([*command.split(), *where], check=True, capture_output=True)
    return file


def _handler(stranger: Stranger) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Records the request, then responds as told."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stranger.asked.append((self.path, str(self.headers["Host"]), body))
            stranger.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing."""

        def handle(self) -> None:
            """Ignores dropped connections."""
            try:
                super().handle()
            except OSError:
                return

    return Handler


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    found = Stranger(tmp_path_factory.mktemp("stranger"))
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def egress(stranger: Stranger) -> Egress:
    """The real egress, except that this loopback counts as the internet."""
    stranger.asked.clear()
    stranger.names.clear()
    stranger.answer = _well
    bounds = Timeouts(connect=2.0, read=1.0, total=2.0)
    here = lambda host: ["127.0.0.1"]  # noqa: E731 - one line
    return Egress(stranger.port, lambda address: True, here, str(stranger.certificate), bounds)
