"""What every published file must carry, and what none may: the marks of its own world and of the other one."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.catalog import Marks
from statuspage.site import Edition

_PAGE = (
    "{banner}",
    '<meta name="cap:status" content="{machine}">',
    '<meta name="robots" content="noindex,',
    '<span class="dtag">{word}</span>',
    '<svg class="dmark"',
    '<div class="dframe"',
    "<title>{start}",
)
_FEED = ("{start}", "{banner}", 'term="{machine}"')
_RSS = ("{start}", "{banner}", ">{machine}</category>")
_JSON = ("{start}", '"cap_status": "{machine}"')


def faults(edition: Edition, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """One sentence for each file that lacks a mark of this world or carries one of another; none when all is well."""
    found: list[str] = []
    for name, data in files.items():
        text = data.decode()
        marks = _marks_of(edition, name)
        found += [f"{name} lacks the mark {lacking}" for lacking in _lacking(name, text, marks)]
        found += [f"{name} carries the mark {text!r} of another world" for text in _foreign(edition, text)]
    return tuple(found)


def _marks_of(edition: Edition, name: str) -> Marks:
    language = name.partition("/")[0]
    return edition.catalog.books.get(language, edition.catalog.leading).marks


def _lacking(name: str, text: str, marks: Marks) -> list[str]:
    if not marks.word:
        return []
    wanted = {"html": _PAGE, "atom": _FEED, "rss": _RSS, "json": _JSON}[name.rpartition(".")[2]]
    filled = [w.format(banner=marks.banner, machine=marks.machine, word=marks.word, start=marks.start) for w in wanted]
    return [mark for mark in filled if mark not in text]


def _foreign(edition: Edition, text: str) -> list[str]:
    return [mark for mark in edition.sources.refused if mark and mark in text]
