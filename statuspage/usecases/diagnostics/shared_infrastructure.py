"""Finds shared infrastructure that would take the page down together with the product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from statuspage.integrations.net import DnsClient, LookupFailed, tls_probe
from statuspage.usecases.diagnostics.findings import (
    Finding,
    Level,
    info_finding,
    ok_finding,
    problem_finding,
    unknown_finding,
)

NETWORK_BITS = {4: 24, 6: 48}
"""The number of equal leading address bits from which two hosts are most likely in one network."""

MAX_COUNTRY_LABEL = 3
"""Up to this many letters, the second-last part of a name belongs to the country, as in ``example.co.jp``."""


@dataclass(frozen=True, slots=True)
class NetworkHost:
    """A host and the port of its certificate."""

    name: str
    port: int = 443

    @classmethod
    def parse(cls, text: str) -> NetworkHost:
        """Parses ``app.example.com``, ``app.example.com:8443`` or an IP address."""
        parts = urlsplit(text if "://" in text else f"https://{text}")
        return cls(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))


def check_shared(address: str, product: tuple[str, ...], names: DnsClient) -> Iterator[Finding]:
    """What the page's host shares with each of the product's hosts."""
    if not product:
        yield info_finding("product")
    if not address or not product:
        return
    page_host = NetworkHost.parse(address)
    for unasked in ("registrar", "operator"):
        yield unknown_finding(unasked, why="")
    for host in map(NetworkHost.parse, product):
        for aspect, compare in ASPECTS.items():
            yield _compare_hosts(aspect, compare, page_host, host, names)


def is_apart(findings: Iterable[Finding], product: tuple[str, ...]) -> bool:
    """Whether these findings show that the page is hosted apart from every one of the product's hosts: in no network
    and with no provider of theirs. What could not be checked was not seen."""
    seen = {(finding.code, finding.slots.get("host")) for finding in findings if finding.level is Level.OK}
    needed = {(f"shared_{aspect}", NetworkHost.parse(host).name) for aspect in HOSTING for host in product}
    return bool(product) and needed <= seen


def _compare_hosts(
    aspect: str, compare: Comparison, page_host: NetworkHost, host: NetworkHost, names: DnsClient
) -> Finding:
    try:
        common = compare(page_host, host, names)
    except (LookupFailed, tls_probe.CertificateUnavailable) as error:
        return unknown_finding(f"shared_{aspect}", host=host.name, why=error)
    if not common:
        return ok_finding(f"shared_{aspect}", host=host.name)
    make_finding = info_finding if aspect in HINTS else problem_finding
    return make_finding(f"shared_{aspect}", host=host.name, same=common)


Comparison = Callable[[NetworkHost, NetworkHost, DnsClient], str]
"""Returns what both share, "" for nothing. Raises LookupFailed, CertificateUnavailable."""


def _zone(page_host: NetworkHost, host: NetworkHost, names: DnsClient) -> str:
    page_zone, host_zone = names.find_zone(page_host.name), names.find_zone(host.name)
    return page_zone if page_zone == host_zone else ""


def _servers(page_host: NetworkHost, host: NetworkHost, names: DnsClient) -> str:
    page_servers, host_servers = (
        _providers(names.find_name_servers(names.find_zone(side.name))) for side in (page_host, host)
    )
    return ", ".join(sorted(page_servers & host_servers))


def _contact(page_host: NetworkHost, host: NetworkHost, names: DnsClient) -> str:
    page_contact, host_contact = (names.find_contact(names.find_zone(side.name)) for side in (page_host, host))
    return page_contact if page_contact == host_contact else ""


def _network(page_host: NetworkHost, host: NetworkHost, names: DnsClient) -> str:
    page_networks, host_networks = (
        {_network_of(address) for address in names.find_addresses(side.name)} for side in (page_host, host)
    )
    return ", ".join(sorted(page_networks & host_networks))


def _network_of(address: str) -> str:
    prefix_length = NETWORK_BITS[ip_address(address).version]
    return str(ip_network(f"{address}/{prefix_length}", strict=False))


def _provider(page_host: NetworkHost, host: NetworkHost, names: DnsClient) -> str:
    page_providers, host_providers = (
        _providers(filter(None, [names.find_alias(side.name)])) for side in (page_host, host)
    )
    return ", ".join(sorted(page_providers & host_providers))


def _issuer(page_host: NetworkHost, host: NetworkHost, names: DnsClient) -> str:
    page_issuer, host_issuer = (_certificate_issuer(side, names) for side in (page_host, host))
    return page_issuer if page_issuer == host_issuer else ""


def _certificate_issuer(host: NetworkHost, names: DnsClient) -> str:
    return tls_probe.fetch_certificate(host.name, host.port, address=names.find_addresses(host.name)[0]).issuer


def _providers(hosts: Iterable[object]) -> set[str]:
    return {registered_domain(str(host)) for host in hosts}


def registered_domain(host: str) -> str:
    """The most likely registered domain: ``example.com`` for ``ns1.dns.example.com``."""
    parts = host.split(".")
    country = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= MAX_COUNTRY_LABEL
    return ".".join(parts[-3:] if country else parts[-2:])


ASPECTS: dict[str, Comparison] = {
    "zone": _zone,
    "servers": _servers,
    "contact": _contact,
    "network": _network,
    "provider": _provider,
    "issuer": _issuer,
}
"""What is compared. The comparisons are independent: one that fails does not stop the others."""

HOSTING = ("network", "provider")
"""What must not be shared for the page to say that it is hosted apart."""

HINTS = ("contact", "issuer")
"""What both may share without failing together; reported as information."""
