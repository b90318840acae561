"""The desk, where staff write notices and lead drills."""

from statuspage.web.desk.app import create_app
from statuspage.web.desk.request_context import Intake
from statuspage.web.desk.security import MAX_FORM
from statuspage.web.desk.trusted_proxies import Network, TrustedProxies

__all__ = ["MAX_FORM", "Intake", "Network", "TrustedProxies", "create_app"]
