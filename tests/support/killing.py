"""Rounds of the kill matrix: the program is killed at a named point and restarted, and what arrived is counted.

What arrived is what the receiving side has: the X server's own list of posts, and the pages delivered by a web server.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from multiprocessing.process import BaseProcess
from operator import add
from pathlib import Path
from random import Random
from threading import Event, Thread

import requests
from lxml import etree

from statuspage import settings
from statuspage.domain.delivery import SITE, Delivery
from statuspage.domain.facts import NoticeKind
from statuspage.domain.notice_input import NoticeInput
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine.database import DatabaseBusy
from statuspage.usecases import delivery, notices
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.file_server import served
from tests.support.killed import POINTS, started
from tests.support.playing import clean_environ, until
from tests.support.postgres import postgres
from tests.support.typed import typed_input

KILLED = -9
ACCOUNTS = {"x-ja": Account(), "x-en": SECOND}
LOOKED_AT = "x-ja"
"""The channel whose content leaves deliveries with an unknown result to a person. The other one looks them up."""

REACH = {"claimed": 2, "sent": 2, "recorded": 2, "staging": 12, "replacing": 12, "filling": 5}
"""The maximum number of passages before a kill; if not set, always the first."""

BUILDS = ("filling", "switching", "switched")


@dataclass(frozen=True)
class Round:
    """What one kill did to the posts of one notice. ``looked``: those a person had to review, as set in the content."""

    point: str
    owed: int = 0
    lost: int = 0
    doubled: int = 0
    looked: int = 0
    kills: int = 1

    def __add__(self, other: Round) -> Round:
        sums = {
            name: getattr(self, name) + getattr(other, name) for name in ("owed", "lost", "doubled", "looked", "kills")
        }
        return replace(self, **sums)


COUNTS = ("owed", "lost", "doubled", "looked", "kills")


@dataclass
class Ground:
    """An instance that is killed repeatedly, and an X server and a web server that keep running."""

    environ: Mapping[str, str]
    env: Environment
    x: Server
    output_file: Path
    published: dict[str, int] = field(default_factory=dict)
    number: int = 0

    def round(self, point: str, rng: Random) -> Round:
        """One notice, one kill, one recovery."""
        nth = rng.randint(1, REACH.get(point, 1))
        before = self._incidents()
        if point in BUILDS:
            self._killed_build(point, nth)
        elif point == "committed" or rng.random() < 0.5:
            self._killed_report(point, nth)
        else:
            self._killed_worker(point, nth)
        self.look_over()
        (incident,) = self._incidents() - before
        self._recover()
        return self._count(point, incident)

    def _incidents(self) -> set[str]:
        with self.env.databases.environment.read() as tx:
            return {incident.id for incident in incidents.open_incidents(tx)}

    def _killed_report(self, point: str, nth: int) -> None:
        """Kills the publishing command, which works through the queue itself."""
        self._see(self._start(self._report(), point, nth), KILLED)

    def _killed_worker(self, point: str, nth: int) -> None:
        """Kills the worker while it delivers a notice published on the desk."""
        began = self._output().count(WORKING)
        worker = self._start(("worker",), point, nth)
        assert until(lambda: self._output().count(WORKING) > began or worker.exitcode is not None), self._output()[
            -2000:
        ]
        self._publish()
        self._see(worker, KILLED)

    def _publish(self) -> None:
        notice_input, now = typed_input(incident_type="booking", start=self._since()), _now()
        target = notices.new_incident_target(self.env, now=now)
        preview = notices.preview_notice(self.env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=now)
        assert until(lambda: self._stored(notice_input, preview.token), 60)

    def _stored(self, notice_input: NoticeInput, token: str) -> bool:
        """Whether the notice was stored. On a busy machine, the worker may lock the database for longer than the desk
        waits."""
        try:
            return isinstance(
                notices.publish_notice(self.env, notice_input, token, actor="Sato", now=_now()), notices.Published
            )
        except DatabaseBusy:
            return False

    def _report(self) -> tuple[str, ...]:
        return (
            "report",
            "--incident-type",
            "booking",
            "--start",
            self._since(),
            "--alert",
            "none",
            "--yes",
            "--anyway",
            "--json",
        )

    def _since(self) -> str:
        """Another start time for each notice, so that no two texts are equal, with a link or without."""
        self.number += 1
        return f"about:{1000 - self.number}m"

    def _killed_build(self, point: str, nth: int) -> None:
        """Kills a build while a notice is published beside it."""
        build = self._start(("build",), point, nth)
        self._see(self._start(self._report()), 0)
        self._see(build, KILLED)

    def _start(self, args: Sequence[str], point: str = "", nth: int = 1) -> BaseProcess:
        return started(dict(self.environ), str(self.output_file), tuple(args), point, nth)

    def _see(self, process: BaseProcess, code: int) -> None:
        process.join(120)
        assert process.exitcode == code, self._output()[-2000:]

    def _output(self) -> str:
        return self.output_file.read_text("utf-8") if self.output_file.exists() else ""

    def _recover(self) -> None:
        """Lets an unkilled worker settle what is left."""
        stop = Event()
        worker = Thread(target=delivery.run, args=(self.env,), kwargs={"clock": _now, "stop": stop})
        worker.start()
        try:
            assert until(lambda: not self._open(DeliveryStatus.WAITING, DeliveryStatus.SENDING), 60), self._open(
                DeliveryStatus.WAITING, DeliveryStatus.SENDING
            )
        finally:
            stop.set()
            worker.join()

    def _open(self, *ends: DeliveryStatus) -> list[Delivery]:
        with self.env.databases.environment.read() as tx:
            return [one for one in deliveries.unsettled_deliveries(tx) if one.status in ends]

    def _count(self, point: str, incident: str) -> Round:
        with self.env.databases.environment.read() as tx:
            queued = deliveries.deliveries_of_incident(tx, incident)
        self.published[incident] = next(d.sequence for d in queued if d.channel == SITE)
        self.look_over()
        total = Round(point, kills=0)
        for one in (d for d in queued if d.channel != SITE):
            arrived = self._arrived(one)
            looked = one.status is DeliveryStatus.NEEDS_REVIEW
            assert one.status in (DeliveryStatus.DELIVERED, DeliveryStatus.NEEDS_REVIEW), one
            assert not looked or one.channel == LOOKED_AT, "the other one looks by itself"
            total += Round(point, 1, int(not arrived and not looked), max(0, arrived - 1), int(looked), 0)
            if looked:
                self._a_person_looks(one, arrived)
        return replace(total, kills=1)

    def _arrived(self, one: Delivery) -> int:
        """How often it arrived: with its link, or without if the page could not be read in time."""
        account, texts = ACCOUNTS[one.channel].username, {one.payload["text"], one.payload["plain"]}
        return len([post for post in self.x.posts if post.username == account and post.text in texts])

    def _a_person_looks(self, one: Delivery, arrived: int) -> None:
        """A person reviews it; afterwards it is there exactly once."""
        with self.env.databases.environment.begin() as tx:
            now = _now()
            if arrived:
                assert deliveries.confirm_delivered(tx, one.id, now)
                return
            assert deliveries.retry_delivery(tx, one.id, now)
        self._recover()
        assert self._arrived(one) == 1

    def look_over(self) -> None:
        """Checks that every notice so far can be read exactly once, every file is complete, and the database is
        intact."""
        for incident, sequence in self.published.items():
            for language in self.env.site.catalog.languages:
                page = requests.get(f"{self.env.site.address}/{language}/incidents/{incident}/", timeout=10)
                assert page.status_code == 200
                assert page.text.count(f'id="n-{sequence}"') == 1
        for file in self.env.site_folder.current.resolve().rglob("*"):
            if file.is_file():
                look_at(file)
        if self.env.databases.environment.engine.dialect.name == "sqlite":
            with self.env.databases.environment.read() as tx:
                assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


WORKING = "Processing the queue"


def _now() -> datetime:
    return datetime.now(UTC)


def look_at(file: Path) -> None:
    """Checks that a published file is complete."""
    data = file.read_bytes()
    if file.suffix == ".gz":
        data = gzip.decompress(data)
    suffix = file.with_suffix("").suffix if file.suffix == ".gz" else file.suffix
    if suffix == ".html":
        assert data.rstrip().endswith(b"</html>"), file
    elif suffix in (".atom", ".rss"):
        etree.fromstring(data)
    assert data, file


DATABASES = ("sqlite", "postgresql")


def copied(prepared: Path, folder: Path) -> Path:
    """A copy of the instance in an empty folder."""
    return Path(shutil.copytree(prepared, folder / "instance", symlinks=True))


@contextmanager
def ground(home: Path, database: str) -> Iterator[Ground]:
    """A prepared instance on either database: both accounts connected, one of them reviewed by people."""
    channels = home / "content" / "channels.toml"
    text = channels.read_text("utf-8")
    channels.write_text(text.replace(f"[{LOOKED_AT}]\n", f'[{LOOKED_AT}]\non_unknown_delivery = "review"\n'), "utf-8")
    with ExitStack() as until_left:
        x = until_left.enter_context(x_server(*ACCOUNTS.values()))
        address = until_left.enter_context(served())(home / "site" / "current")
        environ = clean_environ(STATUSPAGE_HOME=str(home), STATUSPAGE_X_API=x.address, STATUSPAGE_ADDRESS=address)
        for channel, account in ACCOUNTS.items():
            environ |= account.environ(channel)
        if database == "postgresql":
            server = until_left.enter_context(postgres())
            environ["STATUSPAGE_DATABASE_URL"] = server.url(server.create())
            shutil.rmtree(home / "site")  # Its sequence comes from the other database.
        env = live_environment(settings.read_settings(environ), now=_now())
        until_left.callback(env.databases.accounts.close)
        until_left.callback(env.databases.environment.close)
        site_updates.build_site(env, now=_now())
        yield Ground(environ, env, x, home.parent / "said.txt")


def rounds(ground: Ground, point: str, count: int) -> Round:
    """So many rounds at one point, with the same random numbers everywhere."""
    return reduce(add, (ground.round(point, Random(f"{point} {number}")) for number in range(count)))


POINT_NAMES = tuple(name for name, point in POINTS.items() if not point.together)
