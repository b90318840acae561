"""The live desk and site for another web server: ``gunicorn 'statuspage.wsgi:desk()'``; the worker runs beside it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from threading import Event
from wsgiref.types import WSGIApplication

from statuspage import settings
from statuspage.integrations.monitors import Amazon
from statuspage.usecases.bootstrap import drill_world, live_world
from statuspage.usecases.environment import Environment
from statuspage.web.desk import Intake
from statuspage.web.server import run


class NotClean(Exception):
    """A drill may not run in a process that holds anything but what a drill may see."""


def desk() -> WSGIApplication:
    """The desk of the world that STATUSPAGE_WORLD names, live by default. STATUSPAGE_HOME says where it is.

    STATUSPAGE_SECURE=1: it is read over https.
    """
    here = settings.read_settings(os.environ)
    world = _world()
    run.following_content(world, clock=_utc_now, stop=Event())
    return run.application(world, clock=_utc_now, siblings=here.desks, reach=run.reach(here, intake=_believes(here)))


def site() -> WSGIApplication:
    """The public site of that world."""
    world = _world()
    return run.site_application(world)


def _world() -> Environment:
    here = settings.read_settings(os.environ)
    if os.environ.get("STATUSPAGE_WORLD", "live") == "live":
        return live_world(here, now=_utc_now())
    if foreign := settings.credentials_in(os.environ):
        raise NotClean(f"Start the drill without {', '.join(foreign)}.")
    own = {"database": here.databases.drill, "accounts": here.databases.people, "desk": here.desks.get("drill", "")}
    return drill_world(here.home, here.content, now=_utc_now(), address=here.drill_address, **own)


def _believes(here: settings.Settings) -> Intake:
    if os.environ.get("STATUSPAGE_WORLD", "live") == "live":
        return Intake(here.intake_secrets, Amazon())
    return Intake(here.drill_intake_secrets)


def _utc_now() -> datetime:
    return datetime.now(UTC)
