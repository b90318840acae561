"""Request limits of a port: oversized bodies, and clients that hold connections open."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from statuspage.web.server.http_server import ServerThread, open_listener
from statuspage.web.server.request_limits import Limits
from tests.support.instance import with_every_channel
from tests.support.playing import Player, Serving, clean_environ, serving, until

ALL_SERVERS = {
    "site": "/",
    "drill_site": "/",
    "desk": "/sign-in",
    "drill": "/sign-in",
    "intake": "/intake/alertmanager",
    "signup": "/ja/subscribe",
}
ATTACKER, ELSE = "127.0.0.9", "127.0.0.77"
HALF = 110
"""Connections of the attacker; a port accepts 100."""


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's folder for temporary files."""
    return tmp_path_factory.mktemp("spool")


@pytest.fixture(scope="module")
def player(made_instance: Path, spool: Path, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """An instance with no settings but those of email to Japanese readers."""
    folder = tmp_path_factory.mktemp("limits") / "instance"
    shutil.copytree(made_instance, folder, symlinks=True)
    with_every_channel(folder / "content")
    letters = {
        "STATUSPAGE_ADDRESS": "https://status.example.com",
        "STATUSPAGE_SUBSCRIBERS_JA_SERVER": "smtp-plain://127.0.0.1:9",
    }
    return Player(folder, clean_environ(TMPDIR=str(spool), **letters))


@pytest.fixture(scope="module")
def served(player: Player) -> Iterator[Serving]:
    """That instance, served."""
    with serving(player, "--signup-port", "0") as served:
        yield served


def server_of(served: Serving, name: str) -> tuple[str, int]:
    url = urlsplit(served["desk" if name == "intake" else name])
    assert url.hostname is not None
    assert url.port is not None
    return url.hostname, url.port


@contextmanager
def connected(where: tuple[str, int], source: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.create_connection(where, timeout=20, source_address=(source, 0)) as wire:
        yield wire


def asked(where: tuple[str, int], path: str = "/", source: str = ELSE) -> int:
    """The status of the response to a client at this address; 0: none within six seconds."""
    with connected(where, source) as wire:
        wire.settimeout(6)
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: door\r\nConnection: close\r\n\r\n".encode())
        return status_of(wire)


def status_of(wire: socket.socket) -> int:
    try:
        first = wire.recv(4096)
    except (TimeoutError, ConnectionResetError):
        return 0
    return int(first.split(b" ", 2)[1]) if first else 0


def kept_on_disk(served: Serving, spool: Path) -> int:
    """Bytes in temporary files that the server's two processes hold open, including deleted ones."""
    found = 0
    for pid in (served.process.pid, served.child()):
        for number in (Path("/proc") / str(pid) / "fd").iterdir():
            with suppress(OSError):  # It was closed meanwhile.
                found += number.stat().st_size if str(number.readlink()).startswith(str(spool)) else 0
    return found + sum(file.stat().st_size for file in spool.rglob("*") if file.is_file())


def pushed(wire: socket.socket, piece: bytes, times: int) -> int:
    """Sends a chunk again and again until it is refused; returns the number of bytes accepted."""
    sent = 0
    try:
        for _ in range(times):
            wire.sendall(piece)
            sent += len(piece)
    except (ConnectionResetError, BrokenPipeError):
        pass
    return sent


@pytest.mark.parametrize("name", ALL_SERVERS)
def test_a_body_past_all_measure_is_refused_at_its_announcement(served: Serving, spool: Path, name: str) -> None:
    with connected(server_of(served, name)) as wire:
        wire.sendall(f"POST {ALL_SERVERS[name]} HTTP/1.1\r\nHost: door\r\nContent-Length: 100000000\r\n\r\n".encode())
        assert status_of(wire) == 413
        assert pushed(wire, b"x" * 65_536, 1500) < 50_000_000
    assert kept_on_disk(served, spool) == 0


@pytest.mark.parametrize("name", ALL_SERVERS)
def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large(served: Serving, spool: Path, name: str) -> None:
    with connected(server_of(served, name)) as wire:
        wire.sendall(f"POST {ALL_SERVERS[name]} HTTP/1.1\r\nHost: door\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        pushed(wire, b"8000\r\n" + b"x" * 32_768 + b"\r\n", 40)
        assert kept_on_disk(served, spool) == 0
        assert status_of(wire) == 413
        assert pushed(wire, b"8000\r\n" + b"x" * 32_768 + b"\r\n", 3000) < 50_000_000
    assert kept_on_disk(served, spool) == 0


def test_a_form_somewhat_too_large_is_answered_in_our_own_words(served: Serving) -> None:
    long = {"login": "x" * 1_500_000}
    desk = requests.post(f"{served['desk']}/sign-in", data=long, timeout=60)
    assert (desk.status_code, "長すぎ" in desk.text) == (413, True)
    alert = requests.post(f"{served['desk']}/intake/alertmanager", data=b" " * 1_500_000, timeout=60)
    assert (alert.status_code, alert.json()) == (413, {"error": "More than 262144 bytes."})
    mine = requests.post(f"{served['signup']}/ja/subscribe", data={"address": "x" * 30_000}, timeout=60)
    assert (mine.status_code, "<h1" in mine.text) == (413, True)
    assert requests.post(f"{served['site']}/", data=b"x" * 5000, timeout=60).status_code == 405


def test_a_long_list_of_subscribers_is_taken_over_on_the_desk(served: Serving, player: Player) -> None:
    link = player.ask("account", "link", "desk")["link"]
    head = "address,language,services,about,how_much,consent_who,consent_when,consent_how\n"
    rows = "".join(f"{n:07}@fitline.example,ja,,,,Sato,2026-07-01,paper\n" for n in range(13_000))
    with requests.Session() as browser:
        token = token_in(browser.get(link, timeout=60).text)
        assert browser.post(link, data={"csrf_token": token}, timeout=60).status_code == 200
        form = {"csrf_token": token_in(browser.get(f"{served['desk']}/settings/subscribers", timeout=60).text)}
        response = browser.post(
            f"{served['desk']}/settings/subscribers", data={**form, "do": "import", "list": head + rows}, timeout=300
        )
    assert (response.status_code, "13,000" in response.text) == (200, True)


def token_in(page: str) -> str:
    match = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert match is not None
    return match[1]


@contextmanager
def half_open(where: tuple[str, int]) -> Iterator[Event]:
    """During the block the attacker holds requests that never end: one byte every two seconds. The event ends that."""
    done = Event()
    with ExitStack() as held:
        wires = [held.enter_context(connected(where, ATTACKER)) for _ in range(HALF)]
        for wire in wires:
            wire.sendall(b"GET / HTTP/1.1\r\nX: ")

        def drip() -> None:
            while not done.wait(2):
                for wire in wires:
                    with suppress(OSError):
                        wire.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            yield done
        finally:
            done.set()
            dripping.join()


@pytest.mark.parametrize(("name", "path"), [("site", "/ja/"), ("desk", "/sign-in"), ("signup", "/ja/subscribe")])
def test_half_open_requests_of_one_address_shut_nobody_out(served: Serving, name: str, path: str) -> None:
    where = server_of(served, name)
    with half_open(where) as over:
        assert [asked(where, path) for _ in range(4)] == [200] * 4
        assert not over.wait(5), "bytes come meanwhile"
        assert [asked(where, path) for _ in range(4)] == [200] * 4
        assert asked(where, path, ATTACKER) == 200
    assert asked(where, path, ATTACKER) == 200


def plain(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def small_server(limits: Limits) -> Iterator[tuple[str, int]]:
    with open_listener("127.0.0.1", 0) as listening, ServerThread(plain, listening, limits):
        yield listening.getsockname()


def is_closed(wire: socket.socket, piece: bytes) -> bool:
    """Whether the other side has closed the connection, after one more chunk was sent."""
    wire.setblocking(False)
    try:
        wire.send(piece)
        return wire.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET / HTTP/1.1\r\nX: ", b"x"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b""),
        (b"\r\n", b"\r\n\r\n"),
    ],
    ids=["headers", "body", "chunks", "nothing", "blank lines"],
)
def test_a_request_that_does_not_end_is_closed_though_bytes_keep_coming(begun: bytes, more: bytes) -> None:
    with small_server(Limits(request_seconds=0.5, idle_seconds=600)) as where, connected(where, ATTACKER) as wire:
        wire.sendall(begun)
        assert until(lambda: is_closed(wire, more))
        assert asked(where, source=ATTACKER) == 200


def test_a_connection_that_was_answered_is_kept_for_the_next_request_and_its_time_counts_anew() -> None:
    with small_server(Limits(request_seconds=0.5, idle_seconds=600)) as where, connected(where) as wire:
        wire.sendall(b"GET / HT")
        wire.sendall(b"TP/1.1\r\nHost: door\r\n\r\n")
        assert status_of(wire) == 200
        time.sleep(5)  # Long after the time limit of a request, and two checks by the server.
        wire.sendall(b"GET / HTTP/1.1\r\nHost: door\r\n\r\n")
        assert status_of(wire) == 200


def test_blank_lines_keep_no_idle_connection_open() -> None:
    with small_server(Limits(request_seconds=600, idle_seconds=5)) as where, connected(where) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: door\r\n\r\n")
        assert status_of(wire) == 200
        assert until(lambda: is_closed(wire, b"\r\n\r\n"))


def test_who_holds_most_gives_way_and_who_holds_little_goes_on() -> None:
    with small_server(Limits(max_connections=5)) as where, ExitStack() as held:
        slow = held.enter_context(connected(where, ELSE))
        slow.sendall(b"POST / HTTP/1.1\r\nHost: door\r\nContent-Length: 4\r\n\r\nab")
        crowd = [held.enter_context(connected(where, ATTACKER)) for _ in range(40)]
        assert until(lambda: sum(is_closed(wire, b"") for wire in crowd) == 36)
        slow.sendall(b"cd")
        assert status_of(slow) == 200


@pytest.mark.parametrize("in_chunks", [False, True])
def test_the_last_byte_that_is_allowed_is_taken_and_one_more_is_not(in_chunks: bool) -> None:
    size = 100_000
    with small_server(Limits(body_bytes=size)) as (host, port):
        address = f"http://{host}:{port}/"
        framing = 100 if in_chunks else 0
        allowed = b"x" * (size - framing)
        right = requests.post(address, data=iter([allowed]) if in_chunks else allowed, timeout=20)
        assert (right.status_code, right.content) == (200, allowed)
        beyond = b"x" * (size + 1)
        wrong = requests.post(address, data=iter([beyond]) if in_chunks else beyond, timeout=20)
        assert wrong.content != beyond
        assert wrong.status_code == (413 if in_chunks else 200), "what was announced is for the application to refuse"
