"""Rosters as calendars: who is on call at a given time, until when, and who is next."""

from statuspage.integrations.rosters import fetch
from statuspage.integrations.rosters.lookup import OnCallPeriod, find_on_call
from statuspage.integrations.rosters.recurrence import Unreadable, read_shifts

__all__ = ["OnCallPeriod", "Unreadable", "fetch", "find_on_call", "read_shifts"]
