"""What is known and decided after an incident: its figures, its retrospective, its action items."""

from statuspage.domain.post_incident.action_item import (
    ActionItem,
    ActionPriority,
    ActionReminder,
    ActionState,
    due_reminder,
)
from statuspage.domain.post_incident.incident_figures import (
    IncidentFigures,
    incident_figures,
    normalize_search,
    search_text,
)
from statuspage.domain.post_incident.monthly_figures import (
    FIGURED_STATES,
    Figures,
    PublishedIncident,
    ReportTimes,
    count_figures,
    months_from,
    next_month,
    sum_figures,
    time_by_state,
)
from statuspage.domain.post_incident.retrospective import (
    AddedEvent,
    ContributingCause,
    RetrospectiveNote,
    RetrospectiveRecord,
    RetrospectiveState,
    Section,
)

__all__ = [
    "FIGURED_STATES",
    "ActionItem",
    "ActionPriority",
    "ActionReminder",
    "ActionState",
    "AddedEvent",
    "ContributingCause",
    "Figures",
    "IncidentFigures",
    "PublishedIncident",
    "ReportTimes",
    "RetrospectiveNote",
    "RetrospectiveRecord",
    "RetrospectiveState",
    "Section",
    "count_figures",
    "due_reminder",
    "incident_figures",
    "months_from",
    "next_month",
    "normalize_search",
    "search_text",
    "sum_figures",
    "time_by_state",
]
