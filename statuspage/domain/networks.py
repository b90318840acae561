"""The network of an address, for rate limits by origin."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def network_of(address: str) -> str:
    """What attempts from this address are counted under: the address itself; of IPv6 the first 64 bits.

    One household has at least a /64 of IPv6 (RFC 6177), so its single addresses tell nobody apart. Text that is not an
    address is returned unchanged.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
