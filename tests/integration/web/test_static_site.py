"""The built-in web server for published files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection

import pytest
import requests

from statuspage.web.server import static_site
from statuspage.web.server.http_server import ServerThread, open_listener


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build = tmp_path / "releases" / "a"
    (build / "ja").mkdir(parents=True)
    (build / "index.html").write_text("<p>front", "utf-8")
    (build / "ja" / "index.html").write_text("<p>日本語", "utf-8")
    (build / "index.html.gz").write_bytes(gzip.compress(b"<p>front"))
    (build / "feed.atom").write_bytes(b"<feed/>")
    (build / "og-ok.png").write_bytes(b"picture")
    (build / "404.html").write_text("<p>not here", "utf-8")
    (build / ".hidden.html").write_text("secret", "utf-8")
    (build / ".well-known").mkdir()
    (build / ".well-known" / "security.txt").write_text("Contact: x", "utf-8")
    (build / ".well-known" / "other.txt").write_text("secret", "utf-8")
    (build / "notes.sqlite").write_text("secret", "utf-8")
    (tmp_path / "outside.html").write_text("secret", "utf-8")
    (build / "way-out.html").symlink_to(tmp_path / "outside.html")
    (tmp_path / "current").symlink_to(build)
    return tmp_path / "current"


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with (
        open_listener("127.0.0.1", 0) as listener,
        ServerThread(static_site.application(lambda: folder), listener) as server,
    ):
        yield server.address


def test_a_folder_is_its_index_page_in_the_right_type_and_writing(address: str) -> None:
    answer = requests.get(f"{address}/ja/", timeout=5)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text == "<p>日本語"


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("", ""),
        ("ja", ""),
        ("fr", ""),
        ("en-US,en;q=0.9,ja;q=0.8", "en/"),
        ("ja;q=0.5, en", "en/"),
        ("en;q=0, ja;q=0.1", ""),
        ("pt", "pt-BR/"),
        ("zh-CN", "zh-Hans/"),
        ("zh-TW,zh;q=0.9", "zh-Hans/"),
        ("zh-TW", ""),
        ("de;q=x, \x00, en;;q=0.3", "en/"),
    ],
)
def test_the_root_leads_a_browser_to_its_own_language(folder: Path, asked: str, leads: str) -> None:
    languages = ("ja", "en", "ja-simple", "pt-BR", "zh-Hans")
    for language in languages[1:]:
        (folder / language).mkdir()
        (folder / language / "index.html").write_text(f"<p>{language}", "utf-8")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_ACCEPT_LANGUAGE": asked}
    started: list[tuple[str, dict[str, str]]] = []
    serve = static_site.application(lambda: folder, lambda: languages)
    body = b"".join(serve(environ, lambda status, headers: started.append((status, dict(headers)))))
    ((status, headers),) = started
    assert (status, headers.get("Location", "")) == ("302 Found" if leads else "200 OK", leads)
    assert "Accept-Language" in headers["Vary"]
    assert headers["Cache-Control"] == "no-cache"
    assert leads or body == b"<p>front"


def test_a_folder_without_its_slash_is_sent_on(address: str) -> None:
    answer = requests.get(f"{address}//ja", timeout=5, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, "/ja/")


def test_a_feed_comes_compressed_to_who_takes_it_and_whole_to_who_does_not(address: str) -> None:
    packed = requests.get(f"{address}/feed.atom", timeout=5)
    plain = requests.get(f"{address}/feed.atom", timeout=5, headers={"Accept-Encoding": "gzip;q=0"})
    assert (packed.headers["Content-Encoding"], packed.content) == ("gzip", b"<feed/>")
    assert ("Content-Encoding" in plain.headers, plain.content) == (False, b"<feed/>")
    assert packed.headers["Content-Type"].startswith("application/atom+xml")


def test_a_compressed_copy_is_sent_as_it_is(address: str, folder: Path) -> None:
    answer = requests.get(f"{address}/", timeout=5, stream=True)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.raw.read() == (folder / "index.html.gz").read_bytes()


def test_an_image_is_not_compressed_again(address: str) -> None:
    answer = requests.get(f"{address}/og-ok.png", timeout=5)
    assert ("Content-Encoding" in answer.headers, answer.content) == (False, b"picture")


def test_what_has_not_changed_is_not_sent_again(address: str) -> None:
    first = requests.get(f"{address}/ja/", timeout=5)
    again = requests.get(f"{address}/ja/", timeout=5, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_asking_for_the_head_sends_no_body(address: str) -> None:
    answer = requests.head(f"{address}/ja/", timeout=5, headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len("<p>日本語".encode()))


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/.hidden.html",
        "/.well-known/other.txt",
        "/.well-known/",
        "/x/.well-known/security.txt",
        "/notes.sqlite",
        "/way-out.html",
        "/ja/nothing.html",
        "/%00",
        "/a\\b",
        "/releases/",
    ],
)
def test_what_is_not_published_is_a_friendly_404(address: str, path: str) -> None:
    answer = requests.get(address + path, timeout=5)
    assert answer.status_code == 404
    assert answer.text == "<p>not here"


@pytest.mark.parametrize(
    "path", ["/../outside.html", "/ja/../../../outside.html", "/%2e%2e/outside.html", "//etc/passwd"]
)
def test_no_path_leads_out_of_the_folder(address: str, path: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.0 404")
    assert b"secret" not in answer


def test_nothing_can_be_posted(address: str) -> None:
    assert requests.post(f"{address}/ja/", timeout=5).status_code == 405


def test_a_switched_build_shows_at_once(address: str, folder: Path) -> None:
    other = folder.parent / "releases" / "b"
    other.mkdir()
    (other / "index.html").write_text("<p>new", "utf-8")
    fresh = folder.parent / "fresh"
    fresh.symlink_to(other)
    fresh.rename(folder)
    assert requests.get(f"{address}/", timeout=5).text == "<p>new"


def test_security_txt_is_the_one_hidden_file_for_everybody(address: str) -> None:
    answer = requests.get(f"{address}/.well-known/security.txt", timeout=5)
    assert (answer.status_code, answer.text) == (200, "Contact: x")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_only_what_is_sent_is_compressed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = requests.get(f"{address}/feed.atom", timeout=5)
    assert (first.headers["Content-Encoding"], first.content) == ("gzip", b"<feed/>")
    monkeypatch.setattr(static_site, "_compressed", None)
    again = requests.get(f"{address}/feed.atom", timeout=5, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = requests.head(f"{address}/feed.atom", timeout=5, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.headers["ETag"]) == (200, first.headers["ETag"])
    plain = requests.get(f"{address}/feed.atom", timeout=5, headers={"Accept-Encoding": "identity"})
    assert plain.headers["ETag"] not in ("", first.headers["ETag"])
