"""The target of a notice, its preview, and the results of publishing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from statuspage.domain import Facts, Incident, NoticeText, RecordedNotice, ScheduledNotice, ValidationError
from statuspage.usecases.notices.plain_language import Remark


class TooManyProposals(Exception):
    """As many notices of one program wait for a person as may; nothing was stored."""


@dataclass(frozen=True, slots=True)
class NoticeTarget:
    """The target of a notice: its incident, the newest notice its writer has seen and, for an incident that is not
    stored yet, when the form was opened, which then starts the clock."""

    incident_id: str
    latest_sequence: int = 0
    form_opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """One point to confirm. ``field`` is *start*, *ended* or *services*; ``at`` the old time, ``incident`` the open
    incident of the same service. ``key`` is the same as long as exactly this is doubted. ``is_late_alert``: ``at`` is
    when an alert fired that joined after the latest notice; the desk says that beside the facts."""

    field: str
    key: str
    at: datetime | None = None
    incident: Incident | None = None
    is_late_alert: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what would be published. ``token`` is "" if there are problems; ``notice_texts`` is empty if impact or
    start time is missing. ``costs`` maps a channel's id to the price of this post, in its currency.
    ``scheduled_notices`` follow automatically and are approved with it. ``remarks`` are the plain-language findings in
    typed texts, ``earlier_texts`` the last published texts, by field. ``doubts`` are for a person to confirm; whoever
    publishes asks."""

    facts: Facts
    problems: tuple[ValidationError, ...]
    notice_texts: Mapping[str, NoticeText]
    token: str
    costs: Mapping[str, float]
    previewed_at: datetime
    scheduled_notices: tuple[ScheduledNotice, ...] = ()
    remarks: tuple[Remark, ...] = ()
    earlier_texts: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """It is stored, and queued for its channels."""

    incident_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class AwaitingApproval:
    """It is stored with its final text and this sequence, and is published once a second person has approved it."""

    incident_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done; these problems are shown beside their fields."""

    problems: tuple[ValidationError, ...]


@dataclass(frozen=True, slots=True)
class Stale:
    """The preview is no longer valid (``code``: preview.missing, .expired, .content, .promise); show a new one."""

    code: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """Somebody else has published in the meantime. Their notice is shown; nothing typed is lost."""

    newer: RecordedNotice


PublicationResult = Published | AwaitingApproval | Refused | Stale | Superseded
"""What came of publishing a preview."""
