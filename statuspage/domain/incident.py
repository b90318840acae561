"""The timeline of one incident: an append-only list of events, internal notes and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Literal

from statuspage.domain.facts import (
    MAINTENANCE,
    NOTICES_AFTER_END,
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
from statuspage.domain.services.impact import Claim, Impact, impacts

DRILL = "drill"
"""Prefix of drill ids; no live id has it."""


class EventKind(StrEnum):
    """What the team did, or received."""

    ALERTED = "alerted"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    FORM_OPENED = "form_opened"
    WORDS_READY = "words_ready"
    APPROVAL_REQUESTED = "approval_requested"
    APPROVED = "approved"
    APPROVAL_REFUSED = "approval_refused"
    PUBLISHED_WITHOUT_APPROVAL = "published_without_approval"
    FACTS_REQUESTED = "facts_requested"
    FACTS_REMINDED = "facts_reminded"
    FACT_REQUEST_REVOKED = "fact_request_revoked"
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
    """An event of the timeline. ``actor`` is a person's name, "" for the program.

    ``answers_to`` is the sequence of the event that this one answers (0: none), ``engineer_answer`` an engineer's
    answer, ``pending_approval`` what a second person is asked to approve.
    """

    event: EventKind
    actor: str = ""
    text: str = ""
    answers_to: int = 0
    engineer_answer: EngineerAnswer | None = None
    pending_approval: PendingApproval | None = None
    type: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class InternalNote:
    """A note for staff; never shown to customers."""

    text: str
    actor: str = ""
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class ScheduledNotice:
    """A notice approved together with a plan: published automatically at the time ``at``, with these texts.

    ``channels`` are the channels it goes to in addition to the site; None: all that carry this kind of notice.
    """

    notice: NoticeKind
    at: datetime
    facts: Facts
    texts: Mapping[str, NoticeText]
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A text for customers with the facts it was made from. ``key`` makes repeated submissions of the same notice count
    once.

    ``reason`` is stored if somebody left out a language or edited the text by hand. ``scheduled`` are the notices of a
    maintenance that follow automatically, unless a newer plan replaces them. ``warning_classes`` are the classes of the
    plain-language warnings at the moment the form had most of them, one entry for each warning; the words themselves
    are not stored.
    """

    notice: NoticeKind
    facts: Facts
    texts: Mapping[str, NoticeText]
    actor: str = ""
    key: str = ""
    reason: str = ""
    scheduled: tuple[ScheduledNotice, ...] = ()
    warning_classes: tuple[str, ...] = ()
    type: Literal["notice"] = "notice"


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """A notice in its final wording that waits for a second person. ``latest_sequence`` is that of the newest notice
    its writer had seen, ``channels`` are those it goes to (None: all that carry it), ``author_account`` is the writer's
    account ("" on the command line)."""

    notice: Notice
    latest_sequence: int
    channels: tuple[str, ...] | None = None
    author_account: str = ""


Entry = TimelineEvent | InternalNote | Notice


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry with its sequence. ``happened`` is the claimed time, ``recorded`` is by our own clock; both aware,
    UTC."""

    sequence: int
    happened: datetime
    recorded: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class RecordedNotice:
    """A notice with its sequence, for code that needs only what customers read."""

    sequence: int
    happened: datetime
    recorded: datetime
    notice: Notice


@dataclass(frozen=True)
class Incident:
    """One incident from its confirmation on. ``t0`` is when the alert fired, else when the form was opened.

    ``t0_source`` is *alert* (the monitor's time), *received* (when the alert reached us) or *form*.
    """

    id: str
    opened: datetime
    t0: datetime
    t0_source: str
    entries: tuple[TimelineEntry, ...] = field(default=())

    @cached_property
    def notices(self) -> tuple[RecordedNotice, ...]:
        """The published notices, oldest first."""
        return tuple(
            RecordedNotice(item.sequence, item.happened, item.recorded, item.entry)
            for item in self.entries
            if isinstance(item.entry, Notice)
        )

    @cached_property
    def latest(self) -> RecordedNotice | None:
        """The newest notice; None if nothing is public yet."""
        return self.notices[-1] if self.notices else None

    @property
    def latest_sequence(self) -> int:
        """The sequence of the newest notice, 0 if there is none. A form sends it back to prove what its user had
        seen."""
        return self.latest.sequence if self.latest else 0

    @cached_property
    def incident_type(self) -> str:
        """The incident type as last published, or ``maintenance``; "" if nothing is public yet."""
        return self.latest.notice.facts.incident_type if self.latest else ""

    @cached_property
    def ever_affected(self) -> tuple[str, ...]:
        """Every service ever named by its notices, once each, in that order."""
        return tuple(
            dict.fromkeys(affected.service for item in self.notices for affected in item.notice.facts.affected)
        )

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What its notices claimed, oldest first."""
        return tuple(Claim(item.notice.notice, item.happened, item.notice.facts) for item in self.notices)

    @cached_property
    def impacts(self) -> tuple[Impact, ...]:
        """Every service affected since the first report, each at its worst."""
        return impacts(self.claims)

    @cached_property
    def public_facts(self) -> Facts | None:
        """The facts as customers know them; once it is over, with everything that was affected."""
        facts = self.latest.notice.facts if self.latest else None
        if facts is None or self.is_maintenance or not self.impacts or not (self.is_announced_over and facts.ended_at):
            return facts
        return replace(facts, affected=tuple(Affected(impact.service, impact.state) for impact in self.impacts))

    @cached_property
    def is_maintenance(self) -> bool:
        """Whether it is planned maintenance."""
        return self.incident_type == MAINTENANCE

    @property
    def maintenance_window(self) -> MaintenanceWindow | None:
        """The window of planned maintenance as last published."""
        return self.latest.notice.facts.maintenance_window if self.latest else None

    @property
    def has_started(self) -> bool:
        """Whether a notice has announced that the planned work has started."""
        return any(item.notice.notice is NoticeKind.STARTED for item in self.notices)

    def is_overrun(self, now: datetime) -> bool:
        """Whether the planned end has passed without a notice about it."""
        return (
            self.is_maintenance
            and not self.is_over
            and self.maintenance_window is not None
            and self.maintenance_window.end <= now
        )

    def first_time_of(self, step: EventKind) -> datetime | None:
        """When this event first happened (its claimed time), or None."""
        for item in self.entries:
            if isinstance(item.entry, TimelineEvent) and item.entry.event is step:
                return item.happened
        return None

    @cached_property
    def is_reopened(self) -> bool:
        """Whether it was reopened after the newest *resolved*."""
        last_reopened = last_resolved = 0
        for item in self.entries:
            if isinstance(item.entry, TimelineEvent) and item.entry.event is EventKind.REOPENED:
                last_reopened = item.sequence
            if isinstance(item.entry, Notice) and item.entry.notice in _ENDS:
                last_resolved = item.sequence
        return last_reopened > last_resolved

    @property
    def current_facts(self) -> Facts | None:
        """The facts that the next notice starts from; None before the first. A reopened incident does not take over the
        facts from before it was resolved."""
        if self.latest is None or not self.is_reopened:
            return self.public_facts
        facts = self.latest.notice.facts
        return replace(facts, estimate=Unknown(), current_action=None, cause=None, next_update=None, ended_at=None)

    @cached_property
    def is_announced_over(self) -> bool:
        """Whether the newest notice says that it is over, or was withdrawn."""
        for item in reversed(self.notices):
            if item.notice.notice in _ENDS:
                return True
            if item.notice.notice not in (NoticeKind.CORRECTION, *NOTICES_AFTER_END):
                return False
        return False

    @property
    def report_by(self) -> date | None:
        """The local day until which a postmortem is promised; None if none is, or it has been published."""
        facts = self.current_facts
        return facts.report_by if facts is not None and self.is_over and not self.has_postmortem else None

    @cached_property
    def has_postmortem(self) -> bool:
        """Whether a postmortem has been published since the newest notice that it is over."""
        notice_kinds = [item.notice.notice for item in self.notices]
        last_end = max((n for n, notice_kind in enumerate(notice_kinds) if notice_kind in _ENDS), default=0)
        return NoticeKind.POSTMORTEM in notice_kinds[last_end:]

    @cached_property
    def is_over(self) -> bool:
        """Whether nothing is left to do: customers were told that it is over, or it was closed without a notice."""
        return self.is_closed_silently or (self.is_announced_over and not self.is_reopened)

    @cached_property
    def is_closed_silently(self) -> bool:
        """Whether it was closed without a notice, and nothing was recorded after that."""
        turns = (EventKind.CLOSED, EventKind.REOPENED)
        last_turn = [
            item.entry for item in self.entries if isinstance(item.entry, Notice) or _event_kind(item) in turns
        ][-1:]
        return any(isinstance(entry, TimelineEvent) and entry.event is EventKind.CLOSED for entry in last_turn)

    @cached_property
    def affected(self) -> tuple[Affected, ...]:
        """The services affected at present as published; empty once it is over, and before planned work has started."""
        if self.latest is None or self.is_announced_over or self.is_closed_silently:
            return ()
        affected = self.latest.notice.facts.affected
        if not self.is_maintenance:
            return affected
        return tuple(Affected(item.service, State.MAINTENANCE) for item in affected) if self.has_started else ()

    @cached_property
    def state(self) -> State:
        """The worst present state of any service."""
        return worst(tuple(affected.state for affected in self.affected))

    @cached_property
    def status(self) -> str:
        """The status code for existing API clients: investigating, identified, monitoring, resolved or postmortem; for
        maintenance scheduled, in_progress, verifying (imported from another page) or completed."""
        if self.is_maintenance:
            running = "in_progress" if self.has_started else "scheduled"
            if self.latest and self.latest.notice.notice is NoticeKind.MONITORING:
                running = "verifying"
            return "completed" if self.is_announced_over or self.is_closed_silently else running
        if self.is_announced_over or (self.latest and self.is_closed_silently):
            return "postmortem" if self.has_postmortem else "resolved"
        if self.latest and self.latest.notice.notice is NoticeKind.MONITORING:
            return "monitoring"
        is_identified = any(item.notice.facts.current_action or item.notice.facts.cause for item in self.notices)
        return "identified" if is_identified else "investigating"


def _event_kind(recorded: TimelineEntry) -> EventKind | None:
    return recorded.entry.event if isinstance(recorded.entry, TimelineEvent) else None


_ENDS = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
