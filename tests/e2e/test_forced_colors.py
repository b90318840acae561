"""With forced colours (Windows' high contrast) the reader's own palette replaces ours: marks, states, buttons, what is
chosen, the focus and the bars of the days can still be told apart."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.contrast import contrast
from tests.support.desk import environment_in, until
from tests.support.served_desk import Served, now, on_the_desk, served
from tests.support.storm import storm

SEEN = 3
"""The least contrast of a shape to its ground (WCAG 2.2, success criterion 1.4.11)."""


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[Served]:
    """A desk with the page and no other channel."""
    with served(environment_in(tmp_path, catalog), None) as env:
        yield env


def colours(part: Locator) -> Counter[str]:
    """How many pixels of the part are of each colour."""
    image = Image.open(io.BytesIO(part.screenshot(animations="disabled"))).convert("RGB")
    found = image.getcolors(image.width * image.height) or []
    return Counter({"#{:02x}{:02x}{:02x}".format(*colour): count for count, colour in found})


def ground(part: Locator) -> str:
    """The colour of most of it."""
    return colours(part).most_common(1)[0][0]


def stands_out(part: Locator) -> bool:
    """Whether something in the part can be told from its ground."""
    found = colours(part)
    base = found.most_common(1)[0][0]
    return max(contrast(colour, base) for colour in found) >= SEEN


def differs(part: Locator, before: bytes) -> bool:
    """Whether a part and what is around it look otherwise than in this picture."""
    return around(part) != before


def around(part: Locator) -> bytes:
    """A picture of a part with a few pixels on each side."""
    box = part.bounding_box()
    assert box is not None
    clip = {"x": box["x"] - 6, "y": box["y"] - 6, "width": box["width"] + 12, "height": box["height"] + 12}
    return part.page.screenshot(clip=clip, animations="disabled")


def focus_is_seen(page: Page, selector: str) -> None:
    """What the keyboard has reached looks otherwise than before."""
    part = page.locator(selector).first
    part.scroll_into_view_if_needed()
    box = part.locator("xpath=ancestor-or-self::label").first if part.evaluate("e => !!e.closest('label')") else part
    page.evaluate("document.activeElement.blur()")
    before = around(box)
    page.keyboard.press("Tab")  # focus is shown to those who use the keyboard
    part.focus()
    assert differs(box, before), selector


def marks_are_seen(page: Page, states: set[str]) -> None:
    """Every state that stands here has a mark of its own shape, which can be seen."""
    shapes = set()
    for mark in page.locator("main svg.m:visible").all():
        shape = str(mark.locator("use").get_attribute("href"))
        if shape not in shapes:
            shapes.add(shape)
            assert stands_out(mark), shape
    assert {f"#{state}" for state in states} <= shapes


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_and_the_form_can_be_used_with_forced_colours(browser: Browser, desk: Served, scheme: Any):
    storm(desk.env, now())
    with on_the_desk(browser, desk, language="en", color_scheme=scheme, forced_colors="active") as page:
        marks_are_seen(page, {"down", "part", "ok"})
        go, other = page.locator("main .btn.go").first, page.locator("main .btn:not(.go, .text)").first
        assert contrast(ground(go), ground(other)) >= SEEN
        assert stands_out(go)
        assert stands_out(page.locator(".nav [aria-current=page]"))
        focus_is_seen(page, "main .btn.go")
        focus_is_seen(page, ".check")
        page.goto(f"{desk.desk}/incidents/new")
        for question in ("start", "estimate"):
            chips = page.locator(f"label.chip:has(input[name={question}])")
            chosen = chips.locator("visible=true").filter(has=page.locator("input:checked")).first
            free = chips.locator("visible=true").filter(has=page.locator("input:not(:checked)")).first
            assert edge(chosen) > edge(free)
            assert stands_out(chosen)
        focus_is_seen(page, "input[name=start]:not(:checked)")
        focus_is_seen(page, "input[name=start]:checked")
        focus_is_seen(page, "#publish")


def edge(chip: Locator) -> int:
    """How many pixels the left edge of a chip is thick, measured at half its height."""
    image = Image.open(io.BytesIO(chip.screenshot(animations="disabled"))).convert("RGB")
    row = ["#{:02x}{:02x}{:02x}".format(*image.getpixel((x, image.height // 2))) for x in range(12)]
    return sum(contrast(colour, row[-1]) >= SEEN for colour in row)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_public_page_can_be_read_with_forced_colours(browser: Browser, desk: Served, scheme: Any):
    *_, booking = storm(desk.env, now())
    with on_the_desk(browser, desk, language="en", color_scheme=scheme, forced_colors="active") as page:
        until_published(page, f"{desk.page}/en/", "3 problems right now.")
        marks_are_seen(page, {"down", "part", "ok"})
        bars = page.locator(".svc li.down .hist").first
        assert stands_out(bars)
        quiet, down = (part.evaluate("e => getComputedStyle(e).stroke") for part in (bars, bars.locator(".d")))
        assert quiet != down
        assert height_of_today(page, "down") > height_of_today(page, "part") > height_of_today(page, "ok")
        focus_is_seen(page, ".sub")
        focus_is_seen(page, ".probs summary")
        until_published(page, f"{desk.page}/en/incidents/{booking}/", "We are looking into it")
        marks_are_seen(page, {"down"})
        assert stands_out(page.locator(".run"))
        assert stands_out(page.locator(".tag").first)
        focus_is_seen(page, ".crumb")


def until_published(page: Page, address: str, text: str) -> None:
    """Opens the page once it says this."""
    until(lambda: text in page.request.get(address).text())
    page.goto(address)


def height_of_today(page: Page, state: str) -> int:
    """How high the last bar of a service in this state is, in pixels."""
    bars = page.locator(f".svc li.{state} .hist").first
    image = Image.open(io.BytesIO(bars.screenshot(animations="disabled"))).convert("RGB")
    base = ground(bars)
    seen = [
        y
        for y in range(image.height)
        for x in range(image.width - 4, image.width)
        if contrast("#{:02x}{:02x}{:02x}".format(*image.getpixel((x, y))), base) >= SEEN
    ]
    return max(seen) - min(seen) if seen else 0
