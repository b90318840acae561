"""Finds what was stored under the key of a publication."""

from __future__ import annotations

from statuspage.domain import Incident, approval_requests
from statuspage.storage import incidents
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.results import AwaitingApproval, Published


def find_recorded(env: Environment, incident_id: str, key: str) -> Published | AwaitingApproval | None:
    """The notice with this key, or the request to approve it; None if neither was stored."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    return _recorded_in(incident, key) if incident is not None else None


def _recorded_in(incident: Incident, key: str) -> Published | AwaitingApproval | None:
    for item in incident.notices:
        if item.notice.key == key:
            return Published(incident.id, item.sequence)
    for request in approval_requests(incident):
        if request.pending_approval.notice.key == key:
            return AwaitingApproval(incident.id, request.sequence)
    return None
