"""What the front of the monitors imports when it is first asked for: the models of messages, and Amazon SNS with its
cryptography."""

from statuspage.integrations.monitors import sns
from statuspage.integrations.monitors.parsing import EARLIEST, Unreadable
from statuspage.integrations.monitors.sns import (
    CONFIRMATION,
    NOTIFICATION,
    AuthenticationFailed,
    Envelope,
    SnsUnavailable,
    SnsVerifier,
)

__all__ = [
    "CONFIRMATION",
    "EARLIEST",
    "NOTIFICATION",
    "AuthenticationFailed",
    "Envelope",
    "SnsUnavailable",
    "SnsVerifier",
    "Unreadable",
    "sns",
]
