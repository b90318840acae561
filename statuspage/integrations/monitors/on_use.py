"""What the front of the monitors imports when it is first asked for: Amazon SNS, with its cryptography."""

from statuspage.integrations.monitors import sns
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
    "NOTIFICATION",
    "AuthenticationFailed",
    "Envelope",
    "SnsUnavailable",
    "SnsVerifier",
    "sns",
]
