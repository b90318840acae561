"""Checks of other servers over the network: their names, certificates and pages."""

from typing import TYPE_CHECKING

from statuspage.integrations.net import readback, tls_probe
from statuspage.integrations.net.readback import ExpectedNotice, ReadbackResult
from statuspage.integrations.net.tls_probe import Certificate, CertificateUnavailable

if TYPE_CHECKING:
    from statuspage.integrations.net.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.integrations.net import on_use

        return getattr(on_use, name)


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
