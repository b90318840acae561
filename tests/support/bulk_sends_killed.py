"""A bulk send that is killed again and again, with the emails counted by the receiving server.

``python -m tests.support.bulk_sends_killed --kills 20`` is the long form; it prints a table of
docs/reference/faults.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from threading import Event

from statuspage.content import loading
from statuspage.domain.bulk_send import BATCH
from statuspage.domain.catalog import Catalog
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.settings import read_settings
from statuspage.storage.engine.database import Database
from statuspage.usecases import delivery, logging_setup
from statuspage.usecases.environment.model import Databases, Environment, Senders
from tests.support.bulk_sends import (
    OPTIONS,
    OWN_PAGES,
    SPEC,
    address,
    bulk_send_of,
    channel_to,
    delivery_of_notice,
    enqueue_for_all,
    subscribe,
)
from tests.support.content import DEMO
from tests.support.environments import environment_of
from tests.support.fakes.mail_sink import Sink, mail_sink
from tests.support.killed import LAUNCHER
from tests.support.playing import until
from tests.support.postgres import postgres
from tests.support.site import composed, sources

CONNECTIONS = int(OPTIONS["connections"])

NAMES = ("environment", "accounts", "subscribers")
"""The databases of an environment."""


@dataclass(frozen=True)
class Count:
    """What arrived of one notice, according to the server."""

    subscribers: int
    kills: int
    lost: int
    twice: int

    @property
    def most(self) -> int:
        """How many recipients may have received it twice."""
        return self.kills * BATCH * CONNECTIONS


def environment_at(home: Path, catalog: Catalog, server: str, urls: Mapping[str, str]) -> Environment:
    """The same environment in every process."""
    databases = Databases(*(Database(urls[name], name) for name in NAMES))
    senders = Senders({SPEC.id: channel_to(server)})
    return environment_of(home, catalog, databases, sources(), senders, signup_url=OWN_PAGES)


def worker(home: Path, server: str, urls: Mapping[str, str]) -> None:
    """The process to kill: an ordinary worker."""
    catalog, _ = loading.read_content(DEMO)
    assert catalog is not None
    logging_setup.configure_logging(read_settings({"STATUSPAGE_HOME": str(home)}))
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    delivery.run(environment_at(home, catalog, server, urls), clock=lambda: datetime.now(UTC), stop=stop)


def play(home: Path, sink: Sink, urls: Mapping[str, str], *, subscribers: int, kills: int, workers: int) -> Count:
    """Sends one notice to many; after each share of them a worker is killed and another one started."""
    catalog, _ = loading.read_content(DEMO)
    assert catalog is not None
    env = environment_at(home, catalog, sink.address, urls)
    assert env.databases.subscribers is not None
    stores = (env.databases.environment, env.databases.accounts, env.databases.subscribers)
    for store in stores:
        store.migrate()
    subscribe(env.databases.subscribers, [address(number) for number in range(subscribers)])
    sequence = enqueue_for_all(env, composed(catalog, ("12:03", "first")), datetime.now(UTC))
    rng, done = Random(kills), 0
    with _at_work(home, sink, urls, workers) as running:
        for number in range(kills):
            goal = subscribers * (number + 1) // (kills + 2) + rng.randint(0, 15)
            assert until(lambda goal=goal: len(sink.taken()) >= goal, 120), len(sink.taken())
            victims = list(running) if workers == 1 else [rng.choice(running)]
            done += len(victims)
            for one in victims:
                os.kill(one.pid or 0, signal.SIGKILL)
                one.join()
                running[running.index(one)] = _started(home, sink, urls)
        assert until(lambda: delivery_of_notice(env, sequence).status is DeliveryStatus.DELIVERED, 240), (
            delivery_of_notice(env, sequence).reason,
            len(sink.taken()),
        )
    arrived = Counter(to for _, to in sink.taken().elements())
    assert len({id for id, _ in sink.taken()}) == len(arrived), "one id for each"
    assert bulk_send_of(env, sequence).delivered == subscribers
    for store in stores:
        store.close()
    lost = subscribers - len(arrived)
    return Count(subscribers, done, lost, sum(count > 1 for count in arrived.values()))


@contextmanager
def _at_work(home: Path, sink: Sink, urls: Mapping[str, str], workers: int) -> Iterator[list[BaseProcess]]:
    """So many workers, told to stop at the end of the block; the list is of those that are at work by then."""
    running = [_started(home, sink, urls) for _ in range(workers)]
    try:
        yield running
    finally:
        for one in running:
            one.terminate()
            one.join(30)


def _started(home: Path, sink: Sink, urls: Mapping[str, str]) -> BaseProcess:
    process = LAUNCHER.Process(target=worker, args=(home, sink.address, dict(urls)))
    process.start()
    return process


@contextmanager
def databases(home: Path, database_kind: str) -> Iterator[Mapping[str, str]]:
    """The URL of each database."""
    with ExitStack() as until_left:
        if database_kind == "sqlite":
            yield {name: f"sqlite:///{home / name}.db" for name in NAMES}
            return
        server = until_left.enter_context(postgres())
        yield {name: server.url(server.create()) for name in NAMES}


DATABASES_AND_WORKERS = (("sqlite", 1), ("postgresql", 1), ("postgresql", 3))


def main() -> None:
    """Exits with 1 if anybody did not get it, or more got it twice than allowed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--subscribers", type=int, default=4000)
    options.add_argument("--kills", type=int, default=20)
    given = options.parse_args()
    print(
        "| database | workers | subscribers | kills | not sent | sent twice | maximum |\n|---|---|---|---|---|---|---|"
    )
    found = []
    for database_kind, workers in DATABASES_AND_WORKERS:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            with databases(home, database_kind) as urls, mail_sink(home / "taken") as sink:
                began = time.monotonic()
                one = play(home, sink, urls, subscribers=given.subscribers, kills=given.kills, workers=workers)
                found.append(one)
                cells = (database_kind, workers, one.subscribers, one.kills, one.lost, one.twice, one.most)
                print(f"| {' | '.join(map(str, cells))} |", flush=True)
                print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    sys.exit(any(one.lost or one.twice > one.most for one in found))


if __name__ == "__main__":
    main()
