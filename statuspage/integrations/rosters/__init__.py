"""Rosters as calendars: who is on duty at a moment, until when, and who is next."""

from statuspage.integrations.rosters import fetch
from statuspage.integrations.rosters.lookup import Rota, rota
from statuspage.integrations.rosters.recurrence import Unreadable, shifts

__all__ = ["Rota", "Unreadable", "fetch", "rota", "shifts"]
