"""DNS lookups of a host: its addresses, its alias, its zone and the zone's name servers (RFC 1035)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

# ``dns`` takes 3 MB, so each method imports it on use: only diagnoses look names up.

DNS_TIMEOUT = 4.0
"""Seconds for one query, including all attempts."""


class LookupFailed(Exception):
    """The query failed; the sentence says which one."""


class DnsClient:
    """Queries this machine's resolver, or the one at ``server`` (``HOST`` or ``HOST:PORT``)."""

    def __init__(self, server: str = "") -> None:
        import dns.resolver

        self._resolver = dns.resolver.Resolver(configure=not server)
        self._resolver.lifetime = DNS_TIMEOUT
        if server:
            host, _, port = server.partition(":") if server.count(":") < 2 else (server, "", "")
            self._resolver.nameservers = [host]
            self._resolver.port = int(port or 53)

    def find_addresses(self, host: str) -> tuple[str, ...]:
        """Its IPv4 and IPv6 addresses. Raises LookupFailed if there are none."""
        if _is_address(host):
            return (host,)
        addresses = [*self._query(host, "A", default=()), *self._query(host, "AAAA", default=())]
        if not addresses:
            raise LookupFailed(f"{host}: no address")
        return tuple(sorted(addresses))

    def find_alias(self, host: str) -> str:
        """The name it is an alias of; "" if it is not an alias."""
        return next(iter(self._query(host, "CNAME", default=())), "")

    def find_zone(self, host: str) -> str:
        """The zone it is in. Raises LookupFailed."""
        import dns.exception
        import dns.resolver

        if _is_address(host):
            raise LookupFailed(f"{host}: no name")
        try:
            return _ascii_name(str(dns.resolver.zone_for_name(host, resolver=self._resolver)))
        except (dns.exception.DNSException, OSError) as error:
            raise LookupFailed(f"{host}: no zone ({type(error).__name__})") from error

    def find_name_servers(self, zone: str) -> tuple[str, ...]:
        """The zone's name servers. Raises LookupFailed."""
        return tuple(sorted(self._query(zone, "NS")))

    def find_contact(self, zone: str) -> str:
        """The zone's contact, from its SOA record. Raises LookupFailed."""
        soa = next(iter(self._query(zone, "SOA")))
        return _ascii_name(soa.split()[1])

    def _query(self, name: str, record_type: str, default: Sequence[str] | None = None) -> Sequence[str]:
        import dns.exception
        import dns.resolver

        try:
            answer = self._resolver.resolve(name, record_type)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
            if default is not None:
                return default
            raise LookupFailed(f"{name}: no {record_type}") from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise LookupFailed(f"{name}: {record_type} could not be asked ({type(error).__name__})") from error
        return [_ascii_name(record.to_text()) for record in answer]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _ascii_name(name: str) -> str:
    return name.rstrip(".").lower()
