"""The elements that all our RSS and Atom files consist of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from markupsafe import escape

from statuspage.rendering.site.context import SCHEME


def element(name: str, text: str) -> str:
    """An element with this text."""
    return f"<{name}>{escape(text)}</{name}>"


def html_element(name: str, html: str) -> str:
    """An element with this HTML, in which all text is escaped: readers expect it as text. A CDATA section is a fifth
    shorter than escaping it once more."""
    return f"<{name}><![CDATA[{html}]]></{name.partition(' ')[0]}>"


def rss_category(term: str) -> str:
    """The status for machines in RSS."""
    return f'<category domain="{SCHEME}">{term}</category>'


def atom_category(term: str) -> str:
    """The status for machines in Atom."""
    return f'<category term="{term}" scheme="{SCHEME}"/>'


def rss_time(at: datetime) -> str:
    """A time as RSS writes it (RFC 822)."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0))


def atom_time(at: datetime) -> str:
    """A time as Atom writes it (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def xml_document(lines: Sequence[str]) -> bytes:
    """The whole file."""
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return ("\n".join([declaration, *lines]) + "\n").encode()
