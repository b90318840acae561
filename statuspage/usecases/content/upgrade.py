"""Adds missing parts of the shipped content to an instance's content, without changing its own texts."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from statuspage import bundled
from statuspage.content.upgrade import MissingContent, OwnContent, diff, toml_insert
from statuspage.domain import ContentError


class NotPossible(Exception):
    """The named file is written in such a way that the program cannot insert this. Nothing was changed."""


def find_missing(content_folder: Path) -> tuple[MissingContent, ...]:
    """What can be added: first what the program requires."""
    return diff.find_missing_content(content_folder, bundled.folder("content"))


def own_words(content_folder: Path) -> tuple[OwnContent, ...]:
    """Where the instance's own texts differ from the shipped ones."""
    return diff.find_own_content(content_folder, bundled.folder("content"))


def take_over(content_folder: Path, missing: Collection[MissingContent]) -> tuple[str, ...]:
    """Inserts the missing parts into the instance's files, all or none; returns the files that changed. Raises
    NotPossible.

    Each file is replaced as a whole, so that a running program never reads half of one.
    """
    texts: dict[str, str] = {}
    for place in (place for item in missing for place in item.locations):
        shipped_text = (bundled.folder("content") / place.file).read_bytes().decode("utf-8")
        if not place.key:
            texts[place.file] = shipped_text
            continue
        current_text = (
            texts[place.file] if place.file in texts else (content_folder / place.file).read_bytes().decode("utf-8-sig")
        )
        try:
            texts[place.file] = toml_insert.insert_key(current_text, shipped_text, place.key)
        except (toml_insert.CannotInsert, ValueError) as error:
            raise NotPossible(place.file) from error
    for name, text in texts.items():
        _replace(content_folder / name, text)
    return tuple(texts)


def fixes_any(content_folder: Path, content_errors: tuple[ContentError, ...]) -> bool:
    """Whether adding what the program requires would fix some of these errors."""
    return bool(content_errors) and _fixes_any(content_folder, content_errors)


@lru_cache(maxsize=4)
def _fixes_any(content_folder: Path, content_errors: tuple[ContentError, ...]) -> bool:
    return any(item.required for item in find_missing(content_folder))


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(text.encode("utf-8"))
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o777)
    temporary.replace(path)
