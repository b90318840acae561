"""Writes the public site, one notice at a time or as a whole, and uploads it to its hosts."""

from statuspage.usecases.publishing import site_updates, sync
from statuspage.usecases.publishing.full_build import DrillMarkError
from statuspage.usecases.publishing.site_updates import publish_incident, read_back, refresh_front

__all__ = ["DrillMarkError", "publish_incident", "read_back", "refresh_front", "site_updates", "sync"]
