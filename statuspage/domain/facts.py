"""States, facts and notices, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    """The state of a service, as a customer experiences it."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    MAJOR = "major"
    MAINTENANCE = "maintenance"
    CHECKING = "checking"


WORST_FIRST = (
    State.MAJOR,
    State.PARTIAL,
    State.DEGRADED,
    State.CHECKING,
    State.MAINTENANCE,
    State.OPERATIONAL,
)
"""States by severity for a customer, worst first."""

IMPACT_STATES = (State.MAJOR, State.PARTIAL, State.DEGRADED)
"""The states that a notice of an incident can give a service."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A service and its state."""

    service: str
    state: State


class AffectedAudience(StrEnum):
    """Who is affected. *Checking* is a valid answer and the default."""

    ALL = "all"
    SOME = "some"
    GROUPS = "groups"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is affected. ``groups`` are ids of the company's own customer groups, used only with GROUPS."""

    extent: AffectedAudience = AffectedAudience.CHECKING
    groups: tuple[str, ...] = ()


class Precision(StrEnum):
    """How precisely a start time is known. *Noticed* says when we noticed it, not when it began."""

    EXACT = "exact"
    ABOUT = "about"
    NOTICED = "noticed"


@dataclass(frozen=True, slots=True)
class StartTime:
    """When the incident began, or was noticed. Aware, UTC."""

    precision: Precision
    at: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """It is not known yet when it will be over."""

    shape: Literal["unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """It should be over at about this time."""

    at: datetime
    shape: Literal["known"] = "known"


@dataclass(frozen=True, slots=True)
class Range:
    """It should be over between these two times."""

    earliest: datetime
    latest: datetime
    shape: Literal["range"] = "range"


@dataclass(frozen=True, slots=True)
class NotBefore:
    """It will not be over before this time."""

    at: datetime
    shape: Literal["not_before"] = "not_before"


@dataclass(frozen=True, slots=True)
class MissedEstimate:
    """The estimated time has passed; ``current`` is the estimate now. ``is_approximate``: the missed time was given as
    approximate (the end of a range was not)."""

    previous: datetime
    current: Unknown | Known | Range | NotBefore = Unknown()
    is_approximate: bool = True
    shape: Literal["missed"] = "missed"


Estimate = Unknown | Known | Range | NotBefore | MissedEstimate


def estimate_expires_at(estimate: Estimate) -> datetime | None:
    """The moment from which the sentence about this estimate is no longer true. None: never."""
    match estimate:
        case Unknown():
            return None
        case Known(at=at) | NotBefore(at=at):
            return at
        case Range(latest=latest):
            return latest
        case MissedEstimate(current=now):
            return estimate_expires_at(now)


def next_estimate(previous: Estimate, new: Unknown | Known | Range | NotBefore, now: datetime) -> Estimate:
    """The new estimate; a missed one if the published time has passed."""
    previous = previous.current if isinstance(previous, MissedEstimate) else previous
    previous_expiry = estimate_expires_at(previous)
    return (
        MissedEstimate(previous_expiry, new, not isinstance(previous, Range))
        if previous_expiry is not None and previous_expiry <= now
        else new
    )


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """The window of planned maintenance. Aware, UTC. ``remind_at`` is when customers are reminded of it (None:
    never)."""

    start: datetime
    end: datetime
    remind_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a notice says, before it is put into words. Ids refer to the prepared content.

    ``answers`` maps a question's id to the chosen answer's id; a missing one means *checking*. ``extra`` maps a
    language to free text, shown in that language only. ``ended_at`` is when customers could use it again (resolved and
    finished only). ``postmortem`` maps a language to the report in Markdown, ``preventions`` are what is done against a
    recurrence (postmortem only). ``report_by`` is the local day until which a postmortem is promised.
    ``confirmed_working`` are services that somebody has confirmed to work normally. ``maintenance_window`` is the
    window of a maintenance; ``affected`` then gives the state of each service during it.
    """

    incident_type: str
    affected: tuple[Affected, ...] = ()
    audience: Audience = Audience()
    start: StartTime | None = None
    estimate: Estimate = Unknown()
    workarounds: tuple[str, ...] = ()
    current_action: str | None = None
    cause: str | None = None
    next_update: datetime | None = None
    ended_at: datetime | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    maintenance_window: MaintenanceWindow | None = None
    postmortem: Mapping[str, str] = field(default_factory=dict)
    confirmed_working: tuple[str, ...] = ()
    preventions: tuple[str, ...] = ()
    report_by: date | None = None

    @property
    def named_services(self) -> tuple[Affected, ...]:
        """Every service named: the affected ones, then those that work normally."""
        return (*self.affected, *(Affected(service, State.OPERATIONAL) for service in self.confirmed_working))


@dataclass(frozen=True, slots=True)
class EngineerAnswer:
    """An engineer's answer: the facts, and which of them it covers.

    ``fields`` are services, start, estimate, ended, or ``answer.Q`` for the incident type's question Q; other fields
    were not answered. ``language`` is that of the line of text, "" if there is none.
    """

    fields: tuple[str, ...]
    facts: Facts
    language: str = ""


def worst(states: tuple[State, ...]) -> State:
    """The worst of these states; OPERATIONAL when there are none."""
    return min(states, key=WORST_FIRST.index, default=State.OPERATIONAL)


class NoticeKind(StrEnum):
    """The kinds of notice for incidents and maintenance."""

    FIRST = "first"
    UPDATE = "update"
    PARTLY_RESTORED = "partly_restored"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    POSTMORTEM = "postmortem"
    FOLLOW_UP = "follow_up"
    ANNOUNCED = "announced"
    REMINDER = "reminder"
    STARTED = "started"
    EXTENDED = "extended"
    FINISHED = "finished"
    CANCELLED = "cancelled"


NOTICES_AFTER_END = (NoticeKind.POSTMORTEM, NoticeKind.FOLLOW_UP)
"""The kinds of notice that add to an incident that is over and change nothing of what was said."""

MAINTENANCE = "maintenance"
"""The incident type of planned maintenance, which has its own kinds of notice."""

MAINTENANCE_NOTICES = (
    NoticeKind.ANNOUNCED,
    NoticeKind.REMINDER,
    NoticeKind.STARTED,
    NoticeKind.EXTENDED,
    NoticeKind.FINISHED,
    NoticeKind.CANCELLED,
)
"""The kinds of notice for maintenance, in order."""

INCIDENT_NOTICES = tuple(kind for kind in NoticeKind if kind not in MAINTENANCE_NOTICES)
"""The kinds of notice for everything else."""


def notice_kinds_of(incident_type: str) -> tuple[NoticeKind, ...]:
    """The kinds of notice that this incident type has."""
    return MAINTENANCE_NOTICES if incident_type == MAINTENANCE else INCIDENT_NOTICES


@dataclass(frozen=True, slots=True)
class TimeText:
    """A time to be displayed in large type, with the words before and after it."""

    value: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact as customers read it: a label, then a large time, or lines of text, or both.

    ``key`` is one of scope, planned, started, estimate, workaround, doing, answers, cause, prevention, period, extra,
    report_by, next.
    ``placeholder`` is a short word in place of a time (「確認中」).
    """

    key: str
    label: str
    lines: tuple[str, ...] = ()
    time: TimeText | None = None
    placeholder: str = ""


SITE_MEDIA = ("page", "feed")
"""The media of which the public site consists."""


@dataclass(frozen=True, slots=True)
class MediumText:
    """The text for one medium. ``length`` and ``limit`` are in that medium's unit; limit 0: no limit.

    ``left_out`` are the facts of the page that had no room here, by the names of their rows.
    """

    body: str
    subject: str = ""
    length: int = 0
    limit: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One named sentence, complete."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ExpiredWording:
    """What replaces a sentence on the page from the time ``at``, in words approved with the notice."""

    at: datetime
    row: FactRow
    sentence: str


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice in one language, exactly as it was approved. It is never rendered again.

    ``title`` is fixed when the incident is first published; ``headline`` is the plain sentence about the present state,
    and ``headline_html`` the same, escaped, with ``<wbr>`` between phrases. ``label`` names the notice (第一報),
    ``status`` the state of the incident (確認しています). ``media`` maps a medium's id to its text. ``postmortem`` is
    the report as clean HTML, "" for every other notice.
    """

    language: str
    title: str
    headline: str
    headline_html: str
    label: str
    status: str
    sentences: tuple[Sentence, ...]
    rows: tuple[FactRow, ...]
    media: Mapping[str, MediumText]
    expired_wording: ExpiredWording | None = None
    postmortem: str = ""
