"""Selects the content in use: the current one if it passes the check, else its valid part, else the last version."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from statuspage import __version__, serialization
from statuspage.content import loading, validation
from statuspage.domain import Catalog, ContentError

COPY_FOLDER = "content"
"""The name of the copy in the folder of valid content."""

VERDICT = "verdict.json"


class UnusableContent(Exception):
    """The current content cannot be read, and there is no earlier valid version. The errors say what to fix."""

    def __init__(self, content_errors: tuple[ContentError, ...]) -> None:
        super().__init__("the content cannot be used")
        self.content_errors = content_errors


@dataclass(frozen=True, slots=True)
class ActiveContent:
    """The content to work with.

    ``content_errors`` are the current content's, when ``folder`` is another one, or when some of its own words are
    left out.
    """

    catalog: Catalog
    folder: Path
    content_errors: tuple[ContentError, ...] = ()


def load_active(
    content_folder: Path, passed_folder: Path, *, marks: bool, now: datetime, fallback_folders: tuple[Path, ...] = ()
) -> ActiveContent:
    """The current content; else the same without its own words that are wrong, which the program's own replace; else
    the copy in ``passed_folder``, or one in ``fallback_folders`` that is only read.

    Raises UnusableContent if there is none. The result is stored beside the copy, so that the long check runs once for
    each change.
    """
    catalog, content_errors = loading.read_content(content_folder, with_marks=marks)
    if catalog is not None and not content_errors:
        content_errors = _check_once(content_folder, catalog.version, passed_folder, fallback_folders, now)
        if not content_errors:
            _keep_copy(content_folder, passed_folder, catalog.version)
            return ActiveContent(catalog, content_folder)
    reduced = _without_wrong_words(content_folder, content_errors, marks=marks, now=now)
    if reduced is not None and all(error.key for error in content_errors):
        return ActiveContent(reduced, content_folder, content_errors)
    for folder in (passed_folder, *fallback_folders):
        passed_catalog, _ = loading.read_content(folder / COPY_FOLDER, with_marks=marks)
        if passed_catalog is not None:
            return ActiveContent(passed_catalog, folder / COPY_FOLDER, content_errors)
    if reduced is not None:
        return ActiveContent(reduced, content_folder, content_errors)
    raise UnusableContent(content_errors)


def _without_wrong_words(
    content_folder: Path, content_errors: Sequence[ContentError], *, marks: bool, now: datetime
) -> Catalog | None:
    """The content without those of its own words that have errors; None where that does not help."""
    left_out = {(error.file, error.key) for error in content_errors}
    if not loading.has_shipped_words(content_folder, left_out):
        return None
    catalog, errors = loading.read_content(content_folder, with_marks=marks, left_out=left_out)
    if catalog is None or errors:
        return None
    tried, _ = loading.read_content(content_folder, with_marks=True, left_out=left_out)
    return catalog if tried is not None and not validation.check_wording(tried, now=now) else None


class ContentCheck:
    """Checks the current content while a program runs; reads it again only after a file has changed."""

    def __init__(self, folder: Path, *, marks: bool) -> None:
        self._folder, self._marks = folder, marks
        self._last_stamp = _stamp(folder)
        self._content_errors: tuple[ContentError, ...] = ()

    def __call__(self) -> tuple[ContentError, ...]:
        """The errors that show when it is read; none if it is unchanged since the start."""
        stamp = _stamp(self._folder)
        if stamp != self._last_stamp:
            self._last_stamp, self._content_errors = (
                stamp,
                loading.read_content(self._folder, with_marks=self._marks)[1],
            )
        return self._content_errors


class ContentReload:
    """Tells when the current content, or a file with credentials, has changed since it was last loaded and was then
    stable between two checks."""

    def __init__(self, folder: Path, files: Collection[Path] = ()) -> None:
        self._folder, self._files = folder, files
        self._loaded_stamp = self._last_stamp = self._take_stamp()

    def __call__(self) -> bool:
        """Whether to reload it now."""
        stamp, previous = self._take_stamp(), self._last_stamp
        self._last_stamp = stamp
        if stamp != previous or stamp == self._loaded_stamp:
            return False
        self._loaded_stamp = stamp
        return True

    def _take_stamp(self) -> _Stamp:
        return _stamp(self._folder, self._files)


_SUFFIXES = (".toml", ".ics", ".md", ".svg", ".png", ".html")
"""Suffixes of the files of which content consists."""

_Stamp = tuple[tuple[str, int, int], ...]


def _stamp(folder: Path, files: Collection[Path] = ()) -> _Stamp:
    entries = []
    for path in (*sorted(candidate for candidate in folder.rglob("*") if candidate.suffix in _SUFFIXES), *files):
        with suppress(FileNotFoundError):  # An editor replaces the old file with a new one.
            entries.append((str(path), path.stat().st_mtime_ns, path.stat().st_size))
    return tuple(entries)


def check_active(content_folder: Path, *, now: datetime) -> tuple[ContentError, ...]:
    """All errors of the current content, including a check with drill marks, which take up room."""
    catalog, content_errors = loading.read_content(content_folder, with_marks=True)
    if catalog is None or content_errors:
        return content_errors
    return loading.locate_errors(content_folder, validation.check_wording(catalog, now=now))


def _check_once(
    content_folder: Path, version: str, passed_folder: Path, fallback_folders: tuple[Path, ...], now: datetime
) -> tuple[ContentError, ...]:
    """The result of the long check for this version, reused if it was done before."""
    about = {"content": version, "program": __version__}
    for folder in (passed_folder, *fallback_folders):
        verdict = _read_json(folder / VERDICT)
        if verdict.get("about") == about:
            return tuple(serialization.from_json_value(ContentError, item) for item in verdict["faults"])
    content_errors = check_active(content_folder, now=now)
    _write_json(passed_folder / VERDICT, {"about": about, "faults": serialization.to_json_value(content_errors)})
    return content_errors


def _keep_copy(content_folder: Path, passed_folder: Path, version: str) -> None:
    """Copies valid content; the copy is complete before it replaces the old one."""
    note = passed_folder / "kept.json"
    if _read_json(note).get("version") == version and (passed_folder / COPY_FOLDER).is_dir():
        return
    new_copy, old_copy = passed_folder / f"content.{os.getpid()}", passed_folder / f"content.old.{os.getpid()}"
    shutil.copytree(content_folder, new_copy)
    with suppress(OSError):  # Another process stored the same content at the same time.
        if (passed_folder / COPY_FOLDER).is_dir():
            (passed_folder / COPY_FOLDER).rename(old_copy)
        new_copy.rename(passed_folder / COPY_FOLDER)
    for leftover in (new_copy, old_copy):
        shutil.rmtree(leftover, ignore_errors=True)
    _write_json(note, {"version": version})


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    temporary.replace(path)
