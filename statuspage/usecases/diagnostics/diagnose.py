"""Checks an instance and reports problems, information, and what could not be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime

from statuspage.integrations.net import DnsClient
from statuspage.settings import Settings
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy, InvalidDatabaseUrl
from statuspage.usecases import hosting_check
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.content import UnusableContent
from statuspage.usecases.diagnostics import (
    external_checks,
    local_checks,
    secret_checks,
    setup_gaps,
    shared_infrastructure,
    sign_in_checks,
)
from statuspage.usecases.diagnostics.findings import Finding, info_finding, unknown_finding
from statuspage.usecases.environment import Environment


def examine_instance(
    settings: Settings, environ: Mapping[str, str], clock: Callable[[], datetime]
) -> Iterator[Finding]:
    """All findings, as the checks complete. Nobody is notified, and nothing is changed but the note whether the page is
    hosted apart from the product.

    Raises settings.SharedDatabase.
    """
    yield from local_checks.check_databases(settings)
    yield from local_checks.check_disk(settings)
    yield from local_checks.check_permissions(settings, environ)
    try:
        env = live_environment(settings, now=clock())
    except UnusableContent as error:
        yield local_checks.check_content(error.content_errors)
        yield unknown_finding("rest", why="")
        return
    except (DatabaseBroken, DatabaseBusy, InvalidDatabaseUrl, OSError) as error:
        yield unknown_finding("rest", why=type(error).__name__)
        return
    with ExitStack() as stack:
        for database in filter(None, (env.databases.environment, env.databases.accounts, env.databases.subscribers)):
            stack.callback(database.close)
        if env.secret_store is not None:
            stack.callback(env.secret_store.close)
        yield from _examine_environment(env, settings, clock)


def _examine_environment(env: Environment, settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    yield local_checks.check_content(env.content.errors)
    if env.secret_store is not None:
        yield from secret_checks.check_secrets(settings, env.secret_store)
    yield secret_checks.check_drill_user(env.home)
    yield from local_checks.check_services(env)
    yield from local_checks.check_time_zone(env.site.catalog)
    yield from local_checks.check_worker(env, clock())
    yield from local_checks.check_monitors(env, clock())
    yield from external_checks.check_page(env, clock)
    yield from setup_gaps.check_setup(env, settings)
    yield from external_checks.check_hosts(env)
    yield from external_checks.check_channels(env)
    yield from external_checks.check_certificates(env, settings, clock())
    names = DnsClient(settings.secrets.get("STATUSPAGE_RESOLVER", ""))
    yield from sign_in_checks.check_sign_in(env, settings, names, clock())
    yield from _check_hosting(env, names)


def _check_hosting(env: Environment, names: DnsClient) -> Iterator[Finding]:
    """What the page shares with the product; keeps whether that lets the page say that it is hosted apart."""
    address, site, findings = env.site.address, env.site.catalog.site, list[Finding]()
    for finding in shared_infrastructure.check_shared(address, site.product_hosts, names):
        findings.append(finding)
        yield finding
    is_apart = shared_infrastructure.is_apart(findings, site.product_hosts)
    hosting_check.save_check(env.home, address, site.product_hosts, is_apart=is_apart)
    if site.is_hosted_separately and not is_apart:
        yield info_finding("apart_unseen")
