"""Whose network an address belongs to, for what is counted by where it comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def network_of(address: str) -> str:
    """What tries from this address are counted under: it itself; of IPv6 the first 64 bits.

    One household has at least a /64 of IPv6 (RFC 6177), so its single addresses tell nobody apart. What is no address
    stays as it is.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
