"""What is deleted once it is old, and when that was last done."""

from statuspage.storage.retention.outdated_rows import delete_portion
from statuspage.storage.retention.runs import RetentionRun, list_runs, save_run

__all__ = ["RetentionRun", "delete_portion", "list_runs", "save_run"]
