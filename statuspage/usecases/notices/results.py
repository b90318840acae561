"""Where a notice belongs, what would go out, and how publishing ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from statuspage.domain import Facts, NoticeText, RecordedNotice, ScheduledNotice, ValidationError
from statuspage.usecases.notices.plain_language import Remark


@dataclass(frozen=True, slots=True)
class NoticeTarget:
    """Where a notice belongs: its incident, the newest notice its writer has seen, and, for an incident that
    is not on record yet, when the form was opened (then that starts the clock)."""

    incident_id: str
    latest_sequence: int = 0
    form_opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what would go out. ``token`` is "" while something must be put right; ``words`` is empty while
    effect or since-when is missing. ``costs`` maps a channel's id to the price of this post, in its currency.
    ``scheduled`` is what goes out by itself afterwards, approved with it. ``remarks`` are what the check for plain
    language says of typed texts, ``former`` the texts that customers were told last, by field."""

    facts: Facts
    problems: tuple[ValidationError, ...]
    notice_texts: Mapping[str, NoticeText]
    token: str
    costs: Mapping[str, float]
    previewed_at: datetime
    scheduled_notices: tuple[ScheduledNotice, ...] = ()
    remarks: tuple[Remark, ...] = ()
    earlier_texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """It is on record and owed to its channels."""

    incident_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class AwaitingApproval:
    """It is on record in its final words, under this number, and goes out once a second person has approved it."""

    incident_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done; these problems stand beside their fields."""

    problems: tuple[ValidationError, ...]


@dataclass(frozen=True, slots=True)
class Stale:
    """The preview no longer holds (``code``: preview.missing, .expired, .content, .promise); show a fresh one."""

    code: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A colleague published in the meantime; theirs is shown, nothing typed is lost."""

    newer: RecordedNotice
