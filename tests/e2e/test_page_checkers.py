"""The page checkers find errors, so that their silence means something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Browser, Page

GOOD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Good</title></head>
<body><main><h1>All is well</h1></main></body></html>"""

BAD = """<!doctype html><html><head><meta charset="utf-8"><title>Bad</title></head>
<body><main><h1>Not well</h1><img src="data:,"><p><div></div></p></main></body></html>"""


def test_the_html_checker_sees_faults_and_lets_good_pages_pass(
    nu: Callable[[Iterable[Path]], list[str]], tmp_path: Path
) -> None:
    (good := tmp_path / "good.html").write_text(GOOD, encoding="utf-8")
    (bad := tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    assert nu([good]) == []
    found = nu([good, bad])
    assert all(message.startswith("bad.html:") for message in found)
    assert any("alt" in message for message in found)


def test_the_accessibility_checker_sees_faults_on_a_served_page(
    browser: Browser, static_server: Callable[[Path], str], axe: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    (tmp_path / "good.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    address = static_server(tmp_path)
    page = browser.new_page()
    page.goto(f"{address}/good.html")
    assert axe(page) == []
    page.goto(f"{address}/bad.html")
    assert {found.partition(":")[0] for found in axe(page)} >= {"html-has-lang", "image-alt"}
    page.close()
