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
    def of(cls, text: str) -> Host:
        """Written as ``app.example.com``, ``app.example.com:8443`` or as an address."""
        parts = urlsplit(text if "://" in text else f"https://{text}")
        return cls(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))


def shared(address: str, product: tuple[str, ...], names: Names) -> Iterator[Finding]:
    """What the page's host has in common with each of the product's hosts."""
    if not product:
        yield know("product")
    if not address or not product:
        return
    page = Host.of(address)
    for unasked in ("registrar", "operator"):
        yield unknown(unasked, why="")
    for host in map(Host.of, product):
        for aspect, look in ASPECTS.items():
            yield _looked(aspect, look, page, host, names)


def _looked(aspect: str, look: Look, page: Host, host: Host, names: Names) -> Finding:
    try:
        same = look(page, host, names)
    except (NotFound, tls_probe.NotShown) as error:
        return unknown(f"fate_{aspect}", host=host.name, why=error)
    if not same:
        return well(f"fate_{aspect}", host=host.name)
    say = know if aspect in HINTS else wrong_finding
    return say(f"fate_{aspect}", host=host.name, same=same)


Look = Callable[[Host, Host, Names], str]
"""Returns what both share, "" for nothing. Raises NotFound, NotShown."""


def _zone(page: Host, host: Host, names: Names) -> str:
    ours, theirs = names.zone(page.name), names.zone(host.name)
    return ours if ours == theirs else ""


def _servers(page: Host, host: Host, names: Names) -> str:
    ours, theirs = (_providers(names.servers(names.zone(one.name))) for one in (page, host))
    return ", ".join(sorted(ours & theirs))


def _contact(page: Host, host: Host, names: Names) -> str:
    ours, theirs = (names.contact(names.zone(one.name)) for one in (page, host))
    return ours if ours == theirs else ""


def _network(page: Host, host: Host, names: Names) -> str:
    ours, theirs = ({_near(one) for one in names.addresses(each.name)} for each in (page, host))
    return ", ".join(sorted(ours & theirs))


def _near(address: str) -> str:
    bits = NEAR[ip_address(address).version]
    return str(ip_network(f"{address}/{bits}", strict=False))


def _provider(page: Host, host: Host, names: Names) -> str:
    ours, theirs = (_providers(filter(None, [names.alias(one.name)])) for one in (page, host))
    return ", ".join(sorted(ours & theirs))


def _issuer(page: Host, host: Host, names: Names) -> str:
    ours, theirs = (_signed_by(one, names) for one in (page, host))
    return ours if ours == theirs else ""


def _signed_by(host: Host, names: Names) -> str:
    return tls_probe.shown(host.name, host.port, at=names.addresses(host.name)[0]).issuer


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
