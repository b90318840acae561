"""Reads ``[brand]`` of ``site.toml``: the company's logo, colour and links."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ElementTree
from functools import lru_cache

from statuspage import bundled
from statuspage.content.loading.folder import ContentFolder, shipped_languages
from statuspage.content.loading.table_reader import Table
from statuspage.domain import Brand, Link, Logo
from statuspage.rendering.site import contrast

MAX_LOGO_BYTES = 4000
"""The maximum size of a logo in bytes. It is part of every page, and the first 8.5 kB must contain the message."""

_LOGO_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(?:svg|png)")
_LINK_URL = re.compile(r"(?:https?://[^\s/?#]+\S*|mailto:\S+@\S+)")
_ACTIVE_TAGS = ("script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "a")
"""SVG elements that run code, or link to something."""


def read_brand(table: Table, folder: ContentFolder, languages: tuple[str, ...]) -> Brand:
    """The valid settings; every other one is reported as an error."""
    light = _read_colour(table, "accent", day=True)
    brand = Brand(
        logo=_read_logo(table, "logo", folder),
        logo_dark=_read_logo(table, "logo_dark", folder),
        accent=light,
        accent_dark=_read_colour(table, "accent_dark", day=False) or (_dark_variant(light) if light else ""),
        links=tuple(_read_link(link, languages) for link in table.get_tables("link")),
    )
    if brand.logo_dark and not brand.logo:
        table.add_error("There is only a logo for dark pages; add “logo” too.", "logo_dark")
    if "accent_dark" in table.values and not light:
        table.add_error("There is only a colour for dark pages; add “accent” too.", "accent_dark")
    table.reject_unknown_keys()
    return brand


@lru_cache
def _page_backgrounds() -> contrast.Grounds:
    return contrast.grounds(bundled.site_css())


def _dark_variant(accent: str) -> str:
    return contrast.nearest_readable(accent, _page_backgrounds().dark)


def _read_colour(table: Table, key: str, *, day: bool) -> str:
    """A colour in which text is readable on every background of the pages; "" if none is set."""
    value = table.get_text(key, "").lower()
    if not value:
        return ""
    if not contrast.COLOUR.fullmatch(value):
        table.add_error(f"“{value}” is not a colour; write it like “#213f9c”.", key)
        return ""
    backgrounds = _page_backgrounds().light if day else _page_backgrounds().dark
    ratio, background = contrast.worst_contrast(value, backgrounds)
    if ratio < contrast.READABLE:
        pages, readable = "light" if day else "dark", contrast.nearest_readable(value, backgrounds)
        table.add_error(
            f"Text in {value} is hard to read on {pages} pages: their contrast to {background} is {ratio:.2f}, "
            f"and at least {contrast.READABLE} is needed; {readable} would do.",
            key,
        )
        return ""
    return value


def _read_link(table: Table, languages: tuple[str, ...]) -> Link:
    """A link; a language without a name for it has that of the site's first language."""
    address = table.get_text("address")
    if address and not _LINK_URL.fullmatch(address):
        table.add_error(f"“{address}” is not a web address; write it like “https://example.com/privacy”.", "address")
    names = table.get_table("name")
    leading = names.get_text(languages[0]) if languages else ""
    texts = {language: names.get_text(language, leading) for language in languages}
    names.requested_keys.update(shipped_languages())  # one that is switched off keeps its name
    names.reject_unknown_keys()
    table.reject_unknown_keys()
    return Link(address, texts)


def _read_logo(table: Table, key: str, folder: ContentFolder) -> Logo | None:
    name = table.get_text(key, "")
    if not name:
        return None
    if not _LOGO_FILE.fullmatch(name):
        table.add_error(f"“{name}” is not an SVG or PNG file beside site.toml; write its name like “logo.svg”.", key)
        return None
    content = folder.read_bytes(name)
    if content is None:
        table.add_error(f"There is no file “{name}” beside site.toml; put it there.", key)
        return None
    extension = name.rpartition(".")[2]
    error = _size_error(content) or (_svg_error(content) if extension == "svg" else _png_error(content))
    if error:
        table.add_error(f"“{name}” {error}", key)
        return None
    return Logo("image/svg+xml" if extension == "svg" else "image/png", content)


def _size_error(content: bytes) -> str:
    if len(content) <= MAX_LOGO_BYTES:
        return ""
    return (
        f"has {len(content)} bytes, and at most {MAX_LOGO_BYTES} fit into every page; simplify it or make it smaller."
    )


def _png_error(content: bytes) -> str:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 33:
        return "is not a PNG image; save it again as one."
    width, height = struct.unpack(">II", content[16:24])
    return "" if 0 < width <= 1000 and 0 < height <= 1000 else "is larger than 1000 by 1000 pixels; make it smaller."


def _svg_error(content: bytes) -> str:
    text = content.decode("utf-8", "replace")  # In another encoding a declaration could pass unnoticed.
    if re.search(r"<!(?:DOCTYPE|ENTITY)|<\?(?!xml )", text, re.IGNORECASE):
        return "contains its own declarations; save it as plain SVG."
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - a small file written by the company, without entities
    except ElementTree.ParseError as error:
        return f"is not an SVG image ({error}); save it again as one."
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return "is not an SVG image; save it again as one."
    for element in root.iter():
        if reason := _active_content(element):
            return f"contains more than an image ({reason}); save it as plain SVG, without scripts and links."
    return ""


def _active_content(element: ElementTree.Element) -> str:
    tag = str(element.tag).rpartition("}")[2].lower()
    if tag in _ACTIVE_TAGS:
        return f"<{tag}>"
    for name, value in element.attrib.items():
        attribute = name.rpartition("}")[2].lower()
        if attribute.startswith("on") or (attribute in ("href", "src") and not value.startswith(("#", "data:image/"))):
            return attribute
    style = " ".join([element.text or "" if tag == "style" else "", element.get("style", "")])
    return "style" if re.search(r"@import|url\(\s*['\"]?(?!#)", style) else ""
