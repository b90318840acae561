"""A brand's logo, colours and links in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from statuspage.rendering.site.pages import status
from tests.support.brand import LINK, LOGO, NAMES, NOON, BrandLoader
from tests.support.brand import load_brand as load_brand
from tests.support.site import booking, present, site_context


def test_in_a_browser_nothing_is_blocked_and_all_can_be_read(
    load_brand: BrandLoader, browser: Browser, tmp_path: Path, axe: Callable[[Page], list[str]]
):
    catalog, _ = load_brand(f'logo = "logo.svg"\naccent = "#00695c"\n{LINK}{NAMES}', logo_svg=LOGO)
    assert catalog is not None
    context = site_context(replace(catalog))
    (tmp_path / "page.html").write_bytes(
        status.front_pages(context, present(context, booking(), now=NOON), now=NOON)["en/index.html"]
    )
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page = browser.new_page(color_scheme=scheme)
        messages: list[str] = []
        page.on("console", lambda message, messages=messages: messages.append(message.text))
        page.goto((tmp_path / "page.html").as_uri())
        assert messages == []
        assert page.evaluate("document.querySelector('.brand img').getBoundingClientRect().width") == 96
        assert axe(page) == []
        page.close()
