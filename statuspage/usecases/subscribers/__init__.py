"""Subscribers: how they sign up, change their preferences, and are erased."""

from typing import TYPE_CHECKING

from statuspage.usecases.subscribers import emails, offered_channels, signup
from statuspage.usecases.subscribers.offered_channels import EmailGap, offered_types, offered_types_by_content
from statuspage.usecases.subscribers.signup import SignupContext

if TYPE_CHECKING:
    from statuspage.usecases.subscribers.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.usecases.subscribers import on_use

        return getattr(on_use, name)


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
