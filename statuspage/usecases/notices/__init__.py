"""What people do with notices, shared by the desk, the command line and the webhooks."""

from statuspage.usecases.notices import approvals, holding_notice, scheduled, update_deadlines
from statuspage.usecases.notices.doubts import find_doubts
from statuspage.usecases.notices.open_questions import all_open_questions
from statuspage.usecases.notices.plain_language import warning_classes_in
from statuspage.usecases.notices.publication import (
    new_incident_target,
    open_notice_form,
    preview_notice,
    publish_notice,
)
from statuspage.usecases.notices.recorded import find_recorded
from statuspage.usecases.notices.results import (
    AwaitingApproval,
    Doubt,
    NoticeTarget,
    Preview,
    PublicationResult,
    Published,
    Refused,
    Stale,
    Superseded,
    TooManyProposals,
)
from statuspage.usecases.notices.unsaid_facts import UnsaidFact, unsaid_facts
from statuspage.usecases.notices.update_deadlines import promised_update

__all__ = [
    "AwaitingApproval",
    "Doubt",
    "NoticeTarget",
    "Preview",
    "PublicationResult",
    "Published",
    "Refused",
    "Stale",
    "Superseded",
    "TooManyProposals",
    "UnsaidFact",
    "all_open_questions",
    "approvals",
    "find_doubts",
    "find_recorded",
    "holding_notice",
    "new_incident_target",
    "open_notice_form",
    "preview_notice",
    "promised_update",
    "publish_notice",
    "scheduled",
    "unsaid_facts",
    "update_deadlines",
    "warning_classes_in",
]
