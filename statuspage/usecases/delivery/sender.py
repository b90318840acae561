"""One attempt at one delivery, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event

import structlog

from statuspage.domain import (
    LONGEST_OF_SITE,
    LONGEST_PAUSE,
    SITE,
    ChannelHealth,
    Delivery,
    DeliveryStatus,
    Receipt,
    Thread,
    retry,
)
from statuspage.integrations.channels import (
    BulkChannel,
    Channel,
    CredentialsInvalid,
    DeliveryUnknown,
    Refused,
    Unreachable,
    Unsent,
    Wait,
)
from statuspage.integrations.hosting import Unwritable
from statuspage.integrations.net import Reading
from statuspage.storage import bulk_sends, channel_health, deliveries, delivery_lookups
from statuspage.usecases.delivery import bulk_sender
from statuspage.usecases.delivery.retraction import take_back
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import DrillMarkError, publish, read_back

READ_BACK = 10.0
"""Seconds we look for a notice on the public page before we try again later."""

TURN = timedelta(seconds=1)
"""After so long what takes many turns has its next."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. ``due`` is set when it is to be tried again; ``unsure`` while nobody knows whether it
    went out; ``lane`` is how the channel fares now, None where the attempt says nothing about that."""

    end: DeliveryStatus
    reason: str = ""
    detail: str = ""
    due: datetime | None = None
    receipt: Receipt | None = None
    unsure: bool = False
    lane: ChannelHealth | None = None


class Lost(Exception):
    """The delivery is no longer ours to send."""


@dataclass(frozen=True, slots=True)
class DeliverySender:
    """What an attempt needs: its world, the clock, chance (a number from 0 to 1) to spread repetitions, and for what
    takes long, when to ``stop``."""

    world: Environment
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    stop: Event = field(default_factory=Event)

    def site(self, delivery: Delivery) -> Outcome:
        """Writes the page and reads it back; *sent* means that a customer could read it, or that nobody can tell."""
        try:
            publish(self.world, delivery.incident, now=self.clock())
        except Unwritable as error:
            return self._site_again(delivery, f"site_{error.code}", str(error))
        except DrillMarkError as error:
            return self._site_again(delivery, "site_unfit", str(error))
        written = self._written(delivery)
        if not self.world.address:
            return Outcome(DeliveryStatus.SENT, receipt=replace(written, note="on_disk"))
        return self._read_back(delivery, written)

    def channel(self, delivery: Delivery) -> Outcome:
        """Hands the message to its channel, below the incident's newest earlier one.

        Where an earlier attempt may have gone out, that is looked for first.
        """
        with self.world.store.read() as tx:
            thread = deliveries.thread(tx, delivery)
            page = deliveries.site_receipt(tx, delivery.incident, delivery.sequence)
            lane = channel_health.read_health(tx, delivery.channel)
        channel = self.world.channels.get(delivery.channel)
        if channel is None:
            return self._held(delivery, lane, self.world.unready.get(delivery.channel, "no_channel"), "")
        linked = page is not None and f"page.{delivery.language}" in page.seen
        # Once tried without the link, always without: a repetition is known by its text alone.
        readable = linked and delivery.receipt.note != "no_link"
        if isinstance(channel, BulkChannel) and self.world.subscribers is not None:
            return self._fanned(channel, self._frozen(delivery, readable), thread, lane, readable)
        return self._ended(channel, self._frozen(delivery, readable), thread, lane, readable)

    def unexpected(self, delivery: Delivery, error: Exception) -> Outcome:
        """A mistake of ours on the way: the site is simply tried again; elsewhere nobody knows what went out."""
        _log.exception("attempt failed", channel=delivery.channel, incident=delivery.incident)
        if delivery.channel == SITE:
            return self._site_again(delivery, "site_failed", type(error).__name__)
        channel = self.world.channels.get(delivery.channel)
        return self._in_doubt(channel, delivery, "unexpected", type(error).__name__, None)

    def not_looked_up(self, delivery: Delivery) -> Outcome:
        """The database could not be asked on the way: nothing went out that it does not know of; soon again."""
        due = self.clock() + TURN
        return Outcome(DeliveryStatus.WAITING, delivery.reason, delivery.detail, due, delivery.receipt, delivery.unsure)

    def _frozen(self, delivery: Delivery, readable: bool) -> Delivery:
        """Without its link when the page cannot be read; kept before it goes, so that a repetition reads the same."""
        if readable or delivery.receipt.note == "no_link":
            return delivery
        bare = replace(delivery, receipt=replace(delivery.receipt, note="no_link"))
        with self.world.store.begin() as tx:
            if not deliveries.save_receipt(tx, delivery, bare.receipt):
                raise Lost
        return bare

    def _ended(
        self, channel: Channel, delivery: Delivery, thread: Thread | None, lane: ChannelHealth, readable: bool
    ) -> Outcome:
        if delivery.unsure and channel.on_unsure == "key" and self._forgotten(delivery):
            return Outcome(DeliveryStatus.LOOK, delivery.reason, delivery.detail, None, delivery.receipt, unsure=True)
        looking = delivery.unsure and channel.on_unsure == "find"
        try:
            found = self._found(channel, delivery, readable) if looking else None
            looking = False
            receipt = found or self._told(channel, delivery, thread, readable)
        except CredentialsInvalid as error:
            return self._held(delivery, lane, error.reason, error.detail)
        except Refused as error:
            return Outcome(DeliveryStatus.REFUSED, error.reason, error.detail, lane=ChannelHealth(lane.channel))
        except Unreachable as error:
            fares = self._failed(lane, error, error.wait)
            if looking or (delivery.unsure and channel.on_unsure in ("key", "resend")):
                return self._in_doubt(channel, delivery, delivery.reason, error.detail, fares)
            return self._again(delivery, error.reason, error.detail, fares)
        except DeliveryUnknown as error:
            reason = delivery.reason if looking else error.reason
            return self._in_doubt(channel, delivery, reason, error.detail, self._failed(lane, error, Wait()))
        return self._sent(delivery, receipt)

    def _fanned(
        self, channel: BulkChannel, delivery: Delivery, thread: Thread | None, lane: ChannelHealth, readable: bool
    ) -> Outcome:
        """One turn at telling many; what is left goes on in the next."""
        way = partial(bulk_sender.turn, clock=self.clock, chance=self.chance, stop=self.stop)
        try:
            stood = way(self.world, channel, delivery, thread, readable=readable)
        except bulk_sends.Lost:
            raise Lost from None
        except CredentialsInvalid as error:
            return self._held(delivery, lane, error.reason, error.detail)
        if stood.over:
            return self._fanned_out(delivery, stood)
        if isinstance(stood.trouble, CredentialsInvalid):
            return self._held(delivery, lane, stood.trouble.reason, stood.trouble.detail)
        if stood.trouble is not None:
            wait = stood.trouble.wait if isinstance(stood.trouble, Unreachable) else Wait()
            fares = self._failed(lane, stood.trouble, wait)
            return self._again(delivery, stood.trouble.reason, stood.trouble.detail, fares)
        # A second later, so that whatever else is due on this channel has its turn.
        due, reason = self.clock() + TURN, "going_out"
        if stood.mailing.through and stood.left.due:
            due, reason = max(due, stood.left.due), "put_off"
        return Outcome(
            DeliveryStatus.WAITING, reason, due=due, receipt=delivery.receipt, lane=ChannelHealth(delivery.channel)
        )

    def _fanned_out(self, delivery: Delivery, stood: bulk_sender.BulkSendResult) -> Outcome:
        """Everybody had their turn, or a newer notice goes to the rest."""
        well = ChannelHealth(delivery.channel)
        if stood.overtaken and not stood.mailing.told:
            return Outcome(DeliveryStatus.SUPERSEDED, "newer_sent", lane=well)
        if stood.left.look:
            return Outcome(DeliveryStatus.LOOK, "some_unsure", receipt=delivery.receipt, unsure=True, lane=well)
        receipt = Receipt(bulk_sender.id_of(delivery), seen={"posted": self.clock()}, note=bulk_sender.note_of(stood))
        return Outcome(DeliveryStatus.SENT, receipt=receipt, lane=well)

    def _told(self, channel: Channel, delivery: Delivery, thread: Thread | None, readable: bool) -> Receipt:
        """Hands it over. A repetition that nothing guards says that it may be there twice."""
        if thread and delivery.payload.get("withdrawal"):
            return take_back(channel, delivery, thread, readable=readable)
        receipt = channel.deliver(delivery, thread, readable=readable)
        twice = delivery.unsure and channel.on_unsure == "resend"
        return replace(receipt, note="maybe_twice") if twice else receipt

    def _found(self, channel: Channel, delivery: Delivery, readable: bool) -> Receipt | None:
        """The message an earlier attempt left on the other side, if it did; never one of another notice's."""
        with self.world.store.read() as tx:
            others = delivery_lookups.ids_of_others(tx, delivery)
        found = channel.find(delivery, readable=readable)
        return next((receipt for receipt in found if receipt.remote_id not in others), None)

    def _sent(self, delivery: Delivery, receipt: Receipt) -> Outcome:
        well = ChannelHealth(delivery.channel)
        if receipt.note == "already_there":  # Else nothing is looked up: it has gone out, whether or not that can be.
            with self.world.store.read() as tx:
                others = delivery_lookups.ids_of_others(tx, delivery)
                stands = delivery_lookups.is_newest(tx, delivery.channel, receipt.remote_id)
            if receipt.remote_id in others:
                return self._same_words(delivery, receipt, well, stands=stands)
        return Outcome(
            DeliveryStatus.SENT, receipt=replace(receipt, seen={"posted": self.clock(), **receipt.seen}), lane=well
        )

    def _same_words(self, delivery: Delivery, theirs: Receipt, well: ChannelHealth, *, stands: bool) -> Outcome:
        """Another notice's post reads the same, and the other side takes no text twice.

        What lost its link waits for the page: with the link it is another text. Else customers have been told, by
        that post, for as long as nothing newer stands below it. It is never taken for ours: no reply to it, no
        deleting it.
        """
        if delivery.receipt.note == "no_link" and delivery.payload["text"] != delivery.payload["plain"]:
            if not self._hopeless(delivery):
                due, linked = self.clock() + self._pause(delivery), replace(delivery.receipt, note="")
                return Outcome(DeliveryStatus.WAITING, "same_words", theirs.url, due, linked, lane=well)
        elif stands:
            receipt = Receipt(url=theirs.url, seen={"posted": self.clock()}, note="told_by_other")
            return Outcome(DeliveryStatus.SENT, receipt=receipt, lane=well)
        return Outcome(DeliveryStatus.REFUSED, "same_text", theirs.url, lane=well)

    def _held(self, delivery: Delivery, lane: ChannelHealth, reason: str, detail: str) -> Outcome:
        """Waits for a person, with everything else of its channel."""
        held = retry.broken(lane, reason, detail, now=self.clock())
        kept = (delivery.reason, delivery.detail) if delivery.unsure else (reason, detail)
        return Outcome(DeliveryStatus.WAITING, *kept, held.until, delivery.receipt, delivery.unsure, held)

    def _failed(self, lane: ChannelHealth, error: Unsent, wait: Wait) -> ChannelHealth:
        now = self.clock()
        wish = wait.until - now if wait.until else timedelta(seconds=wait.seconds) if wait.seconds else None
        wish = retry.within_reason(wish)
        return retry.failed(lane, error.reason, error.detail, now=now, chance=self.chance(), wish=wish)

    def _again(self, delivery: Delivery, reason: str, detail: str, fares: ChannelHealth) -> Outcome:
        """Nothing went out; it is tried again when its channel is, or after a pause of its own."""
        if self._hopeless(delivery):
            return Outcome(DeliveryStatus.REFUSED, "gave_up", detail, lane=fares)
        due = fares.until or self.clock() + self._pause(delivery)
        return Outcome(DeliveryStatus.WAITING, reason, detail, due, delivery.receipt, lane=fares)

    def _in_doubt(
        self, channel: Channel | None, delivery: Delivery, reason: str, detail: str, fares: ChannelHealth | None
    ) -> Outcome:
        """It may have gone out; the channel's own rule says who looks."""
        if channel is None or channel.on_unsure == "look" or self._hopeless(delivery):
            return Outcome(DeliveryStatus.LOOK, reason, detail, None, delivery.receipt, True, fares)
        due = (fares.until if fares else None) or self.clock() + self._pause(delivery)
        return Outcome(DeliveryStatus.WAITING, reason, detail, due, delivery.receipt, True, fares)

    def _hopeless(self, delivery: Delivery) -> bool:
        now = self.clock()
        return retry.should_give_up(delivery.queued or now, delivery.attempts, now)

    def _forgotten(self, delivery: Delivery) -> bool:
        now = self.clock()
        return retry.idempotency_key_expired(delivery.queued or now, now)

    def _pause(self, delivery: Delivery, longest: timedelta = LONGEST_PAUSE) -> timedelta:
        return retry.pause_before(delivery.attempts, self.chance(), longest)

    def _site_again(self, delivery: Delivery, reason: str, detail: str) -> Outcome:
        due = self.clock() + self._pause(delivery, LONGEST_OF_SITE)
        return Outcome(DeliveryStatus.WAITING, reason, detail, due, delivery.receipt)

    def _written(self, delivery: Delivery) -> Receipt:
        seen = {"written": self.clock(), **delivery.receipt.seen}
        receipt = Receipt(url=self._address(delivery), seen=seen)
        with self.world.store.begin() as tx:
            deliveries.save_receipt(tx, delivery, receipt)
        return receipt

    def _address(self, delivery: Delivery) -> str:
        if not self.world.address:
            return ""
        return f"{self.world.address}/{self.world.catalog.languages[0]}/incidents/{delivery.incident}/"

    def _read_back(self, delivery: Delivery, written: Receipt) -> Outcome:
        reading = read_back(self.world, delivery.incident, delivery.sequence, timeout=READ_BACK)
        receipt = replace(written, seen=self._seen(written, reading))
        if reading.complete:
            return Outcome(DeliveryStatus.SENT, receipt=receipt)
        detail = next(iter(reading.missing.values()), "")
        return replace(self._site_again(delivery, "unreadable", detail), receipt=receipt)

    def _seen(self, written: Receipt, reading: Reading) -> dict[str, datetime]:
        now = self.clock()
        return {**dict.fromkeys(reading.found, now), **written.seen}
