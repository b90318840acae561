"""One attempt at one delivery, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from statuspage.channels import AuthBroken, Channel, Refused, Unreachable, Unsure
from statuspage.deliveries import SITE, Delivery, End, Receipt
from statuspage.publishing import Reading, Unfit, Unwritable, publish, read_back
from statuspage.store import deliveries
from statuspage.world import World

READ_BACK = 10.0
"""Seconds we look for a notice on the public page before we try again later."""

SOONEST, LATEST = timedelta(seconds=1), timedelta(hours=1)
"""What we make of another's wish to be asked again: never at once, and never a day later."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
HORIZON = timedelta(hours=24)
"""After this long without a way through we give up and say so."""

HELD = ("credentials", "credits", "no_channel", "no_address")
"""Reasons that only a person can end. They are tried again when a worker starts, and every half hour."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. ``due`` is set when it is to be tried again."""

    end: End
    reason: str = ""
    detail: str = ""
    due: datetime | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Attempts:
    """What an attempt needs: its world, the clock, and chance (a number from 0 to 1) to spread repetitions."""

    world: World
    clock: Callable[[], datetime]
    chance: Callable[[], float]

    def site(self, delivery: Delivery) -> Outcome:
        """Writes the page and reads it back; *sent* means that a customer could read it, or that nobody can tell."""
        try:
            publish(self.world, delivery.incident, now=self.clock())
        except Unwritable as error:
            return self._again(delivery, f"site_{error.code}", str(error))
        except Unfit as error:
            return self._again(delivery, "site_unfit", str(error))
        written = self._written(delivery)
        if not self.world.address:
            return Outcome(End.SENT, receipt=replace(written, note="on_disk"))
        return self._read_back(delivery, written)

    def channel(self, delivery: Delivery) -> Outcome:
        """Hands the message to its channel, below the incident's newest earlier one."""
        channel = self.world.channels.get(delivery.channel)
        if channel is None:
            reason = self.world.unready.get(delivery.channel, "no_channel")
            return Outcome(End.WAITING, reason, due=self.clock() + LONGEST_PAUSE)
        with self.world.store.read() as tx:
            parent = deliveries.parent(tx, delivery)
            page = deliveries.site_receipt(tx, delivery.incident, delivery.sequence)
        linked = page is not None and f"page.{delivery.language}" in page.seen
        # Once tried without the link, always without: X knows a repetition by its text alone.
        return self._delivered(channel, delivery, parent, readable=linked and delivery.receipt.note != "no_link")

    def _delivered(self, channel: Channel, delivery: Delivery, parent: Receipt | None, *, readable: bool) -> Outcome:
        try:
            receipt = channel.deliver(delivery, parent, readable=readable)
        except AuthBroken as error:
            return Outcome(End.WAITING, error.reason, error.detail, self.clock() + LONGEST_PAUSE)
        except Refused as error:
            return Outcome(End.REFUSED, error.reason, error.detail)
        except Unreachable as error:
            outcome = self._again(delivery, error.reason, error.detail, wish=self._wish(error))
            return replace(outcome, receipt=_without_link(delivery, readable))
        except Unsure as error:
            if channel.on_unsure == "resend":
                return self._again(delivery, error.reason, error.detail)
            return Outcome(End.LOOK, error.reason, error.detail, receipt=_without_link(delivery, readable))
        return Outcome(End.SENT, receipt=replace(receipt, seen={"posted": self.clock(), **receipt.seen}))

    def unexpected(self, delivery: Delivery, error: Exception) -> Outcome:
        """A mistake of ours on the way: the site is simply tried again, elsewhere a person has to look."""
        _log.exception("attempt failed", channel=delivery.channel, incident=delivery.incident)
        if delivery.channel == SITE:
            return self._again(delivery, "site_failed", type(error).__name__)
        channel = self.world.channels.get(delivery.channel)
        if channel is not None and channel.on_unsure == "resend":
            return self._again(delivery, "unexpected", type(error).__name__)
        return Outcome(End.LOOK, "unexpected", type(error).__name__)

    def _written(self, delivery: Delivery) -> Receipt:
        seen = {"written": self.clock(), **delivery.receipt.seen}
        receipt = Receipt(url=self._address(delivery), seen=seen)
        with self.world.store.begin() as tx:
            deliveries.seen(tx, delivery, receipt)
        return receipt

    def _address(self, delivery: Delivery) -> str:
        if not self.world.address:
            return ""
        return f"{self.world.address}/{self.world.catalog.languages[0]}/incidents/{delivery.incident}/"

    def _read_back(self, delivery: Delivery, written: Receipt) -> Outcome:
        reading = read_back(self.world, delivery.incident, delivery.sequence, timeout=READ_BACK)
        receipt = replace(written, seen=self._seen(written, reading))
        if reading.complete:
            return Outcome(End.SENT, receipt=receipt)
        detail = next(iter(reading.missing.values()), "")
        return replace(self._again(delivery, "unreadable", detail), receipt=receipt)

    def _seen(self, written: Receipt, reading: Reading) -> dict[str, datetime]:
        now = self.clock()
        return {**dict.fromkeys(reading.found, now), **written.seen}

    def _again(self, delivery: Delivery, reason: str, detail: str, *, wish: timedelta | None = None) -> Outcome:
        now = self.clock()
        if delivery.channel != SITE and delivery.queued is not None and now - delivery.queued > HORIZON:
            return Outcome(End.REFUSED, "gave_up", detail)
        pause = wish or pause_before(delivery.attempts, self.chance())
        return Outcome(End.WAITING, reason, detail, now + pause, delivery.receipt)

    def _wish(self, error: Unreachable) -> timedelta | None:
        """The other side's wish within reason; None when it has none, or a senseless one."""
        if error.until is not None:
            wish = error.until - self.clock()
        elif error.after is not None:
            wish = timedelta(seconds=error.after)
        else:
            return None
        return min(max(wish, SOONEST), LATEST) if wish > timedelta(0) else None


def pause_before(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts: anything up to 5 seconds, doubling with each up to 30 minutes."""
    ceiling = min(FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 20)), LONGEST_PAUSE)
    return max(ceiling * chance, SOONEST)


def _without_link(delivery: Delivery, readable: bool) -> Receipt:
    return delivery.receipt if readable else replace(delivery.receipt, note="no_link")
