"""Every operation of the API."""

from __future__ import annotations

from statuspage.web.api import (
    action_items,
    alerts,
    drills,
    facts,
    figures,
    incidents,
    maintenance,
    notices,
    own_token,
    services,
    subscribers,
)
from statuspage.web.api.operations import Operation

PREFIX = "/api/v1"

ALL_OPERATIONS: tuple[Operation, ...] = (
    *own_token.TOKEN_OPERATIONS,
    *incidents.INCIDENT_OPERATIONS,
    *notices.NOTICE_OPERATIONS,
    *maintenance.MAINTENANCE_OPERATIONS,
    *facts.FACT_OPERATIONS,
    *alerts.ALERT_OPERATIONS,
    *services.SERVICE_OPERATIONS,
    *action_items.ACTION_ITEM_OPERATIONS,
    *figures.FIGURE_OPERATIONS,
    *subscribers.SUBSCRIBER_OPERATIONS,
    *drills.DRILL_OPERATIONS,
)


def operations_of(environment: str) -> tuple[Operation, ...]:
    """The operations that this environment has."""
    return tuple(operation for operation in ALL_OPERATIONS if environment in operation.environments)
