"""The incidents whose texts were read and approved."""

from __future__ import annotations

from dataclasses import replace

from statuspage.content.validation.sample_incidents import generate_sample_notices
from statuspage.domain import NoticeText
from statuspage.domain.catalog import Catalog
from tests.support.content import demo_catalog
from tests.support.times import at

ORDER = tuple(
    "unreachable login slow payment booking messages data entry provider app security other fees maintenance".split()
)
"""The facts of a story vary with the place of its incident type, which is another one in each layer."""


def _catalog() -> Catalog:
    catalog = demo_catalog()
    assert set(catalog.incident_types) == set(ORDER)
    return replace(catalog, incident_types={name: catalog.incident_types[name] for name in ORDER})


CATALOG = _catalog()


SAMPLE_NOTICES = tuple(generate_sample_notices(CATALOG, at("00:00"), "https://status.fitline.example"))

EMAILS_AGAIN = ("mail_nolink", "colleagues_mail", "colleagues_mail_nolink")
"""Media whose texts equal those of *mail* and *colleagues*, except for the address."""


def printed(words: NoticeText) -> str:
    """Everything that a reader of one language may see of a notice, as plain text."""
    parts = [f"{words.label} | {words.status}", words.title, words.headline, "", words.media["page"].body, ""]
    for row in words.rows:
        time = f" [{row.time.before}|{row.time.value}|{row.time.after}]" if row.time else ""
        parts.append(f"{row.label}:{time}{f' ({row.placeholder})' if row.placeholder else ''}")
        parts += [f"  {line}" for line in row.lines]
    if words.expired_wording:
        parts += ["", f"-- from {words.expired_wording.at:%H:%M} UTC on", words.expired_wording.sentence]
    for text, names in _carried(words).items():
        parts += ["", f"-- {', '.join(names)}", *([text[0]] if text[0] else []), text[1]]
    return "\n".join(parts) + "\n"


def _carried(words: NoticeText) -> dict[tuple[str, str], list[str]]:
    """Subject and body of every medium besides the page, with the media that carry them and their lengths.

    Media that differ only in the address at the end share a text; "+" marks those that have it.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, text in words.media.items():
        if name != "page" and name not in EMAILS_AGAIN:
            body, link, _ = text.body.partition("\nhttps://")
            length = f" {text.length}/{text.limit}" if text.limit else ""
            found.setdefault((text.subject, body), []).append(f"{name}{'+' if link else ''}{length}")
    return found
