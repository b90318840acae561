"""The files that existing clients read: ``api/v2/`` and the history feeds, in the site's first language.

Their shapes are those of Statuspage's public API, version 2, and are written down in ``docs/files.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from statuspage.domain import Incident

LIST_LIMIT = 50
"""Incidents, and planned works, that their lists hold."""

ENTRIES = 25
"""Incidents and planned works that a history feed holds."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands where a time has to stand and nothing was ever said."""


@dataclass(frozen=True, slots=True)
class RecentIncidents:
    """What clients are told of, none of it growing with history.

    ``open`` are all with something left to do; ``troubles`` and ``maintenances`` the newest ``MOST`` of each,
    ``lately`` the ``ENTRIES`` told of last. ``first`` is when customers were first told of anything; ``changed`` when
    they were last told of each service.
    """

    open: tuple[Incident, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Incident, ...] = ()
    latest: tuple[Incident, ...] = ()
    first_notice_at: datetime | None = None
    updated_by_service: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def updated_at(self) -> datetime:
        """When customers were last told of anything."""
        return max(
            (last_notice_at(incident) for incident in (*self.latest, *self.open) if incident.notices), default=BEGINNING
        )


def last_notice_at(incident: Incident) -> datetime:
    """When the newest notice was published."""
    return incident.notices[-1].recorded
