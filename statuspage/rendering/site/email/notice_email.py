"""Renders a notice as an email: subject, text and HTML part, without sender and recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from statuspage.domain import FactRow, LanguagePack, MediumText, NoticeText
from statuspage.rendering.site.displayed_words import strip_marks
from statuspage.rendering.site.templating import site_label, strip_forbidden
from statuspage.rendering.wording import lay_out_time, text_direction, words_after

GLYPHS = {"ok": "○", "part": "△", "down": "×", "maint": "□", "chk": "―"}
"""A state's mark as a character, for emails, which contain no images."""

COLOURS = {
    "ok": ("#14744a", "#eaf5ee", "#62cb95"),
    "part": ("#a34700", "#fff3e3", "#ffad5c"),
    "down": ("#b8261c", "#fdeeeb", "#ff9384"),
    "maint": ("#1a5c96", "#eaf3fb", "#85bdf2"),
    "chk": ("#474e56", "#f3f4f6", "#bcc3c9"),
}
"""The colours of a state: line and ground, and the line in the dark, where the ground has no colour."""

_STATES = {"ok": "operational", "part": "partial", "down": "major", "maint": "maintenance", "chk": "checking"}


@dataclass(frozen=True, slots=True)
class EmailFooter:
    """The footer of an email: lines such as when it was sent and why the recipient gets it, and links (text, URL)."""

    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """The parts of an email, without its envelope."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _EmailPart:
    """A paragraph, or a fact with its row."""

    lines: tuple[str, ...]
    row: FactRow | None = None
    is_half_width: bool = False


def render_notice_email(
    pack: LanguagePack,
    notice_text: NoticeText,
    medium_text: MediumText,
    mark: str,
    *,
    link: str,
    footer: EmailFooter,
    templates: Mapping[str, str],
) -> RenderedEmail:
    """The text of a medium as an email. ``mark`` is the class of the state's mark, ``link`` the details' URL, or "".

    Text and HTML part say the same: each line of the text is in the HTML, facts as rows, the link as a button.
    """
    body = strip_forbidden(medium_text.body)
    parts = _email_parts(pack, notice_text, body, link)
    first_row = next((n for n, part in enumerate(parts) if part.row), len(parts))
    html = template_environment(templates).get_template("notice.html").render(
        pack=pack,
        words=notice_text,
        subject=medium_text.subject or notice_text.title,
        headline=Markup(strip_marks(pack, notice_text.headline_html)),  # noqa: S704 - escaped by wording, stored as approved
        lead=parts[:first_row],
        parts=parts[first_row:],
        glyph=GLYPHS[mark],
        mark=mark,
        state=site_label(pack, f"state.{_STATES[mark]}"),
        colours=COLOURS[mark],
        link=link if link and link in body else "",
        footer=footer,
        right_to_left=text_direction(pack.locale_rules) == "rtl",
        lay_out_time=lay_out_time,
        words_after=words_after,
        t=lambda key, **slots: site_label(pack, key, **slots),
    )  # fmt: skip
    return RenderedEmail(
        strip_forbidden(medium_text.subject or notice_text.title),
        f"{body}\n\n{_text_footer(pack, footer)}",
        strip_forbidden(html),
    )


def _text_footer(pack: LanguagePack, footer: EmailFooter) -> str:
    """The footer as a signature (RFC 3676): after a line with two dashes and a space."""
    links = (f"{label} {url}" for label, url in footer.links)
    return "\n".join(("-- ", f"{pack.marks.start}{pack.site} {pack.tagline}".strip(), *footer.lines, *links))


def _email_parts(pack: LanguagePack, notice_text: NoticeText, body: str, link: str) -> list[_EmailPart]:
    """What the text says after the headline, in order; each section with the row it was made from."""
    rows = {pack.phrases["email.section"].format(label=row.label): row for row in notice_text.rows}
    parts: list[_EmailPart] = []
    for block in strip_marks(pack, body).removesuffix(pack.marks.end.strip()).split("\n\n"):
        heading, *lines = block.strip().split("\n")
        if heading == strip_marks(pack, notice_text.headline) and not lines:
            continue
        if heading in rows:
            parts.append(_EmailPart(tuple(lines), rows[heading]))
        elif not (link and link in block):
            parts.append(_EmailPart((heading, *lines)))
        elif remaining_lines := _lines_beside_link(pack, (heading, *lines), link):
            parts.append(_EmailPart(remaining_lines))
    return _mark_pairs([part for part in parts if any(part.lines)])


def _lines_beside_link(pack: LanguagePack, lines: Sequence[str], link: str) -> tuple[str, ...]:
    """The rest of the paragraph that contains the link; nothing if it contains only the link."""
    link_lines = pack.phrases["email.latest"].format(link=link).split("\n")
    return tuple(line for line in lines if line not in link_lines and line != link)


def _mark_pairs(parts: list[_EmailPart]) -> list[_EmailPart]:
    """Puts start time and estimate side by side."""
    keys = [part.row.key if part.row else "" for part in parts]
    side_by_side = {n + i for n in range(len(keys) - 1) if keys[n : n + 2] == ["start", "estimate"] for i in (0, 1)}
    return [_EmailPart(part.lines, part.row, n in side_by_side) for n, part in enumerate(parts)]


@lru_cache(maxsize=4)
def _template_environment(templates: tuple[tuple[str, str], ...]) -> Environment:
    return Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def template_environment(templates: Mapping[str, str]) -> Environment:
    """The Jinja environment with these email templates."""
    return _template_environment(tuple(sorted(templates.items())))
