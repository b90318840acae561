"""A poster with a QR code of the page's address, as an image and as a page to print."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape

from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import PageLayout, render_page, site_label

QUIET = 4
"""The width of the white margin on every side, in modules (ISO/IEC 18004, 9.1)."""

_WORD = 6  # modules below the code for the drill mark


def poster_files(site: SiteContext) -> dict[str, bytes]:
    """The printable page and the image in every language; none if the page's address is unknown."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages if site.address else ():
        qr_code = render_qr_code(site, language)
        files[urls.qr_picture(language)] = f"{qr_code}\n".encode()
        files[f"{urls.qr_poster(language)}index.html"] = _poster_page(site, language, qr_code)
    return files


def render_qr_code(site: SiteContext, language: str) -> Markup:
    """The QR code of the front page in this language as an SVG image; "" if its address is unknown. Cameras need dark
    modules on white, so it looks the same in dark mode."""
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


def draw_qr_code(text: str, title: str) -> Markup:
    """Any text as a QR code for cameras, as an SVG image named ``title``."""
    size, dark_path = _qr_path(text)
    return Markup(  # noqa: S704 - drawn by us, every word escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" class="code" role="img">'
        f'<title>{escape(title)}</title><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path shape-rendering="crispEdges" d="{dark_path}"/></svg>'
    )


@lru_cache(maxsize=32)
def _qr_path(address: str) -> tuple[int, str]:
    """The modules per side, including the margin, and the dark ones as an SVG path. Uses error correction level M (15%
    may be damaged), or a higher level if the code does not grow."""
    import segno

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
