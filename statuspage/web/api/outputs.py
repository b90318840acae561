"""Bodies of answers. Times are UTC in ISO 8601, lengths are in seconds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from statuspage import serialization

Instant = Annotated[datetime, PlainSerializer(serialization.to_json_value, return_type=str, when_used="json")]


class Output(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(extra="forbid")


class TokenOut(Output):
    """The token of this request."""

    name: str
    owner: str = Field(description="The login for which it acts.")
    role: str = Field(description="The present role of its owner.")
    scope: str
    environment: str
    expires_at: Instant
    requests_per_minute: int


class ServiceState(Output):
    """A service and its state."""

    service: str
    state: str


class AnswerOut(Output):
    """An engineer's answer."""

    sequence: int
    at: Instant
    by: str
    text: str
    fields: list[str]
    facts: dict[str, Any]


class FactRequestOut(Output):
    """A request for facts, with its answers."""

    sequence: int
    at: Instant
    by: str
    recipient: str
    is_waiting: bool
    revoked_at: Instant | None


class FactsOut(Output):
    """The requests and answers of an incident, and the questions that were still open when it was over."""

    requests: list[FactRequestOut]
    answers: list[AnswerOut]
    open_questions: list[str]


class RecordedOut(Output):
    """What was recorded in the timeline of an incident."""

    incident: str
    sequence: int


class AlertStepOut(Output):
    """What was done with an alert."""

    state: str
    at: Instant
    by: str


class AlertOut(Output):
    """An alert, which stands for its group."""

    id: str
    source: str
    title: str
    state: str
    received_at: Instant
    started_at: Instant
    ended_at: Instant | None
    incident: str | None
    grouped: int = Field(description="How many other alerts are in its group.")
    incident_type: str = Field(description="The incident type that is proposed.")
    services: list[ServiceState]
    steps: list[AlertStepOut]


class AlertList(Output):
    """A page of the alerts that need attention, the oldest first."""

    items: list[AlertOut]
    next: str | None


class AlertResult(Output):
    """The alert after an action, and the incident that was opened from it."""

    alert: str
    state: str
    incident: str | None


class ServiceOut(Output):
    """A service."""

    id: str
    group: str
    names: dict[str, str]
    state: str


class ServiceList(Output):
    """A page of services, in the order of the page."""

    items: list[ServiceOut]
    next: str | None


class SubscriberCountOut(Output):
    """How many subscribers of one kind, language and status there are."""

    kind: str
    language: str
    status: str
    count: int


class SubscriberCounts(Output):
    """How many subscribers there are."""

    active: int
    items: list[SubscriberCountOut]


class SubscriberResult(Output):
    """What became of a subscriber: added, already active, or skipped because they unsubscribed."""

    added: int
    already_active: int
    skipped: int


class ErasedOut(Output):
    """How many entries were erased."""

    erased: int


class DrillOut(Output):
    """A drill."""

    id: str
    title: str
    leader: str
    goal_seconds: float
    started_at: Instant
    ended_at: Instant | None
    scenario: str | None
    is_suspended: bool
    is_tabletop: bool


class DrillList(Output):
    """A page of drills, the newest first."""

    items: list[DrillOut]
    next: str | None


class ScorecardOut(Output):
    """The result of a drill that has ended."""

    drill: DrillOut
    scorecard: dict[str, Any] = Field(description="The same as `statuspage drill report --json`.")


class ActionItemOut(Output):
    """An action item. Its ETag is its version."""

    id: int
    version: int
    environment: str
    subject: str
    text: str
    owner: str
    priority: str
    due: date | None
    link: str
    state: str
    reason: str
    cause: str
    created_at: Instant
    created_by: str
    closed_at: Instant | None
    closed_by: str


class ActionItemList(Output):
    """A page of action items, those that are due first come first."""

    items: list[ActionItemOut]
    next: str | None


class FigureRow(Output):
    """The figures of one month, or of the whole time, and one service ("": all)."""

    model_config = ConfigDict(extra="allow")

    month: str
    service: str
    incidents: int
    withdrawn: int


class FigureList(Output):
    """The figures of live incidents by month and service."""

    items: list[FigureRow]
