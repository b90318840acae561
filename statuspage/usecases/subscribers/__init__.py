"""Subscribers: how they sign up, change their preferences, and are erased."""

from statuspage.usecases.subscribers import (
    admin,
    emails,
    import_export,
    input,
    offered_channels,
    self_service,
    signup,
    webhook_signup,
)
from statuspage.usecases.subscribers.admin import NoSubscriberDatabase
from statuspage.usecases.subscribers.foreign_lists import Consent
from statuspage.usecases.subscribers.import_export import IMPORT_COLUMNS, ImportResult, RowError
from statuspage.usecases.subscribers.offered_channels import EmailGap, offered_types, offered_types_by_content
from statuspage.usecases.subscribers.signup import SignupContext

__all__ = [
    "IMPORT_COLUMNS",
    "Consent",
    "EmailGap",
    "ImportResult",
    "NoSubscriberDatabase",
    "RowError",
    "SignupContext",
    "admin",
    "emails",
    "import_export",
    "input",
    "offered_channels",
    "offered_types",
    "offered_types_by_content",
    "self_service",
    "signup",
    "webhook_signup",
]
