"""Bodies of answers about incidents and notices."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from statuspage.web.api.outputs import Instant, Output, ServiceState


class IncidentSummary(Output):
    """An incident in the list."""

    id: str
    title: str
    type: str
    services: list[str]
    cause: str
    opened_at: str
    first_notice_at: str | None
    is_over: bool
    duration_seconds: int | None
    time_to_first_report_seconds: int | None
    clock_source: str
    promises_made: int
    promises_kept: int
    corrections: int
    has_open_questions: bool
    has_postmortem: bool
    retrospective: str | None


class IncidentList(Output):
    """A page of incidents, the newest first."""

    items: list[IncidentSummary]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class MediumOut(Output):
    """The text for one medium."""

    subject: str
    body: str
    length: int
    limit: int


class NoticeTextOut(Output):
    """A notice in one language, exactly as customers read it."""

    title: str
    headline: str
    label: str
    status: str
    media: dict[str, MediumOut]


class NoticeOut(Output):
    """A published notice."""

    sequence: int
    kind: str
    by: str
    published_at: Instant
    readable_at: Instant | None
    texts: dict[str, NoticeTextOut]


class WaitingOut(Output):
    """A notice that waits on the desk for a person."""

    sequence: int
    kind: str
    by: str
    requested_at: Instant
    desk: str
    texts: dict[str, NoticeTextOut]


class IncidentOut(Output):
    """One incident. Its ETag changes with each notice."""

    id: str
    type: str
    is_maintenance: bool
    is_over: bool
    opened_at: Instant
    started_at: Instant = Field(description="When its clock started.")
    clock_source: str
    sequence: int = Field(description="The newest notice; 0 if nothing is public.")
    affected: list[ServiceState]
    facts: dict[str, Any] | None = Field(description="The facts that the next notice starts from.")
    notices: list[NoticeOut]
    waiting: list[WaitingOut]
    desk: str


class MaintenanceList(Output):
    """A page of planned maintenance: what is not over, then what is, the newest first."""

    items: list[IncidentOut]
    next: str | None


class TimelineEntryOut(Output):
    """One entry of the timeline, which customers do not see."""

    sequence: int
    type: str
    event: str
    actor: str
    text: str
    answers_to: int
    happened_at: Instant
    recorded_at: Instant


class TimelineOut(Output):
    """A page of the timeline, the oldest entry first."""

    items: list[TimelineEntryOut]
    next: str | None


class DoubtOut(Output):
    """What a person would be asked to confirm."""

    field: str
    key: str
    at: Instant | None
    incident: str | None


class NoticeResult(Output):
    """What became of a notice. ``status`` is previewed, waiting or published."""

    status: str
    incident: str | None
    sequence: int | None = Field(description="Its sequence in the incident; null for a preview.")
    desk: str = Field(description="Where a person decides, or sees what was delivered.")
    texts: dict[str, NoticeTextOut]
    doubts: list[DoubtOut]
    not_connected: list[str] = Field(description="Channels that it does not go to, because they are not set up.")
