"""Alerts: those that need attention, and what people do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from statuspage.domain import Alert
from statuspage.storage import alerts as rows
from statuspage.storage.alerts import AlertGroupSummary
from statuspage.usecases import alerts
from statuspage.usecases.accounts import Role
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert
from statuspage.usecases.api import Scope
from statuspage.web.api import paging
from statuspage.web.api.inputs import AlertAction, AlertActionIn
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import AlertList, AlertOut, AlertResult, AlertStepOut, ServiceState
from statuspage.web.api.paging import Page
from statuspage.web.api.problems import Problem


def list_alerts(call: Call) -> Answer:
    """The alerts that need attention, the oldest first."""
    with call.env.databases.environment.read() as tx:
        waiting = rows.open_alerts(tx)
        shown, following = paging.page_of(waiting, lambda alert: alert.id, call.query_as(Page))
        groups = rows.summarize_groups(tx, [alert.id for alert in shown])
    return Answer(AlertList(items=[_alert_out(alert, groups) for alert in shown], next=following))


def show_alert(call: Call) -> Answer:
    """One alert, also one that is settled."""
    with call.env.databases.environment.read() as tx:
        alert = rows.find_alert(tx, call.path["alert"])
        groups = rows.summarize_groups(tx, [alert.id]) if alert else {}
    if alert is None:
        raise _no_alert()
    return Answer(_alert_out(alert, groups))


def act_on_alert(call: Call) -> Answer:
    """Acknowledges, confirms, watches or dismisses an alert for the token's owner."""
    id, action = call.path["alert"], call.body_as(AlertActionIn).action
    how: dict[str, Any] = {"actor": call.actor, "now": call.now}
    try:
        match action:
            case AlertAction.CONFIRM:
                alerts.confirm(call.env, id, **how)
            case AlertAction.ACKNOWLEDGE:
                alerts.acknowledge(call.env, id, **how)
            case AlertAction.WATCH:
                alerts.watch(call.env, id, **how)
            case AlertAction.DISMISS:
                alerts.false_alarm(call.env, id, **how)
    except NoSuchAlert:
        raise _no_alert() from None
    except AlreadySettled:
        raise Problem("settled", "Somebody has already confirmed or closed this alert.") from None
    with call.env.databases.environment.read() as tx:
        alert = rows.find_alert(tx, id)
    if alert is None:
        raise _no_alert()
    result = AlertResult(alert=alert.id, state=alert.state.value, incident=alert.incident or None)
    return Answer(result, target=alert.id)


def _no_alert() -> Problem:
    return Problem("not-found", "There is no alert with this id.")


def _alert_out(alert: Alert, groups: Mapping[str, AlertGroupSummary]) -> AlertOut:
    return AlertOut(
        id=alert.id,
        source=alert.monitor_alert.source,
        title=alert.monitor_alert.title,
        state=alert.state.value,
        received_at=alert.received_at,
        started_at=alert.t0,
        ended_at=alert.monitor_alert.ended_at,
        incident=alert.incident or None,
        grouped=groups[alert.id].count if alert.id in groups else 0,
        incident_type=alert.proposal.incident_type,
        services=[ServiceState(service=each.service, state=each.state.value) for each in alert.proposal.services],
        steps=[AlertStepOut(state=step.state.value, at=step.at, by=step.actor) for step in alert.steps],
    )


ALERT_OPERATIONS = (
    Operation(
        "listAlerts", "GET", "/alerts", "alerts", "List the alerts that need attention", AlertList, list_alerts,
        query=Page, description="Only the first alert of each group, the oldest first.",
    ),
    Operation("getAlert", "GET", "/alerts/{alert}", "alerts", "Get one alert", AlertOut, show_alert, problems=(404,)),
    Operation(
        "actOnAlert", "POST", "/alerts/{alert}/actions", "alerts", "Acknowledge, confirm, watch or dismiss an alert",
        AlertResult, act_on_alert, Scope.PUBLISH, Role.REPORTER, body=AlertActionIn, is_keyed=True,
        problems=(404, 409, 422),
        description="For the token's owner. Acknowledging ends the escalation; confirming opens an incident.",
    ),
)  # fmt: skip
