"""Atlassian's own widget, unchanged, shows the state of our page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.support.client_site import address as address
from tests.support.paths import NODE_MODULES


@pytest.mark.parametrize("looks", ["basic", "badge"])
def test_atlassian_s_widget_shows_indicator_and_headline(address: str, browser: Browser, looks: str):
    script = NODE_MODULES / "@statuspage" / "status-widget" / "dist" / "index.js"
    tag = f'<statuspage-widget src="{address}" appearance="{looks}"></statuspage-widget>'
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.route("**/widget.js", lambda route: route.fulfill(path=script, content_type="text/javascript"))
    html = f'<!doctype html><html lang="en"><title>Ours</title><body>{tag}<script src="/widget.js"></script>'
    page.route("**/widget.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{address}/widget.html")
    page.wait_for_function("document.querySelector('statuspage-widget').shadowRoot?.textContent.includes('Outage')")
    assert "Partial System Outage" in shown(page)
    # Its build ends with a line that its own loader does not support; by then its work is done.
    assert faults == ["parcelRequire is not defined"]
    page.close()


def shown(page: Page) -> str:
    text: str = page.evaluate("document.querySelector('statuspage-widget').shadowRoot.textContent")
    return re.sub(r"\s+", " ", text)
