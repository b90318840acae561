"""What the domain name system says of a host: its addresses, its aliases, its zone and who serves that (RFC 1035)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.resolver

DNS_TIMEOUT = 4.0
"""Seconds for one question, all tries together."""


class NotFound(Exception):
    """The question was not answered; the sentence says which."""


class Names:
    """Asks this machine's resolver, or the one at ``server`` (``HOST`` or ``HOST:PORT``)."""

    def __init__(self, server: str = "") -> None:
        self._resolver = dns.resolver.Resolver(configure=not server)
        self._resolver.lifetime = DNS_TIMEOUT
        if server:
            host, _, port = server.partition(":") if server.count(":") < 2 else (server, "", "")
            self._resolver.nameservers = [host]
            self._resolver.port = int(port or 53)

    def addresses(self, host: str) -> tuple[str, ...]:
        """Its IPv4 and IPv6 addresses. Raises NotFound where there is none."""
        if _is_address(host):
            return (host,)
        found = [*self._asked(host, "A", missing=()), *self._asked(host, "AAAA", missing=())]
        if not found:
            raise NotFound(f"{host}: no address")
        return tuple(sorted(found))

    def alias(self, host: str) -> str:
        """The name it is an alias of; "" where it stands for itself."""
        return next(iter(self._asked(host, "CNAME", missing=())), "")

    def zone(self, host: str) -> str:
        """The zone it lies in. Raises NotFound."""
        if _is_address(host):
            raise NotFound(f"{host}: no name")
        try:
            return _ascii_name(str(dns.resolver.zone_for_name(host, resolver=self._resolver)))
        except (dns.exception.DNSException, OSError) as error:
            raise NotFound(f"{host}: no zone ({type(error).__name__})") from error

    def servers(self, zone: str) -> tuple[str, ...]:
        """The zone's name servers. Raises NotFound."""
        return tuple(sorted(self._asked(zone, "NS")))

    def contact(self, zone: str) -> str:
        """Who answers for the zone, as its SOA says. Raises NotFound."""
        soa = next(iter(self._asked(zone, "SOA")))
        return _ascii_name(soa.split()[1])

    def _asked(self, name: str, kind: str, missing: Sequence[str] | None = None) -> Sequence[str]:
        try:
            answer = self._resolver.resolve(name, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
            if missing is not None:
                return missing
            raise NotFound(f"{name}: no {kind}") from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise NotFound(f"{name}: {kind} could not be asked ({type(error).__name__})") from error
        return [_ascii_name(record.to_text()) for record in answer]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _ascii_name(name: str) -> str:
    return name.rstrip(".").lower()
