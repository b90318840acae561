"""Checks the identity provider, what it shares with us, and the emergency links for when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from statuspage.integrations.net import DnsClient, LookupFailed
from statuspage.settings import Settings
from statuspage.usecases.diagnostics.findings import (
    Finding,
    info_finding,
    ok_finding,
    problem_finding,
    unknown_finding,
)
from statuspage.usecases.diagnostics.shared_infrastructure import NetworkHost, registered_domain
from statuspage.usecases.environment import Environment
from statuspage.usecases.identity import SignInProvider, emergency_links, open_provider, provider_check


def check_sign_in(env: Environment, settings: Settings, names: DnsClient, now: datetime) -> Iterator[Finding]:
    """Whether people can sign in through the provider, and still when it is away. Nothing without one, or if
    this environment has no client there."""
    provider = open_provider(settings, env.name)
    if provider is None or not (provider.connection or provider.problem):
        return
    if provider.connection is None:
        yield problem_finding("provider_settings", setting=provider.problem)
    elif failure := provider_check.provider_failure(provider):
        yield problem_finding("provider", name=provider.name, detail=failure)
    else:
        yield ok_finding("provider", name=provider.name)
    usable = sum(link.is_usable(now) for link in emergency_links.list_links(env.databases.accounts))
    yield ok_finding("emergency_links", count=usable) if usable else problem_finding("emergency_links")
    yield from _check_shared_fate(env, settings, provider, names, has_links=usable > 0)


def _check_shared_fate(
    env: Environment, settings: Settings, provider: SignInProvider, names: DnsClient, *, has_links: bool
) -> Iterator[Finding]:
    """What the provider shares with the page, the desk and the product; a problem while no link helps."""
    own = (env.site.address, settings.desk_addresses.get("live", ""), *env.site.catalog.site.product_hosts)
    hosts = dict.fromkeys(NetworkHost.parse(address).name for address in own if address)
    issuer = NetworkHost.parse(provider.issuer).name
    for host in filter(None, hosts):
        try:
            same = _shared(issuer, host, names)
        except LookupFailed as error:
            yield unknown_finding("provider_fate", host=host, why=error)
            continue
        make_finding = info_finding if has_links else problem_finding
        yield make_finding("provider_fate", host=host, same=same) if same else ok_finding("provider_fate", host=host)


def _shared(issuer: str, host: str, names: DnsClient) -> str:
    """What both have in common: the host, addresses, or the registered domain; "" for nothing."""
    if issuer == host:
        return host
    if common := set(names.find_addresses(issuer)) & set(names.find_addresses(host)):
        return ", ".join(sorted(common))
    if _is_address(issuer) or _is_address(host):
        return ""
    domain = registered_domain(issuer)
    return domain if domain == registered_domain(host) else ""


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
