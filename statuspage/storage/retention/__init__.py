"""What is deleted once it is old, when that was last done, and who was erased."""

from statuspage.storage.retention.erased_people import (
    SuppressedHash,
    disable_again,
    end_all_access,
    has_subscribers,
    list_disabled,
    list_suppressed,
    list_unsubscribed,
    suppress_again,
)
from statuspage.storage.retention.outdated_rows import delete_portion
from statuspage.storage.retention.runs import RetentionRun, list_runs, save_run

__all__ = [
    "RetentionRun",
    "SuppressedHash",
    "delete_portion",
    "disable_again",
    "end_all_access",
    "has_subscribers",
    "list_disabled",
    "list_runs",
    "list_suppressed",
    "list_unsubscribed",
    "save_run",
    "suppress_again",
]
