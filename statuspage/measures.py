"""Where the minutes went, from the alert to the moment customers could read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from statuspage.facts import NoticeKind
from statuspage.timeline import Incident, InternalNote, Notice, Recorded, Step, StepKind


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

    @property
    def length(self) -> timedelta:
        """How long it took."""
        return self.end - self.start


STAGES = (
    "alerted", "acknowledged", "confirmed", "colleagues_told", "opened", "facts", "written", "published", "readable",
    "resolved",
)  # fmt: skip
"""The marks in the order a smooth response reaches them. *Opened* is the form, *facts* the last answer before the first
notice, *written* the words as they were approved."""

FINE = ("opened", "facts", "written")
"""Marks that are left out where they take no time."""


def stamps(incident: Incident) -> tuple[Stamp, ...]:
    """The marks this incident has reached, by time. *Alerted* is the alert's arrival, or the form opened."""
    marks = [Stamp("alerted", incident.t0)]
    marks += _step(incident, StepKind.ACKNOWLEDGED, "acknowledged")
    marks += _step(incident, StepKind.CONFIRMED, "confirmed")
    told = [r for r in incident.entries if isinstance(r.entry, InternalNote)]
    marks += [Stamp("colleagues_told", r.happened, r.entry.by) for r in told[:1] if isinstance(r.entry, InternalNote)]
    marks += _first_report(incident)
    if (at := readable_at(incident)) is not None:
        marks.append(Stamp("readable", at))
    marks += _resolved(incident)
    return tuple(sorted(marks, key=lambda stamp: (stamp.at, STAGES.index(stamp.stage))))


def intervals(incident: Incident) -> tuple[Interval, ...]:
    """The stretch before each mark, so that together they cover the whole time without a gap."""
    stretches = (Interval(b.stage, a.at, b.at, b.by) for a, b in pairwise(stamps(incident)))
    return tuple(one for one in stretches if one.length or one.stage not in FINE)


def readable_at(incident: Incident, sequence: int | None = None) -> datetime | None:
    """When customers could first read this notice (the first one by default). None while they cannot."""
    wanted = incident.notices[0].sequence if sequence is None and incident.notices else sequence
    for r in incident.entries:
        if isinstance(r.entry, Step) and r.entry.step is StepKind.READABLE and r.entry.text == str(wanted):
            return r.happened
    return None


def time_to_notice(incident: Incident) -> timedelta | None:
    """From the alert to the moment customers could read it. None while they cannot, and for planned work."""
    at = readable_at(incident)
    return None if at is None or incident.maintenance else at - incident.t0


def slowest(incident: Incident) -> Interval | None:
    """The longest stretch before customers could read it: what to practise next. None while there is no figure."""
    end = readable_at(incident)
    before = [i for i in intervals(incident) if end is not None and i.end <= end]
    return max(before, key=lambda i: i.length, default=None)


def _step(incident: Incident, step: StepKind, stage: str) -> list[Stamp]:
    return _steps(incident, step, stage)[:1]


def _steps(incident: Incident, step: StepKind, stage: str) -> list[Stamp]:
    steps = [(r, r.entry) for r in incident.entries if isinstance(r.entry, Step) and r.entry.step is step]
    return [Stamp(stage, recorded.happened, entry.by) for recorded, entry in steps]


def _published(incident: Incident) -> list[Stamp]:
    """The first report, in the hands of whoever let it go out: a second person, where one was asked."""
    for r in incident.notices:
        if r.notice.notice is NoticeKind.FIRST:
            let = [
                one.entry.by
                for one in incident.entries
                if isinstance(one.entry, Step) and one.entry.step in _LET and one.sequence < r.sequence
            ]
            return [Stamp("published", r.recorded, let[-1] if let else r.notice.by)]
    return []


_LET = (StepKind.APPROVED, StepKind.PUBLISHED_ALONE)


def _first_report(incident: Incident) -> list[Stamp]:
    """The form opened, the last fact received, the words ready, and the first notice."""
    published = _published(incident)
    opened = _step(incident, StepKind.FORM_OPENED, "opened") if incident.t0_source != "form" else []
    if not published:
        return opened
    received = _steps(incident, StepKind.FACT_RECEIVED, "facts")
    return [
        *(stamp for stamp in opened if stamp.at <= published[0].at),
        *[stamp for stamp in received if stamp.at <= published[0].at][-1:],
        *_step(incident, StepKind.WORDS_READY, "written"),
        *published,
    ]


def _resolved(incident: Incident) -> list[Stamp]:
    found: Recorded | None = None
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
