"""Selects the content in use: the current one if it passes the check, else the instance's last valid version."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from statuspage import __version__, bundled, serialization
from statuspage.content import loading, validation
from statuspage.content.loading import ContentReader
from statuspage.domain import Catalog, ContentError, LanguagePack
from statuspage.usecases.content import fallback

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
    """The content in use. ``content_errors`` are those of the current content if ``folder`` is another one.
    ``is_manual_only``: it was rescued from broken content, and only text typed by hand may be published."""

    catalog: Catalog
    folder: Path
    content_errors: tuple[ContentError, ...] = ()
    is_manual_only: bool = False


def load_active(
    content_folder: Path, passed_folder: Path, *, marks: bool, now: datetime, fallback_folders: tuple[Path, ...] = ()
) -> ActiveContent:
    """The current content; if it is broken, the valid copy in ``passed_folder``, or one in ``fallback_folders``, which
    is only read; as a last resort what can be rescued of the current content, to publish typed text.

    A copy of the sample is used only while the current content is still exactly that sample: whoever has begun to adapt
    it never gets another company's names.

    Raises UnusableContent if there is none. The result is stored beside the copy, so that the long check runs once for
    each change.
    """
    catalog, content_errors = loading.read_content(content_folder, with_marks=marks)
    if catalog is not None and not content_errors:
        content_errors = _check_once(content_folder, catalog.version, passed_folder, fallback_folders, now)
        if not content_errors:
            _keep_copy(content_folder, passed_folder, catalog.version)
            return ActiveContent(catalog, content_folder)
    for folder in (
        passed_folder / COPY_FOLDER,
        *(fallback_folder / COPY_FOLDER for fallback_folder in fallback_folders),
    ):
        passed_catalog = _read_passed(folder, marks) if folder.is_dir() else None
        if passed_catalog is not None and (
            not _is_sample(passed_catalog) or passed_catalog.version == _version(content_folder, marks)
        ):
            return ActiveContent(passed_catalog, folder, content_errors)
    rescued = fallback.rescue_catalog(content_folder, marks=marks)
    if rescued is None:
        raise UnusableContent(content_errors)
    return ActiveContent(rescued, content_folder, content_errors, is_manual_only=True)


def _read_passed(folder: Path, marks: bool) -> Catalog | None:
    """Content that passed before; None if this program cannot use it.

    A newer program may need labels that it lacks; those come from the shipped content. Texts for customers are never
    filled in this way.
    """
    reading = ContentReader(folder)
    catalog = reading.read_catalog(with_marks=marks)
    if any(PurePath(content_error.file).name not in _INTERFACE_FILES for content_error in reading.errors):
        return None
    bundled_catalog, _ = loading.read_content(bundled.folder("content"))
    if bundled_catalog is None or not reading.errors:
        return catalog
    packs = {
        id: _fill_labels(pack, bundled_catalog.packs.get(id, bundled_catalog.leading_pack))
        for id, pack in catalog.packs.items()
    }
    return replace(catalog, packs=packs)


def _is_sample(catalog: Catalog) -> bool:
    """Whether it shows the sample company's name to customers, in any of their languages. The desk languages may
    differ."""
    return any(catalog.packs[language].site in sample_names() for language in catalog.languages)


@cache
def sample_names() -> frozenset[str]:
    """The sample company's name in all languages."""
    organisation_files = bundled.folder("content").glob("*/organisation.toml")
    return frozenset(str(tomllib.loads(path.read_text("utf-8"))["site_name"]) for path in organisation_files)


def _version(folder: Path, marks: bool) -> str:
    return ContentReader(folder).read_catalog(with_marks=marks).version


def _fill_labels(pack: LanguagePack, bundled_pack: LanguagePack) -> LanguagePack:
    return replace(pack, labels={**bundled_pack.labels, **pack.labels})


_INTERFACE_FILES = ("labels.toml", "desk.toml")
"""Files with labels of the interface; the others contain texts for customers."""


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
