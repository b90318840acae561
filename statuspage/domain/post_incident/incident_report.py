"""The incident report for business customers (障害報告書): what people write in it, and its course of events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from statuspage.domain.facts import NoticeKind, State
from statuspage.domain.incident import EventKind, Incident, Notice
from statuspage.domain.services.outages import StatePeriod, state_periods

REPORT_LANGUAGES = ("ja", "en")
"""The languages in which an incident report is written."""


class ReportState(StrEnum):
    """A draft carries a mark on each page. What is approved never changes; a change makes a new version."""

    DRAFT = "draft"
    APPROVED = "approved"


class ReportPart(StrEnum):
    """The parts of the report that people write, in their order. Prepared sentences stand before some of them."""

    SUMMARY = "summary"
    DIRECT_CAUSE = "direct_cause"
    ROOT_CAUSE = "root_cause"
    EMERGENCY = "emergency"
    PERMANENT = "permanent"
    PREVENTION = "prevention"


class CourseKind(StrEnum):
    """What an item of the course is."""

    DETECTED = "detected"
    CONFIRMED = "confirmed"
    STATE = "state"
    RECOVERED = "recovered"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """One version of a report.

    ``services`` are the ids of those that its ``recipient`` uses. ``texts`` maps a part and a language to text.
    ``changes`` counts those of a draft. ``sequence`` is the newest entry of the incident when it was approved: later
    ones are not in it.
    """

    number: int
    incident: str
    recipient: str
    services: tuple[str, ...]
    version: int
    state: ReportState
    texts: Mapping[str, Mapping[str, str]]
    changes: int
    changed_at: datetime
    changed_by: str
    sequence: int | None = None
    approved_at: datetime | None = None
    approved_by: str = ""

    @property
    def printed_number(self) -> str:
        """Its number as customers read it: IR-0012."""
        return f"IR-{self.number:04}"

    @property
    def written_languages(self) -> tuple[str, ...]:
        """The languages in which anything is written; all while nothing is."""
        written = {language for words in self.texts.values() for language in words}
        return tuple(language for language in REPORT_LANGUAGES if language in written or not written)

    @property
    def unequal_parts(self) -> tuple[str, ...]:
        """The parts that are written in one of these languages and missing in another."""
        return tuple(part for part, words in self.texts.items() if set(self.written_languages) - set(words))

    def text(self, part: ReportPart, language: str) -> str:
        """What was written in this part; "" if nothing was."""
        return self.texts.get(part, {}).get(language, "")


@dataclass(frozen=True, slots=True)
class CourseItem:
    """One item of the course. ``service`` and ``state`` are of a change of state, ``notice`` is what was published."""

    at: datetime
    kind: CourseKind
    service: str = ""
    state: State = State.OPERATIONAL
    notice: Notice | None = field(default=None)


def periods_of(incident: Incident, services: Collection[str]) -> tuple[StatePeriod, ...]:
    """The states of these services during the incident, by service and time."""
    return tuple(period for period in state_periods(incident) if period.service in services)


def report_course(incident: Incident, services: Collection[str]) -> tuple[CourseItem, ...]:
    """The course of the incident as the users of these services saw it, oldest first. Other services are not in it."""
    items = [*_noticed(incident), *_states(incident, services), *_notices(incident, services)]
    order = list(CourseKind)
    return tuple(sorted(items, key=lambda item: (item.at, order.index(item.kind))))


def _noticed(incident: Incident) -> Iterator[CourseItem]:
    if incident.t0_source != "form":
        yield CourseItem(incident.t0, CourseKind.DETECTED)
    if confirmed := incident.first_time_of(EventKind.CONFIRMED):
        yield CourseItem(confirmed, CourseKind.CONFIRMED)


def _states(incident: Incident, services: Collection[str]) -> Iterator[CourseItem]:
    """Each change of state; a gap, and the end, is a recovery."""
    for service, group in groupby(periods_of(incident, services), key=lambda period: period.service):
        periods = list(group)
        starts = {period.start for period in periods}
        for period in periods:
            yield CourseItem(period.start, CourseKind.STATE, service, period.state)
            if period.end is not None and period.end not in starts:
                yield CourseItem(period.end, CourseKind.RECOVERED, service)


def _notices(incident: Incident, services: Collection[str]) -> Iterator[CourseItem]:
    for item in incident.notices:
        named = {affected.service for affected in item.notice.facts.named_services}
        is_end = item.notice.notice in (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL)
        if is_end or not named or named & set(services):
            yield CourseItem(item.recorded, CourseKind.NOTICE, notice=item.notice)
