"""Checks of other servers over the network: their names, certificates and pages."""

from statuspage.integrations.net import page_probe, readback, tls_probe
from statuspage.integrations.net.dns_lookup import DnsClient, LookupFailed
from statuspage.integrations.net.readback import ExpectedNotice, ReadbackResult
from statuspage.integrations.net.tls_probe import Certificate, CertificateUnavailable

__all__ = [
    "Certificate",
    "CertificateUnavailable",
    "DnsClient",
    "ExpectedNotice",
    "LookupFailed",
    "ReadbackResult",
    "page_probe",
    "readback",
    "tls_probe",
]
