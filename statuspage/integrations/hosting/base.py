"""What every target can do, and the order in which readers may see files change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

FENCE_FILE = ".statuspage.json"
"""The file at a target that says how new the site there is."""

GZIP_SUFFIX = ".gz"


class UploadFailed(Exception):
    """The target has not got everything; what could be read there before still can.

    ``code`` is a label's key (``target.reason.KEY``); ``detail`` what the other side said, without any secret.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = " ".join(detail.split())[:300]


@dataclass(frozen=True, slots=True)
class Difference:
    """What at a target is not as it is here."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def to_upload(self) -> tuple[str, ...]:
        """What has to be carried over."""
        return (*self.new, *self.changed)


@dataclass(frozen=True, slots=True)
class UploadBatch:
    """Files to carry over, by name, names to remove after them, and how new all this is."""

    files: Mapping[str, Path]
    removed: tuple[str, ...]
    fence: int


class Host(Protocol):
    """A place that follows the folder on this machine.

    ``twins``: whether it wants the compressed files too. ``pace``: how long it may do without the renewed time of the
    front alone. ``compare`` and ``carry`` raise NotCarried.
    """

    gzip_copies: bool
    renewal_interval: timedelta

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """What is not as in these files, which are the whole site; nothing is changed."""

    def upload(self, batch: UploadBatch) -> int:
        """Carries the load over, leaves before the fronts, removals last; returns how many files it changed.

        Never over something newer.
        """


def upload_waves(names: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """The same names in three parts: pages and pictures; feeds and other files for machines; the fronts.

    Whoever carries them in this order leaves no link into nothing.
    """
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in sorted(names):
        groups[_wave(name)].append(name)
    return groups


def is_front_page(name: str) -> bool:
    """Whether this is the front of the site or of a language, which carries the time it was renewed."""
    return _wave(name) == len(upload_waves(())) - 1


def is_ours(name: str, keep: Iterable[str]) -> bool:
    """Whether a file at a target is ours to change: nothing hidden, nothing of what is to be kept."""
    top = name.partition("/")[0]
    return not top.startswith(".") and top not in keep


def refuse_foreign_files(removed: Iterable[str], fence: int | None) -> None:
    """Raises NotCarried where files of others lie at a place where no site of ours has ever been."""
    foreign = sorted(removed)
    if fence is None and foreign:
        raise UploadFailed("strangers", ", ".join(foreign[:3]))


def refuse_newer(remote_fence: int | None, local_fence: int) -> None:
    """Raises NotCarried where the target holds something newer."""
    if remote_fence is not None and remote_fence > local_fence:
        raise UploadFailed("newer", f"{remote_fence} > {local_fence}")


def fence_content(fence: int) -> bytes:
    """What stands in the file that says how new the site there is."""
    return json.dumps({"fence": fence}).encode() + b"\n"


def parse_fence(data: bytes) -> int:
    """The number in that file; 0 when somebody has spoiled it."""
    try:
        value = json.loads(data)
    except ValueError:
        return 0
    fence = value.get("fence") if isinstance(value, dict) else None
    return fence if isinstance(fence, int) else 0


def _wave(name: str) -> int:
    original = name.removesuffix(GZIP_SUFFIX)
    if original.endswith("index.html") and original.count("/") < 2:
        return 2
    return 1 if original.rpartition(".")[2] in ("json", "rss", "atom", "ics", "svg", "js") else 0
