"""Checks that every published file carries the marks of its own environment, and none of the other one.

A drill's file carries its marks where its readers look, each in the file's own language:

=====  ==============================================================================================================
html   title, description, banner, headings, both ends of each notice, overlay, frame; ``cap:status``, ``noindex``
atom   name, author, subtitle; title and text of each entry at both ends; category, an id of its own
rss    name, description; title and text of each item at both ends; category, an id of its own
json   ``cap_status``, once; names, headline; name and text of each incident at both ends; ids of its own
ics    name; summary and description of each event; ``X-CAP-STATUS``, a category, an id of its own
svg    ``data-cap-status`` on the picture; title; the word in the picture
js     the comment at its head, which says the status too
txt    first and last line; ``robots.txt`` keeps everybody out
=====  ==============================================================================================================

The public history (``history/``) holds each text in every language, and each is held to the marks of its own.
``embed.html`` is one line in somebody else's page: its title, its line and a banner below it, and its metadata.
A new type of file needs its rule here; until then a drill is not built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial

from statuspage.domain import DRILL, EnvironmentMarks
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.drill_marks import html, text_files

Rule = Callable[[str, EnvironmentMarks], Iterator[str]]

RULES: Mapping[str, Rule] = {
    "html": html.check_page,
    "atom": text_files.check_atom,
    "rss": text_files.check_rss,
    "json": text_files.check_client_file,
    "ics": text_files.check_calendar,
    "svg": text_files.check_picture,
    "js": text_files.check_script,
    "txt": text_files.check_plain_text,
}
"""The check for each type of file, by the end of its name."""

_STATUS = {
    "html": '<meta name="cap:status" content="{}">',
    "atom": 'term="{}"',
    "rss": ">{}</category>",
    "json": '"cap_status":"{}"',
    "ics": "X-CAP-STATUS:{}",
    "svg": 'data-cap-status="{}"',
    "js": "cap_status: {} */",
}
"""The status value for machines, in each environment."""

_ESCAPE = b"\\u"
_OTHERS = re.compile(rf"incidents/(?!{DRILL})[a-z0-9]+(?![a-z0-9.])")


def find_mark_faults(site: SiteContext, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """One sentence for each file that lacks a mark of this environment or contains one of the other; none if all is
    well."""
    messages: list[str] = []
    for name, data in files.items():
        messages += [f"{name} lacks the mark {missing}" for missing in _missing_marks(site, name, data)]
        messages += [
            f"{name} carries the mark {mark!r} of another environment" for mark in _foreign_marks(site, name, data)
        ]
    return tuple(messages)


def _marks_of(site: SiteContext, name: str) -> EnvironmentMarks:
    language = name.partition("/")[0]
    return site.catalog.packs.get(language, site.catalog.leading_pack).marks


def _missing_marks(site: SiteContext, name: str, data: bytes) -> Iterator[str]:
    extension, marks = name.rpartition(".")[2], _marks_of(site, name)
    if extension in _STATUS and _STATUS[extension].format(marks.machine).encode() not in data:
        yield _STATUS[extension].format(marks.machine)
    if not marks.word:
        return
    text = data.decode("utf-8", "replace")
    if extension not in RULES:
        yield f"of a drill: no rule says how a file of the type {extension!r} carries it"
    elif name == "robots.txt":
        yield from () if "Disallow: /\n" in text else ("Disallow: /",)
    else:
        yield from _rule(site, name, extension)(text, marks)
        yield from _doubled_marks(text, marks)
    yield from (f"{DRILL} in {reference}" for reference in _OTHERS.findall(f"{name}\n{text}"))


def _rule(site: SiteContext, name: str, extension: str) -> Rule:
    if name.endswith("/embed.html"):
        return html.check_embed
    if name.startswith("history/"):
        return partial(
            text_files.check_history, {language: pack.marks for language, pack in site.catalog.packs.items()}
        )
    return RULES[extension]


def _doubled_marks(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Marks that appear twice in one place."""
    for mark in (marks.start, marks.end):
        if f"{mark}{mark}" in text or f"{mark.strip()}{mark.strip()}" in text:
            yield f"{mark} once, but twice"


def _foreign_marks(site: SiteContext, name: str, data: bytes) -> Iterator[str]:
    """Marks of the other environment, also as JSON escapes or folds them in a calendar."""
    marks = site.assets.forbidden_marks
    whole = text_files.unfold_lines(data.decode("utf-8", "replace")).encode() if name.endswith(".ics") else data
    head, seam, body = whole.partition(b"</style>")
    if seam:  # Pages have the same beginning and end, with more style and script than text.
        body, _, tail = body.partition(b"<script>")
        yield from _in_all(marks, head)
        yield from _marks_in(marks, body)
        yield from _in_all(marks, tail)
    else:
        yield from _marks_in(marks, whole)
    yield from _marks_in(marks, name.encode())


@lru_cache(maxsize=128)
def _in_all(marks: tuple[str, ...], data: bytes) -> tuple[str, ...]:
    return tuple(_marks_in(marks, data))


def _marks_in(marks: tuple[str, ...], data: bytes) -> list[str]:
    marks_found = {
        mark: None
        for sign, spellings in _by_sign(marks)
        if sign in data
        for encoded, mark in spellings
        if encoded in data
    }
    return list(marks_found)


@lru_cache(maxsize=8)
def _by_sign(marks: tuple[str, ...]) -> tuple[tuple[bytes, tuple[tuple[bytes, str], ...]], ...]:
    """Each mark as plain text and as escaped JSON, grouped by a byte that is quick to rule out: the largest byte, which
    most texts in other scripts do not contain, or the beginning of an escape."""
    by_sign: dict[bytes, dict[bytes, str]] = {}
    for mark in filter(None, marks):
        for spelling in (mark, json.dumps(mark)[1:-1], json.dumps(mark, ensure_ascii=False)[1:-1]):
            encoded = spelling.encode()
            sign = _ESCAPE if _ESCAPE in encoded else bytes([max(encoded)])
            by_sign.setdefault(sign, {})[encoded] = mark
    return tuple((sign, tuple(spellings.items())) for sign, spellings in by_sign.items())
