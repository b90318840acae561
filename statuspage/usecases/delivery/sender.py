"""One attempt at one delivery, and its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from statuspage.domain import (
    LONGEST_OF_SITE,
    LONGEST_PAUSE,
    SITE,
    ChannelHealth,
    Delivery,
    DeliveryStatus,
    Outcome,
    Receipt,
    Thread,
    retry,
)
from statuspage.integrations.channels import (
    BulkChannel,
    Channel,
    CredentialsInvalid,
    DeliveryUnknown,
    Finds,
    Refused,
    Unreachable,
    Unsent,
    Wait,
)
from statuspage.integrations.hosting import Unwritable
from statuspage.integrations.net import ReadbackResult
from statuspage.process_log import Log
from statuspage.storage import bulk_sends, channel_health, deliveries, delivery_lookups
from statuspage.usecases.delivery.retraction import take_back
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import DrillMarkError, publish_incident, read_back
from statuspage.usecases.queue_loop import TURN, Lost

if TYPE_CHECKING:
    from statuspage.usecases.delivery.bulk_sender import BulkSendResult

READ_BACK = 10.0
"""Seconds to look for a notice on the public page before a later retry."""

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class DeliverySender:
    """What an attempt needs. ``jitter``, 0 to 1, spreads retries; ``stop`` ends a long attempt."""

    env: Environment
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    stop: Event = field(default_factory=Event)

    def publish_to_site(self, delivery: Delivery) -> Outcome:
        """Writes the page and reads it back. *Delivered* means that customers could read it, or that this cannot be
        checked."""
        try:
            publish_incident(self.env, delivery.incident, now=self.clock())
        except Unwritable as error:
            return self._retry_site(delivery, f"site_{error.code}", str(error))
        except DrillMarkError as error:
            return self._retry_site(delivery, "site_unfit", str(error))
        receipt = self._record_written(delivery)
        if not self.env.site.address:
            return Outcome(DeliveryStatus.DELIVERED, receipt=replace(receipt, note_key="on_disk"))
        return self._read_back(delivery, receipt)

    def send_to_channel(self, delivery: Delivery) -> Outcome:
        """Sends the message to its channel, in reply to the incident's newest earlier one.

        If an earlier attempt may have been sent, looks for that first.
        """
        with self.env.databases.environment.read() as tx:
            thread = delivery_lookups.find_thread(tx, delivery)
            site_receipt = delivery_lookups.find_site_receipt(tx, delivery.incident, delivery.sequence)
            health = channel_health.read_health(tx, delivery.channel)
        channel = self.env.senders.channels.get(delivery.channel)
        if channel is None:
            missing = "switched_off" if delivery.channel in self.env.site.catalog.disabled_channels else "no_channel"
            reason = self.env.senders.unready_channels.get(delivery.channel, missing)
            return self._wait_for_person(delivery, health, reason, "")
        linked = site_receipt is not None and f"page.{delivery.language}" in site_receipt.checked_at
        # Once tried without the link, it stays without it, because a retry is recognised only by its text.
        page_readable = linked and delivery.receipt.note_key != "no_link"
        if isinstance(channel, BulkChannel) and self.env.databases.subscribers is not None:
            return self._send_bulk(channel, self._freeze_link(delivery, page_readable), thread, health, page_readable)
        return self._send_single(channel, self._freeze_link(delivery, page_readable), thread, health, page_readable)

    def handle_unexpected(self, delivery: Delivery, error: Exception) -> Outcome:
        """The outcome of an unexpected error: the site is simply retried; for others it is unknown what was sent."""
        _log.exception("delivery attempt failed", channel=delivery.channel, incident=delivery.incident)
        if delivery.channel == SITE:
            return self._retry_site(delivery, "site_failed", type(error).__name__)
        channel = self.env.senders.channels.get(delivery.channel)
        return self._doubtful_outcome(channel, delivery, "unexpected", type(error).__name__, None)

    def _freeze_link(self, delivery: Delivery, page_readable: bool) -> Delivery:
        """Drops the link if the page cannot be read. This is stored before sending, so that a retry has the same
        text."""
        if page_readable or delivery.receipt.note_key == "no_link":
            return delivery
        bare = replace(delivery, receipt=replace(delivery.receipt, note_key="no_link"))
        with self.env.databases.environment.begin() as tx:
            if not deliveries.QUEUE.save_receipt(tx, delivery, bare.receipt):
                raise Lost
        return bare

    def _send_single(
        self, channel: Channel, delivery: Delivery, thread: Thread | None, health: ChannelHealth, page_readable: bool
    ) -> Outcome:
        if delivery.maybe_sent and channel.on_unsure == "key" and self._has_key_expired(delivery):
            return Outcome(
                DeliveryStatus.NEEDS_REVIEW, delivery.reason, delivery.detail, None, delivery.receipt, maybe_sent=True
            )
        is_looking = delivery.maybe_sent and channel.on_unsure == "find"
        try:
            earlier = self._find_earlier(channel, delivery, page_readable) if is_looking else None
            is_looking = False
            receipt = earlier or self._deliver(channel, delivery, thread, page_readable)
        except CredentialsInvalid as error:
            return self._wait_for_person(delivery, health, error.reason, error.detail)
        except Refused as error:
            return Outcome(DeliveryStatus.FAILED, error.reason, error.detail, health=ChannelHealth(health.channel))
        except Unreachable as error:
            new_health = self._failed_health(health, error, error.wait)
            if is_looking or (delivery.maybe_sent and channel.on_unsure in ("key", "resend")):
                return self._doubtful_outcome(channel, delivery, delivery.reason, error.detail, new_health)
            return self._retry_outcome(delivery, error.reason, error.detail, new_health)
        except DeliveryUnknown as error:
            reason = delivery.reason if is_looking else error.reason
            return self._doubtful_outcome(
                channel, delivery, reason, error.detail, self._failed_health(health, error, Wait())
            )
        return self._sent_outcome(delivery, receipt)

    def _send_bulk(
        self,
        channel: BulkChannel,
        delivery: Delivery,
        thread: Thread | None,
        health: ChannelHealth,
        page_readable: bool,
    ) -> Outcome:
        """Sends one turn of a bulk send; the rest continues in the next one."""
        from statuspage.usecases.delivery import bulk_sender

        run_turn = partial(bulk_sender.send_turn, clock=self.clock, jitter=self.jitter, stop=self.stop)
        try:
            result = run_turn(self.env, channel, delivery, thread, page_readable=page_readable)
        except bulk_sends.OwnershipLost:
            raise Lost from None
        except CredentialsInvalid as error:
            return self._wait_for_person(delivery, health, error.reason, error.detail)
        if result.is_over:
            return self._bulk_outcome(delivery, result)
        if isinstance(result.error, CredentialsInvalid):
            return self._wait_for_person(delivery, health, result.error.reason, result.error.detail)
        if result.error is not None:
            wait = result.error.wait if isinstance(result.error, Unreachable) else Wait()
            new_health = self._failed_health(health, result.error, wait)
            return self._retry_outcome(delivery, result.error.reason, result.error.detail, new_health)
        # A second later, so that other due deliveries of this channel have a turn.
        due, reason = self.clock() + TURN, "sending_in_turns"
        if result.bulk_send.is_complete and result.remaining.retry_at:
            due, reason = max(due, result.remaining.retry_at), "deferred"
        return Outcome(
            DeliveryStatus.WAITING,
            reason,
            retry_at=due,
            receipt=delivery.receipt,
            health=ChannelHealth(delivery.channel),
        )

    def _bulk_outcome(self, delivery: Delivery, result: BulkSendResult) -> Outcome:
        """The outcome once everybody had a turn, or a newer notice goes to the rest."""
        from statuspage.usecases.delivery import bulk_sender

        healthy = ChannelHealth(delivery.channel)
        if result.overtaken and not result.bulk_send.delivered:
            return Outcome(DeliveryStatus.SUPERSEDED, "newer_delivered", health=healthy)
        if result.remaining.needs_review:
            return Outcome(
                DeliveryStatus.NEEDS_REVIEW, "some_unknown", receipt=delivery.receipt, maybe_sent=True, health=healthy
            )
        receipt = Receipt(
            bulk_sender.thread_id(delivery),
            checked_at={"posted": self.clock()},
            note_key=bulk_sender.receipt_note(result),
        )
        return Outcome(DeliveryStatus.DELIVERED, receipt=receipt, health=healthy)

    def _deliver(self, channel: Channel, delivery: Delivery, thread: Thread | None, page_readable: bool) -> Receipt:
        """Sends it. A retry without an idempotency key notes that it may be there twice."""
        if thread and delivery.payload.get("withdrawal"):
            return take_back(channel, delivery, thread, page_readable=page_readable)
        receipt = channel.deliver(delivery, thread, page_readable=page_readable)
        may_be_twice = delivery.maybe_sent and channel.on_unsure == "resend"
        return replace(receipt, note_key="maybe_duplicate") if may_be_twice else receipt

    def _find_earlier(self, channel: Channel, delivery: Delivery, page_readable: bool) -> Receipt | None:
        """The message that an earlier attempt left on the other side, if any; never that of another notice."""
        if not isinstance(channel, Finds):
            return None
        with self.env.databases.environment.read() as tx:
            other_ids = delivery_lookups.other_remote_ids(tx, delivery)
        receipts = channel.find(delivery, page_readable=page_readable)
        return next((receipt for receipt in receipts if receipt.remote_id not in other_ids), None)

    def _sent_outcome(self, delivery: Delivery, receipt: Receipt) -> Outcome:
        healthy = ChannelHealth(delivery.channel)
        # Otherwise nothing is looked up: it was sent, whether it can be found or not.
        if receipt.note_key == "already_there":
            with self.env.databases.environment.read() as tx:
                other_ids = delivery_lookups.other_remote_ids(tx, delivery)
                is_newest = delivery_lookups.is_newest(tx, delivery.channel, receipt.remote_id)
            if receipt.remote_id in other_ids:
                return self._same_words_outcome(delivery, receipt, healthy, is_newest=is_newest)
        return Outcome(
            DeliveryStatus.DELIVERED,
            receipt=replace(receipt, checked_at={"posted": self.clock(), **receipt.checked_at}),
            health=healthy,
        )

    def _same_words_outcome(
        self, delivery: Delivery, other_receipt: Receipt, healthy: ChannelHealth, *, is_newest: bool
    ) -> Outcome:
        """The outcome if another notice's post has the same text, and the other side rejects duplicates.

        Without its link, it waits for the page, because with the link the text differs. Otherwise customers have
        already been told by that post, as long as nothing newer follows it. That post is never treated as ours: it is
        neither replied to nor deleted.
        """
        if delivery.receipt.note_key == "no_link" and delivery.payload["text"] != delivery.payload["plain"]:
            if not self._should_give_up(delivery):
                due, linked_receipt = self.clock() + self._retry_pause(delivery), replace(delivery.receipt, note_key="")
                return Outcome(
                    DeliveryStatus.WAITING,
                    "same_text_elsewhere",
                    other_receipt.url,
                    due,
                    linked_receipt,
                    health=healthy,
                )
        elif is_newest:
            receipt = Receipt(
                url=other_receipt.url, checked_at={"posted": self.clock()}, note_key="posted_by_other_notice"
            )
            return Outcome(DeliveryStatus.DELIVERED, receipt=receipt, health=healthy)
        return Outcome(DeliveryStatus.FAILED, "same_text", other_receipt.url, health=healthy)

    def _wait_for_person(self, delivery: Delivery, health: ChannelHealth, reason: str, detail: str) -> Outcome:
        """Waits for a person, together with everything else on its channel."""
        broken_health = retry.after_permanent_failure(health, reason, detail, now=self.clock())
        reason_and_detail = (delivery.reason, delivery.detail) if delivery.maybe_sent else (reason, detail)
        return Outcome(
            DeliveryStatus.WAITING,
            *reason_and_detail,
            broken_health.closed_until,
            delivery.receipt,
            delivery.maybe_sent,
            broken_health,
        )

    def _failed_health(self, health: ChannelHealth, error: Unsent, wait: Wait) -> ChannelHealth:
        now = self.clock()
        retry_after = wait.until - now if wait.until else timedelta(seconds=wait.seconds) if wait.seconds else None
        retry_after = retry.clamp_retry_after(retry_after)
        return retry.after_failure(
            health, error.reason, error.detail, now=now, jitter=self.jitter(), retry_after=retry_after
        )

    def _retry_outcome(self, delivery: Delivery, reason: str, detail: str, health: ChannelHealth) -> Outcome:
        """Nothing was sent; retried with its channel, or after its own pause."""
        if self._should_give_up(delivery):
            return Outcome(DeliveryStatus.FAILED, "gave_up", detail, health=health)
        due = health.closed_until or self.clock() + self._retry_pause(delivery)
        return Outcome(DeliveryStatus.WAITING, reason, detail, due, delivery.receipt, health=health)

    def _doubtful_outcome(
        self, channel: Channel | None, delivery: Delivery, reason: str, detail: str, health: ChannelHealth | None
    ) -> Outcome:
        """It may have been sent; the channel's setting says who checks."""
        if channel is None or channel.on_unsure == "review" or self._should_give_up(delivery):
            return Outcome(DeliveryStatus.NEEDS_REVIEW, reason, detail, None, delivery.receipt, True, health)
        due = (health.closed_until if health else None) or self.clock() + self._retry_pause(delivery)
        return Outcome(DeliveryStatus.WAITING, reason, detail, due, delivery.receipt, True, health)

    def _should_give_up(self, delivery: Delivery) -> bool:
        now = self.clock()
        return retry.should_give_up(delivery.queued_at or now, delivery.attempts, now)

    def _has_key_expired(self, delivery: Delivery) -> bool:
        now = self.clock()
        return retry.idempotency_key_expired(delivery.queued_at or now, now)

    def _retry_pause(self, delivery: Delivery, longest: timedelta = LONGEST_PAUSE) -> timedelta:
        return retry.pause_before(delivery.attempts, self.jitter(), longest)

    def _retry_site(self, delivery: Delivery, reason: str, detail: str) -> Outcome:
        due = self.clock() + self._retry_pause(delivery, LONGEST_OF_SITE)
        return Outcome(DeliveryStatus.WAITING, reason, detail, due, delivery.receipt)

    def _record_written(self, delivery: Delivery) -> Receipt:
        seen = {"written": self.clock(), **delivery.receipt.checked_at}
        receipt = Receipt(url=self._incident_url(delivery), checked_at=seen)
        with self.env.databases.environment.begin() as tx:
            deliveries.QUEUE.save_receipt(tx, delivery, receipt)
        return receipt

    def _incident_url(self, delivery: Delivery) -> str:
        if not self.env.site.address:
            return ""
        return f"{self.env.site.address}/{self.env.site.catalog.languages[0]}/incidents/{delivery.incident}/"

    def _read_back(self, delivery: Delivery, written_receipt: Receipt) -> Outcome:
        reading = read_back(self.env, delivery.incident, delivery.sequence, timeout=READ_BACK)
        receipt = replace(written_receipt, checked_at=self._seen_times(written_receipt, reading))
        if reading.is_complete:
            return Outcome(DeliveryStatus.DELIVERED, receipt=receipt)
        detail = next(iter(reading.missing.values()), "")
        return replace(self._retry_site(delivery, "unreadable", detail), receipt=receipt)

    def _seen_times(self, written_receipt: Receipt, reading: ReadbackResult) -> dict[str, datetime]:
        now = self.clock()
        return {**dict.fromkeys(reading.found, now), **written_receipt.checked_at}
