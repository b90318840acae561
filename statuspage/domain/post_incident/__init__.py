"""What is known and decided after an incident: its figures, its retrospective, its action items."""

from statuspage.domain.post_incident.action_issue import (
    ActionIssue,
    IssueQuestion,
    IssueState,
    issue_question,
    next_look,
    seen_state,
)
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
    "ActionIssue",
    "ActionItem",
    "ActionPriority",
    "ActionReminder",
    "ActionState",
    "AddedEvent",
    "ContributingCause",
    "Figures",
    "IncidentFigures",
    "IssueQuestion",
    "IssueState",
    "PublishedIncident",
    "ReportTimes",
    "RetrospectiveNote",
    "RetrospectiveRecord",
    "RetrospectiveState",
    "Section",
    "count_figures",
    "due_reminder",
    "incident_figures",
    "issue_question",
    "months_from",
    "next_look",
    "next_month",
    "normalize_search",
    "search_text",
    "seen_state",
    "sum_figures",
    "time_by_state",
]
