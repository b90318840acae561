"""A real browser, and two page checkers: the W3C's for markup, Deque's for accessibility."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.support.paths import NODE_MODULES

QUIET_CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Chromium flags: run as root, and send no requests of its own."""

expect.set_options(timeout=30_000)  # a page on a busy machine is waited for, not measured


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, headless."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


def launch(playwright: Playwright, *flags: str) -> Browser:
    """The machine's own Chromium, headless."""
    return playwright.chromium.launch(executable_path=_chromium(), args=[*QUIET_CHROMIUM, *flags])


def _chromium() -> str:
    found = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert found, "No Chromium here. `make test-all` installs it on Debian."
    return found


def sideways(page: Page) -> int:
    """How many pixels the page scrolls sideways, once its stylesheets have arrived."""
    page.wait_for_load_state()
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="session")
def nu() -> Callable[[Iterable[Path]], list[str]]:
    """The W3C's checker for HTML or CSS files: every error and warning as ``file:line: message``."""
    jar = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    assert jar.is_file(), "The HTML checker is missing. `make test-all` installs it."

    def check(files: Iterable[Path]) -> list[str]:
        names = [str(file) for file in files]
        assert names, "There is nothing to check."
        command = ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", "--also-check-css", *names]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        return [_message_text(message) for message in json.loads(result.stderr)["messages"]]

    return check


def _message_text(message: dict[str, Any]) -> str:
    where = Path(message.get("url", "?").removeprefix("file:")).name
    return f"{where}:{message.get('lastLine', '?')}: {message['message']}"


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Deque's accessibility rules for an open page: every violation as ``rule: what | where``."""
    source = (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> list[str]:
        page.wait_for_load_state()  # Colours and sizes come from both stylesheets.
        page.evaluate(source)
        found = page.evaluate("async () => (await axe.run()).violations")
        return [f"{v['id']}: {v['help']} | {n['target'][0]}" for v in found for n in v["nodes"]]

    return check
