"""The public pages in a real browser: colours, widths, without scripts, and in the page checkers."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import State
from statuspage.domain.incident import Notice
from statuspage.rendering.site.pages import service as service_page
from statuspage.rendering.site.pages.service import ServiceHistory
from statuspage.rendering.site.widgets import social_images
from tests.support.browser import sideways
from tests.support.site import (
    DRILL,
    booking,
    drilled,
    present,
    site_context,
)
from tests.support.site_pages import NOON, every_page, front, html
from tests.support.times import at


def test_a_link_to_a_page_is_shown_with_the_picture_of_its_state(catalog: Catalog, browser: Browser):
    context = site_context(catalog)
    assert 'property="og:image" content="https://status.fitline.example/og-down.png"' in html(front(context, booking()))
    assert "og:image" not in html(front(site_context(drilled(catalog)), booking(marks=DRILL)))
    page = browser.new_page()
    for name, data in social_images.pictures().items():
        encoded = base64.b64encode(data).decode()
        page.set_content(f'<img src="data:image/png;base64,{encoded}">')
        page.wait_for_function("document.images[0].complete")
        size = page.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]")
        assert size == [1200, 630], name
        assert len(data) < 5_000
    page.close()


def lay(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.mark.parametrize("env", ["live", "drill"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_asks_for_nothing_else(
    catalog: Catalog,
    browser: Browser,
    axe: Callable[[Page], list[str]],
    static_server: Callable[[Path], str],
    tmp_path: Path,
    scheme: str,
    env: str,
):
    site = site_context(catalog if env == "live" else drilled(catalog))
    files = every_page(site, None if env == "live" else booking(marks=DRILL))
    address = static_server(lay(files, tmp_path))
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", locale="ja-JP")
    page = context.new_page()
    asked: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    found = {}
    for name in files:
        asked.clear()
        page.goto(f"{address}/{name.removesuffix('index.html')}")
        loaded = [url for url in asked if not url.startswith("data:")]
        assert loaded == [page.url]
        found[name] = axe(page)
    context.close()
    assert not any("Content Security Policy" in text for text in messages if "axe" not in text), messages
    assert found == {name: [] for name in files}


def test_every_page_is_valid(catalog: Catalog, nu: Callable[[Iterable[Path]], list[str]], tmp_path: Path):
    live = lay(every_page(site_context(catalog)), tmp_path / "live")
    drill = lay(every_page(site_context(drilled(catalog)), booking(marks=DRILL)), tmp_path / "drill")
    assert nu([*live.rglob("*.html"), *drill.rglob("*.html")]) == []


def test_a_visitor_in_another_zone_sees_the_own_time_and_an_old_page_says_so(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path
):
    address = static_server(lay(front(site_context(catalog), booking()), tmp_path))
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    page = context.new_page()
    page.clock.set_fixed_time(at("12:30"))
    page.goto(f"{address}/en/")
    assert page.locator("#old").is_hidden()
    assert "5:20" in page.locator(".asof").inner_text()
    page.clock.set_fixed_time(at("12:40"))
    page.goto(f"{address}/en/")
    assert page.locator("#old").is_visible()
    context.close()


@pytest.mark.parametrize(
    ("locale", "script", "leads", "heading"),
    [
        ("en-US", True, "en/", "en"),
        ("ja-JP", True, "", "ja"),
        ("fr-FR", True, "", "ja"),
        ("en-US", False, "", "ja"),
    ],
)
def test_on_any_host_the_root_leads_a_browser_to_its_own_language(
    catalog: Catalog,
    browser: Browser,
    static_server: Callable[[Path], str],
    tmp_path: Path,
    locale: str,
    script: bool,
    leads: str,
    heading: str,
):
    for name, data in front(site_context(catalog)).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    address = static_server(tmp_path)
    context = browser.new_context(locale=locale, java_script_enabled=script)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/?from=mail#svc")
    page.wait_for_url(f"{address}/{leads}?from=mail#svc")
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == heading
    page.locator("nav.lang summary").click()
    other = page.locator("nav.lang a").first
    assert other.is_visible()
    other.click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") != heading, "who has chosen is not led back"
    assert complaints == [], "the policy allows the script"
    context.close()


def test_a_visitor_in_the_same_zone_sees_each_time_once(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path
):
    address = static_server(lay(front(site_context(catalog), booking()), tmp_path))
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(f"{address}/ja/")
    assert page.locator(".own").count() == 0
    context.close()


@pytest.mark.parametrize("path", ["en/index.html", "en/incidents/k3m9p2q7x4ab/index.html"])
def test_by_keyboard_everything_is_reached_in_reading_order_and_the_place_is_seen(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path, path: str
):
    address = static_server(lay(every_page(site_context(catalog)), tmp_path))
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{address}/{path}")
    links = page.evaluate(
        "[...document.querySelectorAll('a[href], summary')].filter(e => e.checkVisibility()).map(e => e.outerHTML)"
    )
    reached = []
    for _ in links:
        page.keyboard.press("Tab")
        html, outline, seen = page.evaluate(
            """(() => {
                const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect()
                return [at.outerHTML, style.outlineStyle, box.top >= 0 && box.bottom <= innerHeight && box.left >= 0]
            })()"""
        )
        reached.append(html)
        assert (outline, seen) == ("solid", True), html
    assert reached == links
    assert 'class="skip"' in links[0]
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path, width: int
):
    files = every_page(site_context(catalog))
    address = static_server(lay(files, tmp_path))
    page = browser.new_page(viewport={"width": width, "height": 800})
    for name in files:
        page.goto(f"{address}/{name}")
        assert sideways(page) == 0, name
    page.close()


def test_the_last_day_of_a_service_is_read_whole_on_a_phone(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path
):
    gone = replace(catalog.services["booking"], is_retired=True, retired_on=date(2026, 9, 16))
    context = site_context(replace(catalog, services={**catalog.services, "booking": gone}))
    shown = ServiceHistory("booking", State.OPERATIONAL, present(context, now=NOON).records["booking"], ())
    address = static_server(lay(service_page.service_pages(context, shown, now=NOON), tmp_path))
    page = browser.new_page(viewport={"width": 320, "height": 800})
    for language in catalog.languages:
        page.goto(f"{address}/{language}/services/booking/")
        right = page.evaluate(
            "(() => { const r = document.createRange(); r.selectNodeContents(document.querySelector('h1'));"
            " return Math.max(...[...r.getClientRects()].map(b => b.right)) })()"
        )
        assert right <= 320 - 12, language
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_with_a_dozen_languages_each_can_be_chosen_and_none_is_broken_in_two(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path, width: int
):
    names = "日本語 Dansk Deutsch Español Français 한국어 Português TiếngViệt 简体中文 Italiano Polski Türkçe".split()
    more = {f"x{n}": replace(catalog.packs["en"], language=f"x{n}", name=name) for n, name in enumerate(names)}
    site = replace(catalog.site, languages=("en", *more))
    context = site_context(replace(catalog, site=site, packs={"en": catalog.packs["en"], **more}))
    address = static_server(lay(front(context), tmp_path))
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}/en/")
    page.locator(".lang summary").click()
    for link in page.locator(".lang li > *").all():
        box = link.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert box["height"] < 45
    page.close()


def test_a_language_that_runs_from_right_to_left_is_laid_out_so(
    catalog: Catalog, browser: Browser, static_server: Callable[[Path], str], tmp_path: Path
):
    english = catalog.packs["en"]
    arabic = replace(english, language="ar", name="العربية", locale_rules=replace(english.locale_rules, locale="ar"))
    site = replace(catalog.site, languages=("ar", "en"))
    context = site_context(replace(catalog, site=site, packs={"ar": arabic, "en": english}))
    incident = booking()
    entries = tuple(
        replace(r, entry=replace(r.entry, texts={"ar": r.entry.texts["en"], "en": r.entry.texts["en"]}))
        for r in incident.entries
        if isinstance(r.entry, Notice)
    )
    files = front(context, replace(incident, entries=entries))
    assert '<html lang="ar" dir="rtl">' in html(files, "ar/index.html")
    address = static_server(lay(files, tmp_path))
    for width in (320, 1280):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(f"{address}/ar/")
        assert sideways(page) == 0
        for name in (".brand", ".run .m", ".svc .m"):
            box = page.locator(name).first.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] > width * 0.6, name
        page.close()
