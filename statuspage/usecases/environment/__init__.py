"""The environments, live and drill, and the summary of live that a drill reads."""

from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.environment.file_lock import lock_in_time, open_lock
from statuspage.usecases.environment.model import (
    ContentSource,
    Databases,
    Environment,
    LoadedContent,
    Senders,
)
from statuspage.usecases.environment.shared_status import ResponseFigure

__all__ = [
    "ContentSource",
    "Databases",
    "Environment",
    "LoadedContent",
    "ResponseFigure",
    "Senders",
    "lock_in_time",
    "open_lock",
    "restore_guard",
    "shared_status",
]
