"""The plain-language check of text typed on the desk; serious findings require a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from statuspage.domain import Catalog, Incident, NoticeInput, NoticeKind, ValidationError, strip_invisible
from statuspage.rendering.plain_language import (
    CheckContext,
    Finding,
    Level,
    blank_markup,
    blocking_findings,
    find_unplain,
)

WORD_LIMIT = 80
"""The maximum characters of a found word shown in a problem; the beginning is enough to find it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding in a typed text. ``field`` is ``extra.ja``, ``text.ja`` or ``postmortem.ja``."""

    field: str
    text: str
    finding: Finding

    @property
    def word(self) -> str:
        """The word that was found, "" if the finding concerns the whole text."""
        return self.text[self.finding.start : self.finding.end]


def find_remarks(
    catalog: Catalog, notice_input: NoticeInput, notice_kind: NoticeKind, incident: Incident | None = None
) -> Iterator[Remark]:
    """All findings in the typed text. ``incident`` is its current state, for detecting repeated text."""
    earlier_texts = latest_published_texts(incident) if incident else {}
    for field, text, plain_text in _written_texts(notice_input):
        context = CheckContext(notice_kind, previous_text=earlier_texts.get(field, ""))
        findings = find_unplain(plain_text, language=field.partition(".")[2], catalog=catalog, context=context)
        yield from (Remark(field, text, finding) for finding in findings)


def warning_classes_in(all_remarks: Iterable[Remark]) -> tuple[str, ...]:
    """The classes of warnings among the findings, one entry for each difficult word, as a scorecard counts them."""
    findings = (remark.finding for remark in all_remarks)
    return tuple(
        finding.category for finding in findings if finding.category != "drill" and finding.level is not Level.HINT
    )


def latest_published_texts(incident: Incident) -> Mapping[str, str]:
    """The last published texts, by the field in which they would be typed again."""
    if incident.latest is None:
        return {}
    latest = incident.latest.notice
    extra = {f"extra.{language}": text for language, text in latest.facts.extra.items()}
    page_texts = {
        language: notice_text.media["page"].body
        for language, notice_text in latest.texts.items()
        if "page" in notice_text.media
    }
    return extra | {f"text.{language}": text for language, text in page_texts.items()}


def plain_language_problems(
    catalog: Catalog, notice_input: NoticeInput, notice_kind: NoticeKind
) -> Iterator[ValidationError]:
    """One problem for each text that may not be published as it is, unless a reason was given, which is stored with it.

    Text written by hand always requires a reason.
    """
    if notice_input.reason.strip():
        return
    reported_fields: set[str] = set()
    for remark in find_remarks(catalog, replace(notice_input, text={}), notice_kind):
        if (
            remark.finding.category != "drill"
            and remark.field not in reported_fields
            and blocking_findings((remark.finding,))
        ):
            reported_fields.add(remark.field)
            yield ValidationError(remark.field, "text.plain", {"word": _shorten(remark.word)})


def _shorten(word: str) -> str:
    return word if len(word) <= WORD_LIMIT else f"{word[:WORD_LIMIT]}…"


def _written_texts(notice_input: NoticeInput) -> Iterator[tuple[str, str, str]]:
    """Field, text, and the text as it is read: a postmortem's Markdown without its markup."""
    for name, texts in (("extra", notice_input.extra), ("text", notice_input.text)):
        for language, typed_text in texts.items():
            yield f"{name}.{language}", strip_invisible(typed_text), strip_invisible(typed_text)
    for language, typed_text in notice_input.postmortem.items():
        yield f"postmortem.{language}", typed_text, blank_markup(typed_text)
