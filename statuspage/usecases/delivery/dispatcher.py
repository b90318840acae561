"""The worker's shift: a lane for each channel, so that none holds up another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic, sleep

import structlog

from statuspage.domain import SITE, ChannelHealth, Delivery, DeliveryStatus, StepKind, TimelineEvent
from statuspage.storage import channel_health, deliveries, incidents, staff_notifications
from statuspage.storage.engine import Broken, Busy, Connection
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


class Lanes:
    """Threads for what is done side by side, each by its name and once at a time."""

    def __init__(self, hands: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=hands, thread_name_prefix="lane")
        self._running: dict[str, Future[None]] = {}

    @classmethod
    def without_claims(cls, world: Environment) -> Lanes:
        """For what claims nothing: carrying to each target, the front, rosters, sweeping up."""
        return cls(len(world.mirrors) + 4)

    def start(self, name: str, work: Callable[..., None], *about: object) -> bool:
        """Begins ``work``; False where what has this name is being done already."""
        running = self._running.get(name)
        if running is not None and not running.done():
            return False
        self._running[name] = self._pool.submit(work, *about)
        return True

    @property
    def resting(self) -> bool:
        """Whether nothing is being done."""
        return all(future.done() for future in self._running.values())

    def end(self) -> None:
        """Waits until all is done; nothing is begun any more."""
        self._pool.shutdown(wait=True)


class WorkerRun:
    """One worker at work. Only who is on duty may have one.

    A lane is started for each channel with something due and works until nothing is, or the shift ends; ``owner``
    signs its claims. ``stop`` is when the whole process is to end: until then outcomes are offered without end.
    What claims nothing is done ``beside``, and goes on when a shift ends before the process: the next one need not
    wait for a slow target.
    """

    def __init__(self, attempts: DeliverySender, owner: str, stop: Event, beside: Lanes | None = None) -> None:
        self._attempts = attempts
        self._world = attempts.world
        self._owner = owner
        self._stop = stop
        self._over = attempts.stop
        self.cut_off = False
        """Whether a database was away under a lane: what it had claimed may be nobody's now, until the next shift."""
        self._lanes = Lanes(len(self._world.channels) + len(self._world.callers) + 2)  # and the site, and letters
        self._beside = beside or Lanes.without_claims(self._world)
        self._outlived = beside is not None
        self._missed: dict[str, float] = {}
        self._soonest: datetime | None = None
        self._turned_away = False
        self._letters_inherited = False

    def begin(self) -> None:
        """Settles what a worker before us left half done, and tries again what waited for a person."""
        self._inherit()
        now = self._attempts.clock()
        self._safely(self._inherit_letters, now)
        with self._world.store.begin() as tx:
            for lane in channel_health.troubled(tx):
                if lane.paused:
                    deliveries.retry_resting(tx, lane.channel, now)

    def _inherit(self) -> None:
        """Settles what a worker that is gone had in hand. It is gone when its lock is, whatever the time."""
        with self._world.store.read() as tx:
            others = {*deliveries.owners(tx), *staff_notifications.owners(tx)} - {self._owner}
        absent = self._world.store.absent(sorted(others))
        self._missed = {owner: self._missed.get(owner, monotonic()) for owner in absent}
        grace = ABSENT if self._world.store.shared else 0.0
        again = {SITE, *(id for id, channel in self._world.channels.items() if channel.on_unsure != "look")}
        aloud = {id for id, spec in self._world.catalog.ways_inside.items() if spec.on_unsure != "look"}
        for owner in (owner for owner, since in self._missed.items() if monotonic() - since >= grace):
            with self._world.store.begin() as tx:
                deliveries.leave_behind(tx, owner, again, self._attempts.clock())
                staff_notifications.leave_behind(tx, owner, aloud, self._attempts.clock())

    def _inherit_letters(self, now: datetime) -> None:
        """Does the same for letters, until it has worked once."""
        if not self._letters_inherited:
            emails.inherit(self._world, self._owner, now)
            self._letters_inherited = True

    def start_due(self) -> None:
        """Starts a lane for every channel that has something due and none running."""
        if self._world.store.shared:
            self._inherit()
        self._turned_away = False
        now = self._attempts.clock()
        with self._world.store.read() as tx:
            due, self._soonest = deliveries.due_channels(tx, now), deliveries.soonest(tx, now)
            resting = [lane for lane in channel_health.troubled(tx) if lane.channel in due and lane.rests(now)]
        for channel in (lane.channel for lane in resting):
            with self._world.store.begin() as tx:
                if (lane := channel_health.read_health(tx, channel)).rests(
                    now
                ):  # It may have got well since it was read.
                    deliveries.put_off(tx, lane, now)
        for channel in due:
            if channel not in {lane.channel for lane in resting}:
                self.start(channel, self._lane, channel)

    def start_calls(self) -> None:
        """Starts a lane for every way by which a colleague is to be called."""
        with self._world.store.read() as tx:
            ways = staff_notifications.due_ways(tx, self._attempts.clock())
        for way in ways:
            self.start(f"call {way}", staff_sender.make, self._attempts, self._owner, way, self._stop)

    def start_letters(self, now: datetime) -> None:
        """Starts a lane for letters that somebody asked for, where one could go now."""
        self._safely(self._inherit_letters, now)
        if emails.is_email_due(self._world, now):
            self.start("letters", self.write)

    def write(self) -> None:
        """Sends letters to those who asked for one."""
        attempts = self._attempts
        emails.send_due(self._world, self._owner, clock=attempts.clock, chance=attempts.chance, stop=self._over)

    def start_targets(self) -> None:
        """Starts a lane for every target that is owed something, so that a slow one holds up nobody."""
        now = self._attempts.clock()
        for name in sync.due_hosts(self._world, now):
            carry = partial(sync.follow_up, self._world, name, now=now, chance=self._attempts.chance())
            self.start_beside(f"target {name}", carry)

    def expects(self, now: datetime) -> bool:
        """Whether there may be something to start about which nobody calls: its time has come, its lane was at work
        when it was called about, or a worker is missed."""
        return bool(self._missed) or self._turned_away or (self._soonest is not None and self._soonest <= now)

    def start(self, name: str, work: Callable[..., object], *about: object) -> None:
        """Does ``work``, which claims what it does, in a lane of its own, unless it is being done already."""
        if not self._lanes.start(name, self._safely, work, *about):
            self._turned_away = True

    def start_beside(self, name: str, work: Callable[..., object]) -> None:
        """The same for what claims nothing."""
        self._beside.start(name, self._safely, work)

    @property
    def resting(self) -> bool:
        """Whether no lane is at work."""
        return self._lanes.resting and self._beside.resting

    def end(self) -> None:
        """Lets every lane finish what it is sending, and record it; what claims nothing, when the process ends."""
        self._over.set()
        self._lanes.end()
        if self._stop.is_set() or not self._outlived:
            self._beside.end()

    def _safely(self, work: Callable[..., object], *about: object) -> None:
        try:
            work(*about)
        except Busy:
            _log.warning("the database is in use; trying again", about=about)
        except Broken as error:  # The store has said so.
            self.cut_off = self.cut_off or error.code in ("away", "cut")
        except Exception:
            _log.exception("a lane stopped", about=about)

    def _lane(self, channel: str) -> None:
        while not (self._over.is_set() or self._stop.is_set()):
            with self._world.store.begin_beside() as tx:
                delivery = deliveries.claim(tx, self._owner, self._attempts.clock(), channel=channel)
                number = incidents.next_fence(tx) if delivery else 0
            if delivery is None:
                return
            restore_guard.remember_sent(self._world.home, number)
            try:
                outcome = self._outcome(delivery)
            except Lost:
                continue
            self._record(delivery, outcome)

    def _outcome(self, delivery: Delivery) -> Outcome:
        attempt = self._attempts.site if delivery.channel == SITE else self._attempts.channel
        try:
            return attempt(delivery)
        except Lost:
            raise
        except (Busy, Broken):
            return self._attempts.not_looked_up(delivery)
        except Exception as error:
            return self._attempts.unexpected(delivery, error)

    def _record(self, delivery: Delivery, outcome: Outcome) -> None:
        """Keeps the outcome. What went out must not be forgotten because the database is in use or its disk full."""
        left = PATIENCE
        while left:
            try:
                return self._recorded(delivery, outcome)
            except Busy:
                _log.warning("the database is in use; trying again", id=delivery.id, channel=delivery.channel)
            except Broken:
                sleep(PAUSE)
            except Exception:
                _log.exception("outcome not stored yet", id=delivery.id, channel=delivery.channel)
                sleep(PAUSE)
            left -= self._stop.is_set()
        _log.error("outcome not stored", id=delivery.id, channel=delivery.channel, end=outcome.end)
        return None

    def _recorded(self, delivery: Delivery, outcome: Outcome) -> None:
        with self._world.store.begin() as tx:
            news = _settle_outcome(tx, delivery, outcome, self._attempts.clock())
        _log.info("delivery", id=delivery.id, channel=delivery.channel, end=outcome.end, reason=outcome.reason)
        _tell(news)


def _settle_outcome(tx: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> ChannelHealth | None:
    """Keeps the outcome, and how the channel fares. Returns the latter where a person should hear of it."""
    kept = deliveries.settle_delivery(
        tx,
        delivery,
        outcome.end,
        at=now,
        reason=outcome.reason,
        detail=outcome.detail,
        due=outcome.due,
        receipt=outcome.receipt,
        unsure=outcome.unsure,
    )
    if kept and delivery.channel == SITE and outcome.end is DeliveryStatus.SENT:
        deliveries.open_gate(tx, delivery.incident, delivery.sequence, now)
        _stop_the_clock(tx, delivery, outcome, now)
    return _fares(tx, outcome.lane, now) if outcome.lane else None


def _fares(tx: Connection, lane: ChannelHealth, now: datetime) -> ChannelHealth | None:
    before = channel_health.read_health(tx, lane.channel, lock=True)
    channel_health.save_health(tx, lane)
    if before.until and not lane.until:
        deliveries.release(tx, lane.channel, now)
    return lane if before.paused != lane.paused else None


def _tell(lane: ChannelHealth | None) -> None:
    """One alarm when a channel needs a person, and one word when it goes on."""
    if lane and lane.paused:
        _log.error("channel needs a person", channel=lane.channel, reason=lane.reason, detail=lane.detail)
    elif lane:
        _log.info("channel goes on", channel=lane.channel)


def _stop_the_clock(tx: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """The moment customers could read it, on the incident's timeline, once for each notice."""
    read = [at for name, at in (outcome.receipt.seen if outcome.receipt else {}).items() if name != "written"]
    notice = str(delivery.sequence)
    if read and not incidents.took(tx, delivery.incident, StepKind.READABLE, notice):
        step = TimelineEvent(StepKind.READABLE, text=notice)
        incidents.append(tx, delivery.incident, step, happened=max(read), recorded=now)


def untried(world: Environment) -> bool:
    """Whether something is owed that nobody has tried yet, or is trying just now."""
    with world.store.read() as tx:
        return deliveries.untried(tx) + staff_notifications.untried(tx) > 0
