"""Plain-language findings beside each free text field, with one-click replacements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from statuspage.domain import Catalog, NoticeKind, has_unreadable_characters
from statuspage.rendering.plain_language import (
    CheckContext,
    Level,
    blank_markup,
    find_unplain,
    has_glossary,
    reason_for,
)
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.translations import Translator

TAKE_REPLACEMENT = "replace"
"""The action of a replacement's button: ``replace extra-ja 3 7``."""

GLOSSARY_ENTRY = "glossary_entry"
"""The action of a glossary proposal's button: ``glossary_entry extra-ja 3 7``."""

LEVEL_TONES: Mapping[Level, str] = {Level.ERROR: "down", Level.WARNING: "part", Level.HINT: "unk"}


@dataclass(frozen=True, slots=True)
class TextFinding:
    """One finding. ``instead`` fits in place of the word; ``suggestion`` is what to write as a sentence of its own.
    ``entry`` is the line that would add the word to the team's glossary, "" if it is already there."""

    start: int
    end: int
    word: str
    instead: str
    why: str
    category: str
    tone: str
    entry: str = ""
    suggestion: str = ""


def field_findings(
    fields: Fields, box: str, *, catalog: Catalog, translator: Translator, notice: NoticeKind, former: str = ""
) -> list[TextFinding]:
    """The findings in one box, named ``extra-ja`` or ``text-ja``; none if it contains characters that cannot be
    displayed.

    Compared with the last published text.
    """
    text, language = _field_text(fields, box), box.partition("-")[2]
    if not text.strip() or has_unreadable_characters(text):
        return []
    read = blank_markup(text) if box.startswith("postmortem-") else text
    findings = find_unplain(
        read, language=language, catalog=catalog, context=CheckContext(notice, previous_text=former)
    )
    return [
        TextFinding(
            start=finding.start,
            end=finding.end,
            word=text[finding.start : finding.end],
            instead=finding.replacement,
            why=reason_for(finding, translator.pack.labels),
            category=translator.label(f"plain.class.{finding.category}"),
            tone=LEVEL_TONES[finding.level],
            entry=_glossary_line(text, finding.start, finding.end) if finding.category == "unknown" else "",
            suggestion=finding.suggestion,
        )
        for finding in findings
    ]


def not_checked_note(fields: Fields, box: str, *, catalog: Catalog, translator: Translator) -> str:
    """What the check cannot say about a typed text, because there is no word list for its language; else ""."""
    text, language = _field_text(fields, box), box.partition("-")[2]
    if not text.strip() or has_glossary(catalog, language):
        return ""
    return translator.t("report.finding_not_checked")


def take_replacement(
    fields: Fields, action: str, *, catalog: Catalog, translator: Translator, notice: NoticeKind
) -> Fields:
    """The fields with one replacement applied; unchanged if the text has changed since."""
    _, box, *position = action.split(" ")
    for finding in field_findings(fields, box, catalog=catalog, translator=translator, notice=notice):
        if [str(finding.start), str(finding.end)] == position and finding.instead:
            text = _field_text(fields, box)
            return {**fields, box: [text[: finding.start] + finding.instead + text[finding.end :]]}
    return fields


def propose_entry(fields: Fields, action: str) -> str:
    """A proposal for the team's glossary as a file, to be completed and inserted under its heading."""
    _, box, start, end = action.split(" ")
    text, language = _field_text(fields, box), box.partition("-")[2]
    entry = _glossary_line(text, int(start), int(end))
    return f"# content/{language}/glossary.toml\n\n[jargon.company]\n{entry}\n"


def _field_text(fields: Fields, box: str) -> str:
    return value_of(fields, box).replace("\r\n", "\n")


def _glossary_line(text: str, start: int, end: int) -> str:
    """A line for ``glossary.toml``: the word, room for its replacement, and the text as its example."""
    word, example = (json.dumps(part, ensure_ascii=False) for part in (text[start:end], " ".join(text.split())))
    return f'{word} = {{ replacement = "", example = {example} }}'
