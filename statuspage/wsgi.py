"""The live desk and site for another WSGI server: ``gunicorn 'statuspage.wsgi:desk()'``. Run the worker separately."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Event
from wsgiref.types import WSGIApplication

from statuspage import settings
from statuspage.integrations.monitors import SnsVerifier
from statuspage.usecases import logging_setup
from statuspage.usecases.bootstrap import drill_environment, live_environment
from statuspage.usecases.environment import Environment
from statuspage.web.desk import Intake
from statuspage.web.server import run


class NotClean(Exception):
    """The process holds variables that a drill must not have."""


def desk() -> WSGIApplication:
    """The desk of the environment named by STATUSPAGE_ENVIRONMENT (default: live). STATUSPAGE_HOME is the instance
    folder.

    STATUSPAGE_SECURE=1 states that it is served over HTTPS.
    """
    instance_settings = settings.read_settings(os.environ)
    logging_setup.configure_logging(instance_settings)
    env = _open_env()
    lifetime = ExitStack()
    lifetime.enter_context(logging_setup.log_lifetime("desk", env.name))
    atexit.register(lifetime.close)
    run.follow_content(env, clock=_utc_now, stop=Event())
    return run.desk_application(
        env,
        clock=_utc_now,
        siblings=instance_settings.desk_addresses,
        desk_access=run.read_desk_access(instance_settings, intake=_intake_of(instance_settings), environment=env.name),
    )


def site() -> WSGIApplication:
    """The public site of the same environment."""
    logging_setup.configure_logging(settings.read_settings(os.environ))
    env = _open_env()
    return run.site_application(env)


def _open_env() -> Environment:
    instance_settings = settings.read_settings(os.environ)
    if os.environ.get("STATUSPAGE_ENVIRONMENT", "live") == "live":
        return live_environment(instance_settings, now=_utc_now())
    if foreign := settings.credentials_in(os.environ):
        raise NotClean(f"Start the drill without {', '.join(foreign)}.")
    drill_options = {
        "database": instance_settings.databases.drill,
        "accounts": instance_settings.databases.accounts,
        "desk": instance_settings.desk_addresses.get("drill", ""),
    }
    return drill_environment(
        instance_settings.home,
        instance_settings.content,
        now=_utc_now(),
        address=instance_settings.drill_address,
        **drill_options,
    )


def _intake_of(instance_settings: settings.Settings) -> Intake:
    if os.environ.get("STATUSPAGE_ENVIRONMENT", "live") == "live":
        return Intake(instance_settings.intake_secrets, SnsVerifier())
    return Intake(instance_settings.drill_intake_secrets)


def _utc_now() -> datetime:
    return datetime.now(UTC)
