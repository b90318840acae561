"""Rosters as calendars: who is on call at a given time, until when, and who is next."""

from typing import TYPE_CHECKING

from statuspage.integrations.rosters.on_call_period import OnCallPeriod

if TYPE_CHECKING:
    from statuspage.integrations.rosters.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.integrations.rosters import on_use

        return getattr(on_use, name)


__all__ = [
    "OnCallPeriod",
    "Unreadable",
    "fetch",
    "find_on_call",
    "read_shifts",
]
