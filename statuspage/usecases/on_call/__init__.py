"""Who is notified of a waiting alert, and what engineers are asked."""

from statuspage.usecases.on_call import absence, briefing, call_test, current, escalation, fact_requests, notify
from statuspage.usecases.on_call.current import RosterStatus, current_rosters
from statuspage.usecases.on_call.fact_texts import FactFormatter, fact_name, fact_text
from statuspage.usecases.on_call.notify import StaffMessage

__all__ = [
    "FactFormatter",
    "RosterStatus",
    "StaffMessage",
    "absence",
    "briefing",
    "call_test",
    "current",
    "current_rosters",
    "escalation",
    "fact_name",
    "fact_requests",
    "fact_text",
    "notify",
]
