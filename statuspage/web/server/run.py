"""Serves one environment on this machine: its desk, its public site, and its worker."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from statuspage.integrations.hosting import Unwritable
from statuspage.process_log import Log
from statuspage.settings import Settings, drill_environ
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases import drills, instance
from statuspage.usecases.content import active_content
from statuspage.usecases.delivery import run as run_worker
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.identity import SignInProvider, open_provider
from statuspage.usecases.publishing import DrillMarkError, site_updates
from statuspage.web.api import create_api
from statuspage.web.desk import MAX_FORM, Intake, Network, TrustedProxies, create_app
from statuspage.web.server import static_site
from statuspage.web.server.http_server import ServerThread, address_of
from statuspage.web.server.kept_templates import KeptTemplates
from statuspage.web.server.request_limits import Limits

Clock = Callable[[], datetime]

_log = Log(__name__)

POLL_SECONDS = 1.0
"""Seconds between two checks whether the drill's process is still running."""

SITE_BODY_LIMIT = 1000
"""Maximum bytes of a request body on the public page, which needs none."""

SUMMARY_POLLS = 30
"""After this many polls the summary is written again even without a request."""

STOP_GRACE = 15.0
"""Seconds for the drill's process to stop by itself."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """The listening sockets of one environment; ``more_addresses`` are others that belong to it."""

    desk: socket.socket
    site: socket.socket
    more_addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses of desk and site, and the other ones of this environment."""
        return {"desk": address_of(self.desk), "site": address_of(self.site), **self.more_addresses}


@dataclass(frozen=True, slots=True)
class DeskAccess:
    """How a desk is reached: whether over HTTPS, through which trusted proxies, at which address ("": its port on this
    machine); and how monitors and clients of the metrics authenticate."""

    secure: bool = False
    proxies: tuple[Network, ...] = ()
    address: str = ""
    intake: Intake = field(default_factory=Intake)
    metrics_token: str = field(default="", repr=False)
    provider: SignInProvider | None = None


def read_desk_access(settings: Settings, address: str = "", *, intake: Intake, environment: str) -> DeskAccess:
    """The access configured in the settings; the ``intake`` depends on the environment. Raises settings.Unreadable."""
    secrets = settings.secrets
    return DeskAccess(
        secure=secrets.get("STATUSPAGE_SECURE") == "1",
        proxies=settings.trusted_proxies,
        address=address,
        intake=intake,
        metrics_token=secrets.get("STATUSPAGE_METRICS_TOKEN", ""),
        provider=open_provider(settings, environment),
    )


@contextmanager
def serving(
    env: Environment,
    listeners: Listeners,
    *,
    clock: Clock,
    stop: Event,
    siblings: Mapping[str, str],
    desk_access: DeskAccess = DeskAccess(),
) -> Iterator[None]:
    """Serves the environment's desk and site and runs its worker until the block ends."""
    desk = desk_application(env, clock=clock, siblings=siblings, desk_access=desk_access)
    site = site_application(env)
    worker = Thread(
        target=run_worker,
        args=(env,),
        kwargs={"clock": clock, "stop": stop, "watch": drills.ClockWatch()},
        name="worker",
    )
    addresses = {**listeners.addresses, **({"desk": desk_access.address} if desk_access.address else {})}
    desk_server = ServerThread(desk, listeners.desk, Limits(MAX_FORM))
    site_server = ServerThread(site, listeners.site, Limits(SITE_BODY_LIMIT))
    with instance.announce_addresses(env.home, addresses), desk_server, site_server:
        worker.start()
        follow_content(env, clock=clock, stop=stop)
        try:
            yield
        finally:
            stop.set()
            worker.join()


def site_application(env: Environment) -> WSGIApplication:
    """The environment's public site, or a page saying that it is being set up."""
    return static_site.application(
        lambda: env.site_folder.current, lambda: env.site.catalog.languages, meanwhile=lambda: _being_set_up(env)
    )


def _being_set_up(env: Environment) -> Mapping[str, str]:
    if env.site_folder.is_ready:
        return {}
    catalog = env.site.catalog
    return {language: catalog.packs[language].labels["site.set_up"] for language in catalog.languages}


def desk_application(
    env: Environment,
    *,
    clock: Clock,
    siblings: Mapping[str, str] | None = None,
    desk_access: DeskAccess = DeskAccess(),
) -> WSGIApplication:
    """The environment's desk. After each change it updates the summary for the other environment."""
    options: dict[str, Any] = {
        "believes": desk_access.intake,
        "metrics_token": desk_access.metrics_token,
        "provider": desk_access.provider,
    }
    app = create_app(env, clock=clock, siblings=siblings, secure=desk_access.secure, **options)
    _compile_templates(app, env.home / active_content.CACHE_FOLDER)
    metrics = app.extensions["statuspage"].http_metrics
    api = create_api(env, clock=clock, secure=desk_access.secure, http_metrics=metrics)
    desk = TrustedProxies(_with_api(app, api), desk_access.proxies)

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = desk(environ, start_response)
        # Receiving an alert from a monitor has already updated the summary.
        if environ["REQUEST_METHOD"] in ("POST", "PUT") and not environ["PATH_INFO"].startswith("/intake/"):
            write_summary(env, clock())
        return response

    return serve


def _with_api(desk: WSGIApplication, api: WSGIApplication) -> WSGIApplication:
    """The desk, with the API under /api. Nothing of a browser's session is seen there."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != "/api" and not path.startswith("/api/"):
            return desk(environ, start_response)
        environ.pop("HTTP_COOKIE", None)
        return api(environ, start_response)

    return serve


def _compile_templates(app: Flask, cache_folder: Path) -> None:
    """Compiles the templates now, so that the first visitors need not wait: half a second, unless they were kept."""
    app.jinja_env.bytecode_cache = kept = KeptTemplates(cache_folder)
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    kept.save()
    app.jinja_env.bytecode_cache = None
    _freeze_objects()


def _freeze_objects() -> None:
    """Excludes long-lived objects, above all content, from garbage collection: each full run would delay all responses
    by a tenth of a second."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def write_summary(env: Environment, now: datetime) -> None:
    """Writes the summary; a failure is logged and stops nothing."""
    try:
        shared_status.write_status(env, now=now)
    except (DatabaseBusy, DatabaseBroken, OSError):
        return
    except Exception:
        _log.exception("status summary could not be written")


def publish_first_pages(env: Environment, *, now: datetime) -> str:
    """Builds the site, or refreshes the existing one. Returns why that failed, "" if it succeeded."""
    try:
        site_updates.refresh_front(env, now=now)
    except (Unwritable, DrillMarkError) as error:
        return str(error)
    return ""


class DrillProcess:
    """The drill environment: the same program in its own process, without any credential.

    It ends when this process does, however that happens, because it reads from a pipe until that is closed.
    """

    def __init__(self, settings: Settings, listeners: Listeners, *, live_desk: str, environ: Mapping[str, str]) -> None:
        self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 (our own program)
            _drill_command(settings, listeners, live_desk),
            stdin=subprocess.PIPE,
            pass_fds=(listeners.desk.fileno(), listeners.site.fileno()),
            env=drill_environ(environ),
        )
        listeners.desk.close()
        listeners.site.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Asks it to end; kills it if it does not."""
        with suppress(OSError):
            _pipe(self._process).close()
        if not self.has_ended:
            self._process.terminate()
        try:
            self._process.wait(STOP_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise OSError("no pipe")
    return process.stdin


def _drill_command(settings: Settings, listeners: Listeners, live_desk: str) -> Sequence[str]:
    paths = ["--home", str(settings.home), "--content", str(settings.content)]
    options = [
        "--desk-fd",
        str(listeners.desk.fileno()),
        "--site-fd",
        str(listeners.site.fileno()),
        "--live-desk",
        live_desk,
    ]
    return [sys.executable, "-P", "-m", "statuspage", "serve", "--drill", *paths, *options]


def inherited_listeners(desk_fd: int, site_fd: int) -> Listeners:
    """The sockets opened by the parent process."""
    return Listeners(socket.socket(fileno=desk_fd), socket.socket(fileno=site_fd))


def stop_with_parent(stop: Event) -> None:
    """Sets ``stop`` when the parent process has ended."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        stop.set()

    Thread(target=watch, name="parent", daemon=True).start()


def follow_content(env: Environment, *, clock: Clock, stop: Event) -> None:
    """Loads changed content from now on, in a thread that ends with ``stop`` or with the program."""
    Thread(target=_follow_loop, args=(env, clock, stop), name="content", daemon=True).start()


def _follow_loop(env: Environment, clock: Clock, stop: Event) -> None:
    has_changes = False
    while not stop.wait(POLL_SECONDS):
        try:
            has_changes = env.reload_content(clock()) or has_changes
            if has_changes:
                site_updates.prepare_site(env, now=clock())
                _freeze_objects()
                _log.info("content reloaded", version=env.site.catalog.version, content_errors=len(env.content.errors))
                has_changes = False
        except (DatabaseBusy, DatabaseBroken):  # The pages are updated once the database is back.
            continue
        except Exception:
            has_changes = False
            _log.exception("content reload failed, previous content stays in use")


def wait_for_stop(
    env: Environment, stop: Event, *, clock: Clock, drill_process: DrillProcess | None, on_lost: Callable[[], None]
) -> None:
    """Waits until ``stop`` is set. Calls ``on_lost`` once if the drill's process ends before that."""
    checks, was_reported = 0, drill_process is None
    while not stop.wait(POLL_SECONDS):
        checks += 1
        if checks % SUMMARY_POLLS == 0:
            write_summary(env, clock())
        if not was_reported and drill_process is not None and drill_process.has_ended:
            was_reported = True
            on_lost()
