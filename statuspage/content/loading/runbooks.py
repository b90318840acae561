"""Reads the runbooks: ``runbooks/KIND.LANGUAGE.md``, what staff check and know for a kind of trouble."""

from __future__ import annotations

import re
from collections.abc import Collection

from statuspage.content.loading.folder import Folder
from statuspage.content.loading.table_reader import meant
from statuspage.domain import ContentError, Runbook, parsed, unreadable

FOLDER = "runbooks"

_FILE_NAME = re.compile(r"([a-z0-9_-]+)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.md")

Runbooks = dict[str, dict[str, Runbook]]


def runbooks(folder: Folder, kinds: Collection[str], desk: tuple[str, ...]) -> Runbooks:
    """Kind → language → runbook; a house may have none. What one language of the desk has, all of them have."""
    found: Runbooks = {}
    for path in sorted((folder.path / FOLDER).glob("*")):
        name = f"{FOLDER}/{path.name}"
        place = _FILE_NAME.fullmatch(path.name)
        if place is None:
            folder.faults.append(ContentError(name, 1, "", "Nothing reads this file; name it as in “booking.ja.md”."))
        elif place[1] not in kinds:
            folder.faults.append(ContentError(name, 1, "", f"“{place[1]}” is no kind; {meant(place[1], kinds)}"))
        elif place[2] in desk and (text := _runbook_text(folder, name)):
            found.setdefault(place[1], {})[place[2]] = parsed(text)
    for kind, spoken in found.items():
        folder.faults.extend(_disagreements(kind, spoken, desk))
    return found


def _runbook_text(folder: Folder, name: str) -> str:
    text = folder.text(name)
    if text is None:
        folder.faults.append(ContentError(name, 1, "", "This file cannot be read; save it as UTF-8."))
    elif not text.strip():
        folder.faults.append(ContentError(name, 1, "", "This file is empty; write what to check, or delete it."))
    elif unreadable(text):
        folder.faults.append(ContentError(name, 1, "", "It has characters that cannot be read; write the line again."))
    return text or ""


def _disagreements(kind: str, spoken: dict[str, Runbook], desk: tuple[str, ...]) -> list[ContentError]:
    first = next(iter(spoken.values()))
    missing = [one for one in desk if one not in spoken]
    faults = [
        ContentError(f"{FOLDER}/{kind}.{one}.md", 1, "", "This file is missing; translate the other one.")
        for one in missing
    ]
    for language, one in spoken.items():
        if len(one.items) != len(first.items):
            message = (
                f"It has {len(one.items)} lines to tick off, the other language {len(first.items)}; make them equal."
            )
            faults.append(ContentError(f"{FOLDER}/{kind}.{language}.md", 1, "", message))
    return faults
