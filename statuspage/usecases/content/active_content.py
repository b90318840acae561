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
from statuspage.content.loading import Reading
from statuspage.domain import Catalog, ContentError, LanguagePack
from statuspage.usecases.content import fallback

KEPT_FOLDER = "content"
"""The copy's name in the folder of what passed."""

VERDICT = "verdict.json"


class Unusable(Exception):
    """Today's content cannot be read, and none has passed before. The faults say what to mend."""

    def __init__(self, faults: tuple[ContentError, ...]) -> None:
        super().__init__("the content cannot be used")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class InUse:
    """The content to work with; ``faults`` are today's, when ``folder`` is not today's. ``by_hand``: it is only what
    could be saved of broken content, and nothing but typed words may be published from it."""

    catalog: Catalog
    folder: Path
    faults: tuple[ContentError, ...] = ()
    by_hand: bool = False


def in_use(today: Path, passed: Path, *, marks: bool, now: datetime, others: tuple[Path, ...] = ()) -> InUse:
    """Today's content, or the copy in ``passed`` when today's is broken, or one in ``others`` that is only read; in the
    last resort what can be saved of today's, to publish typed words with.

    A copy of the sample is used only while today's is that very sample: whoever has begun to make it their own gets no
    other company's names.

    Raises Unusable when there is none. A verdict is kept beside the copy, so that the long check runs once for each
    change.
    """
    catalog, faults = loading.read_content(today, marks=marks)
    if catalog is not None and not faults:
        faults = _verdict(today, catalog.version, passed, others, now)
        if not faults:
            _keep(today, passed, catalog.version)
            return InUse(catalog, today)
    for folder in (passed / KEPT_FOLDER, *(other / KEPT_FOLDER for other in others)):
        before = _passed_once(folder, marks) if folder.is_dir() else None
        if before is not None and (not _is_sample(before) or before.version == _version(today, marks)):
            return InUse(before, folder, faults)
    saved = fallback.rescued(today, marks=marks)
    if saved is None:
        raise Unusable(faults)
    return InUse(saved, today, faults, by_hand=True)


def _passed_once(folder: Path, marks: bool) -> Catalog | None:
    """Content that passed before; None when this program cannot use it.

    A newer program may need labels that it lacks; those are taken from what comes with the program. Words for
    customers are never filled in so.
    """
    reading = Reading(folder)
    catalog = reading.catalog(marks=marks)
    if any(PurePath(fault.file).name not in _OURS for fault in reading.faults):
        return None
    ours, _ = loading.read_content(bundled.folder("content"))
    if ours is None or not reading.faults:
        return catalog
    books = {id: _with_labels(book, ours.books.get(id, ours.leading)) for id, book in catalog.books.items()}
    return replace(catalog, books=books)


def _is_sample(catalog: Catalog) -> bool:
    """Whether it speaks of the sample company to customers, in any of their languages; the desk's may be others."""
    return any(catalog.books[language].site in sample_names() for language in catalog.languages)


@cache
def sample_names() -> frozenset[str]:
    """What the sample company is called, in all languages."""
    houses = bundled.folder("content").glob("*/house.toml")
    return frozenset(str(tomllib.loads(path.read_text("utf-8"))["site"]) for path in houses)


def _version(folder: Path, marks: bool) -> str:
    return Reading(folder).catalog(marks=marks).version


def _with_labels(book: LanguagePack, ours: LanguagePack) -> LanguagePack:
    return replace(book, labels={**ours.labels, **book.labels})


_OURS = ("labels.toml", "desk.toml")
"""What the interface says; the rest is what customers are told."""


class ContentCheck:
    """Today's content in its folder while a program runs on; read again only after a file has changed."""

    def __init__(self, folder: Path, *, marks: bool) -> None:
        self._folder, self._marks = folder, marks
        self._seen = _stamp(folder)
        self._faults: tuple[ContentError, ...] = ()

    def __call__(self) -> tuple[ContentError, ...]:
        """What is wrong with it just now, as far as reading shows; nothing while it is as it was at the start."""
        stamp = _stamp(self._folder)
        if stamp != self._seen:
            self._seen, self._faults = stamp, loading.read_content(self._folder, marks=self._marks)[1]
        return self._faults


class ContentReload:
    """Says when today's content, or a file of credentials, has changed since it was last taken up, once it has rested
    for one look."""

    def __init__(self, folder: Path, files: Collection[Path] = ()) -> None:
        self._folder, self._files = folder, files
        self._taken = self._seen = self._look()

    def __call__(self) -> bool:
        """Whether it is to be read afresh now."""
        stamp, before = self._look(), self._seen
        self._seen = stamp
        if stamp != before or stamp == self._taken:
            return False
        self._taken = stamp
        return True

    def _look(self) -> _Stamp:
        return _stamp(self._folder, self._files)


_READ = (".toml", ".ics", ".md", ".svg", ".png", ".html")
"""What the names of files that content is read from end with."""

_Stamp = tuple[tuple[str, int, int], ...]


def _stamp(folder: Path, files: Collection[Path] = ()) -> _Stamp:
    found = []
    for path in (*sorted(one for one in folder.rglob("*") if one.suffix in _READ), *files):
        with suppress(FileNotFoundError):  # An editor puts a new file in the place of the old one.
            found.append((str(path), path.stat().st_mtime_ns, path.stat().st_size))
    return tuple(found)


def check_active(today: Path, *, now: datetime) -> tuple[ContentError, ...]:
    """Every fault of today's content, looked for afresh, as a drill says it: its marks take room."""
    catalog, faults = loading.read_content(today, marks=True)
    if catalog is None or faults:
        return faults
    return loading.placed(today, validation.check_wording(catalog, now=now))


def _verdict(
    today: Path, version: str, passed: Path, others: tuple[Path, ...], now: datetime
) -> tuple[ContentError, ...]:
    """What the long check says of this version, from whoever has asked it before."""
    about = {"content": version, "program": __version__}
    for folder in (passed, *others):
        known = _read_json(folder / VERDICT)
        if known.get("about") == about:
            return tuple(serialization.load(ContentError, plain) for plain in known["faults"])
    faults = check_active(today, now=now)
    _write_json(passed / VERDICT, {"about": about, "faults": serialization.to_json_value(faults)})
    return faults


def _keep(today: Path, passed: Path, version: str) -> None:
    """Copies the content that passed, in full before it takes its place."""
    note = passed / "kept.json"
    if _read_json(note).get("version") == version and (passed / KEPT_FOLDER).is_dir():
        return
    fresh, old = passed / f"content.{os.getpid()}", passed / f"content.old.{os.getpid()}"
    shutil.copytree(today, fresh)
    with suppress(OSError):  # Another process kept the same content in the same moment.
        if (passed / KEPT_FOLDER).is_dir():
            (passed / KEPT_FOLDER).rename(old)
        fresh.rename(passed / KEPT_FOLDER)
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    _write_json(note, {"version": version})


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    fresh.replace(path)
