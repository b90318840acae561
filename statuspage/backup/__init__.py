"""One file from which an instance can be made again: its books, its content, and what a drill left."""

from __future__ import annotations

from statuspage.backup.manifest import Manifest, Unfit
from statuspage.backup.reading import restore
from statuspage.backup.writing import InUse, write

__all__ = ["InUse", "Manifest", "Unfit", "restore", "write"]
