"""Reads the runbooks: ``runbooks/KIND.LANGUAGE.md``, the checklist and text of an incident type."""

from __future__ import annotations

import re
from collections.abc import Collection

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.table_reader import suggest
from statuspage.domain import ContentError, Runbook, has_unreadable_characters, parse_runbook

FOLDER = "runbooks"

_FILE_NAME = re.compile(r"([a-z0-9_-]+)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.md")

Runbooks = dict[str, dict[str, Runbook]]


def read_runbooks(folder: ContentFolder, incident_types: Collection[str], desk_languages: tuple[str, ...]) -> Runbooks:
    """Incident type → language → runbook; may be empty. A runbook in one desk language must exist in all of them."""
    by_incident_type: Runbooks = {}
    for name in folder.glob(f"{FOLDER}/*"):
        match = _FILE_NAME.fullmatch(name.removeprefix(f"{FOLDER}/"))
        if match is None:
            folder.errors.append(ContentError(name, 1, "", "This file is not used; name it like “booking.ja.md”."))
        elif match[1] not in incident_types:
            folder.errors.append(
                ContentError(name, 1, "", f"“{match[1]}” is not an incident type; {suggest(match[1], incident_types)}")
            )
        elif match[2] in desk_languages and (text := _read_runbook(folder, name)):
            by_incident_type.setdefault(match[1], {})[match[2]] = parse_runbook(text)
    for incident_type, by_language in by_incident_type.items():
        folder.errors.extend(_find_disagreements(incident_type, by_language, desk_languages))
    return by_incident_type


def _read_runbook(folder: ContentFolder, name: str) -> str:
    text = folder.read_text(name)
    if text is None:
        folder.errors.append(ContentError(name, 1, "", "This file cannot be read; save it as UTF-8."))
    elif not text.strip():
        folder.errors.append(ContentError(name, 1, "", "This file is empty; write what to check, or delete it."))
    elif has_unreadable_characters(text):
        folder.errors.append(ContentError(name, 1, "", "This line has unreadable characters; write it again."))
    return text or ""


def _find_disagreements(
    incident_type: str, by_language: dict[str, Runbook], desk_languages: tuple[str, ...]
) -> list[ContentError]:
    first = next(iter(by_language.values()))
    missing = [lang for lang in desk_languages if lang not in by_language]
    errors = [
        ContentError(
            f"{FOLDER}/{incident_type}.{lang}.md",
            1,
            "",
            "This file is missing; translate the other one.",
        )
        for lang in missing
    ]
    for language, runbook in by_language.items():
        if len(runbook.items) != len(first.items):
            counts = f"It has {len(runbook.items)} items to check off, the other language {len(first.items)}"
            message = f"{counts}; make them equal."
            errors.append(ContentError(f"{FOLDER}/{incident_type}.{language}.md", 1, "", message))
    return errors
