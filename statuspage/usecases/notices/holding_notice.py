"""A holding notice is offered where customers have heard nothing for so long after somebody took the trouble on.

Nothing goes out by itself: the desk shows one key that opens the notice, prepared, and colleagues are reminded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import NOW, Alert, AlertState, Incident, NotificationReason, StepKind, approval
from statuspage.storage import alerts, incidents, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.update_deadlines import STALE
from statuspage.usecases.on_call import StaffMessage, current, notify


@dataclass(frozen=True, slots=True)
class _Offer:
    key: str
    title: str
    at: datetime
    alert: str = ""
    incident: str = ""


def of_alert(world: Environment, alert: Alert, *, now: datetime) -> bool:
    """Whether one is offered for an alert that somebody has and nobody has confirmed."""
    return _acknowledged_since(world, alert, now) is not None


def is_due_for_incident(world: Environment, incident: Incident, *, now: datetime) -> bool:
    """The same for an incident that customers have not been told of, and no second person has in hand."""
    return _incident_since(world, incident, now) is not None


def remind(world: Environment, *, now: datetime) -> int:
    """Colleagues hear once that one is ready. Returns how many words are new.

    Nothing where the content offers none, while the books are on hold, or a drill stands still.
    """
    if not world.catalog.site.holding or not world.catalog.duty.tell:
        return 0
    with world.store.read() as tx:
        if notify.quiet(tx):
            return 0
        new = [one for one in _offers(tx, world, now) if not staff_notifications.known(tx, f"{one.key}.")]
    return sum(_tell(world, one, now) for one in new)


def _tell(world: Environment, offer: _Offer, now: datetime) -> int:
    """In a transaction of its own, in which it is looked once more whether it still is so."""
    who = current.called(world, (NOW,), now=now)
    minutes = int((now - offer.at).total_seconds()) // 60
    lines = [notify.staff_label(world, "holding.text", minutes=minutes), *filter(None, (notify.desk_link(world),))]
    title = notify.staff_label(world, "holding.title", title=offer.title)
    word = StaffMessage(NotificationReason.HOLDING, title, tuple(lines), alert=offer.alert, incident=offer.incident)
    with world.store.begin() as tx:
        if offer not in _offers(tx, world, now):
            return 0
        return notify.enqueue_staff_notification(tx, world, offer.key, word, world.catalog.duty.tell, who, now=now)


def _offers(tx: Connection, world: Environment, now: datetime) -> Iterator[_Offer]:
    """By the first alert, where there is one: who was reminded before it was confirmed is not reminded again."""
    for alert in alerts.waiting(tx):
        if (at := _acknowledged_since(world, alert, now)) is not None:
            yield _Offer(f"holding.{alert.id}", alert.signal.title, at, alert=alert.id)
    for one in incidents.open_now(tx):
        if (at := _incident_since(world, one, now)) is not None:
            first = next(iter(alerts.alerts_of_incident(tx, one.id, 1)), None)
            title = first.signal.title if first else one.id
            yield _Offer(f"holding.{first.id if first else one.id}", title, at, incident=one.id)


def _acknowledged_since(world: Environment, alert: Alert, now: datetime) -> datetime | None:
    """Since when somebody has it, where one is offered for it."""
    if alert.state is not AlertState.ACKNOWLEDGED:
        return None
    return _due_at(world, (step.at for step in alert.steps if step.state is AlertState.ACKNOWLEDGED), now)


def _incident_since(world: Environment, incident: Incident, now: datetime) -> datetime | None:
    """The same of an incident."""
    if incident.latest is not None or incident.over or incident.maintenance or approval.open_now(incident):
        return None
    kinds = (StepKind.ACKNOWLEDGED, StepKind.CONFIRMED, StepKind.FORM_OPENED)
    return _due_at(world, (at for kind in kinds if (at := incident.when(kind)) is not None), now)


def _due_at(world: Environment, moments: Iterable[datetime], now: datetime) -> datetime | None:
    """The first of these, while one is offered for what began then."""
    at, after = min(moments, default=None), world.catalog.site.holding
    return at if after and at is not None and at + after <= now < at + after + STALE else None
