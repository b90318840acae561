"""Times of an incident beside the one number: to the alert, to an answer, to the cause, and to the word that it is
over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain.fact_request import answers, asks
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, Incident, RecordedNotice
from statuspage.domain.response_times import ResponseClock, readable_at


@dataclass(frozen=True, slots=True)
class ResponseMark:
    """One of these times. ``name`` is *broken* (something broke → its alert), *answered* (engineers asked → first
    answer), *cause* (the clock's start → somebody knew the cause) or *told_over* (it works again → customers could read
    that)."""

    name: str
    start: datetime
    end: datetime
    took: timedelta


def response_marks(
    incident: Incident, clock: ResponseClock, broken_at: datetime | None = None
) -> tuple[ResponseMark, ...]:
    """Those that can be told, in the order in which they usually end; without pauses. ``broken_at``: when somebody
    broke something on purpose; None: unknown. A time that would end before it begins is left out."""
    spans = (
        ("broken", broken_at, clock.start if clock.source == "alert" else None),
        ("answered", *_answered(incident)),
        ("cause", clock.start, cause_known_at(incident)),
        ("told_over", *_told_over(incident)),
    )
    return tuple(
        ResponseMark(name, start, end, clock.elapsed_between(start, end))
        for name, start, end in spans
        if start is not None and end is not None and start <= end
    )


def cause_known_at(incident: Incident) -> datetime | None:
    """When somebody first gave the cause: an engineer in an answer, or a notice. None if nobody has."""
    moments = [answer.at for answer in answers(incident) if answer.engineer_answer.facts.cause]
    moments += [item.recorded for item in incident.notices if item.notice.facts.cause]
    return min(moments, default=None)


def _answered(incident: Incident) -> tuple[datetime | None, datetime | None]:
    request = next(iter(asks(incident)), None)
    if request is None:
        return None, None
    return request.at, next((answer.at for answer in answers(incident) if answer.at >= request.at), None)


def _told_over(incident: Incident) -> tuple[datetime | None, datetime | None]:
    """When it worked again: as the last notice that says so claims, else when the monitor said so. A claim is typed
    without seconds: the minute in which it was published is *now*."""
    notice = _last_resolved(incident)
    if notice is None or incident.is_reopened:
        return None, None
    works_at = notice.notice.facts.ended_at or incident.first_time_of(EventKind.RECOVERED)
    if works_at and works_at <= notice.recorded < works_at.replace(second=0, microsecond=0) + timedelta(minutes=1):
        works_at = notice.recorded
    return works_at, readable_at(incident, notice.sequence)


def _last_resolved(incident: Incident) -> RecordedNotice | None:
    return next((item for item in reversed(incident.notices) if item.notice.notice is NoticeKind.RESOLVED), None)


STAGE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "acknowledged": ("received", "acknowledged"),
    "confirmed": ("confirmed",),
    "colleagues_told": ("colleagues_told",),
    "written": ("opened", "facts", "written", "published"),
    "readable": ("readable",),
}
"""The stages as drills and live incidents are compared: whatever happens between confirming and publishing is
writing."""


def grouped_stages(stages: Mapping[str, timedelta]) -> dict[str, timedelta]:
    """How long each group of stages took; only groups of which a stage was measured."""
    groups = {name: [stages[stage] for stage in some if stage in stages] for name, some in STAGE_GROUPS.items()}
    return {name: sum(lengths, timedelta()) for name, lengths in groups.items() if lengths}
