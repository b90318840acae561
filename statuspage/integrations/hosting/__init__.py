"""Places the public site is written to: the folder on this machine, and targets that follow it."""

from statuspage.integrations.hosting.base import TWIN, Difference, NotCarried, Target, UploadBatch, is_front
from statuspage.integrations.hosting.folder import Folder, Release, StaleWriteError, Unwritable
from statuspage.integrations.hosting.options import NAME, Option
from statuspage.integrations.hosting.registry import TYPES, missing, opened
from statuspage.integrations.hosting.sync_state import ALL, Faring, Stage

__all__ = [
    "ALL",
    "NAME",
    "TWIN",
    "TYPES",
    "Difference",
    "Faring",
    "Folder",
    "NotCarried",
    "Option",
    "Release",
    "Stage",
    "StaleWriteError",
    "Target",
    "Unwritable",
    "UploadBatch",
    "is_front",
    "missing",
    "opened",
]
