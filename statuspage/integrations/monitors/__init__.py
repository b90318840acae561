"""Parses what monitors send: one module per monitor, each converting the bytes of a body to alerts."""

from typing import TYPE_CHECKING

from statuspage.integrations.monitors import authentication
from statuspage.integrations.monitors.authentication import IncomingRequest, Proof
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.registry import SOURCES, all_monitors

if TYPE_CHECKING:
    from statuspage.integrations.monitors.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.integrations.monitors import on_use

        return getattr(on_use, name)


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
