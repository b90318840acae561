"""Readers of the site behind a real nginx, who check that nothing is missing, incomplete or outdated."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from getpass import getuser
from itertools import cycle
from pathlib import Path
from urllib.parse import urldefrag, urljoin

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
_SETTINGS = """
user {user}; daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types; access_log off; keepalive_requests 100000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port}{listen}
        location / {{ root {root}; gzip_static on; {location} }}
    }}
}}
"""
_LOCATION = 'error_page 404 /404.html; add_header Cache-Control "no-cache";'
_ENDS = {"html": "</html>", "atom": "</feed>", "rss": "</rss>", "json": "}", "svg": "</svg>", "ics": "END:VCALENDAR"}
_LINK = re.compile('<a [^>]*?href="([^"]*)"')
_RENEWED = re.compile('<time id="at" datetime="([^"]+)"')
_UPDATED = re.compile("<updated>([^<]+)</updated>")
_NOTICE = re.compile('<li id="n-')
_LEAST = 6  # Publications: two incidents from their first notice to their end.
PLACES = (
    "/", "/ja/", "/en/", "/en/feed.atom", "/ja/feed.rss", "/api/v2/summary.json", "/history.atom",
    "/en/services/booking/", "/ja/history/2026/",
)  # fmt: skip
"""Pages that everybody reads repeatedly; in between they follow links from what they have read."""


@dataclass
class Reader:
    """A visitor who remembers what was read. ``faults`` are sentences; ``gets`` counts the responses."""

    packed: bool
    seen: dict[str, str] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    gets: int = 0

    def read(self, path: str, status: int, body: bytes, coding: str) -> None:
        """Checks one response."""
        self.gets += 1
        if status != 200:
            self.faults.append(f"{path}: {status}")
            return
        try:
            text = (gzip.decompress(body) if coding == "gzip" else body).decode()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            self.faults.append(f"{path} is torn: {error!r}")
            return
        suffix = "html" if path.endswith("/") else path.rpartition(".")[2]
        if not text.rstrip().endswith(_ENDS[suffix]):
            self.faults.append(f"{path} is torn: it ends with {text[-40:]!r}")
        elif suffix == "json":
            json.loads(text)
        self._compare(path, _age(path, text))
        self.links |= dict.fromkeys(_followed(path, text))

    def _compare(self, path: str, age: str) -> None:
        before = self.seen.get(path, "")
        if age < before:
            self.faults.append(f"{path} steps back from {before} to {age}")
        self.seen[path] = age


def _age(path: str, text: str) -> str:
    """A value that only grows: the time a front page was refreshed or a feed updated, or a page's number of notices."""
    for pattern in (_RENEWED, _UPDATED):
        if match := pattern.search(text):
            return match[1]
    return f"{len(_NOTICE.findall(text)):06d}" if "/incidents/" in path else ""


def _followed(path: str, text: str) -> Iterator[str]:
    for href in _LINK.findall(text):
        to = urldefrag(urljoin(path, href)).url
        if to.startswith("/"):
            yield to


@contextmanager
def nginx(root: Path, folder: Path, listen: str = ";", location: str = _LOCATION) -> Iterator[int]:
    """The port of an nginx that serves ``root``; its own files are in ``folder``. ``listen`` and ``location`` are what
    its settings say after the address and about the site."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    folder.mkdir(exist_ok=True)
    settings = folder / "nginx.conf"
    values = {"folder": folder, "port": port, "root": root, "user": getuser(), "listen": listen, "location": location}
    settings.write_text(_SETTINGS.format(**values))
    server = subprocess.Popen([NGINX, "-c", settings, "-p", folder, "-e", folder / "error.log"])
    try:
        until_listening(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def until_listening(port: int, server: subprocess.Popen[bytes]) -> None:
    """Waits until the server listens on this port."""
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@dataclass(frozen=True)
class Seen:
    """What all readers saw, and how often the site changed meanwhile."""

    gets: int
    places: int
    publications: int
    builds: int
    faults: tuple[str, ...]


def watch(
    port: int, gets: int, publish: Callable[[int], None], build: Callable[[], None], reader_count: int = 4
) -> Seen:
    """Reads this often, and until a few notices were published and builds have run; all in parallel, without pauses."""
    readers = [Reader(packed=bool(number % 2)) for number in range(reader_count)]
    done, published, built = threading.Event(), list[int](), list[int]()

    def enough(reader: Reader) -> bool:
        return reader.gets >= gets // reader_count and len(published) >= _LEAST and len(built) > 1

    reading = [threading.Thread(target=_reads, args=(port, reader, enough)) for reader in readers]
    changing = [
        threading.Thread(target=_changes, args=(work, done, made))
        for work, made in ((publish, published), (lambda _: build(), built))
    ]
    for thread in (*changing, *reading):
        thread.start()
    for thread in reading:
        thread.join()
    done.set()
    for thread in changing:
        thread.join()
    found = tuple(fault for reader in readers for fault in reader.faults)
    places = len({place for reader in readers for place in reader.seen})
    return Seen(sum(reader.gets for reader in readers), places, len(published), len(built), found)


def _changes(work: Callable[[int], None], done: threading.Event, made: list[int]) -> None:
    while not done.is_set():
        work(len(made))
        made.append(len(made))


def _reads(port: int, reader: Reader, enough: Callable[[Reader], bool]) -> None:
    asked = cycle(PLACES)
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Accept-Encoding": "gzip"} if reader.packed else {}
    try:
        while not enough(reader):
            path = next(iter(reader.links), "") if reader.gets % 2 else ""
            reader.links.pop(path, None)
            path = path or next(asked)
            server.request("GET", path, headers=headers)
            answer = server.getresponse()
            reader.read(path, answer.status, answer.read(), answer.getheader("Content-Encoding", ""))
    except Exception as error:  # A dropped connection, a body shorter than announced, invalid JSON.
        reader.faults.append(repr(error))
    finally:
        server.close()
