"""What people do with notices, the same for the desk, the command line and the webhooks."""

from statuspage.usecases.notices import approvals, holding_notice, scheduled, update_deadlines
from statuspage.usecases.notices.plain_language import met_in
from statuspage.usecases.notices.publication import new_incident_target, open_form, preview, publish
from statuspage.usecases.notices.results import (
    AwaitingApproval,
    NoticeTarget,
    Preview,
    Published,
    Refused,
    Stale,
    Superseded,
)
from statuspage.usecases.notices.update_deadlines import promised

__all__ = [
    "AwaitingApproval",
    "NoticeTarget",
    "Preview",
    "Published",
    "Refused",
    "Stale",
    "Superseded",
    "approvals",
    "holding_notice",
    "met_in",
    "new_incident_target",
    "open_form",
    "preview",
    "promised",
    "publish",
    "scheduled",
    "update_deadlines",
]
