"""The content in use: today's when it passes the check, else the last of the house's own that did."""

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
"""The copy's name in the folder of what passed."""

VERDICT = "verdict.json"


class UnusableContent(Exception):
    """Today's content cannot be read, and none has passed before. The faults say what to mend."""

    def __init__(self, content_errors: tuple[ContentError, ...]) -> None:
        super().__init__("the content cannot be used")
        self.content_errors = content_errors


@dataclass(frozen=True, slots=True)
class ActiveContent:
    """The content to work with; ``faults`` are today's, when ``folder`` is not today's. ``by_hand``: it is only what
    could be saved of broken content, and nothing but typed words may be published from it."""

    catalog: Catalog
    folder: Path
    content_errors: tuple[ContentError, ...] = ()
    is_manual_only: bool = False


def load_active(
    content_folder: Path, passed_folder: Path, *, marks: bool, now: datetime, fallback_folders: tuple[Path, ...] = ()
) -> ActiveContent:
    """Today's content, or the copy in ``passed`` when today's is broken, or one in ``others`` that is only read; in the
    last resort what can be saved of today's, to publish typed words with.

    A copy of the sample is used only while today's is that very sample: whoever has begun to make it their own gets no
    other company's names.

    Raises Unusable when there is none. A verdict is kept beside the copy, so that the long check runs once for each
    change.
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
    """Content that passed before; None when this program cannot use it.

    A newer program may need labels that it lacks; those are taken from what comes with the program. Words for
    customers are never filled in so.
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
    """Whether it speaks of the sample company to customers, in any of their languages; the desk's may be others."""
    return any(catalog.packs[language].site in sample_names() for language in catalog.languages)


@cache
def sample_names() -> frozenset[str]:
    """What the sample company is called, in all languages."""
    organisation_files = bundled.folder("content").glob("*/house.toml")
    return frozenset(str(tomllib.loads(path.read_text("utf-8"))["site"]) for path in organisation_files)


def _version(folder: Path, marks: bool) -> str:
    return ContentReader(folder).read_catalog(with_marks=marks).version


def _fill_labels(pack: LanguagePack, bundled_pack: LanguagePack) -> LanguagePack:
    return replace(pack, labels={**bundled_pack.labels, **pack.labels})


_INTERFACE_FILES = ("labels.toml", "desk.toml")
"""What the interface says; the rest is what customers are told."""


class ContentCheck:
    """Today's content in its folder while a program runs on; read again only after a file has changed."""

    def __init__(self, folder: Path, *, marks: bool) -> None:
        self._folder, self._marks = folder, marks
        self._last_stamp = _stamp(folder)
        self._content_errors: tuple[ContentError, ...] = ()

    def __call__(self) -> tuple[ContentError, ...]:
        """What is wrong with it just now, as far as reading shows; nothing while it is as it was at the start."""
        stamp = _stamp(self._folder)
        if stamp != self._last_stamp:
            self._last_stamp, self._content_errors = (
                stamp,
                loading.read_content(self._folder, with_marks=self._marks)[1],
            )
        return self._content_errors


class ContentReload:
    """Says when today's content, or a file of credentials, has changed since it was last taken up, once it has rested
    for one look."""

    def __init__(self, folder: Path, files: Collection[Path] = ()) -> None:
        self._folder, self._files = folder, files
        self._loaded_stamp = self._last_stamp = self._take_stamp()

    def __call__(self) -> bool:
        """Whether it is to be read afresh now."""
        stamp, previous = self._take_stamp(), self._last_stamp
        self._last_stamp = stamp
        if stamp != previous or stamp == self._loaded_stamp:
            return False
        self._loaded_stamp = stamp
        return True

    def _take_stamp(self) -> _Stamp:
        return _stamp(self._folder, self._files)


_SUFFIXES = (".toml", ".ics", ".md", ".svg", ".png", ".html")
"""What the names of files that content is read from end with."""

_Stamp = tuple[tuple[str, int, int], ...]


def _stamp(folder: Path, files: Collection[Path] = ()) -> _Stamp:
    entries = []
    for path in (*sorted(candidate for candidate in folder.rglob("*") if candidate.suffix in _SUFFIXES), *files):
        with suppress(FileNotFoundError):  # An editor puts a new file in the place of the old one.
            entries.append((str(path), path.stat().st_mtime_ns, path.stat().st_size))
    return tuple(entries)


def check_active(content_folder: Path, *, now: datetime) -> tuple[ContentError, ...]:
    """Every fault of today's content, looked for afresh, as a drill says it: its marks take room."""
    catalog, content_errors = loading.read_content(content_folder, with_marks=True)
    if catalog is None or content_errors:
        return content_errors
    return loading.locate_errors(content_folder, validation.check_wording(catalog, now=now))


def _check_once(
    content_folder: Path, version: str, passed_folder: Path, fallback_folders: tuple[Path, ...], now: datetime
) -> tuple[ContentError, ...]:
    """What the long check says of this version, from whoever has asked it before."""
    about = {"content": version, "program": __version__}
    for folder in (passed_folder, *fallback_folders):
        verdict = _read_json(folder / VERDICT)
        if verdict.get("about") == about:
            return tuple(serialization.from_json_value(ContentError, item) for item in verdict["faults"])
    content_errors = check_active(content_folder, now=now)
    _write_json(passed_folder / VERDICT, {"about": about, "faults": serialization.to_json_value(content_errors)})
    return content_errors


def _keep_copy(content_folder: Path, passed_folder: Path, version: str) -> None:
    """Copies the content that passed, in full before it takes its place."""
    note = passed_folder / "kept.json"
    if _read_json(note).get("version") == version and (passed_folder / COPY_FOLDER).is_dir():
        return
    new_copy, old_copy = passed_folder / f"content.{os.getpid()}", passed_folder / f"content.old.{os.getpid()}"
    shutil.copytree(content_folder, new_copy)
    with suppress(OSError):  # Another process kept the same content in the same moment.
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
