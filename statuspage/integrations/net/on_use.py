"""What the front of the network checks imports when it is first asked for: the lookups of names."""

from statuspage.integrations.net.dns_lookup import DnsClient, LookupFailed

__all__ = [
    "DnsClient",
    "LookupFailed",
]
