"""Who is called when an alert waits, and what engineers are asked."""

from statuspage.usecases.on_call import briefing, current, escalation, fact_requests, notify
from statuspage.usecases.on_call.current import Standing, rosters_now
from statuspage.usecases.on_call.notify import StaffMessage

__all__ = ["StaffMessage", "Standing", "briefing", "current", "escalation", "fact_requests", "notify", "rosters_now"]
