"""What web hosts are told comes from one source, and real servers do as told."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
import requests

from statuspage import publishing
from statuspage.catalog import Catalog
from statuspage.site import headers, hosts
from tests.fixtures_site import drilled, edition
from tests.fixtures_targets import free_port
from tests.test_publishing import world_in
from tests.times import at


def test_a_page_is_not_framed_the_line_for_other_pages_is_and_scripts_may_read_data() -> None:
    assert headers.of("ja/index.html")["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "X-Frame-Options" not in headers.of("ja/embed.html")
    assert headers.of("api/v2/summary.json")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in headers.of("index.html")


def test_the_file_for_hosts_of_pages_says_nothing_twice_of_any_file(catalog: Catalog) -> None:
    text = hosts.published(edition(catalog))["_headers"].decode()
    rules = [block.splitlines() for block in text.split("\n\n")]
    for name in ("ja/index.html", "ja/embed.html", "api/v2/summary.json", "en/feed.json", "ja/incidents/x/index.html"):
        path = "/" + name.removesuffix("index.html")
        fitting = [rule for rule in rules if fits(rule[0], path)]
        said = [line.strip().partition(":")[0] for rule in fitting for line in rule[1:]]
        assert len(said) == len(set(said)), name
        wanted = set(headers.of(name)) - {"Cache-Control", "Content-Type"}
        assert wanted == set(said) - {"Content-Type"}, name
    assert hosts.published(edition(drilled(catalog))) == {}


def fits(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


@pytest.fixture
def folder(tmp_path: Path, catalog: Catalog) -> Path:
    world = world_in(tmp_path, catalog)
    publishing.build(world, now=at("12:00"))
    world.store.close()
    return world.target.current


@pytest.mark.parametrize("name", ["ja/", "ja/embed.html", "api/v2/summary.json", "en/feed.atom", "og-ok.png", "none"])
def test_nginx_says_what_we_say(folder: Path, tmp_path: Path, name: str) -> None:
    with_file = name if name.rpartition("/")[2] else f"{name}index.html"
    wanted = headers.of("404.html" if name == "none" else with_file)
    with nginx(folder, tmp_path) as address:
        answer = requests.get(f"{address}/{name}", timeout=10)
    assert answer.status_code == (404 if name == "none" else 200)
    assert {key: answer.headers.get(key) for key in wanted} == dict(wanted)
    assert ("Access-Control-Allow-Origin" in answer.headers) == ("Access-Control-Allow-Origin" in wanted)
    assert ("X-Frame-Options" in answer.headers) == ("X-Frame-Options" in wanted)
    assert (answer.headers.get("Content-Encoding") == "gzip") == (not name.endswith(".png"))


class nginx:
    """nginx with our settings, on loopback, for the time of the block."""

    def __init__(self, folder: Path, own: Path) -> None:
        port = free_port()
        self._address = f"http://127.0.0.1:{port}"
        ours = hosts.nginx("127.0.0.1", str(folder.resolve())).replace("listen 80;", f"listen 127.0.0.1:{port};")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        apart = "".join(f"{kind}_temp_path {own}/{kind};" for kind in kinds)
        main = f"user root; daemon off; pid {own}/pid; error_log {own}/errors;"
        self._file = own / "nginx.conf"
        self._file.write_text(f"{main}\nevents {{}}\nhttp {{ access_log off; {apart}\n{ours} }}\n")

    def __enter__(self) -> str:
        self._server = subprocess.Popen(["/usr/sbin/nginx", "-c", str(self._file)])
        until = time.monotonic() + 20
        while True:
            assert self._server.poll() is None and time.monotonic() < until, "nginx did not start"
            try:
                requests.get(self._address, timeout=5)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return self._address

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(20)
