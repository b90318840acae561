"""A holding notice is offered where customers have heard nothing for so long after somebody took the trouble on.

Nothing goes out by itself: the desk shows one key that opens the notice, prepared, and colleagues are reminded once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage import approving
from statuspage.calls import Cause
from statuspage.desk import calling, duty
from statuspage.desk.calling import Word
from statuspage.desk.promises import STALE
from statuspage.duty import NOW
from statuspage.incoming import Alert, AlertState
from statuspage.store import Connection, alerts, calls, incidents
from statuspage.timeline import Incident, StepKind
from statuspage.world import World


@dataclass(frozen=True, slots=True)
class _Offer:
    key: str
    title: str
    at: datetime
    alert: str = ""
    incident: str = ""


def of_alert(world: World, alert: Alert, *, now: datetime) -> bool:
    """Whether one is offered for an alert that somebody has and nobody has confirmed."""
    return alert.state is AlertState.ACKNOWLEDGED and _is_due(world, _taken(alert), now)


def of_incident(world: World, incident: Incident, *, now: datetime) -> bool:
    """The same for an incident that customers have not been told of, and no second person has in hand."""
    if incident.latest is not None or incident.over or incident.maintenance or approving.open_now(incident):
        return False
    return _is_due(world, _known(incident), now)


def remind(world: World, *, now: datetime) -> int:
    """Colleagues hear once that one is ready. Returns how many words are new.

    Nothing where the content offers none, while the books are on hold, or a drill stands still.
    """
    if not world.catalog.site.holding or not world.catalog.duty.tell:
        return 0
    with world.store.read() as tx:
        if calling.quiet(tx):
            return 0
        new = [one for one in _offers(tx, world, now) if not calls.known(tx, f"{one.key}.")]
    return sum(_tell(world, one, now) for one in new)


def _tell(world: World, offer: _Offer, now: datetime) -> int:
    """In a transaction of its own, in which it is looked once more whether it still is so."""
    who = duty.called(world, (NOW,), now=now)
    minutes = int((now - offer.at).total_seconds()) // 60
    lines = [calling.say(world, "holding.text", minutes=minutes), *filter(None, (calling.desk_link(world),))]
    title = calling.say(world, "holding.title", title=offer.title)
    word = Word(Cause.HOLDING, title, tuple(lines), alert=offer.alert, incident=offer.incident)
    with world.store.begin() as tx:
        if offer not in _offers(tx, world, now):
            return 0
        return calling.owe(tx, world, offer.key, word, world.catalog.duty.tell, who, now=now)


def _offers(tx: Connection, world: World, now: datetime) -> Iterator[_Offer]:
    """By the first alert, where there is one: who was reminded before it was confirmed is not reminded again."""
    for alert in alerts.waiting(tx):
        at = _taken(alert)
        if at is not None and of_alert(world, alert, now=now):
            yield _Offer(f"holding.{alert.id}", alert.signal.title, at, alert=alert.id)
    for one in incidents.open_now(tx):
        at = _known(one)
        if at is not None and of_incident(world, one, now=now):
            first = next(iter(alerts.of_incident(tx, one.id, 1)), None)
            title = first.signal.title if first else one.id
            yield _Offer(f"holding.{first.id if first else one.id}", title, at, incident=one.id)


def _taken(alert: Alert) -> datetime | None:
    return next((step.at for step in alert.steps if step.state is AlertState.ACKNOWLEDGED), None)


def _known(incident: Incident) -> datetime | None:
    kinds = (StepKind.ACKNOWLEDGED, StepKind.CONFIRMED, StepKind.FORM_OPENED)
    return min((at for kind in kinds if (at := incident.when(kind)) is not None), default=None)


def _is_due(world: World, at: datetime | None, now: datetime) -> bool:
    after = world.catalog.site.holding
    return bool(after) and at is not None and at + after <= now < at + after + STALE
