"""Where the minutes went, from the alert to the moment customers could read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import (
    Incident,
    InternalNote,
    Notice,
    RecordedNotice,
    StepKind,
    TimelineEntry,
    TimelineEvent,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """One mark on the clock: a stage's name, when it was reached (aware, UTC) and by whom."""

    stage: str
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """The time one stage took: from the mark before it to its own."""

    stage: str
    start: datetime
    end: datetime
    by: str = ""
    paused: timedelta = timedelta()

    @property
    def length(self) -> timedelta:
        """How long it took, without the pauses in it."""
        return self.end - self.start - self.paused


@dataclass(frozen=True, slots=True)
class Counted:
    """From when a figure counts, and what is taken out of it.

    ``source`` says what the clock started with: *alert* (when its monitor says it fired), *received* (when the alert
    reached us, where the monitor's own time cannot count), *announced* (the leader said so) or *form*. ``pauses`` are
    stretches that do not count. ``taken`` is when somebody took the alert, where the incident does not say it itself.
    """

    start: datetime
    source: str
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    taken: Stamp | None = None

    def paused(self, begin: datetime, end: datetime) -> timedelta:
        """How much of this stretch was pause."""
        return sum((max(min(end, b) - max(begin, a), timedelta()) for a, b in self.pauses), timedelta())

    def length(self, begin: datetime, end: datetime) -> timedelta:
        """How long this stretch took, without its pauses."""
        return end - begin - self.paused(begin, end)

    def after(self, at: datetime) -> timedelta:
        """How long after the start this was, without the pauses until then."""
        return self.length(self.start, at)


STAGES = (
    "alerted", "announced", "received", "acknowledged", "confirmed", "colleagues_told", "opened", "facts", "written",
    "published", "readable", "resolved",
)  # fmt: skip
"""The marks in the order a smooth response reaches them. *Received* is the alert's arrival, where its monitor says that
it fired before that; *opened* is the form, *facts* the last answer before the first notice, *written* the words as they
were approved."""

FINE = ("received", "opened", "facts", "written")
"""Marks that are left out where they take no time."""


def counted_of(incident: Incident) -> Counted:
    """How a figure counts where nothing is known but the incident itself."""
    return Counted(incident.t0, incident.t0_source)


def stamps(incident: Incident, counted: Counted | None = None) -> tuple[Stamp, ...]:
    """The marks this incident has reached, by time. *Alerted* is the clock's start, unless that was announced."""
    how = counted or counted_of(incident)
    marks = [Stamp("announced" if how.source == "announced" else "alerted", how.start)]
    marks += [one for one in _stamps_of_step(incident, StepKind.RECEIVED, "received") if one.at > how.start]
    taken = _stamps_of_step(incident, StepKind.ACKNOWLEDGED, "acknowledged")
    marks += taken or ([how.taken] if how.taken else [])
    marks += _stamps_of_step(incident, StepKind.CONFIRMED, "confirmed")
    told = [r for r in incident.entries if isinstance(r.entry, InternalNote)]
    marks += [Stamp("colleagues_told", r.happened, r.entry.by) for r in told[:1] if isinstance(r.entry, InternalNote)]
    marks += _first_report(incident, how)
    if (at := readable_at(incident)) is not None:
        marks.append(Stamp("readable", at))
    marks += _resolved(incident)
    return tuple(sorted(marks, key=lambda stamp: (stamp.at, STAGES.index(stamp.stage))))


def intervals(incident: Incident, counted: Counted | None = None) -> tuple[Interval, ...]:
    """The stretch before each mark, so that together they cover the whole time without a gap."""
    how = counted or counted_of(incident)
    found = pairwise(stamps(incident, how))
    stretches = (Interval(b.stage, a.at, b.at, b.by, how.paused(a.at, b.at)) for a, b in found)
    return tuple(one for one in stretches if one.length or one.stage not in FINE)


def first_standing(incident: Incident) -> RecordedNotice | None:
    """The first notice that still stands: one that was withdrawn is no report, nor is what only amends it."""
    return next((one for one in incident.notices[_withdrawn(incident) :] if one.notice.notice not in _AMENDS), None)


def withdrew(incident: Incident) -> bool:
    """Whether customers were told something first that was then withdrawn."""
    return _withdrawn(incident) > 0


def _withdrawn(incident: Incident) -> int:
    """How many of the notices a withdrawal took back, itself among them."""
    taken = [n for n, one in enumerate(incident.notices, 1) if one.notice.notice is NoticeKind.WITHDRAWAL]
    return taken[-1] if taken else 0


_AMENDS = (NoticeKind.CORRECTION, NoticeKind.ACCOUNT)


def readable_at(incident: Incident, sequence: int | None = None) -> datetime | None:
    """When customers could first read this notice, by default the first that stands. None while they cannot."""
    if sequence is None:
        first = first_standing(incident)
        if first is None:
            return None
        sequence = first.sequence
    for r in incident.entries:
        if isinstance(r.entry, TimelineEvent) and r.entry.step is StepKind.READABLE and r.entry.text == str(sequence):
            return r.happened
    return None


def time_to_notice(incident: Incident, counted: Counted | None = None) -> timedelta | None:
    """From the clock's start to the moment customers could read the first notice that stands, without pauses.

    None while they cannot, and for planned work.
    """
    at = readable_at(incident)
    return None if at is None or incident.maintenance else (counted or counted_of(incident)).after(at)


def slowest(incident: Incident, counted: Counted | None = None) -> Interval | None:
    """The longest stretch before customers could read it: what to practise next. None while there is no figure."""
    end = readable_at(incident)
    before = [i for i in intervals(incident, counted) if end is not None and i.end <= end]
    return max(before, key=lambda i: i.length, default=None)


def _stamps_of_step(incident: Incident, step: StepKind, stage: str) -> list[Stamp]:
    return _steps(incident, step, stage)[:1]


def _steps(incident: Incident, step: StepKind, stage: str, since: int = 0) -> list[Stamp]:
    """When this step was taken, each time, after the entry of this sequence."""
    steps = [(r, r.entry) for r in incident.entries if isinstance(r.entry, TimelineEvent) and r.entry.step is step]
    return [Stamp(stage, r.happened, entry.by) for r, entry in steps if r.sequence > since]


def _published(incident: Incident, first: RecordedNotice) -> Stamp:
    """The first report, in the hands of whoever let it go out: a second person, where one was asked."""
    steps = [(one.sequence, one.entry) for one in incident.entries if isinstance(one.entry, TimelineEvent)]
    since = _taken_back(incident)
    let = [step.by for sequence, step in steps if step.step in _LET and since < sequence < first.sequence]
    return Stamp("published", first.recorded, let[-1] if let else first.notice.by)


_LET = (StepKind.APPROVED, StepKind.PUBLISHED_ALONE)


def _taken_back(incident: Incident) -> int:
    """The sequence of the newest withdrawal, 0 where there is none: what led to a notice that stands came after it."""
    return incident.notices[_withdrawn(incident) - 1].sequence if withdrew(incident) else 0


def _first_report(incident: Incident, how: Counted) -> list[Stamp]:
    """The form opened, the last fact received, the words ready, and the first notice that stands."""
    opened = _stamps_of_step(incident, StepKind.FORM_OPENED, "opened") if how.source != "form" else []
    first = first_standing(incident)
    if first is None:
        return opened
    published, since = _published(incident, first), _taken_back(incident)
    received = _steps(incident, StepKind.FACT_RECEIVED, "facts")
    return [
        *(stamp for stamp in opened if stamp.at <= published.at),
        *[stamp for stamp in received if stamp.at <= published.at][-1:],
        *_steps(incident, StepKind.WORDS_READY, "written", since)[:1],
        published,
    ]


def _resolved(incident: Incident) -> list[Stamp]:
    found: TimelineEntry | None = None
    for r in incident.entries:
        if isinstance(r.entry, Notice) and r.entry.notice is NoticeKind.RESOLVED:
            found = r
    if found is None or incident.reopened or not isinstance(found.entry, Notice):
        return []
    return [Stamp("resolved", readable_at(incident, found.sequence) or found.recorded, found.entry.by)]


def shown(length: timedelta) -> str:
    """A length in minutes and seconds, as tables show it: 3:12, 1:03:12."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
