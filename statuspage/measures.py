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


STAGES = ("alerted", "acknowledged", "confirmed", "colleagues_told", "published", "readable", "resolved")
"""The marks in the order a smooth response reaches them."""


def stamps(incident: Incident) -> tuple[Stamp, ...]:
    """The marks this incident has reached, by time. *Alerted* is the alert's arrival, or the form opened."""
    marks = [Stamp("alerted", incident.t0)]
    marks += _step(incident, StepKind.ACKNOWLEDGED, "acknowledged")
    marks += _step(incident, StepKind.CONFIRMED, "confirmed")
    told = [r for r in incident.entries if isinstance(r.entry, InternalNote)]
    marks += [Stamp("colleagues_told", r.recorded, r.entry.by) for r in told[:1] if isinstance(r.entry, InternalNote)]
    marks += _notice(incident, NoticeKind.FIRST, "published")
    if (at := readable_at(incident)) is not None:
        marks.append(Stamp("readable", at))
    marks += _resolved(incident)
    return tuple(sorted(marks, key=lambda stamp: (stamp.at, STAGES.index(stamp.stage))))


def intervals(incident: Incident) -> tuple[Interval, ...]:
    """The stretch before each mark, so that together they cover the whole time without a gap."""
    marks = stamps(incident)
    return tuple(Interval(b.stage, a.at, b.at, b.by) for a, b in pairwise(marks))


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
    for r in incident.entries:
        if isinstance(r.entry, Step) and r.entry.step is step:
            return [Stamp(stage, r.happened, r.entry.by)]
    return []


def _notice(incident: Incident, kind: NoticeKind, stage: str) -> list[Stamp]:
    for r in incident.notices:
        if r.notice.notice is kind:
            return [Stamp(stage, r.recorded, r.notice.by)]
    return []


def _resolved(incident: Incident) -> list[Stamp]:
    found: Recorded | None = None
    for r in incident.entries:
        if isinstance(r.entry, Notice) and r.entry.notice is NoticeKind.RESOLVED:
            found = r
    if found is None or incident.reopened or not isinstance(found.entry, Notice):
        return []
    return [Stamp("resolved", readable_at(incident, found.sequence) or found.recorded, found.entry.by)]
