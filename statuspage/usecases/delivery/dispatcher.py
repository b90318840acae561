"""Runs the worker's deliveries in one thread for each channel, so that no channel delays another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic

from statuspage.domain import SITE, ChannelHealth, Delivery, DeliveryStatus, EventKind, Outcome, TimelineEvent
from statuspage.process_log import Log
from statuspage.storage import channel_health, deliveries, delivery_lookups, incidents, staff_notifications
from statuspage.storage.engine import Connection, Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases.delivery import staff_sender
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.publishing import sync
from statuspage.usecases.queue_loop import Item, QueueLoop
from statuspage.usecases.subscribers import emails

ABSENT = 3.0
"""Seconds a worker must be missing before its claims are settled, if several workers may run: its database connection
may have been cut while it sends, and it takes its lock again within a second."""

_log = Log(__name__)


class NamedThreads:
    """Named threads for parallel work; only one runs for each name at a time."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="delivery")
        self._futures: dict[str, Future[None]] = {}

    @classmethod
    def without_claims(cls, env: Environment) -> NamedThreads:
        """Threads for work that claims nothing: uploads to each host, and one each for the front page, what redactions
        left, the copy of the subscribers' list, outdated records, rosters and issues."""
        return cls(len(env.senders.hosts) + 6)

    def start(self, name: str, work: Callable[..., None], *args: object) -> bool:
        """Starts ``work``; False if a thread with this name is already running."""
        running = self._futures.get(name)
        if running is not None and not running.done():
            return False
        self._futures[name] = self._pool.submit(work, *args)
        return True

    @property
    def is_idle(self) -> bool:
        """Whether no thread is running."""
        return all(future.done() for future in self._futures.values())

    def shut_down(self) -> None:
        """Waits until everything is finished; nothing is started any more."""
        self._pool.shutdown(wait=True)


class WorkerRun:
    """One run of the worker. Only the holder of the worker lock may have one.

    For each channel with something due, a thread is started that works until nothing is due or the run ends; ``owner``
    identifies its claims. ``stop`` is set when the whole process is to end: until then outcomes are saved again and
    again until that succeeds. ``background`` work claims nothing and continues if a run ends before the process, so
    that the next run need not wait for a slow host.
    """

    def __init__(self, sender: DeliverySender, owner: str, stop: Event, background: NamedThreads | None = None) -> None:
        self._sender = sender
        self._env = sender.env
        self._owner = owner
        self._stop = stop
        self._run_stop = sender.stop
        self.was_cut_off = False
        """Whether a thread lost its database. Its claims may then belong to nobody until the next run."""
        self._threads = NamedThreads(
            len(self._env.senders.channels) + len(self._env.senders.staff_channels) + 2
        )  # Plus the site and emails.
        self._background = background or NamedThreads.without_claims(self._env)
        self._background_outlives_run = background is not None
        self._missing_since: dict[str, float] = {}
        self._next_due: datetime | None = None
        self._next_notification_due: datetime | None = None
        self._has_skipped_work = False
        self._has_inherited_emails = False

    def begin(self) -> None:
        """Settles what an earlier worker left unfinished, and retries what waited for a person."""
        self._settle_abandoned()
        now = self._sender.clock()
        self._run_safely(self._inherit_emails, now)
        with self._env.databases.environment.begin() as tx:
            for health in channel_health.troubled_channels(tx):
                if health.needs_person:
                    deliveries.retry_channel(tx, health.channel, now)

    def _settle_abandoned(self) -> None:
        """Settles the claims of dead workers. A worker is dead once its lock is gone, however recently."""
        with self._env.databases.environment.read() as tx:
            other_owners = {*deliveries.QUEUE.owners(tx), *staff_notifications.QUEUE.owners(tx)} - {self._owner}
        absent = self._env.databases.environment.find_absent(sorted(other_owners))
        self._missing_since = {owner: self._missing_since.get(owner, monotonic()) for owner in absent}
        grace = ABSENT if self._env.databases.environment.supports_many_workers else 0.0
        resendable = {
            SITE,
            *(id for id, channel in self._env.senders.channels.items() if channel.on_unsure != "review"),
        }
        resendable_to_staff = {
            id
            for id, spec in self._env.site.catalog.notification_channels.items()
            if spec.on_unknown_delivery != "review"
        }
        for owner in (
            owner for owner, missing_since in self._missing_since.items() if monotonic() - missing_since >= grace
        ):
            with self._env.databases.environment.begin() as tx:
                deliveries.recover_abandoned(tx, owner, resendable, self._sender.clock())
                staff_notifications.recover_abandoned(tx, owner, resendable_to_staff, self._sender.clock())

    def _inherit_emails(self, now: datetime) -> None:
        """Does the same for emails, until it has succeeded once."""
        if not self._has_inherited_emails:
            emails.release_abandoned(self._env, self._owner, now)
            self._has_inherited_emails = True

    def start_deliveries(self) -> None:
        """Starts a thread for every channel that has something due and none running."""
        if self._env.databases.environment.supports_many_workers:
            self._settle_abandoned()
        self._has_skipped_work = False
        now = self._sender.clock()
        with self._env.databases.environment.read() as tx:
            due_channels, self._next_due = deliveries.due_channels(tx, now), deliveries.QUEUE.next_due_at(tx, now)
            resting = [
                health
                for health in channel_health.troubled_channels(tx)
                if health.channel in due_channels and health.is_resting(now)
            ]
        for channel in (health.channel for health in resting):
            with self._env.databases.environment.begin() as tx:
                if (health := channel_health.read_health(tx, channel)).is_resting(
                    now
                ):  # It may have recovered since it was read.
                    deliveries.defer_channel(tx, health, now)
        for channel in due_channels:
            if channel not in {health.channel for health in resting}:
                self.start(channel, self._work_channel, channel)

    def start_notifications(self) -> None:
        """Starts a thread for every staff channel with a due notification."""
        now, queue = self._sender.clock(), staff_notifications.QUEUE
        with self._env.databases.environment.read() as tx:
            channels, self._next_notification_due = queue.due_partitions(tx, now), queue.next_due_at(tx, now)
        for channel in channels:
            self.start(f"call {channel}", self._work_staff_channel, channel)

    def start_emails(self, now: datetime) -> None:
        """Starts a thread for subscription emails, if one could be sent now."""
        self._run_safely(self._inherit_emails, now)
        if emails.is_email_due(self._env.databases.subscribers, now):
            self.start("emails", self.send_emails)

    def send_emails(self) -> None:
        """Sends subscription emails."""
        sender = self._sender
        emails.send_due_emails(self._env, self._owner, clock=sender.clock, jitter=sender.jitter, stop=self._run_stop)

    def start_syncs(self) -> None:
        """Starts a thread for every host with pending files, so that a slow one delays no other."""
        now = self._sender.clock()
        for name in sync.due_hosts(self._env, now):
            upload = partial(sync.sync_pending, self._env, name, now=now, jitter=self._sender.jitter())
            self.start_background(f"target {name}", upload)

    def expects_work(self, now: datetime) -> bool:
        """Whether there may be work without a database notification: it has become due, its thread was busy when the
        notification came, or a worker is missing."""
        return (
            bool(self._missing_since)
            or self._has_skipped_work
            or any(due is not None and due <= now for due in (self._next_due, self._next_notification_due))
        )

    def start(self, name: str, work: Callable[..., object], *args: object) -> None:
        """Runs ``work``, which claims its rows, in its own thread, unless it is already running."""
        if not self._threads.start(name, self._run_safely, work, *args):
            self._has_skipped_work = True

    def start_background(self, name: str, work: Callable[..., object]) -> None:
        """Runs ``work``, which claims nothing, in its own thread."""
        self._background.start(name, self._run_safely, work)

    @property
    def is_idle(self) -> bool:
        """Whether no thread is running."""
        return self._threads.is_idle and self._background.is_idle

    def finish(self) -> None:
        """Lets every thread finish and record what it is sending; also work that claims nothing, if the process
        ends."""
        self._run_stop.set()
        self._threads.shut_down()
        if self._stop.is_set() or not self._background_outlives_run:
            self._background.shut_down()

    def _run_safely(self, work: Callable[..., object], *args: object) -> None:
        try:
            work(*args)
        except DatabaseBusy:
            _log.warning("database busy, retrying", arguments=args)
        except DatabaseBroken as error:  # The database module has logged it.
            self.was_cut_off = self.was_cut_off or error.code in ("away", "cut")
        except Exception:
            _log.exception("delivery thread stopped", arguments=args)

    def _work_channel(self, channel: str) -> None:
        self._loop(
            "delivery",
            partial(deliveries.claim_delivery, channel=channel),
            self._attempt_delivery,
            self._sender.handle_unexpected,
            self._settle_delivery,
        ).work_through()

    def _work_staff_channel(self, channel: str) -> None:
        self._loop(
            "staff notification",
            partial(staff_notifications.claim_notification, channel=channel),
            partial(staff_sender.send_notification, self._sender),
            partial(staff_sender.handle_unexpected, self._sender),
            partial(staff_sender.settle_notification, self._sender),
        ).work_through()

    def _loop(
        self,
        queue: str,
        claim: Callable[[Connection, str, datetime], Item | None],
        attempt: Callable[[Item], Outcome],
        handle_unexpected: Callable[[Item, Exception], Outcome],
        settle: Callable[[Item, Outcome], None],
    ) -> QueueLoop[Item]:
        return QueueLoop(
            queue,
            partial(self._claim, claim),
            attempt,
            handle_unexpected,
            settle,
            self._sender.clock,
            lambda: self._run_stop.is_set() or self._stop.is_set(),
            self._stop,
        )

    def _claim(self, claim: Callable[[Connection, str, datetime], Item | None]) -> Item | None:
        """The claimed item. The number with which it is sent is also recorded outside the database."""
        with self._env.databases.environment.begin_without_turn() as tx:
            item = claim(tx, self._owner, self._sender.clock())
            fence = incidents.next_fence(tx) if item else 0
        if item is not None:
            restore_guard.remember_sent(self._env.home, fence)
        return item

    def _attempt_delivery(self, delivery: Delivery) -> Outcome:
        attempt = self._sender.publish_to_site if delivery.channel == SITE else self._sender.send_to_channel
        return attempt(delivery)

    def _settle_delivery(self, delivery: Delivery, outcome: Outcome) -> None:
        with self._env.databases.environment.begin() as tx:
            changed_health = _settle_outcome(tx, delivery, outcome, self._sender.clock())
        _log.info("delivery", id=delivery.id, channel=delivery.channel, status=outcome.status, reason=outcome.reason)
        _log_health(changed_health)


def _settle_outcome(tx: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> ChannelHealth | None:
    """Records the outcome and the channel's health. Returns the health if a person should be informed."""
    was_settled = deliveries.QUEUE.settle(tx, delivery, outcome, at=now)
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
    """Logs once when a channel needs attention, and once when it recovers."""
    if health and health.needs_person:
        _log.error("channel needs attention", channel=health.channel, reason=health.reason, detail=health.detail)
    elif health:
        _log.info("channel recovered", channel=health.channel)


def _record_readable(tx: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Records on the incident's timeline when customers could read the notice, once for each notice."""
    read_times = [
        at for name, at in (outcome.receipt.checked_at if outcome.receipt else {}).items() if name != "written"
    ]
    notice = str(delivery.sequence)
    if read_times and not incidents.has_event(tx, delivery.incident, EventKind.READABLE, notice):
        event = TimelineEvent(EventKind.READABLE, text=notice)
        incidents.append_entry(tx, delivery.incident, event, happened=max(read_times), recorded=now)


def has_untried(database: Database) -> bool:
    """Whether something is queued that has not been tried yet, or is being tried now."""
    with database.read() as tx:
        return delivery_lookups.count_untried(tx) + staff_notifications.QUEUE.count_untried(tx) > 0
