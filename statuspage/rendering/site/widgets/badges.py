"""Badges: small images with the state of the page, for any page that can show an image."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from markupsafe import escape

from statuspage.domain import LanguagePack
from statuspage.rendering.site.api import RecentIncidents
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.current_status import ongoing_incidents, page_mark, shown_states
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


def badge_files(site: SiteContext, recent: RecentIncidents) -> dict[str, bytes]:
    """A badge of the whole page in every language."""
    states = shown_states(site.catalog, recent.open)
    mark = page_mark(states, ongoing_incidents(recent.open))
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        pack = site.language_pack(language)
        files[f"{language}/badge.svg"] = _badge(pack, pack.site, mark, site_label(pack, f"badge.{mark}"))
    return files


def _badge(pack: LanguagePack, name: str, mark: str, state_text: str) -> bytes:
    title = f"{pack.marks.start}{site_label(pack, 'badge.title', name=name, word=state_text)}"
    label = f"{pack.marks.word} {name}".strip()
    label_width, state_width = _width(label), _width(state_text)
    mark_x = _EDGE + label_width + 2 * _GAP
    state_x = mark_x + _MARK + _GAP
    width = state_x + state_width + _EDGE
    mark_svg = f'<g transform="translate({mark_x} 6) scale({_MARK / 24:.4f})">{_SHAPES[mark]}</g>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}"'
        f' role="img" aria-labelledby="t" lang="{pack.language}" data-cap-status="{pack.marks.machine}">'
        f'<title id="t">{escape(title)}</title><style>{_style(mark)}</style>'
        f'<rect x=".5" y=".5" width="{width - 1}" height="{_HEIGHT - 1}" rx="6"/>'
        f"{_svg_text(label, _EDGE, label_width, 'n')}{mark_svg}"
        f"{_svg_text(state_text, state_x, state_width, 'w')}</svg>\n"
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


def _svg_text(text: str, x: int, width: int, css_class: str) -> str:
    """A text element with a fixed width, because the fonts on the reader's machine are unknown."""
    length = f'textLength="{width}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x}" y="18.5" {length} class="{css_class}">{escape(text)}</text>'


def _width(text: str) -> int:
    """The approximate width in pixels: the letter size for East Asian letters, a little over half for others."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return round(wide * _SIZE + (len(text) - wide) * 7)
