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
    is_half_width: bool = False


def letter(
    pack: LanguagePack, notice_text: NoticeText, medium_text: Text, mark: str, *, link: str, footer: Foot, templates: Mapping[str, str]
) -> Letter:
    """The words of a medium as a mail. ``look`` is the class of the state's mark, ``link`` where more can be read ("").

    Both parts say the same: each line of the text is found in the HTML, facts as rows, the address as a button.
    """
    body = clean(medium_text.body)
    parts = _email_parts(pack, notice_text, body, link)
    first_row = next((n for n, part in enumerate(parts) if part.row), len(parts))
    html = printer(templates).get_template("notice.html").render(
        book=pack,
        words=notice_text,
        subject=medium_text.subject or notice_text.title,
        headline=Markup(bare(pack, notice_text.headline_html)),  # noqa: S704 - escaped by wording, stored as approved
        lead=parts[:first_row],
        parts=parts[first_row:],
        glyph=GLYPHS[mark],
        look=mark,
        state=site_label(pack, f"state.{_STATES[mark]}"),
        colours=COLOURS[mark],
        link=link if link and link in body else "",
        foot=footer,
        right_to_left=direction(pack.locale_rules) == "rtl",
        laid=laid,
        t=lambda key, **slots: site_label(pack, key, **slots),
    )  # fmt: skip
    return Letter(clean(medium_text.subject or notice_text.title), f"{body}\n\n{_below(pack, footer)}", clean(html))


def unlinked(body: str, link: str) -> str:
    """The text without the paragraph, or else the line, that leads to ``link``; the marks around it stay."""
    for separator in ("\n\n", "\n"):
        parts = body.split(separator)
        if len(parts) > 1 and link:
            return separator.join(part for part in parts if link not in part)
    return body


def _below(pack: LanguagePack, footer: Foot) -> str:
    """As programs for mail know a signature: two dashes and a blank alone on a line."""
    links = (f"{label} {url}" for label, url in footer.links)
    return "\n".join(("-- ", f"{pack.marks.start}{pack.site} {pack.tagline}".strip(), *footer.lines, *links))


def _email_parts(pack: LanguagePack, notice_text: NoticeText, body: str, link: str) -> list[_Part]:
    """What the text says after the headline, in its order; each section as the row that it was made of."""
    rows = {pack.phrases["mail.section"].format(label=row.label): row for row in notice_text.rows}
    parts: list[_Part] = []
    for block in bare(pack, body).removesuffix(pack.marks.end.strip()).split("\n\n"):
        heading, *lines = block.strip().split("\n")
        if heading == bare(pack, notice_text.headline) and not lines:
            continue
        if heading in rows:
            parts.append(_Part(tuple(lines), rows[heading]))
        elif not (link and link in block):
            parts.append(_Part((heading, *lines)))
        elif remaining_lines := _beside_link(pack, (heading, *lines), link):
            parts.append(_Part(remaining_lines))
    return _paired([part for part in parts if any(part.lines)])


def _beside_link(pack: LanguagePack, lines: Sequence[str], link: str) -> tuple[str, ...]:
    """What else stands in the paragraph with the link: nothing where it only leads there."""
    link_lines = pack.phrases["mail.latest"].format(link=link).split("\n")
    return tuple(line for line in lines if line not in link_lines and line != link)


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
