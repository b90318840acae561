"""What the check for plain language says of texts typed on the desk; what is grave asks for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from statuspage.domain import Incident, NoticeInput, NoticeKind, ValidationError, strip_invisible
from statuspage.rendering.plain_language import Context, Finding, Level, find_unplain, grave, readable
from statuspage.usecases.environment import Environment

SHOWN = 80
"""Characters of a word that a problem shows; the beginning of a longer one is enough to find it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding in a typed text. ``field`` is ``extra.ja``, ``text.ja`` or ``account.ja``."""

    field: str
    text: str
    finding: Finding

    @property
    def word(self) -> str:
        """What it was found at, "" where it is about the whole text."""
        return self.text[self.finding.start : self.finding.end]


def remarks(
    world: Environment, typed: NoticeInput, notice: NoticeKind, incident: Incident | None = None
) -> Iterator[Remark]:
    """Everything found in what was typed. ``incident`` as it stands, so that words said again are noticed."""
    before = former(incident) if incident else {}
    for field, text, shown in _written_texts(typed):
        context = Context(notice, previous=before.get(field, ""))
        found = find_unplain(shown, language=field.partition(".")[2], catalog=world.catalog, context=context)
        yield from (Remark(field, text, one) for one in found)


def met_in(said: Iterable[Remark]) -> tuple[str, ...]:
    """The classes of hard words among what was found, one for each, as a scorecard counts them."""
    found = (one.finding for one in said)
    return tuple(one.kind for one in found if one.kind != "drill" and one.level is not Level.HINT)


def former(incident: Incident) -> Mapping[str, str]:
    """What customers were told last, by the field in which it would be typed again."""
    if incident.latest is None:
        return {}
    last = incident.latest.notice
    extra = {f"extra.{language}": text for language, text in last.facts.extra.items()}
    pages = {language: words.media["page"].body for language, words in last.words.items() if "page" in words.media}
    return extra | {f"text.{language}": text for language, text in pages.items()}


def unplain(world: Environment, typed: NoticeInput, notice: NoticeKind) -> Iterator[ValidationError]:
    """One problem for each text that may not go out as it is, unless somebody gave a reason, which is kept with it.

    Words by hand ask for a reason in any case.
    """
    if typed.reason.strip():
        return
    held: set[str] = set()
    for one in remarks(world, replace(typed, text={}), notice):
        if one.finding.kind != "drill" and one.field not in held and grave((one.finding,)):
            held.add(one.field)
            yield ValidationError(one.field, "text.plain", {"word": _shown(one.word)})


def _shown(word: str) -> str:
    return word if len(word) <= SHOWN else f"{word[:SHOWN]}…"


def _written_texts(typed: NoticeInput) -> Iterator[tuple[str, str, str]]:
    """Field, text, and the text as it is read: a report's Markdown without its signs."""
    for name, texts in (("extra", typed.extra), ("text", typed.text)):
        for language, written in texts.items():
            yield f"{name}.{language}", strip_invisible(written), strip_invisible(written)
    for language, written in typed.account.items():
        yield f"account.{language}", written, readable(written)
