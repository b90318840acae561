"""Selects the content in use: the current one if it passes the check, else its valid part, else the last version."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from statuspage.content.compiled import KeptChecks, Reading, load_content, program_version
from statuspage.domain import DRILL, Catalog, ContentError

PASSED_FOLDER, CACHE_FOLDER = "content-passed", "cache"

COPY_FOLDER = "content"
"""The name of the copy in the folder of valid content."""

VERDICT, REDUCED_VERDICT = "verdict.json", "verdict-reduced.json"
"""The results of the long check: of the content, and of the content without its own words that are wrong."""


@dataclass(frozen=True, slots=True)
class ContentFolders:
    """Where content is: the ``current`` one, what ``passed`` the check, and the ``cache`` of what was read.

    ``fallbacks`` are folders like ``passed`` of another environment, which are only read. ``checks`` is where the
    results of the long check are kept by language, if not in ``cache``.
    """

    current: Path
    passed: Path
    cache: Path
    fallbacks: tuple[Path, ...] = ()
    checks: Path | None = None

    @classmethod
    def of_live(cls, home: Path, current: Path) -> ContentFolders:
        """Those of the live environment of an instance."""
        return cls(current, home / PASSED_FOLDER, home / CACHE_FOLDER)

    @classmethod
    def of_drill(cls, home: Path, current: Path) -> ContentFolders:
        """Those of the drill environment. It has a copy of its own, and uses the same cache unless it runs as a user
        that cannot."""
        cache_home = home if os.access(home, os.W_OK) else home / DRILL
        return cls(current, home / DRILL / PASSED_FOLDER, cache_home / CACHE_FOLDER, (home / PASSED_FOLDER,))


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


def load_active(folders: ContentFolders, *, marks: bool, now: datetime) -> ActiveContent:
    """The current content; else the same without its own words that are wrong, which the program's own replace; else
    the copy of what passed, also that of a fallback.

    Raises UnusableContent if there is none. The result is stored beside the copy, so that the long check runs once for
    each change.
    """
    catalog, content_errors = load_content(Reading(folders.current, marks), folders.cache)
    if catalog is not None and not content_errors:
        content_errors = _check_once(folders, catalog.wording_version, now)
        if not content_errors:
            _keep_copy(folders.current, folders.passed, catalog.version)
            return ActiveContent(catalog, folders.current)
    reduced = _without_wrong_words(folders, content_errors, marks=marks, now=now)
    if reduced is not None and all(error.key for error in content_errors):
        return ActiveContent(reduced, folders.current, content_errors)
    for folder in (folders.passed, *folders.fallbacks):
        passed_catalog, _ = load_content(Reading(folder / COPY_FOLDER, marks), folders.cache)
        if passed_catalog is not None:
            return ActiveContent(passed_catalog, folder / COPY_FOLDER, content_errors)
    if reduced is not None:
        return ActiveContent(reduced, folders.current, content_errors)
    raise UnusableContent(content_errors)


def _without_wrong_words(
    folders: ContentFolders, content_errors: Sequence[ContentError], *, marks: bool, now: datetime
) -> Catalog | None:
    """The content without those of its own words that have errors; None where that does not help.

    Errors in files of the program only follow from them, such as a slot that the other languages do not have.
    """
    from statuspage.content import loading

    left_out = {(error.file, error.key) for error in content_errors if (folders.current / error.file).exists()}
    if not loading.has_shipped_words(folders.current, left_out):
        return None
    catalog, errors = load_content(Reading(folders.current, marks, left_out), folders.cache)
    if catalog is None or errors:
        return None
    return None if _check_once(folders, catalog.wording_version, now, left_out) else catalog


class ContentCheck:
    """Checks the current content while a program runs; reads it again only after a file has changed."""

    def __init__(self, folders: ContentFolders, *, marks: bool) -> None:
        self._folders, self._marks = folders, marks
        self._last_stamp = _stamp(folders.current)
        self._content_errors: tuple[ContentError, ...] = ()

    def __call__(self) -> tuple[ContentError, ...]:
        """The errors that show when it is read; none if it is unchanged since the start."""
        stamp = _stamp(self._folders.current)
        if stamp != self._last_stamp:
            self._last_stamp = stamp
            _, self._content_errors = load_content(Reading(self._folders.current, self._marks), self._folders.cache)
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


def check_active(folders: ContentFolders, *, now: datetime) -> tuple[ContentError, ...]:
    """All errors of the current content, including a check with drill marks, which take up room."""
    catalog, content_errors = load_content(Reading(folders.current, with_marks=True), folders.cache)
    if catalog is None or content_errors:
        return content_errors
    return _check_once(folders, catalog.wording_version, now)


def adopt_verdict(checked: ContentFolders, folders: ContentFolders) -> None:
    """Keeps the result of a check of a copy, so that the same content is not checked again where it is used."""
    verdict = _read_json(checked.passed / VERDICT)
    if verdict and folders.passed.parent.is_dir():
        _write_json(folders.passed / VERDICT, verdict)


def _check_once(
    folders: ContentFolders, version: str, now: datetime, left_out: Collection[tuple[str, str]] = ()
) -> tuple[ContentError, ...]:
    """The result of the long check for this version, reused if it was done before."""
    about = {"content": version, "program": program_version(), "left_out": sorted(map(list, left_out))}
    name = REDUCED_VERDICT if left_out else VERDICT
    for folder in (folders.passed, *folders.fallbacks):
        verdict = _read_json(folder / name)
        if verdict.get("about") == about:
            return tuple(ContentError(**error) for error in verdict["faults"])
    checked_version, content_errors = _check_wording(folders, left_out, now)
    if checked_version == version and folders.passed.parent.is_dir():  # Content may be checked without an instance.
        _write_json(folders.passed / name, {"about": about, "faults": [asdict(error) for error in content_errors]})
    return content_errors


def _check_wording(
    folders: ContentFolders, left_out: Collection[tuple[str, str]], now: datetime
) -> tuple[str | None, tuple[ContentError, ...]]:
    """The errors of the long check, with the version of what was checked; None if it could not be read at all."""
    from statuspage.content import loading, validation

    catalog, content_errors = load_content(Reading(folders.current, with_marks=True, left_out=left_out), folders.cache)
    if catalog is None or content_errors:
        return None, content_errors
    recall = KeptChecks(folders.checks or folders.cache).recall
    errors = validation.check_wording(catalog, now=now, recall=recall)
    return catalog.wording_version, loading.locate_errors(folders.current, errors)


def _keep_copy(content_folder: Path, passed_folder: Path, version: str) -> None:
    """Copies valid content; the copy is complete before it replaces the old one."""
    note = passed_folder / "kept.json"
    if _read_json(note).get("version") == version and (passed_folder / COPY_FOLDER).is_dir():
        return
    new_copy, old_copy = passed_folder / f"content.{_own_suffix()}", passed_folder / f"content.old.{_own_suffix()}"
    shutil.copytree(content_folder, new_copy)
    with suppress(OSError):  # Another process stored the same content at the same time.
        if (passed_folder / COPY_FOLDER).is_dir():
            (passed_folder / COPY_FOLDER).rename(old_copy)
        new_copy.rename(passed_folder / COPY_FOLDER)
    for leftover in (new_copy, old_copy):
        shutil.rmtree(leftover, ignore_errors=True)
    _write_json(note, {"version": version})


def _own_suffix() -> str:
    """A part of a name that no other process and no other thread uses at the same time."""
    return f"{os.getpid()}-{threading.get_ident()}"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{_own_suffix()}")
    temporary.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    temporary.replace(path)
