"""Serves one world on this machine: its desk, its public site, and the worker that carries out what is owed."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Thread
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask

from statuspage.settings import Settings, drill_environ
from statuspage.storage.engine import Broken, Busy
from statuspage.usecases import instance
from statuspage.usecases.delivery import run as work
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import site_updates
from statuspage.web.desk import LARGEST_FORM, Behind, Intake, Network, create_app
from statuspage.web.server import static_site
from statuspage.web.server.http_server import Listening, address_of
from statuspage.web.server.request_limits import Limits

Clock = Callable[[], datetime]

_log = structlog.get_logger(__name__)

LOOK = 1.0
"""Seconds between two looks at whether the drill's process still runs."""

NO_FORM = 1000
"""Bytes of a body on the public page, which has no use for any."""

SUMMARY_EVERY = 30
"""Looks after which the summary is written again even when nothing was pressed."""

PARTING = 15.0
"""Seconds the drill's process is given to stop by itself."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The listening sockets of one world; ``more`` are addresses of others that belong to it."""

    desk: socket.socket
    site: socket.socket
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def addresses(self) -> dict[str, str]:
        """Where desk and site are found, and what else belongs to this world."""
        return {"desk": address_of(self.desk), "site": address_of(self.site), **self.more}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a desk is reached: over https, through which web servers of our own, at which address ("": its port on this
    machine); and what monitors and who reads the figures must say."""

    secure: bool = False
    proxies: tuple[Network, ...] = ()
    address: str = ""
    intake: Intake = field(default_factory=Intake)
    metrics_token: str = field(default="", repr=False)


def reach(settings: Settings, address: str = "", *, intake: Intake) -> Reach:
    """What the environment says of that; whom the ``intake`` believes, the world says. Raises settings.Unreadable."""
    said = settings.secrets
    return Reach(
        secure=said.get("STATUSPAGE_SECURE") == "1",
        proxies=settings.proxies,
        address=address,
        intake=intake,
        metrics_token=said.get("STATUSPAGE_METRICS_TOKEN", ""),
    )


@contextmanager
def served(
    world: Environment, doors: Doors, *, clock: Clock, stop: Event, siblings: Mapping[str, str], reach: Reach = Reach()
) -> Iterator[None]:
    """While inside, the world's desk and site answer and its worker works."""
    desk = application(world, clock=clock, siblings=siblings, reach=reach)
    site = site_application(world)
    worker = Thread(target=work, args=(world,), kwargs={"clock": clock, "stop": stop}, name="worker")
    at = {**doors.addresses, **({"desk": reach.address} if reach.address else {})}
    desks, pages = Listening(desk, doors.desk, Limits(LARGEST_FORM)), Listening(site, doors.site, Limits(NO_FORM))
    with instance.announced(world.home, at), desks, pages:
        worker.start()
        following_content(world, clock=clock, stop=stop)
        try:
            yield
        finally:
            stop.set()
            worker.join()


def site_application(world: Environment) -> WSGIApplication:
    """The world's public site, or that it is being set up."""
    return static_site.application(
        lambda: world.target.current, lambda: world.catalog.languages, meanwhile=lambda: _being_set_up(world)
    )


def _being_set_up(world: Environment) -> Mapping[str, str]:
    if site_updates.is_set_up(world):
        return {}
    catalog = world.catalog
    return {one: catalog.books[one].labels["site.set_up"] for one in catalog.languages}


def application(
    world: Environment,
    *,
    clock: Clock,
    siblings: Mapping[str, str] | None = None,
    reach: Reach = Reach(),
) -> WSGIApplication:
    """The world's desk; after whatever it changed, the summary for the other world is fresh."""
    told: dict[str, Any] = {"believes": reach.intake, "metrics_token": reach.metrics_token}
    made = create_app(world, clock=clock, siblings=siblings, secure=reach.secure, **told)
    _make_ready(made)
    desk = Behind(made, reach.proxies)

    def serve(environ: WSGIEnvironment, start: StartResponse) -> object:
        answer = desk(environ, start)
        # What monitors send is in the summary already: an alert that waits is told as it is taken in.
        if environ["REQUEST_METHOD"] == "POST" and not environ["PATH_INFO"].startswith("/intake/"):
            keep_summary(world, clock())
        return answer

    return serve  # type: ignore[return-value]


def _make_ready(app: Flask) -> None:
    """Translates the templates now, so that nobody waits while the first people come in: half a second for all."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    _set_aside()


def _set_aside() -> None:
    """Has what is here to stay, content above all, not looked through for cycles again: each time nobody would be
    answered for a tenth of a second."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def keep_summary(world: Environment, now: datetime) -> None:
    """Writes the summary; that it cannot be written now is no reason to stop anything."""
    try:
        shared_status.write_status(world, now=now)
    except (Busy, Broken, OSError):
        return
    except Exception:
        _log.exception("the summary could not be written")


def first_pages(world: Environment, *, now: datetime) -> str:
    """Puts a page in place, or renews the one there is. Returns why that did not work, "" when it did."""
    try:
        site_updates.renew_front(world, now=now)
    except (site_updates.Unwritable, site_updates.DrillMarkError) as error:
        return str(error)
    return ""


class DrillProcess:
    """The other world: the same program in a process of its own, with an environment that holds no credential.

    It ends when this process does, however that comes about: it reads from a pipe until the pipe is closed.
    """

    def __init__(self, settings: Settings, doors: Doors, *, live_desk: str, environ: Mapping[str, str]) -> None:
        self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 (our own program)
            _command(settings, doors, live_desk),
            stdin=subprocess.PIPE,
            pass_fds=(doors.desk.fileno(), doors.site.fileno()),
            env=drill_environ(environ),
        )
        doors.desk.close()
        doors.site.close()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Asks it to end; makes it, when it does not."""
        with suppress(OSError):
            _pipe(self._process).close()
        if not self.gone:
            self._process.terminate()
        try:
            self._process.wait(PARTING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise OSError("no pipe")
    return process.stdin


def _command(settings: Settings, doors: Doors, live_desk: str) -> Sequence[str]:
    where = ["--home", str(settings.home), "--content", str(settings.content)]
    handed = ["--desk-fd", str(doors.desk.fileno()), "--site-fd", str(doors.site.fileno()), "--live-desk", live_desk]
    return [sys.executable, "-P", "-m", "statuspage", "serve", "--drill", *where, *handed]


def handed_over(desk_fd: int, site_fd: int) -> Doors:
    """The sockets that the process which started us had opened."""
    return Doors(socket.socket(fileno=desk_fd), socket.socket(fileno=site_fd))


def stop_with_parent(stop: Event) -> None:
    """Sets ``stop`` when the process that started us is gone."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        stop.set()

    Thread(target=watch, name="parent", daemon=True).start()


def following_content(world: Environment, *, clock: Clock, stop: Event) -> None:
    """Takes up changed content from now on, in a thread that ends with ``stop`` or with the program."""
    Thread(target=_follow, args=(world, clock, stop), name="content", daemon=True).start()


def _follow(world: Environment, clock: Clock, stop: Event) -> None:
    fresh = False
    while not stop.wait(LOOK):
        try:
            fresh = world.take_up(clock()) or fresh
            if fresh:
                site_updates.settle_site(world, now=clock())
                _set_aside()
                _log.info("content taken up", version=world.catalog.version, faults=len(world.faults))
                fresh = False
        except (Busy, Broken):  # The pages follow when the database is back.
            continue
        except Exception:
            fresh = False
            _log.exception("changed content could not be taken up; the older one stays in use")


def keep_going(
    world: Environment, stop: Event, *, clock: Clock, other: DrillProcess | None, lost: Callable[[], None]
) -> None:
    """Waits until ``stop`` is set. Calls ``lost`` once when the other world's process ends before that."""
    looks, told = 0, other is None
    while not stop.wait(LOOK):
        looks += 1
        if looks % SUMMARY_EVERY == 0:
            keep_summary(world, clock())
        if not told and other is not None and other.gone:
            told = True
            lost()
