"""Response times of an incident, from the alert to the moment customers could read the notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from statuspage.domain.facts import NOTICES_AFTER_END, NoticeKind
from statuspage.domain.incident import (
    EventKind,
    Incident,
    InternalNote,
    Notice,
    RecordedNotice,
    TimelineEntry,
    TimelineEvent,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """One stage reached: its name, when (aware, UTC) and by whom."""

    stage: str
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """The time one stage took: from the previous stage to this one. ``pause`` is what does not count of it."""

    stage: str
    start: datetime
    end: datetime
    actor: str = ""
    pause: timedelta = timedelta()

    @property
    def duration(self) -> timedelta:
        """How long it took, without pauses."""
        return self.end - self.start - self.pause


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's clock was set: at ``at`` by the old time, by ``change`` (negative: back)."""

    at: datetime
    change: timedelta


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """When a figure starts to count, and what is excluded from it.

    ``source`` says what started the clock: *alert* (the monitor's time), *received* (when the alert reached us, if the
    monitor's time cannot count), *announced* (by the leader) or *form*. ``pauses`` do not count. ``acknowledged`` is
    when somebody acknowledged the alert, if the incident does not record it. ``steps`` say how the machine's clock was
    set meanwhile; a time that occurred twice is taken as the later one.
    """

    start: datetime
    source: str
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    acknowledged: Stamp | None = None
    steps: tuple[ClockStep, ...] = ()

    def pause_between(self, begin: datetime, end: datetime) -> timedelta:
        """How much of this interval was paused."""
        clipped = [(max(begin, pause_start), min(end, pause_end)) for pause_start, pause_end in self.pauses]
        return sum(
            (
                max(stop - start - self._change_between(start, stop), timedelta())
                for start, stop in clipped
                if start < stop
            ),
            timedelta(),
        )

    def is_changed_between(self, begin: datetime, end: datetime) -> bool:
        """Whether the machine's clock was set in this interval."""
        return any(_spans(step, begin, end) for step in self.steps)

    def _change_between(self, begin: datetime, end: datetime) -> timedelta:
        """By how much the machine's clock was set in this interval."""
        return sum((step.change for step in self.steps if _spans(step, begin, end)), timedelta())

    def elapsed_between(self, begin: datetime, end: datetime) -> timedelta:
        """The length of this interval, without pauses."""
        return end - begin - self._change_between(begin, end) - self.pause_between(begin, end)

    def elapsed_until(self, at: datetime) -> timedelta:
        """The time from the start to this moment, without pauses."""
        return self.elapsed_between(self.start, at)


def _spans(step: ClockStep, begin: datetime, end: datetime) -> bool:
    return begin <= step.at and end >= step.at + step.change and step.change != timedelta()


STAGES = (
    "alerted", "announced", "received", "acknowledged", "confirmed", "colleagues_told", "opened", "facts", "written",
    "published", "readable", "resolved",
)  # fmt: skip
"""The stages in the order in which a smooth response reaches them. *Received* is the alert's arrival, if its monitor
says that it fired earlier; *opened* is the form, *facts* the last answer before the first notice, *written* the
approval of the text."""

OPTIONAL_STAGES = ("received", "opened", "facts", "written")
"""Stages that are left out if they take no time."""


def default_clock(incident: Incident) -> ResponseClock:
    """The clock to use if only the incident itself is known."""
    return ResponseClock(incident.t0, incident.t0_source)


def stamps(incident: Incident, clock: ResponseClock | None = None) -> tuple[Stamp, ...]:
    """The stages this incident has reached, by time. *Alerted* is the clock's start, unless the leader announced
    that."""
    actual_clock = clock or default_clock(incident)
    reached_stamps = [Stamp("announced" if actual_clock.source == "announced" else "alerted", actual_clock.start)]
    reached_stamps += [
        stamp for stamp in _stamps_of_step(incident, EventKind.RECEIVED, "received") if stamp.at > actual_clock.start
    ]
    acknowledged = _stamps_of_step(incident, EventKind.ACKNOWLEDGED, "acknowledged")
    reached_stamps += acknowledged or ([actual_clock.acknowledged] if actual_clock.acknowledged else [])
    reached_stamps += _stamps_of_step(incident, EventKind.CONFIRMED, "confirmed")
    notes = [item for item in incident.entries if isinstance(item.entry, InternalNote)]
    reached_stamps += [
        Stamp("colleagues_told", item.happened, item.entry.actor)
        for item in notes[:1]
        if isinstance(item.entry, InternalNote)
    ]
    reached_stamps += _first_report(incident, actual_clock)
    if (first_readable := readable_at(incident)) is not None:
        reached_stamps.append(Stamp("readable", first_readable))
    reached_stamps += _resolved(incident)
    return tuple(sorted(reached_stamps, key=lambda stamp: (stamp.at, STAGES.index(stamp.stage))))


def intervals(incident: Incident, clock: ResponseClock | None = None) -> tuple[Interval, ...]:
    """The intervals before each stage. Together they cover the whole time without a gap."""
    actual_clock = clock or default_clock(incident)
    pairs = pairwise(stamps(incident, actual_clock))
    all_intervals = (
        Interval(
            stamp.stage,
            previous.at,
            stamp.at,
            stamp.actor,
            stamp.at - previous.at - actual_clock.elapsed_between(previous.at, stamp.at),
        )
        for previous, stamp in pairs
    )
    return tuple(interval for interval in all_intervals if interval.duration or interval.stage not in OPTIONAL_STAGES)


def first_standing(incident: Incident) -> RecordedNotice | None:
    """The first notice that was not withdrawn. Corrections and postmortems do not count."""
    return next(
        (item for item in incident.notices[_withdrawn_count(incident) :] if item.notice.notice not in _AMENDS), None
    )


def has_withdrawal(incident: Incident) -> bool:
    """Whether a first notice was published and then withdrawn."""
    return _withdrawn_count(incident) > 0


def _withdrawn_count(incident: Incident) -> int:
    """How many notices a withdrawal took back, including itself."""
    positions = [n for n, item in enumerate(incident.notices, 1) if item.notice.notice is NoticeKind.WITHDRAWAL]
    return positions[-1] if positions else 0


_AMENDS = (NoticeKind.CORRECTION, *NOTICES_AFTER_END)


def readable_at(incident: Incident, sequence: int | None = None) -> datetime | None:
    """When customers could first read this notice (default: the first that was not withdrawn). None if they cannot
    yet."""
    if sequence is None:
        first_notice = first_standing(incident)
        if first_notice is None:
            return None
        sequence = first_notice.sequence
    for item in incident.entries:
        if (
            isinstance(item.entry, TimelineEvent)
            and item.entry.event is EventKind.READABLE
            and item.entry.text == str(sequence)
        ):
            return item.happened
    return None


def time_to_notice(incident: Incident, clock: ResponseClock | None = None) -> timedelta | None:
    """From the clock's start to the moment customers could read the first valid notice, without pauses.

    None if they cannot yet, and for planned maintenance.
    """
    at = readable_at(incident)
    return None if at is None or incident.is_maintenance else (clock or default_clock(incident)).elapsed_until(at)


def slowest(incident: Incident, clock: ResponseClock | None = None) -> Interval | None:
    """The longest interval before customers could read the notice: what to practise next. None if there is no figure
    yet."""
    end = readable_at(incident)
    candidates = [interval for interval in intervals(incident, clock) if end is not None and interval.end <= end]
    return max(candidates, key=lambda interval: interval.duration, default=None)


def _stamps_of_step(incident: Incident, step: EventKind, stage: str) -> list[Stamp]:
    return _steps(incident, step, stage)[:1]


def _steps(incident: Incident, step: EventKind, stage: str, after_sequence: int = 0) -> list[Stamp]:
    """Each time this event happened after the entry with this sequence."""
    events = [
        (item, item.entry)
        for item in incident.entries
        if isinstance(item.entry, TimelineEvent) and item.entry.event is step
    ]
    return [Stamp(stage, item.happened, event.actor) for item, event in events if item.sequence > after_sequence]


def _published(incident: Incident, first_notice: RecordedNotice) -> Stamp:
    """The first report, by whoever released it: the approver, if approval was needed."""
    events = [(item.sequence, item.entry) for item in incident.entries if isinstance(item.entry, TimelineEvent)]
    after_sequence = _newest_withdrawal(incident)
    approvers = [
        event.actor
        for sequence, event in events
        if event.event in _RELEASES and after_sequence < sequence < first_notice.sequence
    ]
    return Stamp("published", first_notice.recorded, approvers[-1] if approvers else first_notice.notice.actor)


_RELEASES = (EventKind.APPROVED, EventKind.PUBLISHED_WITHOUT_APPROVAL)


def _newest_withdrawal(incident: Incident) -> int:
    """The sequence of the newest withdrawal, 0 if there is none. The stages of a valid notice come after it."""
    return incident.notices[_withdrawn_count(incident) - 1].sequence if has_withdrawal(incident) else 0


def _first_report(incident: Incident, clock: ResponseClock) -> list[Stamp]:
    """The form opened, the last fact received, the text ready, and the first valid notice."""
    opened = _stamps_of_step(incident, EventKind.FORM_OPENED, "opened") if clock.source != "form" else []
    first_notice = first_standing(incident)
    if first_notice is None:
        return opened
    published, after_sequence = _published(incident, first_notice), _newest_withdrawal(incident)
    received = _steps(incident, EventKind.FACT_RECEIVED, "facts")
    return [
        *(stamp for stamp in opened if stamp.at <= published.at),
        *[stamp for stamp in received if stamp.at <= published.at][-1:],
        *_steps(incident, EventKind.WORDS_READY, "written", after_sequence)[:1],
        published,
    ]


def _resolved(incident: Incident) -> list[Stamp]:
    resolution: TimelineEntry | None = None
    for item in incident.entries:
        if isinstance(item.entry, Notice) and item.entry.notice is NoticeKind.RESOLVED:
            resolution = item
    if resolution is None or incident.is_reopened or not isinstance(resolution.entry, Notice):
        return []
    return [
        Stamp("resolved", readable_at(incident, resolution.sequence) or resolution.recorded, resolution.entry.actor)
    ]


def format_duration(length: timedelta) -> str:
    """A duration in minutes and seconds, as in tables: 3:12, 1:03:12."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
