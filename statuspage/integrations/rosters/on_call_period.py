"""Who is on call by a roster, and who is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Responder


@dataclass(frozen=True, slots=True)
class OnCallPeriod:
    """Who is on call by one roster: ``on_call`` until ``on_call_until`` (None: beyond the period searched), then
    ``next_on_call`` from ``next_starts_at``. An empty tuple: nobody."""

    on_call: tuple[Responder, ...] = ()
    on_call_until: datetime | None = None
    next_on_call: tuple[Responder, ...] = ()
    next_starts_at: datetime | None = None
