"""``make soak``: half an hour of mixed use of both environments with an unreliable X. Nothing may grow, be lost or be
duplicated.

One served instance is used as people and monitors use it: alerts arrive over HTTP, first reports are written on the
desk, updates and ends are published by command, with drills beside them and readers all the time. The X server fails at
times.

Memory, open files, threads and queue length must be *flat*: their median in the last third of all measurements is at
most a tenth above that of the middle third, plus a small allowance. The first third is for warming up.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from threading import Event, Thread
from typing import Any

import requests
from lxml import html

from statuspage.cli import framework
from statuspage.domain.delivery import SITE, Delivery
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.storage import deliveries
from statuspage.storage.engine.database import Database
from tests.support.desk import alertmanager, values_of
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.playing import Player, Serving, clean_environ, serving

BAD = ("", "", "", "", "503", "500", "drop", "cut", "html", "429", "no-reply", "401", "402", "503-after")
"""What the next post on X may encounter; an empty one succeeds."""

ALLOWED = {"memory": 10.0, "files": 8, "threads": 4, "waiting": 6}
"""The allowance added to a tenth: in megabytes, and in pieces."""

EVERY = 1.0
"""Seconds between two measurements of the processes."""


@dataclass(frozen=True)
class Look:
    """What the processes of both environments use at one moment."""

    memory: float
    files: int
    threads: int
    waiting: int


@dataclass
class Found:
    """The result of the run."""

    looks: list[Look] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def growing(self) -> list[str]:
        """What is not flat, with its figures."""
        third = len(self.looks) // 3
        found = []
        for name, allowed in ALLOWED.items():
            seen = [float(getattr(look, name)) for look in self.looks]
            before, after = median(seen[third : 2 * third]), median(seen[2 * third :])
            if after > before * 1.1 + allowed:
                found.append(f"{name}: {before:.1f} then {after:.1f}")
        return found

    def summary(self) -> str:
        """The result in a few lines."""
        third = len(self.looks) // 3
        parts = {name: [float(getattr(look, name)) for look in self.looks] for name in ALLOWED}
        lines = [
            f"{n:<8} first {p[0]:.1f}, middle third {median(p[third : 2 * third]):.1f}, "
            f"last third {median(p[2 * third :]):.1f}, most {max(p):.1f}"
            for n, p in parts.items()
        ]
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.done.items()))
        return "\n".join([done, *lines, f"lost {len(self.lost)}, twice {len(self.twice)}"])


class Visitor:
    """A user of the desk with a browser without scripts."""

    def __init__(self, served: Serving, player: Player) -> None:
        self.desk = served["desk"]
        self.session = requests.Session()
        self.page = self.session.get(player.ask("account", "link", "desk")["link"], timeout=60)
        self.send({})

    def open(self, path: str) -> None:
        """Opens the path."""
        self.page = self.session.get(self.desk + path, timeout=60)
        self.page.raise_for_status()

    def send(self, change: Mapping[str, str], action: str = "") -> None:
        """Submits the page's form with this action (the first one without an action), with these fields changed."""
        tree: Any = html.fromstring(self.page.text)  # lxml's types leave open what a path selects
        form = next(f for f in tree.xpath("//main//form") if not action or f.get("action") == action)
        fields: dict[str, list[str]] = {}
        outside = tree.xpath(f"//*[@form='{form.get('id')}']") if form.get("id") else []
        for element in [*form.xpath(".//input | .//select | .//textarea"), *outside]:
            for value in values_of(element):
                fields.setdefault(element.get("name"), []).append(value)
        target = form.get("action") or self.page.url.removeprefix(self.desk)
        sent = {**fields, **{name: [value] for name, value in change.items()}}
        self.page = self.session.post(self.desk + target, data=sent, timeout=60)
        self.page.raise_for_status()


@dataclass
class Use:
    """The instance in use, its users, and the random source."""

    player: Player
    served: Serving
    x: Server
    visitor: Visitor
    rng: Random
    found: Found = field(default_factory=Found)

    def story(self, number: int) -> None:
        """An alert, a first report written on the desk, an update and the end by command; sometimes also a drill."""
        self.x.next(self.rng.choice(BAD))
        now = datetime.now(UTC)
        body = alertmanager(now, fingerprint=f"f{number}")
        sent = requests.post(f"{self.served['desk']}/intake/alertmanager", data=body, timeout=60)
        alert = sent.json()["alerts"][0]["id"]
        self.visitor.open("/")
        self.visitor.send({"do": "write"}, f"/alerts/{alert}")
        self.visitor.send({"incident_type": "booking", "start": "5m", "do": "publish"})
        self.found.done["first reports on the desk"] += 1
        incident = self.visitor.page.url.split("/incidents/")[1].split("/")[0]
        self.x.next(self.rng.choice(BAD))
        if self.rng.random() < 0.5:
            self._command("update", incident, "--current-action", "spare", "--next-update", "30m")
        self._command("resolve", incident, "--ended", "1m", "--cause", "storage")
        if number % 3 == 0:
            self._drill()
        if number % 2 == 0:
            self._mend()

    def _drill(self) -> None:
        report = self._command("report", "--incident-type", "login", "--start", "5m", "--alert", "none", "--drill")
        self._command("resolve", report["incident"], "--ended", "1m", "--cause", "storage", "--drill")

    def _command(self, *args: str) -> Mapping[str, Any]:
        result = self.player.run(*args, "--yes", "--json")
        assert result.code == 0, f"{args}: {result.err or result.out}"
        self.found.done["notices by command"] += 1
        return dict(result.json)

    def _mend(self) -> None:
        """A user sees that a channel needs a person, and resumes it."""
        self.visitor.open("/")
        for channel in ("x-ja", "x-en"):
            if f"/channels/{channel}/resume" in self.visitor.page.text:
                self.visitor.send({}, f"/channels/{channel}/resume")
                self.visitor.open("/")
                self.found.done["channels mended"] += 1

    def settle(self, store: Database) -> None:
        """X has recovered; everything queued is sent."""
        self.x.state.faults.clear()
        until = time.monotonic() + 240
        while (
            waiting := deliveries_with(store, DeliveryStatus.WAITING, DeliveryStatus.SENDING)
        ) and time.monotonic() < until:
            self._mend()
            time.sleep(1)
        self.found.lost += [
            f"{delivery.incident} {delivery.channel}: {delivery.status} {delivery.reason}" for delivery in waiting
        ]

    def count(self, store: Database) -> None:
        """Compares what X has with what we say we have sent."""
        texts = Counter(post.text for post in self.x.posts)
        self.found.twice += [text for text, count in texts.items() if count > 1]
        with store.read() as tx:
            incident_ids = tx.exec_driver_sql("SELECT DISTINCT incident FROM delivery").scalars().all()
            posts = [
                delivery
                for id in incident_ids
                for delivery in deliveries.deliveries_of_incident(tx, id)
                if delivery.channel != SITE
            ]
        self.found.done["posts owed"] = len(posts)
        self.found.done["posts taken by X"] = len(self.x.posts)
        for delivery in posts:
            there = {delivery.payload["text"], delivery.payload["plain"]} & set(texts)
            self.found.done["told by another incident's post of the same words"] += (
                delivery.receipt.note_key == "posted_by_other_notice"
            )
            if delivery.status is DeliveryStatus.DELIVERED and not there:
                self.found.lost.append(
                    f"{delivery.incident} {delivery.sequence} {delivery.channel}: said to be sent, is not there"
                )
            if delivery.status not in (DeliveryStatus.DELIVERED, DeliveryStatus.SUPERSEDED):
                self.found.lost.append(
                    f"{delivery.incident} {delivery.sequence} {delivery.channel}: {delivery.status} {delivery.reason}"
                )


def deliveries_with(store: Database, *ends: DeliveryStatus) -> list[Delivery]:
    """The deliveries with one of these statuses."""
    with store.read() as tx:
        return [delivery for delivery in deliveries.unsettled_deliveries(tx) if delivery.status in ends]


def look_at(pids: Sequence[int], store: Database) -> Look:
    """One measurement of the processes and the queue."""
    status = [Path(f"/proc/{pid}/status").read_text() for pid in pids]

    def number(name: str) -> int:
        return sum(int(text.split(f"{name}:")[1].split()[0]) for text in status)

    files = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)
    return Look(number("VmRSS") / 1024, files, number("Threads"), len(deliveries_with(store, DeliveryStatus.WAITING)))


def soak(home: Path, minutes: float, seed: int = 1) -> Found:
    """Uses an instance for this long and returns the result."""
    stop = Event()
    with x_server(Account(), SECOND) as x:
        port = _free_port()
        where = {"STATUSPAGE_X_API": x.address, "STATUSPAGE_ADDRESS": f"http://127.0.0.1:{port}"}
        player = Player(home, clean_environ(**Account().environ("x-ja"), **SECOND.environ("x-en"), **where))
        with serving(player, "--site-port", str(port)) as served:
            use = Use(player, served, x, Visitor(served, player), Random(seed))
            store = Database.for_environment(f"sqlite:///{home / 'environment.db'}")
            pids = (served.process.pid, served.child())
            watch = Thread(target=_watch, args=(use.found, pids, store, stop))
            watch.start()
            _go_on(use, minutes)
            use.settle(store)
            stop.set()
            watch.join()
            use.count(store)
            store.close()
    return use.found


def _go_on(use: Use, minutes: float) -> None:
    readers = Event()
    reader = Thread(target=_read, args=(use, readers))
    reader.start()
    until, number = time.monotonic() + minutes * 60, 0
    try:
        while time.monotonic() < until:
            number += 1
            use.story(number)
    finally:
        readers.set()
        reader.join()


def _read(use: Use, stop: Event) -> None:
    """Customers who read the page, one after the other."""
    with requests.Session() as session:
        while not stop.wait(0.2):
            for path in ("/", "/en/", "/ja/feed.atom"):
                session.get(use.served["site"] + path, timeout=60).raise_for_status()
                use.found.done["pages read"] += 1


def _watch(found: Found, pids: Sequence[int], store: Database, stop: Event) -> None:
    while not stop.wait(EVERY):
        found.looks.append(look_at(pids, store))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Exits with 1 if something grew, was lost or was duplicated."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=30)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "instance"
        assert framework.run(["init", "--demo", str(home)]) == 0
        (home / "intake-secret").unlink()  # Without one, monitors on this machine are heard.
        result = soak(home, given.minutes)
        print(result.summary())
        wrong = [*result.growing(), *result.lost, *result.twice]
        for line in wrong:
            print(f"NOT as it should be: {line}")
        shutil.rmtree(home)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
