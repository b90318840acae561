"""Looks an instance over: what is wrong, what is worth knowing, and what could not be found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime

from statuspage.integrations.net import Names
from statuspage.settings import Settings
from statuspage.storage.engine import Broken, Busy, NotADatabase
from statuspage.usecases.bootstrap import live_world
from statuspage.usecases.content import Unusable
from statuspage.usecases.diagnostics import external_checks, local_checks, shared_infrastructure
from statuspage.usecases.diagnostics.findings import Finding, Level, unknown
from statuspage.usecases.environment import Environment

__all__ = ["Finding", "Level", "examined"]


def examined(settings: Settings, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Everything there is to say, as it is found. Nothing of the instance is changed, and nobody is told anything.

    Raises settings.SharedDatabase.
    """
    yield from local_checks.books(settings)
    yield from local_checks.disk(settings)
    yield from local_checks.rights(settings, environ)
    try:
        env = live_world(settings, now=clock())
    except Unusable as error:
        yield local_checks.content(error.content_errors)
        yield unknown("rest", why="")
        return
    except (Broken, Busy, NotADatabase, OSError) as error:
        yield unknown("rest", why=type(error).__name__)
        return
    with ExitStack() as stack:
        for database in filter(None, (env.database, env.accounts_db, env.subscribers_db)):
            stack.callback(database.close)
        yield from _of_world(env, settings, clock)


def _of_world(env: Environment, settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    yield local_checks.content(env.content_errors)
    yield from local_checks.names(env)
    yield from local_checks.zone(env)
    yield from local_checks.worker(env, clock())
    yield from external_checks.page(env, clock)
    yield from external_checks.targets(env)
    yield from external_checks.ways(env)
    yield from external_checks.certificates_on_the_way(env, settings, clock())
    names = Names(settings.secrets.get("STATUSPAGE_RESOLVER", ""))
    yield from shared_infrastructure.shared(env.address, env.catalog.site.product_hosts, names)
