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


class StepKind(StrEnum):
    """What the team did, or what reached it."""

    ALERTED = "alerted"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    FORM_OPENED = "form_opened"
    WORDS_READY = "words_ready"
    APPROVAL_ASKED = "approval_asked"
    APPROVED = "approved"
    APPROVAL_REFUSED = "approval_refused"
    PUBLISHED_ALONE = "published_alone"
    FACTS_ASKED = "facts_asked"
    FACTS_REMINDED = "facts_reminded"
    FACTS_ENDED = "facts_ended"
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

    step: StepKind
    by: str = ""
    text: str = ""
    of: int = 0
    said: EngineerAnswer | None = None
    waiting: PendingApproval | None = None
    type: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class InternalNote:
    """Words for colleagues; customers never see them."""

    text: str
    by: str = ""
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Scheduled:
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
    by: str = ""
    key: str = ""
    reason: str = ""
    scheduled: tuple[Scheduled, ...] = ()
    met: tuple[str, ...] = ()
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
            RecordedNotice(r.sequence, r.happened, r.recorded, r.entry)
            for r in self.entries
            if isinstance(r.entry, Notice)
        )

    @cached_property
    def latest(self) -> RecordedNotice | None:
        """The newest notice; None while nothing is public."""
        return self.notices[-1] if self.notices else None

    @property
    def seen(self) -> int:
        """Sequence of the newest notice, 0 when there is none: what a form says it has seen."""
        return self.latest.sequence if self.latest else 0

    @cached_property
    def kind(self) -> str:
        """The kind of trouble as customers were told last, or ``maintenance``; "" while nothing is public."""
        return self.latest.notice.facts.kind if self.latest else ""

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """Every service that its notices have ever named, each once, in that order."""
        return tuple(dict.fromkeys(a.service for n in self.notices for a in n.notice.facts.affected))

    @cached_property
    def told(self) -> tuple[Claim, ...]:
        """What its notices said, oldest first."""
        return tuple(Claim(n.notice.notice, n.happened, n.notice.facts) for n in self.notices)

    @cached_property
    def impacts(self) -> tuple[Impact, ...]:
        """Every service that it has affected since the first report, each at its worst."""
        return impacts(self.told)

    @cached_property
    def told_last(self) -> Facts | None:
        """The facts as customers know them; of trouble that is over, everything that was affected."""
        facts = self.latest.notice.facts if self.latest else None
        if facts is None or self.maintenance or not self.impacts or not (self.told_over and facts.ended):
            return facts
        return replace(facts, affected=tuple(Affected(one.service, one.state) for one in self.impacts))

    @cached_property
    def maintenance(self) -> bool:
        """Whether it is planned work."""
        return self.kind == MAINTENANCE

    @property
    def planned(self) -> MaintenanceWindow | None:
        """The window of planned work as customers were told last."""
        return self.latest.notice.facts.planned if self.latest else None

    @property
    def begun(self) -> bool:
        """Whether customers were told that the planned work has started."""
        return any(n.notice.notice is NoticeKind.STARTED for n in self.notices)

    def overrun(self, now: datetime) -> bool:
        """Whether the planned end has passed and nobody has said how it stands."""
        return self.maintenance and not self.over and self.planned is not None and self.planned.end <= now

    def when(self, step: StepKind) -> datetime | None:
        """When this step was first taken (its claimed time), or None."""
        for r in self.entries:
            if isinstance(r.entry, TimelineEvent) and r.entry.step is step:
                return r.happened
        return None

    @cached_property
    def reopened(self) -> bool:
        """Whether it came back after the newest *resolved*."""
        back = resolved = 0
        for r in self.entries:
            if isinstance(r.entry, TimelineEvent) and r.entry.step is StepKind.REOPENED:
                back = r.sequence
            if isinstance(r.entry, Notice) and r.entry.notice in _ENDS:
                resolved = r.sequence
        return back > resolved

    @property
    def standing(self) -> Facts | None:
        """The facts the next notice starts from; None before the first. What was known of the first time does not
        carry over to trouble that came back."""
        if self.latest is None or not self.reopened:
            return self.told_last
        facts = self.latest.notice.facts
        return replace(facts, estimate=Unknown(), doing=None, cause=None, next_update=None, ended=None)

    @cached_property
    def told_over(self) -> bool:
        """Whether the newest word to customers is that it is over, or that it never was."""
        for n in reversed(self.notices):
            if n.notice.notice in _ENDS:
                return True
            if n.notice.notice not in (NoticeKind.CORRECTION, NoticeKind.ACCOUNT):
                return False
        return False

    @cached_property
    def accounted(self) -> bool:
        """Whether an account was published since customers were last told that it is over."""
        told = [n.notice.notice for n in self.notices]
        last = max((n for n, kind in enumerate(told) if kind in _ENDS), default=0)
        return NoticeKind.ACCOUNT in told[last:]

    @cached_property
    def over(self) -> bool:
        """Whether nothing is left to do: customers were told, or it was closed without a notice."""
        return self.shut or (self.told_over and not self.reopened)

    @cached_property
    def shut(self) -> bool:
        """Whether it was closed without a word to customers, and nothing came after that."""
        turns = (StepKind.CLOSED, StepKind.REOPENED)
        last = [r.entry for r in self.entries if isinstance(r.entry, Notice) or _event_kind(r) in turns][-1:]
        return any(isinstance(entry, TimelineEvent) and entry.step is StepKind.CLOSED for entry in last)

    @cached_property
    def affected(self) -> tuple[Affected, ...]:
        """The services affected at present as customers were told; empty when it is over, and before planned work
        has started."""
        if self.latest is None or self.told_over or self.shut:
            return ()
        affected = self.latest.notice.facts.affected
        if not self.maintenance:
            return affected
        return tuple(Affected(a.service, State.MAINTENANCE) for a in affected) if self.begun else ()

    @cached_property
    def state(self) -> State:
        """The worst state it gives any service at present."""
        return worst(tuple(a.state for a in self.affected))

    @cached_property
    def status(self) -> str:
        """The word existing clients know: investigating, identified, monitoring, resolved or postmortem; of planned
        work scheduled, in_progress or completed."""
        if self.maintenance:
            running = "in_progress" if self.begun else "scheduled"
            return "completed" if self.told_over or self.shut else running
        if self.told_over or (self.latest and self.shut):
            return "postmortem" if self.accounted else "resolved"
        if self.latest and self.latest.notice.notice is NoticeKind.WATCHING:
            return "monitoring"
        known = any(n.notice.facts.doing or n.notice.facts.cause for n in self.notices)
        return "identified" if known else "investigating"


def _event_kind(recorded: TimelineEntry) -> StepKind | None:
    return recorded.entry.step if isinstance(recorded.entry, TimelineEvent) else None


_ENDS = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
