"""The desk, where staff write notices and lead drills."""

from statuspage.web.desk.app import create_app
from statuspage.web.desk.request_context import Intake
from statuspage.web.desk.security import LARGEST_FORM
from statuspage.web.desk.trusted_proxies import Behind, Network

__all__ = ["LARGEST_FORM", "Behind", "Intake", "Network", "create_app"]
