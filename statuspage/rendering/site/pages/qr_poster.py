"""A poster for a shop's counter: a QR code of the page's address, as a picture and on a sheet ready to print."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup, escape

from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import PageLayout, render_page, site_label

QUIET = 4
"""Modules that stay white on every side (ISO/IEC 18004, 9.1)."""

_WORD = 6  # modules below the code for a drill's mark


def poster_files(site: SiteContext) -> dict[str, bytes]:
    """The sheet and the picture in every language; none while the page's address is unknown."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages if site.address else ():
        qr_code = render_qr_code(site, language)
        files[urls.qr_picture(language)] = f"{qr_code}\n".encode()
        files[f"{urls.qr_poster(language)}index.html"] = _poster_page(site, language, qr_code)
    return files


def render_qr_code(site: SiteContext, language: str) -> Markup:
    """The code of the front in this language as an SVG picture; "" while its address is unknown. A camera needs it dark
    on light, so it looks the same in dark mode."""
    if not site.address:
        return Markup()
    pack, marks = site.language_pack(language), site.language_pack(language).marks
    address = _page_address(site, language)
    size, dark_path = _qr_path(address)
    drill_text = f'<text x="{size / 2}" y="{size + 2.5}" text-anchor="middle" font-size="5">{escape(marks.word)}</text>'
    height = size + _WORD if marks.word else size
    title = f"{marks.start}{site_label(pack, 'qr_poster.alt', address=address)}"
    return Markup(  # noqa: S704 - drawn by us, every word escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {height}" class="code" role="img"'
        f' lang="{language}" data-cap-status="{marks.machine}"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{size}v{height}H0z"/><path shape-rendering="crispEdges" d="{dark_path}"/>'
        f"{drill_text if marks.word else ''}</svg>"
    )


@lru_cache(maxsize=32)
def _qr_path(address: str) -> tuple[int, str]:
    """Modules on a side, the white around them included, and the dark ones as a path. A seventh of it may be scratched
    or covered (level M), and more if that makes it no larger."""
    rows = list(segno.make_qr(address, error="m").matrix_iter(border=QUIET))
    segments = []
    for y, row in enumerate(rows):
        runs = "".join("#" if dark else " " for dark in row)
        column = 0
        for run in runs.split():
            column = runs.index(run, column)
            segments.append(f"M{column} {y}h{len(run)}v1h-{len(run)}z")
            column += len(run)
    return len(rows), "".join(segments)


def _page_address(site: SiteContext, language: str) -> str:
    return f"{site.address}/{language}/"


def _poster_page(site: SiteContext, language: str, qr_code: Markup) -> bytes:
    pack, path = site.language_pack(language), urls.qr_poster(language)
    layout = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="chk",
        title=site_label(pack, "qr_poster.title"),
        description=site_label(pack, "qr_poster.text"),
        sections=("services", "guide", "code", "sheet"),
        is_indexable=False,
    )
    return render_page(site, layout, "qr_poster.html", {"code": qr_code, "address": _page_address(site, language)})
