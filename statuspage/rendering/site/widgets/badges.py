"""Badges: small pictures that say how the page, or one service, stands; for any page that can show a picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from markupsafe import escape

from statuspage.domain import LanguagePack
from statuspage.rendering.site import urls
from statuspage.rendering.site.api import Recent
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.current_status import current_states, overall, running
from statuspage.rendering.site.pages.incident_view import MARKS
from statuspage.rendering.site.templating import site_label

_SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "ok": '<circle cx="12" cy="12" r="8.5"/>',
        "part": '<path d="M12 3.8 21 19.6H3z"/>',
        "down": '<path d="m5 5 14 14M19 5 5 19"/>',
        "chk": '<path d="M4 12h16"/>',
        "maint": '<path d="M4.5 4.5h15v15h-15z"/>',
    }
)
_LIGHT = {"ok": "#14744a", "part": "#a34700", "down": "#b8261c", "chk": "#474e56", "maint": "#1a5c96"}
_DARK = {"ok": "#62cb95", "part": "#ffad5c", "down": "#ff9384", "chk": "#bcc3c9", "maint": "#85bdf2"}
_SIZE = 13  # of the letters, in pixels; the others are pixels too
_HEIGHT, _EDGE, _MARK, _GAP = 28, 10, 16, 6


def badge_files(edition: SiteContext, recent: Recent) -> dict[str, bytes]:
    """One of the whole page and one of each service in use, in every language."""
    states = current_states(edition.catalog, recent.open)
    whole = overall(states, running(recent.open))
    made: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        book = edition.book(language)
        made[f"{language}/badge.svg"] = _badge(book, book.site, whole, site_label(book, f"badge.{whole}"))
        for service, state in states.items():
            name, word = book.services[service].name, site_label(book, f"state.{state}")
            made[f"{urls.service(language, service)}badge.svg"] = _badge(book, name, MARKS[state], word)
    for one in edition.catalog.services.values():
        made = urls.with_former(made, one.id, one.was)
    return made


def _badge(book: LanguagePack, name: str, mark: str, word: str) -> bytes:
    title = f"{book.marks.start}{site_label(book, 'badge.title', name=name, word=word)}"
    shown = f"{book.marks.word} {name}".strip()
    first, second = _width(shown), _width(word)
    at = _EDGE + first + 2 * _GAP
    width = at + _MARK + _GAP + second + _EDGE
    drawn = f'<g transform="translate({at} 6) scale({_MARK / 24:.4f})">{_SHAPES[mark]}</g>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}"'
        f' role="img" aria-labelledby="t" lang="{book.language}" data-cap-status="{book.marks.machine}">'
        f'<title id="t">{escape(title)}</title><style>{_style(mark)}</style>'
        f'<rect x=".5" y=".5" width="{width - 1}" height="{_HEIGHT - 1}" rx="6"/>'
        f"{_svg_text(shown, _EDGE, first, 'n')}{drawn}{_svg_text(word, at + _MARK + _GAP, second, 'w')}</svg>\n"
    )
    return svg.encode()


def _style(mark: str) -> str:
    light, dark = _LIGHT[mark], _DARK[mark]
    return (
        f"rect{{fill:#fff;stroke:#7c848c}}text{{fill:#15191e;font:{_SIZE}px system-ui,sans-serif}}"
        f"text.w{{fill:{light};font-weight:600}}g{{fill:none;stroke:{light};stroke-width:4;stroke-linejoin:round}}"
        "@media(prefers-color-scheme:dark){rect{fill:#15191e;stroke:#757e87}text{fill:#eceff1}"
        f"text.w{{fill:{dark}}}g{{stroke:{dark}}}}}"
    )


def _svg_text(text: str, at: int, width: int, kind: str) -> str:
    """Set to a width of ours, since nobody knows the letters of the reader's machine."""
    length = f'textLength="{width}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{at}" y="18.5" {length} class="{kind}">{escape(text)}</text>'


def _width(text: str) -> int:
    """About how wide this is, in pixels: a full letter for East Asian ones, a little over half for others."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return round(wide * _SIZE + (len(text) - wide) * 7)
