"""The files for existing API clients: ``api/v2/`` and the history feeds, in the site's first language.

Their format is that of Statuspage's public API, version 2, and is documented in ``docs/reference/files.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from statuspage.domain import Incident

LIST_LIMIT = 50
"""The maximum length of the list of maintenances."""

ENTRIES = 6
"""The number of incidents in their list, and of incidents and maintenances in a history feed. Each notice writes all of
them; programs ask again within minutes, and the files of open incidents contain all of those."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""The time to show if nothing has ever been published."""


@dataclass(frozen=True, slots=True)
class RecentIncidents:
    """The incidents shown to clients; the number does not grow with history.

    ``open`` are all unfinished ones; ``incidents`` the newest ``ENTRIES``, ``maintenances`` the newest
    ``LIST_LIMIT``, ``latest`` the ``ENTRIES`` with the newest notices. ``first_notice_at`` is when anything was first
    published; ``updated_by_service`` when each service was last named.
    """

    open: tuple[Incident, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Incident, ...] = ()
    latest: tuple[Incident, ...] = ()
    first_notice_at: datetime | None = None
    updated_by_service: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def updated_at(self) -> datetime:
        """When anything was last published."""
        return _newest((*self.latest, *self.open))

    @property
    def maintenance_updated_at(self) -> datetime:
        """When anything about maintenance was last published."""
        return _newest((*self.maintenances, *(incident for incident in self.open if incident.is_maintenance)))


def _newest(incidents: Iterable[Incident]) -> datetime:
    return max((last_notice_at(incident) for incident in incidents if incident.notices), default=BEGINNING)


def last_notice_at(incident: Incident) -> datetime:
    """When the newest notice was published."""
    return incident.notices[-1].recorded
