"""Maps the states of services to the API's fixed values: indicator, description and impact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from statuspage.domain import Incident, NoticeKind, State

CODES: Mapping[State, str] = MappingProxyType(
    {
        State.OPERATIONAL: "operational",
        State.DEGRADED: "degraded_performance",
        State.CHECKING: "degraded_performance",
        State.PARTIAL: "partial_outage",
        State.MAJOR: "major_outage",
        State.MAINTENANCE: "under_maintenance",
    }
)
"""A component's status."""

_WORST_FIRST = ("major_outage", "partial_outage", "degraded_performance", "under_maintenance", "operational")

# The first matching row applies. Derived from 16,928 captures of three large pages; "all" comes from the vendor's
# support page. Only members count, not groups.
_ROWS = (
    (all, "major_outage", "critical", "critical"),
    (any, "major_outage", "major", "major"),
    (all, "partial_outage", "major", "major"),
    (any, "partial_outage", "minor", "minor"),
    (all, "degraded_performance", "minor", "degraded"),
    (any, "degraded_performance", "minor", "partly_degraded"),
    (any, "under_maintenance", "maintenance", "maintenance"),
)


def indicator(codes: Collection[str]) -> tuple[str, str]:
    """The indicator for components in these states, and the key of its description."""
    for quantifier, code, value, key in _ROWS if codes else ():
        if quantifier(other == code for other in codes):
            return value, key
    return "none", "none"


def of_group(codes: Iterable[str]) -> str:
    """The status of a group: that of its worst member."""
    return min(codes, key=_WORST_FIRST.index, default="operational")


def impact(incident: Incident) -> str:
    """The impact at its worst; it does not decrease when services recover. Withdrawn notices do not count. An incident
    that names no service (security) is never called harmless."""
    if incident.is_maintenance:
        return "maintenance"
    if incident.latest is None or incident.latest.notice.notice is NoticeKind.WITHDRAWAL:
        return "none"
    if not incident.ever_affected:
        return "major"
    return indicator([CODES[service_impact.state] for service_impact in incident.impacts])[0]
