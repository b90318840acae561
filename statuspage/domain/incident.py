"""The story of one incident: an append-only list of steps, internal notes and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Literal

from statuspage.domain.facts import (
    MAINTENANCE,
    Affected,
    EngineerAnswer,
    Facts,
    MaintenanceWindow,
    NoticeKind,
    NoticeText,
    State,
    Unknown,
    worst,
)
from statuspage.domain.impact import Claim, Impact, impacts

DRILL = "drill"
"""What the ids of a drill begin with, and a live one's never do."""


class EventKind(StrEnum):
    """What the team did, or what reached it."""

    ALERTED = "alerted"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    FORM_OPENED = "form_opened"
    WORDS_READY = "words_ready"
    APPROVAL_REQUESTED = "approval_asked"
    APPROVED = "approved"
    APPROVAL_REFUSED = "approval_refused"
    PUBLISHED_WITHOUT_APPROVAL = "published_alone"
    FACTS_REQUESTED = "facts_asked"
    FACTS_REMINDED = "facts_reminded"
    FACT_REQUEST_REVOKED = "facts_ended"
    FACT_RECEIVED = "fact_received"
    RECOVERED = "recovered"
    READABLE = "readable"
    REOPENED = "reopened"
    CLOSED = "closed"
    REDACTED = "redacted"
    TICKED = "ticked"
    UNTICKED = "unticked"


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened on the way. ``by`` is a person's name, or empty for the program.

    ``of`` is the sequence of the step that this one answers, 0 where there is none; ``said`` what was answered;
    ``waiting`` what a second person is asked to approve.
    """

    step: EventKind
    actor: str = ""
    text: str = ""
    of: int = 0
    said: EngineerAnswer | None = None
    waiting: PendingApproval | None = None
    type: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class InternalNote:
    """Words for colleagues; customers never see them."""

    text: str
    actor: str = ""
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class ScheduledNotice:
    """A notice approved together with a plan: it goes out by itself ``at`` its time, in these words.

    ``to`` are the channels it goes to besides the site; None: all that carry this kind of notice.
    """

    notice: NoticeKind
    at: datetime
    facts: Facts
    words: Mapping[str, NoticeText]
    to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Words for customers with the facts they were made from. ``key`` makes a repeated press one notice.

    ``reason`` is kept when somebody left out a language or replaced the words by hand. ``scheduled`` are the notices
    of a maintenance that follow on this one by themselves, unless a newer plan takes their place. ``met`` are the
    classes of the hard words that stood in the form when it had most of them, one for each; never the words.
    """

    notice: NoticeKind
    facts: Facts
    words: Mapping[str, NoticeText]
    actor: str = ""
    key: str = ""
    reason: str = ""
    scheduled: tuple[ScheduledNotice, ...] = ()
    warning_classes: tuple[str, ...] = ()
    type: Literal["notice"] = "notice"


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """A notice in its final words that waits for a second person: the newest notice its writer had ``seen``, the
    channels it goes to (None: all that carry it), and its ``author``'s account, "" on the command line."""

    notice: Notice
    seen: int
    to: tuple[str, ...] | None = None
    author: str = ""


Entry = TimelineEvent | InternalNote | Notice


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry in its place. ``happened`` is a claim, ``recorded`` our own clock; both aware, UTC."""

    sequence: int
    happened: datetime
    recorded: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class RecordedNotice:
    """A notice in its place, for those who only care for what customers read."""

    sequence: int
    happened: datetime
    recorded: datetime
    notice: Notice


@dataclass(frozen=True)
class Incident:
    """One trouble from confirmation on. ``t0`` is when the alert fired, else when the form was opened.

    ``t0_source`` is *alert* (the monitor's own time), *received* (when the alert reached us) or *form*.
    """

    id: str
    opened: datetime
    t0: datetime
    t0_source: str
    entries: tuple[TimelineEntry, ...] = field(default=())

    @cached_property
    def notices(self) -> tuple[RecordedNotice, ...]:
        """What customers were told, oldest first."""
        return tuple(
            RecordedNotice(item.sequence, item.happened, item.recorded, item.entry)
            for item in self.entries
            if isinstance(item.entry, Notice)
        )

    @cached_property
    def latest(self) -> RecordedNotice | None:
        """The newest notice; None while nothing is public."""
        return self.notices[-1] if self.notices else None

    @property
    def latest_sequence(self) -> int:
        """Sequence of the newest notice, 0 when there is none: what a form says it has seen."""
        return self.latest.sequence if self.latest else 0

    @cached_property
    def incident_type(self) -> str:
        """The kind of trouble as customers were told last, or ``maintenance``; "" while nothing is public."""
        return self.latest.notice.facts.incident_type if self.latest else ""

    @cached_property
    def ever_affected(self) -> tuple[str, ...]:
        """Every service that its notices have ever named, each once, in that order."""
        return tuple(
            dict.fromkeys(affected.service for item in self.notices for affected in item.notice.facts.affected)
        )

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What its notices said, oldest first."""
        return tuple(Claim(item.notice.notice, item.happened, item.notice.facts) for item in self.notices)

    @cached_property
    def impacts(self) -> tuple[Impact, ...]:
        """Every service that it has affected since the first report, each at its worst."""
        return impacts(self.claims)

    @cached_property
    def public_facts(self) -> Facts | None:
        """The facts as customers know them; of trouble that is over, everything that was affected."""
        facts = self.latest.notice.facts if self.latest else None
        if facts is None or self.is_maintenance or not self.impacts or not (self.is_announced_over and facts.ended):
            return facts
        return replace(facts, affected=tuple(Affected(impact.service, impact.state) for impact in self.impacts))

    @cached_property
    def is_maintenance(self) -> bool:
        """Whether it is planned work."""
        return self.incident_type == MAINTENANCE

    @property
    def maintenance_window(self) -> MaintenanceWindow | None:
        """The window of planned work as customers were told last."""
        return self.latest.notice.facts.planned if self.latest else None

    @property
    def has_started(self) -> bool:
        """Whether customers were told that the planned work has started."""
        return any(item.notice.notice is NoticeKind.STARTED for item in self.notices)

    def is_overrun(self, now: datetime) -> bool:
        """Whether the planned end has passed and nobody has said how it stands."""
        return (
            self.is_maintenance
            and not self.is_over
            and self.maintenance_window is not None
            and self.maintenance_window.end <= now
        )

    def first_time_of(self, step: EventKind) -> datetime | None:
        """When this step was first taken (its claimed time), or None."""
        for item in self.entries:
            if isinstance(item.entry, TimelineEvent) and item.entry.step is step:
                return item.happened
        return None

    @cached_property
    def is_reopened(self) -> bool:
        """Whether it came back after the newest *resolved*."""
        last_reopened = last_resolved = 0
        for item in self.entries:
            if isinstance(item.entry, TimelineEvent) and item.entry.step is EventKind.REOPENED:
                last_reopened = item.sequence
            if isinstance(item.entry, Notice) and item.entry.notice in _ENDS:
                last_resolved = item.sequence
        return last_reopened > last_resolved

    @property
    def current_facts(self) -> Facts | None:
        """The facts the next notice starts from; None before the first. What was known of the first time does not
        carry over to trouble that came back."""
        if self.latest is None or not self.is_reopened:
            return self.public_facts
        facts = self.latest.notice.facts
        return replace(facts, estimate=Unknown(), current_action=None, cause=None, next_update=None, ended=None)

    @cached_property
    def is_announced_over(self) -> bool:
        """Whether the newest word to customers is that it is over, or that it never was."""
        for item in reversed(self.notices):
            if item.notice.notice in _ENDS:
                return True
            if item.notice.notice not in (NoticeKind.CORRECTION, NoticeKind.POSTMORTEM):
                return False
        return False

    @cached_property
    def has_postmortem(self) -> bool:
        """Whether an account was published since customers were last told that it is over."""
        notice_kinds = [item.notice.notice for item in self.notices]
        last_end = max((n for n, notice_kind in enumerate(notice_kinds) if notice_kind in _ENDS), default=0)
        return NoticeKind.POSTMORTEM in notice_kinds[last_end:]

    @cached_property
    def is_over(self) -> bool:
        """Whether nothing is left to do: customers were told, or it was closed without a notice."""
        return self.is_closed_silently or (self.is_announced_over and not self.is_reopened)

    @cached_property
    def is_closed_silently(self) -> bool:
        """Whether it was closed without a word to customers, and nothing came after that."""
        turns = (EventKind.CLOSED, EventKind.REOPENED)
        last_turn = [
            item.entry for item in self.entries if isinstance(item.entry, Notice) or _event_kind(item) in turns
        ][-1:]
        return any(isinstance(entry, TimelineEvent) and entry.step is EventKind.CLOSED for entry in last_turn)

    @cached_property
    def affected(self) -> tuple[Affected, ...]:
        """The services affected at present as customers were told; empty when it is over, and before planned work
        has started."""
        if self.latest is None or self.is_announced_over or self.is_closed_silently:
            return ()
        affected = self.latest.notice.facts.affected
        if not self.is_maintenance:
            return affected
        return tuple(Affected(item.service, State.MAINTENANCE) for item in affected) if self.has_started else ()

    @cached_property
    def state(self) -> State:
        """The worst state it gives any service at present."""
        return worst(tuple(affected.state for affected in self.affected))

    @cached_property
    def status(self) -> str:
        """The word existing clients know: investigating, identified, monitoring, resolved or postmortem; of planned
        work scheduled, in_progress or completed."""
        if self.is_maintenance:
            running = "in_progress" if self.has_started else "scheduled"
            return "completed" if self.is_announced_over or self.is_closed_silently else running
        if self.is_announced_over or (self.latest and self.is_closed_silently):
            return "postmortem" if self.has_postmortem else "resolved"
        if self.latest and self.latest.notice.notice is NoticeKind.MONITORING:
            return "monitoring"
        is_identified = any(item.notice.facts.current_action or item.notice.facts.cause for item in self.notices)
        return "identified" if is_identified else "investigating"


def _event_kind(recorded: TimelineEntry) -> EventKind | None:
    return recorded.entry.step if isinstance(recorded.entry, TimelineEvent) else None


_ENDS = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
