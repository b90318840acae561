"""What can be seen of other machines from here: their names, their certificates, their pages."""

from statuspage.integrations.net import page_probe, readback, tls_probe
from statuspage.integrations.net.dns_lookup import Names, NotFound
from statuspage.integrations.net.readback import Expected, Reading
from statuspage.integrations.net.tls_probe import Certificate, NotShown

__all__ = ["Certificate", "Expected", "Names", "NotFound", "NotShown", "Reading", "page_probe", "readback", "tls_probe"]
