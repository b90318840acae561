"""What a shop puts up at its counter: a QR code of the page's address, as a picture and on a sheet ready to print."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup, escape

from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import PageLayout, page, site_label

QUIET = 4
"""Modules that stay white on every side (ISO/IEC 18004, 9.1)."""

_WORD = 6  # modules below the code in which a drill says that it is one


def poster_files(edition: SiteContext) -> dict[str, bytes]:
    """The sheet and the picture in every language; none while nobody knows where the page is read."""
    made: dict[str, bytes] = {}
    for language in edition.catalog.languages if edition.address else ():
        drawn = code(edition, language)
        made[urls.picture(language)] = f"{drawn}\n".encode()
        made[f"{urls.counter(language)}index.html"] = _sheet(edition, language, drawn)
    return made


def code(edition: SiteContext, language: str) -> Markup:
    """The code of the front in this language as an SVG picture; "" while nobody knows where that is read. A camera
    wants it dark on light, so that it looks the same by night."""
    if not edition.address:
        return Markup()
    book, marks = edition.book(language), edition.book(language).marks
    address = _page_address(edition, language)
    size, dark = _drawn(address)
    word = f'<text x="{size / 2}" y="{size + 2.5}" text-anchor="middle" font-size="5">{escape(marks.word)}</text>'
    height = size + _WORD if marks.word else size
    title = f"{marks.start}{site_label(book, 'counter.alt', address=address)}"
    return Markup(  # noqa: S704 - drawn by us, every word escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {height}" class="code" role="img"'
        f' lang="{language}" data-cap-status="{marks.machine}"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{size}v{height}H0z"/><path shape-rendering="crispEdges" d="{dark}"/>'
        f"{word if marks.word else ''}</svg>"
    )


@lru_cache(maxsize=32)
def _drawn(address: str) -> tuple[int, str]:
    """Modules on a side, the white around them included, and the dark ones as a path. A seventh of it may be
    scratched or covered (level M), and more where that makes it no larger."""
    rows = list(segno.make_qr(address, error="m").matrix_iter(border=QUIET))
    lines = []
    for y, row in enumerate(rows):
        runs = "".join("#" if dark else " " for dark in row)
        at = 0
        for run in runs.split():
            at = runs.index(run, at)
            lines.append(f"M{at} {y}h{len(run)}v1h-{len(run)}z")
            at += len(run)
    return len(rows), "".join(lines)


def _page_address(edition: SiteContext, language: str) -> str:
    return f"{edition.address}/{language}/"


def _sheet(edition: SiteContext, language: str, drawn: Markup) -> bytes:
    book, path = edition.book(language), urls.counter(language)
    sheet = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="chk",
        title=site_label(book, "counter.title"),
        description=site_label(book, "counter.text"),
        sections=("services", "guide", "code", "sheet"),
        kept=False,
    )
    return page(edition, sheet, "counter.html", {"code": drawn, "address": _page_address(edition, language)})
