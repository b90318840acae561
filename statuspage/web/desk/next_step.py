"""What is due next on the home page: the one step that its primary button is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.web.desk.alerts.alert_rows import AlertRow
from statuspage.web.desk.incidents.approvals import HeldNotice
from statuspage.web.desk.incidents.incident_rows import IncidentRow, UnpublishedIncident
from statuspage.web.desk.panels.maintenance import MaintenanceRow

Step = IncidentRow | HeldNotice | UnpublishedIncident | AlertRow | MaintenanceRow


@dataclass(frozen=True, slots=True)
class NextStep:
    """``kind`` says what ``row`` is: ``late`` and ``promise`` are incidents with a promised update, ``held`` a notice
    that waits for approval, ``unpublished`` an incident without a first report, ``alert`` and ``overrun`` what they
    say."""

    kind: str
    row: Step


def next_step(
    published: Sequence[IncidentRow],
    held: Sequence[HeldNotice],
    unpublished: Sequence[UnpublishedIncident],
    alerts: Sequence[AlertRow],
    work: Sequence[MaintenanceRow],
) -> NextStep | None:
    """The first of: a promise that is late, a notice that others wait to have approved, a first report that is
    missing, an alert in no incident, maintenance past its end, the next promise. ``published`` is sorted by promise."""
    candidates: tuple[tuple[str, Sequence[Step]], ...] = (
        ("late", [row for row in published if row.promise and row.promise.late]),
        ("held", [notice for notice in held if not notice.is_own]),
        ("unpublished", [incident for incident in unpublished if not incident.awaits_approval]),
        ("alert", [alert for alert in alerts if alert.waiting and not alert.incident]),
        ("overrun", [row for row in work if row.late]),
        ("promise", [row for row in published if row.promise]),
    )
    return next((NextStep(kind, rows[0]) for kind, rows in candidates if rows), None)
