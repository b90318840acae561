"""Reads what monitors send: one module per monitor, each turning a body of bytes into signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from statuspage.alerts import alertmanager
from statuspage.alerts.unreadable import Unreadable
from statuspage.incoming import Signal

__all__ = ["SOURCES", "Unreadable"]

SOURCES: Mapping[str, Callable[[bytes], tuple[Signal, ...]]] = {"alertmanager": alertmanager.read}
"""Monitors by the name used in the intake's address, on the command line and in ``alerts.toml``."""
