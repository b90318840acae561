"""What would change if an instance named another starter: tried on a copy, before ``starter =`` is edited."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from statuspage.content import loading
from statuspage.domain import Catalog, ContentError


@dataclass(frozen=True, slots=True)
class StarterChange:
    """``errors`` are what the instance's own files say of things that the other starter does not have. ``lost`` and
    ``gained`` are ids of incident types; ``unproposed`` are services in use that none of its incident types proposes.
    The last is empty where there are errors.
    """

    errors: tuple[ContentError, ...]
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    unproposed: tuple[str, ...] = ()


def try_starter(content_folder: Path, starter: str) -> StarterChange:
    """Reads the content as if its starter were this one; nothing is changed. Errors that the content has anyway are
    left out. ``starter`` is one of ``content.loading.starters()``."""
    _, present_errors = loading.read_content(content_folder)
    present_places = {(error.file, error.line, error.key) for error in present_errors}
    present_types = _incident_types(content_folder)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "content"
        shutil.copytree(content_folder, copy)
        added = _name_starter(copy / "site.toml", starter)
        catalog, errors = loading.read_content(copy)
        types = _incident_types(copy)
    moved = (replace(error, line=error.line - added) if error.file == "site.toml" else error for error in errors)
    return StarterChange(
        errors=tuple(error for error in moved if (error.file, error.line, error.key) not in present_places),
        lost=tuple(id for id in present_types if id not in types),
        gained=tuple(id for id in types if id not in present_types),
        unproposed=_unproposed(catalog) if catalog else (),
    )


def _incident_types(content_folder: Path) -> tuple[str, ...]:
    return tuple(loading.ContentFolder(content_folder).read_table("incident_types.toml").values)


def _name_starter(site: Path, starter: str) -> int:
    """Writes the line ``starter =``; returns how many lines were added."""
    text = site.read_text("utf-8-sig")
    line = f'starter = "{starter}"'
    changed, count = re.subn(r"(?m)^[ \t]*starter[ \t]*=.*$", line, text, count=1)
    site.write_text(changed if count else f"{line}\n{text}", "utf-8")
    return 0 if count else 1


def _unproposed(catalog: Catalog) -> tuple[str, ...]:
    proposed = {affected.service for kind in catalog.incident_types.values() for affected in kind.services}
    return tuple(id for id, service in catalog.services.items() if id not in proposed and not service.is_retired)
