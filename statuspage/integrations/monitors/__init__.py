"""Parses what monitors send: one module per monitor, each converting the bytes of a body to alerts."""

from statuspage.integrations.monitors import authentication, sns
from statuspage.integrations.monitors.authentication import IncomingRequest, Proof
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import EARLIEST, Unreadable
from statuspage.integrations.monitors.registry import SOURCES, all_monitors
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
    "SOURCES",
    "AuthenticationFailed",
    "Envelope",
    "IncomingRequest",
    "Monitor",
    "Proof",
    "SnsUnavailable",
    "SnsVerifier",
    "Unreadable",
    "all_monitors",
    "authentication",
    "sns",
]
