"""``python -m tools.pictures``: takes the two pictures of README.md, of the demo company, with the machine's Chromium.

The desk shows a first report that an alert has proposed, the page an incident a few minutes later. Both have two pixels
for each point, so that they are sharp on every screen, and few colours, so that they are small.
"""

from __future__ import annotations

import io
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from statuspage.content.loading.loader import read_content
from statuspage.domain.alert import MonitorAlert
from statuspage.domain.facts import NoticeKind
from statuspage.usecases import accounts, alerts
from tests.support.browser import launch
from tests.support.content import DEMO
from tests.support.desk import environment_in, person_in, until
from tests.support.fakes.x_server import SECOND, Account, x_server
from tests.support.served_desk import Served, now, served
from tests.support.storm import publish_first, publish_next

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
LIMIT = 150_000
"""The most bytes of a picture."""

GROUNDS = 16
"""How many of the most common colours are kept as they are."""

COLOURS = (128, 96, 64, 48, 32)
"""How many colours are tried, until the picture is small enough."""

REPORTED = {"incident_type": "booking", "audience": "all", "next_update": "30m", "workarounds": ("front-desk",)}


def main() -> int:
    """Writes the pictures; returns 0 if both are small enough."""
    catalog, faults = read_content(DEMO)
    assert catalog is not None, faults
    with tempfile.TemporaryDirectory() as home, x_server(Account(), SECOND) as x, sync_playwright() as playwright:
        environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
        browser = launch(playwright)
        with served(environment_in(Path(home), catalog, environ=environ), x) as desk:
            sizes = [_keep("desk", _desk_picture(browser, desk)), _keep("page", _page_picture(browser, desk))]
        browser.close()
    return 0 if max(sizes) <= LIMIT else 1


def _desk_picture(browser: Browser, desk: Served) -> bytes:
    """The first report that an alert has proposed, in English."""
    at = now() - timedelta(minutes=3)
    title, labels = "booking-api: 38 % of requests fail", {"service": "booking-api", "severity": "critical"}
    alerts.receive_alerts(desk.env, [MonitorAlert("alertmanager", "booking-api", title, "", labels, at)], now=at)
    person = person_in(desk.env, "sato", "Aiko Sato", "en", password="")
    link = accounts.create_sign_in_link(desk.env.databases.accounts, person.id, now=now())
    page = _sharp(browser, 1280, 800)
    page.goto(f"{desk.desk}/sign-in/link/{link}")
    page.click("main button")
    page.click("button[value=write]")
    page.wait_for_selector("#publish")
    page.wait_for_timeout(1_000)  # the preview follows the form
    return page.screenshot()


def _page_picture(browser: Browser, desk: Served) -> bytes:
    """The front of the public page in English, after a first report and an update."""
    start = now() - timedelta(minutes=18)
    id = publish_first(desk.env, start, start="about:15m", **REPORTED)
    facts = {"start": "about:32m", "estimate": "60m", "current_action": "spare", **REPORTED}
    publish_next(desk.env, id, NoticeKind.UPDATE, now() - timedelta(minutes=1), **facts)
    page = _sharp(browser, 1120, 860)

    def is_published() -> bool:
        page.goto(f"{desk.page}/en/")
        return page.locator(".route li").count() > 1

    until(is_published)
    card = page.locator("main .card").bounding_box()
    assert card is not None
    clip = {"x": 0, "y": 0, "width": 1_120, "height": card["y"] + card["height"] + 32}
    return page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type] # Playwright's own dictionaries


def _sharp(browser: Browser, width: int, height: int) -> Page:
    size = {"width": width, "height": height}
    return browser.new_page(viewport=size, device_scale_factor=2, locale="en", timezone_id="Asia/Tokyo")  # type: ignore[arg-type] # Playwright's own dictionaries


def _keep(name: str, picture: bytes) -> int:
    """Writes the picture with as many colours as the limit allows, and returns its bytes."""
    image, path = Image.open(io.BytesIO(picture)).convert("RGB"), FOLDER / f"{name}.png"
    for count in COLOURS:
        image.quantize(palette=_palette(image, count), dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LIMIT:
            break
    print(f"{path.name}: {image.width} × {image.height}, {count} colours, {path.stat().st_size:,} bytes")
    return path.stat().st_size


def _palette(image: Image.Image, count: int) -> Image.Image:
    """The grounds of the picture as they are, and colours that cover all others."""
    found = sorted(image.getcolors(image.width * image.height) or [], reverse=True)[:GROUNDS]
    exact: list[tuple[int, ...]] = [tuple(colour) for _, colour in found]  # type: ignore[arg-type] # an RGB image has tuples
    flat = image.quantize(count - GROUNDS, Image.Quantize.MAXCOVERAGE).getpalette() or []
    covering = [tuple(flat[at : at + 3]) for at in range(0, 3 * (count - GROUNDS), 3)]
    near = [next((known for known in exact if _is_near(known, colour)), colour) for colour in covering]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in (*exact, *near) for channel in colour])
    return palette


def _is_near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 6


if __name__ == "__main__":
    sys.exit(main())
