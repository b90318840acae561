"""One file from which an instance can be made again: its books, its content, and what a drill left."""

from statuspage.usecases.backup.manifest import Manifest, Unfit
from statuspage.usecases.backup.reader import restore
from statuspage.usecases.backup.writer import InUse, create_backup

__all__ = ["InUse", "Manifest", "Unfit", "create_backup", "restore"]
