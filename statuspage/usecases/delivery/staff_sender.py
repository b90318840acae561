"""Makes the calls that are owed to colleagues: one lane for each way, beside the deliveries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from time import sleep

import structlog

from statuspage.domain import Delivery, DeliveryStatus, Receipt, StaffNotification, call_place
from statuspage.integrations.channels import Channel, CredentialsInvalid, DeliveryUnknown, Refused, Unsent
from statuspage.storage import incidents, staff_notifications
from statuspage.storage.engine import Broken, Busy
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment import restore_guard

ENOUGH = 4
"""Attempts before a call is given up and a person sees it on the desk: by then the next step has called by another
way."""

PAUSE = timedelta(seconds=10)
"""Between two attempts; twice as long after each."""

PATIENCE, NAP = 12, 5.0
"""How often an outcome is offered to a database that does not take it once we are to stop, and the seconds between."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """How an attempt ended. ``due`` is set when it is made again."""

    end: DeliveryStatus
    reason: str = ""
    detail: str = ""
    due: datetime | None = None
    receipt: Receipt | None = None
    unsure: bool = False


def make(attempts: DeliverySender, owner: str, way: str, stop: Event) -> None:
    """Makes every call that is due by this way."""
    world = attempts.world
    while not (attempts.stop.is_set() or stop.is_set()):
        with world.store.begin_beside() as tx:
            call = staff_notifications.claim(tx, owner, attempts.clock(), way=way)
            number = incidents.next_fence(tx) if call else 0
        if call is None:
            return
        restore_guard.remember_sent(world.home, number)
        _keep(attempts, call, _attempt_made(attempts, call), stop)


def _attempt_made(attempts: DeliverySender, call: StaffNotification) -> Made:
    channel = attempts.world.callers.get(call.way)
    if channel is None:
        return Made(DeliveryStatus.REFUSED, attempts.world.not_callers.get(call.way, "no_channel"))
    try:
        receipt = channel.deliver(as_delivery(call, channel), None, readable=True)
    except CredentialsInvalid as error:
        return Made(DeliveryStatus.REFUSED, error.reason, error.detail)
    except Refused as error:
        return Made(DeliveryStatus.REFUSED, error.reason, error.detail)
    except DeliveryUnknown as error:
        return _in_doubt(attempts, call, channel, error.reason, error.detail)
    except Unsent as error:
        return _retry_later(attempts, call, error.reason, error.detail, unsure=call.unsure)
    except Exception as error:
        _log.exception("call failed", way=call.way)
        return _in_doubt(attempts, call, channel, "unexpected", type(error).__name__)
    seen = {"posted": attempts.clock(), **receipt.seen}
    note = "maybe_twice" if call.unsure and channel.on_unsure != "key" else receipt.note
    return Made(DeliveryStatus.SENT, receipt=replace(receipt, seen=seen, note=note))


def as_delivery(call: StaffNotification, channel: Channel) -> Delivery:
    """The call as its way takes it; the same in every attempt, and like no other's."""
    return Delivery(
        id=call.id,
        incident=call_place(call.id),
        sequence=call.id,
        channel=channel.spec.id,
        language=channel.spec.language,
        payload=call.payload,
        attempts=call.attempts,
        queued=call.queued,
        started=call.started,
    )


def _in_doubt(attempts: DeliverySender, call: StaffNotification, channel: Channel, reason: str, detail: str) -> Made:
    """It may have gone out. Better twice than not at all, unless the content leaves it to a person."""
    if channel.spec.on_unsure == "look":
        return Made(DeliveryStatus.LOOK, reason, detail, unsure=True)
    return _retry_later(attempts, call, reason, detail, unsure=True)


def _retry_later(attempts: DeliverySender, call: StaffNotification, reason: str, detail: str, *, unsure: bool) -> Made:
    if call.attempts >= ENOUGH and unsure:
        return Made(DeliveryStatus.LOOK, reason, detail, unsure=True)
    if call.attempts >= ENOUGH:
        return Made(DeliveryStatus.REFUSED, "call_gave_up", detail)
    due = attempts.clock() + PAUSE * (1 << (call.attempts - 1))
    return Made(DeliveryStatus.WAITING, reason, detail, due, unsure=unsure)


def _keep(attempts: DeliverySender, call: StaffNotification, made: Made, stop: Event) -> None:
    """Records the outcome. What went out must not be forgotten because the database is in use or its disk full."""
    left = PATIENCE
    while left:
        try:
            with attempts.world.store.begin() as tx:
                staff_notifications.settle_notification(
                    tx,
                    call,
                    made.end,
                    at=attempts.clock(),
                    reason=made.reason,
                    detail=made.detail,
                    due=made.due,
                    receipt=made.receipt,
                    unsure=made.unsure,
                )
        except Busy:
            _log.warning("the database is in use; trying again", call=call.id, way=call.way)
        except Broken:  # The store has said so.
            sleep(NAP)
        except Exception:
            _log.exception("outcome not stored yet", call=call.id, way=call.way)
            sleep(NAP)
        else:
            level = _log.error if made.end in (DeliveryStatus.REFUSED, DeliveryStatus.LOOK) else _log.info
            level("call", id=call.id, way=call.way, cause=call.cause.value, end=made.end.value, reason=made.reason)
            return
        left -= stop.is_set()
