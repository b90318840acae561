"""A backup is one file from which an instance can be restored: its databases, its content, and the drills' files."""

from statuspage.usecases.backup.erasures import collect_erasures, read_erasures, write_erasures
from statuspage.usecases.backup.manifest import InvalidBackup, Manifest
from statuspage.usecases.backup.reader import restore
from statuspage.usecases.backup.writer import BackupInProgress, create_backup

__all__ = [
    "BackupInProgress",
    "InvalidBackup",
    "Manifest",
    "collect_erasures",
    "create_backup",
    "read_erasures",
    "restore",
    "write_erasures",
]
