"""What a door stands: bodies past all measure, and visitors who open connections and do not get on."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from statuspage.web.limits import Limits
from statuspage.web.listening import Listening, bind
from tests.fixtures_instance import made_instance
from tests.playing import Player, Serving, clean_environ, serving, until

__all__ = ["made_instance"]

ALL_DOORS = {
    "site": "/",
    "drill_site": "/",
    "desk": "/sign-in",
    "drill": "/sign-in",
    "intake": "/intake/alertmanager",
    "own_pages": "/en/subscribe",
}
ATTACKER, ELSE = "127.0.0.9", "127.0.0.77"
HALF = 110
"""Connections of the attacker; a door has room for 100."""


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's folder for temporary files."""
    return tmp_path_factory.mktemp("spool")


@pytest.fixture(scope="module")
def served(made_instance: Path, spool: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An instance of its own, served with no settings at all."""
    place = tmp_path_factory.mktemp("limits") / "instance"
    shutil.copytree(made_instance, place, symlinks=True)
    with serving(Player(place, clean_environ(TMPDIR=str(spool))), "--public-port", "0") as found:
        yield found


def door_of(served: Serving, name: str) -> tuple[str, int]:
    found = urlsplit(served["desk" if name == "intake" else name])
    assert found.hostname is not None
    assert found.port is not None
    return found.hostname, found.port


@contextmanager
def connected(where: tuple[str, int], source: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.create_connection(where, timeout=20, source_address=(source, 0)) as wire:
        yield wire


def asked(where: tuple[str, int], path: str = "/", source: str = ELSE) -> int:
    """The status that somebody at this address is answered with; 0: none within six seconds."""
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
    """Bytes in temporary files that the server's two processes hold open, deleted ones too."""
    found = 0
    for pid in (served.process.pid, served.child()):
        for number in (Path("/proc") / str(pid) / "fd").iterdir():
            with suppress(OSError):  # It was closed meanwhile.
                found += number.stat().st_size if os.readlink(number).startswith(str(spool)) else 0
    return found + sum(file.stat().st_size for file in spool.rglob("*") if file.is_file())


def pushed(wire: socket.socket, piece: bytes, times: int) -> int:
    """Sends a piece again and again until it is refused; the bytes that were taken."""
    sent = 0
    try:
        for _ in range(times):
            wire.sendall(piece)
            sent += len(piece)
    except (ConnectionResetError, BrokenPipeError):
        pass
    return sent


@pytest.mark.parametrize("name", ALL_DOORS)
def test_a_body_past_all_measure_is_refused_at_its_announcement(served: Serving, spool: Path, name: str) -> None:
    with connected(door_of(served, name)) as wire:
        wire.sendall(f"POST {ALL_DOORS[name]} HTTP/1.1\r\nHost: door\r\nContent-Length: 100000000\r\n\r\n".encode())
        assert status_of(wire) == 413
        assert pushed(wire, b"x" * 65_536, 1500) < 50_000_000
    assert kept_on_disk(served, spool) == 0


@pytest.mark.parametrize("name", ALL_DOORS)
def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large(served: Serving, spool: Path, name: str) -> None:
    with connected(door_of(served, name)) as wire:
        wire.sendall(f"POST {ALL_DOORS[name]} HTTP/1.1\r\nHost: door\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        pushed(wire, b"8000\r\n" + b"x" * 32_768 + b"\r\n", 40)
        assert kept_on_disk(served, spool) == 0
        assert status_of(wire) == 413
        assert pushed(wire, b"8000\r\n" + b"x" * 32_768 + b"\r\n", 3000) < 50_000_000
    assert kept_on_disk(served, spool) == 0
