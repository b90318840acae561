"""nginx and Caddy as docs/guides/first-hour.md sets them up, attacked like the program's own ports."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.hosts import free_port
from tests.support.playing import Player, Serving, clean_environ, serving
from tests.system.test_request_limits import ATTACKER, ELSE, connected, half_open, pushed, status_of
from tools import operate

pytestmark = pytest.mark.slow

DESK = "desk.example.com"
GUIDE = next(guide for guide in operate.GUIDES if guide.stem == "first-hour").read_text("utf-8")
PORTS = {"8000": "desk", "8002": "drill", "8003": "drill_site", "8004": "signup"}
BURST = 200
"""Requests at once that nginx passes on."""


@pytest.fixture(scope="module")
def served(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An instance that trusts the server in front of it."""
    folder = tmp_path_factory.mktemp("proxied") / "instance"
    shutil.copytree(made_instance, folder, symlinks=True)
    with serving(Player(folder, clean_environ(STATUSPAGE_PROXIES="127.0.0.1")), "--signup-port", "0") as found:
        yield found


@dataclass(frozen=True)
class Proxy:
    """A web server in front of the instance."""

    name: str
    port: int

    @property
    def where(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def ask(self, path: str, source: str = ELSE, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Status and body of one request to the desk from this address."""
        line = http.client.HTTPConnection(*self.where, timeout=30, source_address=(source, 0))
        body = urlencode(form) if form else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        line.request("POST" if form else "GET", path, body, {"Host": DESK, **kind, **headers})
        answer = line.getresponse()
        text, cookies = answer.read().decode(), answer.headers.get_all("Set-Cookie") or []
        line.close()
        return answer.status, text + "\n".join(f"cookie:{cookie.partition(';')[0]}" for cookie in cookies)


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, served: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    own = tmp_path_factory.mktemp(request.param)
    port = free_port()
    command = {"nginx": nginx_command, "caddy": caddy_command}[request.param](served, own, port)
    with running(command, own):
        found = Proxy(request.param, port)
        until_it_passes_on(found)
        yield found


@contextmanager
def running(command: list[str], own: Path) -> Iterator[None]:
    process = subprocess.Popen(command, env={**os.environ, "HOME": str(own), "XDG_DATA_HOME": str(own)})
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def until_it_passes_on(proxy: Proxy) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            status, _ = proxy.ask("/livez")
        except OSError:
            status = 0
        if status == 200:
            return
        assert time.monotonic() < until, "it did not start"
        time.sleep(0.1)


def block_of_guide(file: str, served: Serving) -> str:
    """The configuration for this file, with the ports of this instance."""
    (text,) = [step.text for step in operate.steps(GUIDE) if step.more == file]
    for port, name in PORTS.items():
        assert f"127.0.0.1:{port}" in text
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{urlsplit(served[name]).port}")
    return text


def nginx_command(served: Serving, own: Path, port: int) -> list[str]:
    """Without certificates, and without the server that leads from HTTP to HTTPS."""
    text = block_of_guide("/etc/nginx/sites-available/statuspage-desks", served)
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r" *ssl_certificate\w* [^;]+;\n", "", text).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    apart = "".join(f"{kind}_temp_path {own}/{kind};" for kind in kinds)
    main = f"user root; daemon off; pid {own}/pid; error_log {own}/errors;\nevents {{}}\n"
    (own / "nginx.conf").write_text(f"{main}http {{ access_log off; {apart}\n{text} }}\n")
    return ["/usr/sbin/nginx", "-c", str(own / "nginx.conf")]


def caddy_command(served: Serving, own: Path, port: int) -> list[str]:
    """Without certificates."""
    text = block_of_guide("/etc/caddy/desks", served)
    text = re.sub(r"^([\w-]+\.example\.com) \{", rf"http://\1:{port} {{", text, flags=re.MULTILINE)
    (own / "Caddyfile").write_text(text.replace("{\n", "{\n    admin off\n", 1))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(own / "Caddyfile")]


def test_the_figures_are_for_nobody_outside(proxy: Proxy) -> None:
    assert proxy.ask("/metrics")[0] == 404
    assert proxy.ask("/sign-in")[0] == 200


def test_half_open_requests_of_one_address_shut_nobody_out(proxy: Proxy) -> None:
    with half_open(proxy.where) as over:
        assert [proxy.ask("/sign-in")[0] for _ in range(4)] == [200] * 4
        assert not over.wait(5), "bytes come meanwhile"
        assert [proxy.ask("/sign-in")[0] for _ in range(4)] == [200] * 4


def test_a_body_past_all_measure_is_not_taken(proxy: Proxy, served: Serving) -> None:
    for announced in ("Content-Length: 100000000", "Transfer-Encoding: chunked"):
        with connected(proxy.where, ATTACKER) as wire:
            wire.sendall(f"POST /sign-in HTTP/1.1\r\nHost: {DESK}\r\n{announced}\r\n\r\n".encode())
            piece = b"8000\r\n" + b"x" * 32_768 + b"\r\n" if "chunked" in announced else b"x" * 32_768
            pushed(wire, piece, 40)
            refused = {"nginx": (413,), "caddy": (413, 502)}  # 502: the desk refused it before Caddy did.
            assert status_of(wire) in refused[proxy.name], announced
    assert proxy.ask("/sign-in")[0] == 200
    assert served.process.poll() is None


def test_an_address_that_somebody_makes_up_does_not_make_more_guesses(proxy: Proxy) -> None:
    _, page = proxy.ask("/sign-in", ATTACKER)
    token, cookie = re.search(r'name="csrf_token" value="([^"]+)"', page), re.search(r"cookie:(.+)", page)
    assert token is not None
    assert cookie is not None
    form = {"csrf_token": token[1], "password": "wrong words here"}
    statuses = Counter(
        proxy.ask(
            "/sign-in",
            ATTACKER,
            {**form, "login": secrets.token_hex(4)},
            Cookie=cookie[1],
            **{"X-Forwarded-For": f"203.0.113.{number}"},
        )[0]
        for number in range(100)
    )
    assert set(statuses) == {403, 429}
    assert statuses[403] <= 25, "those of one address, whatever it says"
    assert proxy.ask("/sign-in")[0] == 200


@pytest.mark.parametrize("proxy", ["nginx"], indirect=True)  # Caddy has no limit of its own, as the guide says.
def test_nginx_slows_a_flood_of_one_address_and_nobody_else(proxy: Proxy) -> None:
    statuses: list[int] = []
    while 503 not in statuses:
        statuses.append(proxy.ask("/livez", "127.0.0.10")[0])
        assert len(statuses) < BURST * 20
    assert statuses[: BURST + 1] == [200] * (BURST + 1)
    assert proxy.ask("/sign-in")[0] == 200
