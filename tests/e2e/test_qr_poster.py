"""The QR poster in a real browser: scanned as by a camera, and printed on one sheet."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import zxingcpp
from playwright.sync_api import Browser, Page

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.pages import guides
from tests.support.site import ADDRESS, LANGUAGES, site_context

GREY = """async (picture) => {
  const made = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const drawn = new OffscreenCanvas(made.width, made.height).getContext("2d");
  drawn.drawImage(made, 0, 0);
  const seen = drawn.getImageData(0, 0, made.width, made.height).data;
  return [made.width, made.height, Array.from({length: seen.length / 4}, (_, at) => seen[4 * at])];
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark")
    yield context.new_page()
    context.close()


def read(page: Page, picture: bytes) -> list[str]:
    """What a QR code reader finds in a PNG image."""
    blank = page.context.new_page()
    width, height, grey = blank.evaluate(GREY, b64encode(picture).decode())
    blank.close()
    seen = memoryview(bytes(grey)).cast("B", (height, width))
    return [found.text for found in zxingcpp.read_barcodes(seen)]


def test_a_camera_finds_the_front_in_each_language_on_the_page_the_sheet_and_the_picture(
    catalog: Catalog, page: Page
) -> None:
    files = guides.guide_pages(site_context(catalog))
    for language in LANGUAGES:
        picture = f'<img src="data:image/svg+xml,{quote(files[f"{language}/qr.svg"])}" width="300" alt="">'
        places = [files[f"{language}/{name}/index.html"].decode() for name in ("subscribe", "counter")]
        for html in (*places, picture):
            shown = page.context.new_page()
            shown.set_content(html)
            assert read(page, shown.locator("svg.code, img").screenshot()) == [f"{ADDRESS}/{language}/"]
            shown.close()


def test_the_sheet_is_one_page_of_paper_with_nothing_but_the_question_the_code_and_the_address(
    catalog: Catalog, page: Page
) -> None:
    files = guides.guide_pages(site_context(catalog))
    for language in LANGUAGES:
        shown = page.context.new_page()
        shown.set_content(files[f"{language}/counter/index.html"].decode())
        for size in ("A4", "Letter"):
            assert len(re.findall(rb"/Type\s*/Page\b", shown.pdf(format=size))) == 1
        shown.emulate_media(media="print")
        words = catalog.packs[language].labels
        seen = shown.locator("main").inner_text()
        assert words["site.qr_poster.ask"] in seen
        assert f"status.fitline.example/{language}" in seen
        assert words["site.qr_poster.print"] not in seen
        assert read(page, shown.locator("svg.code").screenshot()) == [f"{ADDRESS}/{language}/"]
        shown.close()
