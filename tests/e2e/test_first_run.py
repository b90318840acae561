"""From ``make run`` on an empty folder to a page of one's own that can be read, in a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import sideways
from tests.support.paths import ROOT
from tests.support.playing import clean_environ

PATIENCE = 300_000
"""Milliseconds until the desk must be open: the first start checks every sentence."""

FREE_PORTS = [part for flag in ("", "site-", "drill-", "drill-site-", "signup-") for part in (f"--{flag}port", "0")]


@dataclass(frozen=True)
class Started:
    """The link that was printed, and the process."""

    link: str
    pid: int

    def machine_time(self) -> float:
        """Seconds of a processor that the program has used since its start."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def make_run(home: Path) -> Iterator[Started]:
    """The command of ``make run`` on this folder."""
    recipe = re.search(r"^run:.*\n\t@exec \$\(BIN\)/statuspage (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert recipe, "the command of make run"
    words = recipe[1].replace("$(INSTANCE)", str(home)).split()
    command = [sys.executable, "-P", "-m", "statuspage", *words, *FREE_PORTS]
    log = home.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=clean_environ())
        try:
            yield Started(_link(log, process), process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _link(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + PATIENCE / 1000
    while not (found := re.search(r"http://\S+/welcome/\S+", log.read_text("utf-8"))):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < end, "no link"
        time.sleep(0.1)
    return found[0]


@contextmanager
def opened(browser: Browser, link: str, language: str, **how: object) -> Iterator[Page]:
    """The link in a browser of this language; its errors fail the test."""
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900}, **how)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(link)
    yield page
    context.close()
    assert errors == []


def test_from_make_run_to_a_page_of_ones_own(browser: Browser, tmp_path: Path) -> None:
    inputs = 0
    with make_run(tmp_path / "instance") as run, opened(browser, run.link, "en") as page:
        started = run.machine_time()
        page.fill("[name=company]", "Acme Payments")
        page.click("[name=starter][value=saas]")
        expect(page.frame_locator("iframe").locator("header")).to_contain_text("Acme Payments")
        page.fill("[name=services]", "For developers:\nPayments API\nWebhooks\nOther:\nDashboard")
        expect(page.frame_locator("iframe").locator(".svc")).to_contain_text("Payments API", timeout=PATIENCE)
        page.click("[name=do][value=make]")
        inputs += 4
        page.wait_for_selector("header details.pop", timeout=PATIENCE)
        expect(page.locator("#setup-gaps summary")).to_contain_text("6 things")
        site = page.locator("header a[target=_blank]").get_attribute("href")
        assert site
        front = requests.get(site, timeout=10, headers={"Accept-Language": "en"})
        for words in ("Acme Payments", "For developers", "Payments API", "Webhooks", "Dashboard"):
            assert words in front.text, words
        assert requests.get(run.link, timeout=10, allow_redirects=False).status_code != 200, "Welcome is gone"
        print(f"\nfirst run: {inputs} inputs; {started:.1f} s of a processor to the link, ", end="")
        print(f"{run.machine_time() - started:.1f} s from there to the page")


def test_looking_around_first_says_everywhere_that_it_is_a_demonstration(browser: Browser, tmp_path: Path) -> None:
    home = tmp_path / "instance"
    with make_run(home) as run, opened(browser, run.link, "ja", java_script_enabled=False) as page:
        desk = run.link.partition("/welcome")[0]
        page.click("[name=do][value=demo]")
        page.wait_for_selector("header details.pop", timeout=PATIENCE)
        for path in ("/", "/incidents/new", "/settings/accounts"):
            page.goto(f"{desk}{path}")
            expect(page.locator("body")).to_contain_text("架空の会社")
        page.goto(f"{desk}/")
        site = page.locator("header a[target=_blank]").get_attribute("href")
        assert site
        assert "架空の会社" in requests.get(f"{site}ja/", timeout=10).content.decode()
        assert not home.exists()
        assert home.with_name("instance-demo").is_dir()


def test_the_form_has_no_more_to_offer_than_its_mock_and_fits_every_screen(browser: Browser, tmp_path: Path) -> None:
    with make_run(tmp_path / "instance") as run, opened(browser, run.link, "ja") as page:
        page.fill("[name=company]", "アクメ決済株式会社")
        page.click("[name=starter][value=saas]")
        page.fill("[name=services]", "\n".join(["長" * 60, "API"]))
        expect(page.frame_locator("iframe").locator(".svc")).to_contain_text("API", timeout=PATIENCE)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways(page) == 0
        page.keyboard.press("Tab")
        assert page.locator("main :is(input, select, textarea, button, summary):visible").count() <= 12
