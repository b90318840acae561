"""Web server configuration comes from one source, and real servers behave accordingly."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.hosting import http_headers, server_config
from statuspage.usecases.publishing import site_updates
from tests.support.hosts import free_port
from tests.support.publishing import environment_in
from tests.support.site import drilled, site_context
from tests.support.times import at


def test_a_page_is_not_framed_the_line_for_other_pages_is_and_scripts_may_read_data() -> None:
    assert http_headers.headers_of("ja/index.html")["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "X-Frame-Options" not in http_headers.headers_of("ja/embed.html")
    assert http_headers.headers_of("api/v2/summary.json")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in http_headers.headers_of("index.html")


def test_the_file_for_hosts_of_pages_says_nothing_twice_of_any_file(catalog: Catalog) -> None:
    text = server_config.headers_file(site_context(catalog))["_headers"].decode()
    rules = [block.splitlines() for block in text.split("\n\n")]
    for name in ("ja/index.html", "ja/embed.html", "api/v2/summary.json", "en/feed.rss", "ja/incidents/x/index.html"):
        path = "/" + name.removesuffix("index.html")
        fitting = [rule for rule in rules if fits(rule[0], path)]
        names = [line.strip().partition(":")[0] for rule in fitting for line in rule[1:]]
        assert len(names) == len(set(names)), name
        wanted = set(http_headers.headers_of(name)) - {"Cache-Control", "Content-Type"}
        assert wanted == set(names) - {"Content-Type"}, name
    assert server_config.headers_file(site_context(drilled(catalog))) == {}


def fits(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


@pytest.fixture
def folder(tmp_path: Path, catalog: Catalog) -> Path:
    contact = replace(catalog.site, security_contact="mailto:security@example.com")
    env = environment_in(tmp_path, replace(catalog, site=contact))
    site_updates.build_site(env, now=at("12:00"))
    env.databases.environment.close()
    return env.site_folder.current


NAMES = (".well-known/security.txt", "ja/", "ja/embed.html", "api/v2/summary.json", "en/feed.atom", "og-ok.png", "none")


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_servers_say_what_we_say(folder: Path, tmp_path: Path, server: str) -> None:
    with serving(server, folder, tmp_path) as address, requests.Session() as session:
        answers = {name: session.get(f"{address}/{name}", timeout=10) for name in NAMES}
        hidden = session.get(f"{address}/.release", timeout=10)
        others = session.get(f"{address}/.well-known/security.txt/.release", timeout=10)
    assert {name: headers_of(answers[name], name) for name in NAMES} == {name: wanted_of(name) for name in NAMES}
    assert others.status_code == 404
    assert answers[".well-known/security.txt"].content.startswith(b"Contact: mailto:security@example.com\n")
    assert (hidden.status_code, answers["none"].content) == (404, (folder / "404.html").read_bytes())


SPOKEN = ("ja", "en", "ja-simple")
ROOT = [
    ("", "", 200),
    ("ja,en;q=0.9", "", 200),
    ("en-US,en;q=0.9", "en/", 302),
    ("fr-FR,fr;q=0.9,en;q=0.8,ja;q=0.7", "en/", 302),
    ("fr-FR,fr;q=0.9", "", 200),
    ("enx", "", 200),
]


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_servers_lead_a_browser_from_the_root_to_its_own_language(folder: Path, tmp_path: Path, server: str) -> None:
    with serving(server, folder, tmp_path) as address, requests.Session() as session:
        for asked, leads, status in ROOT:
            asking = {"Accept-Language": asked or None}
            answer = session.get(f"{address}/", headers=asking, timeout=10, allow_redirects=False)
            assert answer.status_code == status, (asked, answer.status_code)
            assert answer.headers.get("Location", "").removeprefix(f"{address}/").removeprefix("/") == leads, asked
            assert "Accept-Language" in answer.headers["Vary"], asked
            if status == 200:
                assert answer.content == (folder / "index.html").read_bytes()
                assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert "Accept-Language" not in session.get(f"{address}/ja/", timeout=10).headers["Vary"]


def wanted_of(name: str) -> dict[str, object]:
    with_file = name if name.rpartition("/")[2] else f"{name}index.html"
    wanted = http_headers.headers_of("404.html" if name == "none" else with_file)
    everything = {**dict.fromkeys(ASKED), **wanted}
    return {
        "status": 404 if name == "none" else 200,
        "packed": not name.endswith((".png", "security.txt")),
        **everything,
    }


def headers_of(answer: requests.Response, name: str) -> dict[str, object]:
    named = (*ASKED, *wanted_of(name))
    headers = {key: answer.headers.get(key) for key in named if key not in ("status", "packed")}
    return {"status": answer.status_code, "packed": answer.headers.get("Content-Encoding") == "gzip", **headers}


ASKED = ("Access-Control-Allow-Origin", "X-Frame-Options", "Content-Security-Policy")
"""Headers that must be absent unless we set them."""


@contextmanager
def serving(server: str, folder: Path, own: Path) -> Iterator[str]:
    """A real server with our configuration, on loopback, during the block."""
    name = {"nginx": "127.0.0.1", "caddy": "status.example.com"}[server]
    settings = {"nginx": server_config.nginx, "caddy": server_config.caddy}[server]
    with running_server(server, settings(name, str(folder.resolve()), SPOKEN), name, own) as address:
        yield address


@contextmanager
def running_server(server: str, settings: str, name: str, own: Path) -> Iterator[str]:
    """A real server with these settings for a page of this name, on loopback, during the block."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = {"nginx": of_nginx, "caddy": of_caddy}[server](settings, name, own, port)
    running = subprocess.Popen(command, env={**os.environ, "HOME": str(own), "XDG_DATA_HOME": str(own)})
    try:
        until = time.monotonic() + 60
        while not answers_at(address):
            assert running.poll() is None and time.monotonic() < until, f"{server} did not start"
            time.sleep(0.05)
        yield address
    finally:
        running.terminate()
        running.wait(30)


def answers_at(address: str) -> bool:
    try:
        requests.get(address, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def of_nginx(settings: str, _name: str, own: Path, port: int) -> list[str]:
    """The command that starts it, with the settings inside a minimal configuration."""
    ours = settings.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("listen [::]:80;", "")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    apart = "".join(f"{kind}_temp_path {own}/{kind};" for kind in kinds)
    main = f"user root; daemon off; pid {own}/pid; error_log {own}/errors;"
    (own / "nginx.conf").write_text(f"{main}\nevents {{}}\nhttp {{ access_log off; {apart}\n{ours} }}\n")
    return ["/usr/sbin/nginx", "-c", str(own / "nginx.conf")]


def of_caddy(settings: str, name: str, own: Path, port: int) -> list[str]:
    """The command that starts it, without requesting a certificate."""
    ours = settings.replace(f"{name} {{", f"http://127.0.0.1:{port} {{", 1)
    (own / "Caddyfile").write_text(f"{{\n    admin off\n}}\n{ours}")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(own / "Caddyfile")]
