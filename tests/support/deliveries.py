"""Shared by the tests of deliveries: an environment with the page and two X accounts, a notice, a worker run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from threading import Event

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE, Delivery, NewDelivery, Thread
from statuspage.domain.incident import EventKind, Incident
from statuspage.domain.queue_item import DeliveryStatus, Receipt
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, DeliveryUnknown, OnUnsure
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine.database import Database
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.delivery.worker_lock import hold_lock
from statuspage.usecases.environment.model import Databases, Environment, Senders
from tests.support.database import made
from tests.support.desk import Clock
from tests.support.environments import environment_of
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.site import booking, sources
from tests.support.times import at

ID = "k3m9p2q7x4ab"
SERVE = Callable[[Path], str]
JA = ChannelSpec("x-ja", "x", "ja", "x", "@fitline_jp")
EN = ChannelSpec("x-en", "x", "en", "x", "@fitline_en")


@pytest.fixture
def x() -> Iterator[Server]:
    with x_server(Account(), SECOND) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock(at("12:03"))


def environment_in(
    home: Path, catalog: Catalog, address: str, usable_channels: Mapping[str, Channel], database: Database | None = None
) -> Environment:
    store = database or made(home / "environment.db", "environment")
    senders = Senders(usable_channels, {"x-later": "credentials"})
    return environment_of(home, catalog, Databases(store, store), sources(), senders, address=address)


def accounts(server: Server) -> dict[str, Channel]:
    environ = Account().environ("x-ja") | SECOND.environ("x-en") | {"STATUSPAGE_X_API": server.address}
    return {spec.id: channels.open_live(spec, environ) for spec in (JA, EN)}


@pytest.fixture
def env(
    tmp_path: Path, catalog: Catalog, x: Server, static_server: SERVE, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environment]:
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0)  # No connection is dropped here.
    address = static_server(tmp_path / "site" / "current")
    env = environment_in(tmp_path, catalog, address, accounts(x))
    yield env
    env.databases.environment.close()


def enqueue_notice(env: Environment, incident: Incident, clock: Clock, *to: str) -> int:
    """Stores the newest notice of the incident and queues it for the site and these channels."""
    newest = incident.notices[-1].notice
    with env.databases.environment.begin() as tx:
        if incidents.load_incident(tx, incident.id) is None:
            incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source="alert")
        sequence = incidents.append_entry(
            tx, incident.id, replace(newest, key=token_hex(8)), happened=clock(), recorded=clock()
        )
        deliveries.enqueue_deliveries(
            tx, incident.id, sequence, [NewDelivery(SITE, "", {}), *map(post(incident.id, sequence), to)], clock()
        )
    return sequence


def post(incident: str, sequence: int) -> Callable[[str], NewDelivery]:
    def new_delivery(channel: str) -> NewDelivery:
        text = f"{channel} の投稿 {sequence}" + (f" {incident}" if incident != ID else "")
        return NewDelivery(channel, channel[-2:], {"text": f"{text} https://status.example/", "plain": text})

    return new_delivery


def work(env: Environment, clock: Clock, chance: float = 0.5, stop: Event | None = None) -> None:
    """Works until nothing is due at the clock's time, or ``stop`` is set."""
    stop = stop or Event()
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: chance, stop), "worker", stop)
    worker_run.begin()
    while not worker_run.is_idle or (due(env, clock) and not stop.is_set()):
        worker_run.start_deliveries()
        time.sleep(0.02)
    worker_run.finish()


def due(env: Environment, clock: Clock) -> tuple[str, ...]:
    with env.databases.environment.read() as tx:
        return deliveries.due_channels(tx, clock())


def deliveries_by_channel(env: Environment, sequence: int) -> dict[str, Delivery]:
    with env.databases.environment.read() as tx:
        return {d.channel: d for d in deliveries.deliveries_of_notice(tx, ID, sequence)}


def ends(env: Environment, sequence: int) -> dict[str, DeliveryStatus]:
    return {channel: d.status for channel, d in deliveries_by_channel(env, sequence).items()}


def readable_steps(env: Environment) -> list[tuple[str, datetime]]:
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, ID)
    assert incident is not None
    steps = [(r.entry, r.happened) for r in incident.entries if r.entry.type == "step"]
    return [(step.text, happened) for step, happened in steps if step.event is EventKind.READABLE]


FIRST = booking(("12:03", "first"))
SECOND_NOTICE = booking()


def lock_is_free(env: Environment) -> bool:
    with hold_lock(env.worker_lock) as mine:
        return mine


def owed_id(env: Environment, sequence: int, channel: str) -> int:
    return deliveries_by_channel(env, sequence)[channel].id


def wait_for(true: Callable[[], bool], patience: float = 20) -> None:
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


class Scripted:
    """A fake channel, for what no server can be made to do."""

    on_unsure: OnUnsure = "review"

    def __init__(self, spec: ChannelSpec) -> None:
        self.spec = spec
        self.asked = 0

    def deliver(self, delivery: Delivery, thread: Thread | None, *, page_readable: bool) -> Receipt:
        self.asked += 1
        return self.answer()

    def probe(self) -> str:
        return self.spec.account

    def answer(self) -> Receipt:
        return Receipt("1")


class Waits(Scripted):
    def __init__(self, spec: ChannelSpec, until: Event) -> None:
        super().__init__(spec)
        self.until = until

    def answer(self) -> Receipt:
        self.until.wait(30)
        return Receipt("1")


class Breaks(Scripted):
    def answer(self) -> Receipt:
        raise ZeroDivisionError


class Twice(Scripted):
    on_unsure: OnUnsure = "resend"

    def answer(self) -> Receipt:
        if self.asked == 1:
            raise DeliveryUnknown("no_response")
        return Receipt("1")
