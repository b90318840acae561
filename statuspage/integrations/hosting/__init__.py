"""Where the public site is written: the folder on this machine, and remote hosts that are synced with it."""

from statuspage.integrations.hosting.base import GZIP_SUFFIX, Difference, Host, UploadBatch, UploadFailed, is_front_page
from statuspage.integrations.hosting.folder import Build, Folder, StaleWriteError, Unwritable
from statuspage.integrations.hosting.options import NAME, Option
from statuspage.integrations.hosting.registry import TYPES, missing_settings, open_host
from statuspage.integrations.hosting.sync_state import ALL_FILES, Stage, SyncStatus

__all__ = [
    "ALL_FILES",
    "GZIP_SUFFIX",
    "NAME",
    "TYPES",
    "Build",
    "Difference",
    "Folder",
    "Host",
    "Option",
    "Stage",
    "StaleWriteError",
    "SyncStatus",
    "Unwritable",
    "UploadBatch",
    "UploadFailed",
    "is_front_page",
    "missing_settings",
    "open_host",
]
