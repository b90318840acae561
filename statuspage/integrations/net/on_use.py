"""What the front of the network checks imports when it is first asked for: lookups of names, and pages."""

from statuspage.integrations.net import page_probe
from statuspage.integrations.net.dns_lookup import DnsClient, LookupFailed

__all__ = [
    "DnsClient",
    "LookupFailed",
    "page_probe",
]
