"""The worker's shift: a lane for each channel, so that none holds up another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic, sleep

import structlog

from statuspage.domain import SITE, ChannelHealth, Delivery, DeliveryStatus, EventKind, TimelineEvent
from statuspage.storage import channel_health, deliveries, incidents, staff_notifications
from statuspage.storage.engine import Connection, DatabaseBroken, DatabaseBusy
from statuspage.usecases.delivery import staff_sender
from statuspage.usecases.delivery.sender import DeliverySender, Lost, Outcome
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.publishing import sync
from statuspage.usecases.subscribers import emails

PATIENCE, PAUSE = 12, 5.0
"""How often an outcome is still offered to a database that does not take it once we are to stop, and the seconds
between: about a minute. Until then it is offered without end; nothing else could be recorded either."""

ABSENT = 3.0
"""Seconds a worker has to be missed before what it had in hand is settled, where several may work: its line to the
database may have been cut while it sends, and it takes its lock again within a second."""

_log = structlog.get_logger(__name__)


class NamedThreads:
    """Threads for what is done side by side, each by its name and once at a time."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="lane")
        self._futures: dict[str, Future[None]] = {}

    @classmethod
    def without_claims(cls, env: Environment) -> NamedThreads:
        """For what claims nothing: carrying to each target, the front, rosters, sweeping up."""
        return cls(len(env.hosts) + 4)

    def start(self, name: str, work: Callable[..., None], *args: object) -> bool:
        """Begins ``work``; False where what has this name is being done already."""
        running = self._futures.get(name)
        if running is not None and not running.done():
            return False
        self._futures[name] = self._pool.submit(work, *args)
        return True

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done."""
        return all(future.done() for future in self._futures.values())

    def shut_down(self) -> None:
        """Waits until all is done; nothing is begun any more."""
        self._pool.shutdown(wait=True)


class WorkerRun:
    """One worker at work. Only who is on duty may have one.

    A lane is started for each channel with something due and works until nothing is, or the shift ends; ``owner``
    signs its claims. ``stop`` is when the whole process is to end: until then outcomes are offered without end.
    What claims nothing is done ``beside``, and goes on when a shift ends before the process: the next one need not
    wait for a slow target.
    """

    def __init__(self, sender: DeliverySender, owner: str, stop: Event, background: NamedThreads | None = None) -> None:
        self._sender = sender
        self._env = sender.env
        self._owner = owner
        self._stop = stop
        self._run_stop = sender.stop
        self.was_cut_off = False
        """Whether a database was away under a lane: what it had claimed may be nobody's now, until the next shift."""
        self._threads = NamedThreads(
            len(self._env.channels) + len(self._env.staff_channels) + 2
        )  # and the site, and letters
        self._background = background or NamedThreads.without_claims(self._env)
        self._background_outlives_run = background is not None
        self._missing_since: dict[str, float] = {}
        self._next_due: datetime | None = None
        self._has_skipped_work = False
        self._has_inherited_emails = False

    def begin(self) -> None:
        """Settles what a worker before us left half done, and tries again what waited for a person."""
        self._settle_abandoned()
        now = self._sender.clock()
        self._run_safely(self._inherit_emails, now)
        with self._env.database.begin() as tx:
            for health in channel_health.troubled_channels(tx):
                if health.needs_person:
                    deliveries.retry_channel(tx, health.channel, now)

    def _settle_abandoned(self) -> None:
        """Settles what a worker that is gone had in hand. It is gone when its lock is, whatever the time."""
        with self._env.database.read() as tx:
            other_owners = {*deliveries.list_owners(tx), *staff_notifications.list_owners(tx)} - {self._owner}
        absent = self._env.database.find_absent(sorted(other_owners))
        self._missing_since = {owner: self._missing_since.get(owner, monotonic()) for owner in absent}
        grace = ABSENT if self._env.database.supports_many_workers else 0.0
        resendable = {SITE, *(id for id, channel in self._env.channels.items() if channel.on_unsure != "look")}
        resendable_to_staff = {
            id for id, spec in self._env.catalog.notification_channels.items() if spec.on_unknown_delivery != "look"
        }
        for owner in (
            owner for owner, missing_since in self._missing_since.items() if monotonic() - missing_since >= grace
        ):
            with self._env.database.begin() as tx:
                deliveries.recover_abandoned(tx, owner, resendable, self._sender.clock())
                staff_notifications.recover_abandoned(tx, owner, resendable_to_staff, self._sender.clock())

    def _inherit_emails(self, now: datetime) -> None:
        """Does the same for letters, until it has worked once."""
        if not self._has_inherited_emails:
            emails.release_abandoned(self._env, self._owner, now)
            self._has_inherited_emails = True

    def start_deliveries(self) -> None:
        """Starts a lane for every channel that has something due and none running."""
        if self._env.database.supports_many_workers:
            self._settle_abandoned()
        self._has_skipped_work = False
        now = self._sender.clock()
        with self._env.database.read() as tx:
            due_channels, self._next_due = deliveries.due_channels(tx, now), deliveries.next_due_at(tx, now)
            resting = [
                health
                for health in channel_health.troubled_channels(tx)
                if health.channel in due_channels and health.is_resting(now)
            ]
        for channel in (health.channel for health in resting):
            with self._env.database.begin() as tx:
                if (health := channel_health.read_health(tx, channel)).is_resting(
                    now
                ):  # It may have got well since it was read.
                    deliveries.defer_channel(tx, health, now)
        for channel in due_channels:
            if channel not in {health.channel for health in resting}:
                self.start(channel, self._work_channel, channel)

    def start_notifications(self) -> None:
        """Starts a lane for every way by which a colleague is to be called."""
        with self._env.database.read() as tx:
            channels = staff_notifications.due_channels(tx, self._sender.clock())
        for channel in channels:
            self.start(f"call {channel}", staff_sender.send_due, self._sender, self._owner, channel, self._stop)

    def start_emails(self, now: datetime) -> None:
        """Starts a lane for letters that somebody asked for, where one could go now."""
        self._run_safely(self._inherit_emails, now)
        if emails.is_email_due(self._env, now):
            self.start("letters", self.send_emails)

    def send_emails(self) -> None:
        """Sends letters to those who asked for one."""
        sender = self._sender
        emails.send_due_emails(self._env, self._owner, clock=sender.clock, jitter=sender.jitter, stop=self._run_stop)

    def start_syncs(self) -> None:
        """Starts a lane for every target that is owed something, so that a slow one holds up nobody."""
        now = self._sender.clock()
        for name in sync.due_hosts(self._env, now):
            upload = partial(sync.sync_pending, self._env, name, now=now, jitter=self._sender.jitter())
            self.start_background(f"target {name}", upload)

    def expects_work(self, now: datetime) -> bool:
        """Whether there may be something to start about which nobody calls: its time has come, its lane was at work
        when it was called about, or a worker is missed."""
        return (
            bool(self._missing_since)
            or self._has_skipped_work
            or (self._next_due is not None and self._next_due <= now)
        )

    def start(self, name: str, work: Callable[..., object], *args: object) -> None:
        """Does ``work``, which claims what it does, in a lane of its own, unless it is being done already."""
        if not self._threads.start(name, self._run_safely, work, *args):
            self._has_skipped_work = True

    def start_background(self, name: str, work: Callable[..., object]) -> None:
        """The same for what claims nothing."""
        self._background.start(name, self._run_safely, work)

    @property
    def is_idle(self) -> bool:
        """Whether no lane is at work."""
        return self._threads.is_idle and self._background.is_idle

    def finish(self) -> None:
        """Lets every lane finish what it is sending, and record it; what claims nothing, when the process ends."""
        self._run_stop.set()
        self._threads.shut_down()
        if self._stop.is_set() or not self._background_outlives_run:
            self._background.shut_down()

    def _run_safely(self, work: Callable[..., object], *args: object) -> None:
        try:
            work(*args)
        except DatabaseBusy:
            _log.warning("the database is in use; trying again", about=args)
        except DatabaseBroken as error:  # The store has said so.
            self.was_cut_off = self.was_cut_off or error.code in ("away", "cut")
        except Exception:
            _log.exception("a lane stopped", about=args)

    def _work_channel(self, channel: str) -> None:
        while not (self._run_stop.is_set() or self._stop.is_set()):
            with self._env.database.begin_without_turn() as tx:
                delivery = deliveries.claim_delivery(tx, self._owner, self._sender.clock(), channel=channel)
                fence = incidents.next_fence(tx) if delivery else 0
            if delivery is None:
                return
            restore_guard.remember_sent(self._env.home, fence)
            try:
                outcome = self._attempt_delivery(delivery)
            except Lost:
                continue
            self._record_outcome(delivery, outcome)

    def _attempt_delivery(self, delivery: Delivery) -> Outcome:
        attempt = self._sender.publish_to_site if delivery.channel == SITE else self._sender.send_to_channel
        try:
            return attempt(delivery)
        except Lost:
            raise
        except (DatabaseBusy, DatabaseBroken):
            return self._sender.postpone(delivery)
        except Exception as error:
            return self._sender.handle_unexpected(delivery, error)

    def _record_outcome(self, delivery: Delivery, outcome: Outcome) -> None:
        """Keeps the outcome. What went out must not be forgotten because the database is in use or its disk full."""
        tries_left = PATIENCE
        while tries_left:
            try:
                return self._store_outcome(delivery, outcome)
            except DatabaseBusy:
                _log.warning("the database is in use; trying again", id=delivery.id, channel=delivery.channel)
            except DatabaseBroken:
                sleep(PAUSE)
            except Exception:
                _log.exception("outcome not stored yet", id=delivery.id, channel=delivery.channel)
                sleep(PAUSE)
            tries_left -= self._stop.is_set()
        _log.error("outcome not stored", id=delivery.id, channel=delivery.channel, end=outcome.status)
        return None

    def _store_outcome(self, delivery: Delivery, outcome: Outcome) -> None:
        with self._env.database.begin() as tx:
            changed_health = _settle_outcome(tx, delivery, outcome, self._sender.clock())
        _log.info("delivery", id=delivery.id, channel=delivery.channel, end=outcome.status, reason=outcome.reason)
        _log_health(changed_health)


def _settle_outcome(tx: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> ChannelHealth | None:
    """Keeps the outcome, and how the channel fares. Returns the latter where a person should hear of it."""
    was_settled = deliveries.settle_delivery(
        tx,
        delivery,
        outcome.status,
        at=now,
        reason=outcome.reason,
        detail=outcome.detail,
        retry_at=outcome.due,
        receipt=outcome.receipt,
        maybe_sent=outcome.unsure,
    )
    if was_settled and delivery.channel == SITE and outcome.status is DeliveryStatus.DELIVERED:
        deliveries.release_after_site(tx, delivery.incident, delivery.sequence, now)
        _record_readable(tx, delivery, outcome, now)
    return _save_health(tx, outcome.health, now) if outcome.health else None


def _save_health(tx: Connection, health: ChannelHealth, now: datetime) -> ChannelHealth | None:
    previous = channel_health.read_health(tx, health.channel, lock=True)
    channel_health.save_health(tx, health)
    if previous.closed_until and not health.closed_until:
        deliveries.release_channel(tx, health.channel, now)
    return health if previous.needs_person != health.needs_person else None


def _log_health(health: ChannelHealth | None) -> None:
    """One alarm when a channel needs a person, and one word when it goes on."""
    if health and health.needs_person:
        _log.error("channel needs a person", channel=health.channel, reason=health.reason, detail=health.detail)
    elif health:
        _log.info("channel goes on", channel=health.channel)


def _record_readable(tx: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """The moment customers could read it, on the incident's timeline, once for each notice."""
    read_times = [at for name, at in (outcome.receipt.seen if outcome.receipt else {}).items() if name != "written"]
    notice = str(delivery.sequence)
    if read_times and not incidents.has_event(tx, delivery.incident, EventKind.READABLE, notice):
        event = TimelineEvent(EventKind.READABLE, text=notice)
        incidents.append_entry(tx, delivery.incident, event, happened=max(read_times), recorded=now)


def has_untried(env: Environment) -> bool:
    """Whether something is owed that nobody has tried yet, or is trying just now."""
    with env.database.read() as tx:
        return deliveries.count_untried(tx) + staff_notifications.count_untried(tx) > 0
