"""Reading back over HTTP: the notice with its text, from a server that may be slow, wrong or unavailable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from statuspage.integrations.net import page_probe
from statuspage.integrations.net.readback import ExpectedNotice, ReadbackResult, find_passage, read_back
from statuspage.integrations.rosters import fetch

PAGE = (
    '<ol><li id="n-3" class="cur"><div>12:03<br>第一報</div><p>予約が<wbr>できません。</p></li><li id="n-2">x</li></ol>'
)
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def server() -> Iterator[Callable[[Answer], str]]:
    """A web server that responds as told; returns its address."""
    running: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Logs nothing."""

        made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        running.append(made)
        return f"http://127.0.0.1:{made.server_port}/"

    yield start
    for made in running:
        made.shutdown()
        made.server_close()


def saying(text: str, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        data = text.encode()
        request.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def look(address: str, words: str = "予約ができません。", timeout: float = 0.5) -> ReadbackResult:
    return read_back((ExpectedNotice("page.ja", address, "n-3", words),), timeout=timeout)


def test_a_notice_is_found_by_its_id_and_its_words(server: Callable[[Answer], str]):
    address = server(saying(PAGE))
    reading = look(address)
    assert reading.is_complete
    assert reading.found == {"page.ja": address}


def test_other_words_under_the_same_id_are_not_the_notice(server: Callable[[Answer], str]):
    reading = look(server(saying(PAGE)), words="支払いができません。")
    assert reading.missing == {"page.ja": "The notice is there, but with other words."}


def test_words_elsewhere_on_the_page_do_not_count(server: Callable[[Answer], str]):
    assert not look(server(saying('<p>予約ができません。</p><li id="n-2">予約ができません。</li>'))).is_complete


def test_a_page_that_comes_late_is_found_within_the_time(server: Callable[[Answer], str]):
    asked = iter(range(100))
    address = server(lambda request: saying(PAGE if next(asked) else "old")(request))
    assert look(address, timeout=5).is_complete


def test_a_redirect_to_elsewhere_is_not_followed(server: Callable[[Answer], str]):
    other = server(saying(PAGE))
    reading = look(server(saying("", status=302, Location=other)))
    assert reading.missing == {"page.ja": "The address answers with 302 instead of the page."}


def test_an_endless_page_is_not_read_to_its_end(server: Callable[[Answer], str]):
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            try:
                request.wfile.write(b"x" * 65_536)
            except OSError:
                return

    assert "larger" in look(server(endless)).missing["page.ja"]


def test_a_server_that_is_silent_or_gone_costs_no_more_than_the_time(server: Callable[[Answer], str]):
    quiet = server(lambda request: time.sleep(3))
    began = time.monotonic()
    silent, gone = look(quiet, timeout=0.6), look("http://127.0.0.1:9/", timeout=0.3)
    assert time.monotonic() - began < 2.5
    assert "cannot be reached" in silent.missing["page.ja"]
    assert "cannot be reached" in gone.missing["page.ja"]


def test_an_entry_of_a_feed_is_found_by_its_id():
    feed = (
        "<feed><id>f</id><entry><id>t/1</id><title>a</title></entry><entry><id>t/2</id><title>b &amp; c</title></entry>"
    )
    assert "b & c" in (find_passage(feed, "t/2") or "")
    assert "a" not in (find_passage(feed, "t/2") or "").split()
    assert find_passage(feed, "t/3") is None


@pytest.fixture
def without_authorities(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file of certificate authorities is gone."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "gone.pem"))


@pytest.mark.usefixtures("without_authorities")
def test_without_certificate_authorities_a_page_or_a_roster_cannot_be_reached_and_that_is_said() -> None:
    address = "https://127.0.0.1:9/"
    assert look(address, timeout=0.1).missing == {"page.ja": "The page cannot be reached (OSError)."}
    with pytest.raises(page_probe.PageUnreadable):
        page_probe.fetch_page(address)
    with pytest.raises(fetch.FetchFailed):
        fetch.fetch_calendar(address)
