"""How long a channel waits for the other side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, to wait for the next bytes, and for the whole response."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 20.0


DEFAULT_TIMEOUTS = Timeouts()
"""The default timeouts."""
