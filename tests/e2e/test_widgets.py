"""Badges and the embeddable banner in a real browser, with the page checkers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import Incident
from statuspage.rendering.site.api import RecentIncidents
from statuspage.rendering.site.widgets import badges, embed
from tests.support.recent_incidents import recent
from tests.support.site import ADDRESS, DRILL, another, booking, drilled, maintenance, over, site_context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_are_accessible_in_light_and_dark(
    catalog: Catalog, page: Page, axe: Callable[[Page], list[str]], scheme: str, tmp_path: Path
):
    files = badges.badge_files(site_context(catalog), recent(booking()))
    names = ("ja/badge.svg", "en/badge.svg")
    page.emulate_media(color_scheme=scheme)
    inside = "".join(
        files[name].decode().replace('id="t"', f'id="t{n}"').replace('by="t"', f'by="t{n}"')
        for n, name in enumerate(names)
    )
    page.set_content(f'<!doctype html><html lang="en"><title>Badges</title><main><h1>Badges</h1>{inside}</main>')
    assert axe(page) == []
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll("svg")].map(svg => {
          const [name, word] = [...svg.querySelectorAll("text")].map(t => t.getBoundingClientRect());
          const mark = svg.querySelector("g").getBoundingClientRect(), all = svg.getBoundingClientRect();
          return name.right <= mark.left && mark.right <= word.left && word.right <= all.right && name.left >= all.left;
        })"""
    )
    assert overlaps == [True] * len(names)


STRICT = "default-src 'none'; script-src https://shop.example; style-src 'none'"


def visit(page: Page, script: bytes, tag: str, where: str = "body") -> list[str]:
    """A company page with a strict policy that contains the script; returns what the browser complains about and
    requests."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on("request", lambda asked: complaints.append(asked.url) if "shop.example" not in asked.url else None)
    head, body = (tag, "") if where == "head" else ("", f"<p>Before</p>{tag}<p>After</p>")
    html = (
        f'<!doctype html><html lang="en"><head><title>Shop</title>{head}</head><body>{body}<div id="news"></div></body>'
    )
    headers = {"Content-Security-Policy": STRICT, "Content-Type": "text/html; charset=shift_jis"}
    page.route("**/embed.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.route("**/shop", lambda route: route.fulfill(body=html, headers=headers))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto("https://shop.example/shop")
    return complaints


def script(catalog: Catalog, *incidents: Incident, language: str = "ja") -> bytes:
    return embed.embed_files(site_context(catalog), recent(*incidents) if incidents else RecentIncidents())[
        f"{language}/embed.js"
    ]


TAG = '<script src="https://shop.example/embed.js"></script>'


def test_the_line_stands_where_the_script_stands_under_a_strict_policy(catalog: Catalog, page: Page):
    assert visit(page, script(catalog, booking()), TAG) == []
    texts = page.locator("p").all_inner_texts()
    assert texts == ["Before", "会員アプリで、レッスン予約ができません。", "After"]
    line = page.locator("p.statuspage")
    assert (line.get_attribute("role"), line.get_attribute("lang")) == ("status", "ja")
    assert line.locator("a").get_attribute("href") == f"{ADDRESS}/ja/"


def test_the_line_goes_where_it_is_told_to(catalog: Catalog, page: Page):
    assert visit(page, script(catalog, booking()), TAG.replace(" src", ' async data-into="news" src')) == []
    page.wait_for_selector("#news > p.statuspage")


def test_from_the_head_the_line_stands_at_the_top(catalog: Catalog, page: Page):
    assert visit(page, script(catalog, booking()), TAG, "head") == []
    assert page.evaluate("document.body.firstElementChild.className") == "statuspage"


@pytest.mark.parametrize("story", ["none", "over", "planned"])
def test_nothing_is_said_while_all_is_well(catalog: Catalog, page: Page, story: str):
    incidents = {"none": (), "over": (over(),), "planned": (maintenance(catalog, "announced"),)}[story]
    assert visit(page, script(catalog, *incidents), TAG) == []
    assert page.locator("p").all_inner_texts() == ["Before", "After"]


def test_the_worst_is_named_and_the_others_are_counted(catalog: Catalog, page: Page):
    visit(page, script(catalog, booking(), another("gate00000000", booking().opened, minutes=None), language="en"), TAG)
    assert page.locator("p.statuspage").inner_text() == (
        "Classes can’t be booked in the member app. We are also working on 1 other problem."
    )


def test_markup_in_a_headline_stays_text_and_the_script_stays_small(catalog: Catalog, page: Page):
    incidents = another("gate</script>", booking().opened, minutes=None)
    data = script(catalog, incidents, language="en")
    visit(page, data, f"<script>{data.decode()}</script>".replace(data.decode(), "") + TAG)
    assert page.locator("p.statuspage").inner_text() == "Trouble <gate</script>> & more"
    assert b"</script" not in data
    assert len(data) <= embed.LARGEST_SCRIPT
    endless = another("x" * 3_000, booking().opened, minutes=None)
    assert len(script(catalog, endless, language="ja")) <= embed.LARGEST_SCRIPT


def test_a_drill_says_so_in_the_line_and_in_the_script(catalog: Catalog, page: Page):
    found = embed.embed_files(site_context(drilled(catalog)), recent(booking(marks=DRILL)))
    visit(page, found["ja/embed.js"], TAG)
    assert page.locator("p.statuspage").inner_text().startswith("【訓練】")
    assert "【訓練】statuspage, cap_status: Exercise" in found["ja/embed.js"].decode()
    assert "これは訓練です。" in found["ja/embed.html"].decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wrong", [True, False])
def test_the_frame_is_valid_and_accessible_and_empty_when_all_is_well(
    catalog: Catalog,
    page: Page,
    axe: Callable[[Page], list[str]],
    nu: Callable[[list[Path]], list[str]],
    tmp_path: Path,
    scheme: str,
    wrong: bool,
):
    html = embed.embed_files(site_context(catalog), recent(booking()) if wrong else RecentIncidents())["en/embed.html"]
    (tmp_path / "embed.html").write_bytes(html)
    page.emulate_media(color_scheme=scheme)
    page.goto((tmp_path / "embed.html").as_uri())
    assert page.locator("main").inner_text() == ("Classes can’t be booked in the member app." if wrong else "")
    assert [fault for fault in axe(page) if not fault.startswith("page-has-heading-one")] == []
    assert nu([tmp_path / "embed.html"]) == []
