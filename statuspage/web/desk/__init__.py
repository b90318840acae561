"""The desk, where staff write notices and lead drills."""

from statuspage.web.desk.app import create_app
from statuspage.web.desk.permissions import has_at_least
from statuspage.web.desk.request_context import Intake
from statuspage.web.desk.request_log import HttpMetrics, follow_requests
from statuspage.web.desk.security import HEADERS, MAX_FORM, sign_in_cookie_name
from statuspage.web.desk.translations import Translator, shown_value, translator_for
from statuspage.web.desk.trusted_proxies import Network, TrustedProxies

__all__ = [
    "HEADERS",
    "MAX_FORM",
    "HttpMetrics",
    "Intake",
    "Network",
    "Translator",
    "TrustedProxies",
    "create_app",
    "follow_requests",
    "has_at_least",
    "shown_value",
    "sign_in_cookie_name",
    "translator_for",
]
