"""People who asked to be told: how they ask, change their minds, and are forgotten."""

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
from statuspage.usecases.subscribers.admin import NoBooks
from statuspage.usecases.subscribers.context import SignupContext
from statuspage.usecases.subscribers.import_export import COLUMNS, Taken, Wrong
from statuspage.usecases.subscribers.offered_channels import Lack, offered, offered_apart

__all__ = [
    "COLUMNS",
    "Lack",
    "NoBooks",
    "SignupContext",
    "Taken",
    "Wrong",
    "admin",
    "emails",
    "import_export",
    "input",
    "offered",
    "offered_apart",
    "offered_channels",
    "self_service",
    "signup",
    "webhook_signup",
]
