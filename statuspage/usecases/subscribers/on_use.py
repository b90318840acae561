"""What the front of the subscribers imports when it is first asked for: all but what sending to them needs."""

from statuspage.usecases.subscribers import admin, import_export, input, self_service, webhook_signup
from statuspage.usecases.subscribers.admin import NoSubscriberDatabase
from statuspage.usecases.subscribers.foreign_lists import Consent
from statuspage.usecases.subscribers.import_export import IMPORT_COLUMNS, ImportResult, RowError

__all__ = [
    "IMPORT_COLUMNS",
    "Consent",
    "ImportResult",
    "NoSubscriberDatabase",
    "RowError",
    "admin",
    "import_export",
    "input",
    "self_service",
    "webhook_signup",
]
