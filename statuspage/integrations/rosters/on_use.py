"""What the front of the rosters imports when it is first asked for: the reader of calendars."""

from statuspage.integrations.rosters import fetch
from statuspage.integrations.rosters.lookup import find_on_call
from statuspage.integrations.rosters.recurrence import Unreadable, read_shifts

__all__ = [
    "Unreadable",
    "fetch",
    "find_on_call",
    "read_shifts",
]
