"""Shared fate: what would take the page down together with the product that it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from statuspage.integrations.net import Names, NotFound, tls_probe
from statuspage.usecases.diagnostics.findings import Finding, know, unknown, well, wrong_finding

NEAR = {4: 24, 6: 48}
"""Bits of an address that two hosts share when they most likely stand in one network."""

SHORT = 3
"""Letters up to which the second-last part of a name belongs to the country, as in ``example.co.jp``."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host and the port at which it shows its certificate."""

    name: str
    port: int = 443

    @classmethod
    def parse(cls, text: str) -> Host:
        """Written as ``app.example.com``, ``app.example.com:8443`` or as an address."""
        parts = urlsplit(text if "://" in text else f"https://{text}")
        return cls(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))


def shared(address: str, product: tuple[str, ...], names: Names) -> Iterator[Finding]:
    """What the page's host has in common with each of the product's hosts."""
    if not product:
        yield know("product")
    if not address or not product:
        return
    page_host = Host.parse(address)
    for unasked in ("registrar", "operator"):
        yield unknown(unasked, why="")
    for host in map(Host.parse, product):
        for aspect, compare in ASPECTS.items():
            yield _looked(aspect, compare, page_host, host, names)


def _looked(aspect: str, compare: Look, page_host: Host, host: Host, names: Names) -> Finding:
    try:
        common = compare(page_host, host, names)
    except (NotFound, tls_probe.NotShown) as error:
        return unknown(f"fate_{aspect}", host=host.name, why=error)
    if not common:
        return well(f"fate_{aspect}", host=host.name)
    make_finding = know if aspect in HINTS else wrong_finding
    return make_finding(f"fate_{aspect}", host=host.name, same=common)


Look = Callable[[Host, Host, Names], str]
"""Returns what both share, "" for nothing. Raises NotFound, NotShown."""


def _zone(page_host: Host, host: Host, names: Names) -> str:
    page_zone, host_zone = names.find_zone(page_host.name), names.find_zone(host.name)
    return page_zone if page_zone == host_zone else ""


def _servers(page_host: Host, host: Host, names: Names) -> str:
    page_servers, host_servers = (_providers(names.find_name_servers(names.find_zone(side.name))) for side in (page_host, host))
    return ", ".join(sorted(page_servers & host_servers))


def _contact(page_host: Host, host: Host, names: Names) -> str:
    page_contact, host_contact = (names.find_contact(names.find_zone(side.name)) for side in (page_host, host))
    return page_contact if page_contact == host_contact else ""


def _network(page_host: Host, host: Host, names: Names) -> str:
    page_networks, host_networks = ({_near(address) for address in names.find_addresses(side.name)} for side in (page_host, host))
    return ", ".join(sorted(page_networks & host_networks))


def _near(address: str) -> str:
    prefix_length = NEAR[ip_address(address).version]
    return str(ip_network(f"{address}/{prefix_length}", strict=False))


def _provider(page_host: Host, host: Host, names: Names) -> str:
    page_providers, host_providers = (_providers(filter(None, [names.find_alias(side.name)])) for side in (page_host, host))
    return ", ".join(sorted(page_providers & host_providers))


def _issuer(page_host: Host, host: Host, names: Names) -> str:
    page_issuer, host_issuer = (_signed_by(side, names) for side in (page_host, host))
    return page_issuer if page_issuer == host_issuer else ""


def _signed_by(host: Host, names: Names) -> str:
    return tls_probe.shown(host.name, host.port, address=names.find_addresses(host.name)[0]).issuer


def _providers(hosts: object) -> set[str]:
    return {registered(str(host)) for host in hosts}  # type: ignore[attr-defined]


def registered(host: str) -> str:
    """The name somebody has most likely registered: ``example.com`` of ``ns1.dns.example.com``."""
    parts = host.split(".")
    country = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= SHORT
    return ".".join(parts[-3:] if country else parts[-2:])


ASPECTS: dict[str, Look] = {
    "zone": _zone,
    "servers": _servers,
    "contact": _contact,
    "network": _network,
    "provider": _provider,
    "issuer": _issuer,
}
"""What is compared, each for itself: what one cannot find out does not keep the others back."""

HINTS = ("contact", "issuer")
"""What both may share without falling together on the same day; worth knowing all the same."""
