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
from statuspage.domain.post_incident.incident_report import (
    REPORT_LANGUAGES,
    CourseItem,
    CourseKind,
    IncidentReport,
    ReportPart,
    ReportState,
    periods_of,
    report_course,
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
    "REPORT_LANGUAGES",
    "ActionItem",
    "ActionPriority",
    "ActionReminder",
    "ActionState",
    "AddedEvent",
    "ContributingCause",
    "CourseItem",
    "CourseKind",
    "IncidentFigures",
    "IncidentReport",
    "ReportPart",
    "ReportState",
    "RetrospectiveNote",
    "RetrospectiveRecord",
    "RetrospectiveState",
    "Section",
    "due_reminder",
    "incident_figures",
    "normalize_search",
    "periods_of",
    "report_course",
    "search_text",
]
