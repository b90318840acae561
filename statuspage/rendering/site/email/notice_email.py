"""A notice as a mail: subject, text and HTML part. From whom it comes and to whom it goes is not its business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from statuspage.domain import FactRow, LanguagePack, NoticeText, Text
from statuspage.rendering.site.displayed_words import bare
from statuspage.rendering.site.templating import clean, site_label
from statuspage.rendering.wording import direction, laid

GLYPHS = {"ok": "○", "part": "△", "down": "×", "maint": "□", "chk": "―"}
"""A state's mark where no drawing can be sent along."""

COLOURS = {
    "ok": ("#14744a", "#eaf5ee", "#62cb95", "#13231b"),
    "part": ("#a34700", "#fff3e3", "#ffad5c", "#281b0d"),
    "down": ("#b8261c", "#fdeeeb", "#ff9384", "#2d1613"),
    "maint": ("#1a5c96", "#eaf3fb", "#85bdf2", "#12212f"),
    "chk": ("#474e56", "#f3f4f6", "#bcc3c9", "#1f2429"),
}
"""Line and ground of a state, in light and in dark."""

_STATES = {"ok": "operational", "part": "partial", "down": "major", "maint": "maintenance", "chk": "checking"}


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands below a letter: lines such as when it was sent and why one gets it, and links (what, where)."""

    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """Ready to be put into an envelope."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph, or a fact with its row."""

    lines: tuple[str, ...]
    row: FactRow | None = None
    half: bool = False


def letter(
    book: LanguagePack, words: NoticeText, said: Text, look: str, *, link: str, foot: Foot, templates: Mapping[str, str]
) -> Letter:
    """The words of a medium as a mail. ``look`` is the class of the state's mark, ``link`` where more can be read ("").

    Both parts say the same: each line of the text is found in the HTML, facts as rows, the address as a button.
    """
    body = clean(said.body)
    parts = _email_parts(book, words, body, link)
    first = next((n for n, part in enumerate(parts) if part.row), len(parts))
    html = printer(templates).get_template("notice.html").render(
        book=book,
        words=words,
        subject=said.subject or words.title,
        headline=Markup(bare(book, words.headline_html)),  # noqa: S704 - escaped by wording, stored as approved
        lead=parts[:first],
        parts=parts[first:],
        glyph=GLYPHS[look],
        look=look,
        state=site_label(book, f"state.{_STATES[look]}"),
        colours=COLOURS[look],
        link=link if link and link in body else "",
        foot=foot,
        right_to_left=direction(book.writing) == "rtl",
        laid=laid,
        t=lambda key, **slots: site_label(book, key, **slots),
    )  # fmt: skip
    return Letter(clean(said.subject or words.title), f"{body}\n\n{_below(book, foot)}", clean(html))


def unlinked(body: str, link: str) -> str:
    """The text without the paragraph, or else the line, that leads to ``link``; the marks around it stay."""
    for separator in ("\n\n", "\n"):
        parts = body.split(separator)
        if len(parts) > 1 and link:
            return separator.join(part for part in parts if link not in part)
    return body


def _below(book: LanguagePack, foot: Foot) -> str:
    """As programs for mail know a signature: two dashes and a blank alone on a line."""
    links = (f"{what} {where}" for what, where in foot.links)
    return "\n".join(("-- ", f"{book.marks.start}{book.site} {book.tagline}".strip(), *foot.lines, *links))


def _email_parts(book: LanguagePack, words: NoticeText, body: str, link: str) -> list[_Part]:
    """What the text says after the headline, in its order; each section as the row that it was made of."""
    rows = {book.phrases["mail.section"].format(label=row.label): row for row in words.rows}
    found: list[_Part] = []
    for block in bare(book, body).removesuffix(book.marks.end.strip()).split("\n\n"):
        head, *lines = block.strip().split("\n")
        if head == bare(book, words.headline) and not lines:
            continue
        if head in rows:
            found.append(_Part(tuple(lines), rows[head]))
        elif not (link and link in block):
            found.append(_Part((head, *lines)))
        elif others := _beside_link(book, (head, *lines), link):
            found.append(_Part(others))
    return _paired([part for part in found if any(part.lines)])


def _beside_link(book: LanguagePack, lines: Sequence[str], link: str) -> tuple[str, ...]:
    """What else stands in the paragraph with the link: nothing where it only leads there."""
    led = book.phrases["mail.latest"].format(link=link).split("\n")
    return tuple(line for line in lines if line not in led and line != link)


def _paired(parts: list[_Part]) -> list[_Part]:
    """When it began and when it may be over stand side by side."""
    keys = [part.row.key if part.row else "" for part in parts]
    side_by_side = {n + i for n in range(len(keys) - 1) if keys[n : n + 2] == ["started", "estimate"] for i in (0, 1)}
    return [_Part(part.lines, part.row, n in side_by_side) for n, part in enumerate(parts)]


@lru_cache(maxsize=4)
def _printer(templates: tuple[tuple[str, str], ...]) -> Environment:
    return Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def printer(templates: Mapping[str, str]) -> Environment:
    """What prints letters from these templates."""
    return _printer(tuple(sorted(templates.items())))
