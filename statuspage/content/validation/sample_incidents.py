"""Generates sample incidents: every incident type and maintenance, from the first notice to the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import (
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Claim,
    Estimate,
    Facts,
    IncidentType,
    Known,
    MaintenanceWindow,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Precision,
    Range,
    StartTime,
    State,
    Unknown,
    facts_for_remaining,
    unanswered_questions,
)
from statuspage.rendering.wording import IncidentContext

INCIDENT = "k7m2p9xa4tq8"

FOLLOW_UP_PREFIX = "after-"
"""Prefix of workarounds that apply once the service works again."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A notice to be worded at the time ``now``. ``is_fullest``: it contains as much as possible at once."""

    notice: NoticeKind
    facts: Facts
    context: IncidentContext
    now: datetime
    is_fullest: bool = False


def generate_sample_notices(catalog: Catalog, midnight: datetime, address: str) -> Iterator[Trial]:
    """Every notice of every incident type, one incident each, on the day that begins at ``midnight``; the facts
    vary."""
    samples = SampleIncidents(catalog, midnight, address)
    for number, incident_type in enumerate(catalog.incident_types.values()):
        yield from (
            samples.build_maintenance(incident_type)
            if incident_type.id == MAINTENANCE
            else samples.build_incident(incident_type, number)
        )


@dataclass(frozen=True)
class SampleIncidents:
    """Incidents on the day that begins at ``midnight``."""

    catalog: Catalog
    midnight: datetime
    address: str

    def time_on_day(self, clock: str, days: int = 0) -> datetime:
        """A time on that day, or on a later day."""
        hours, minutes = clock.split(":")
        return self.midnight + timedelta(days=days, hours=int(hours), minutes=int(minutes))

    def build_incident(self, incident_type: IncidentType, number: int) -> Iterator[Trial]:
        """An incident of this type from the first report to the postmortem, with a correction and a withdrawal.
        ``number`` varies the facts."""
        at, context = self.time_on_day, IncidentContext(INCIDENT, self.address)
        first = self._build_first(incident_type, number)
        update = self._build_update(incident_type, number, first)
        yield Trial(NoticeKind.FIRST, first, context, at("12:03"))
        after_first = replace(
            context, previous_facts=first, report_count=1, corrected_notice_at=at("12:03"), first_notice_at=at("12:03")
        )
        yield Trial(NoticeKind.UPDATE, update, after_first, at("13:31"))
        recovery = self._build_recovery(incident_type, number, first, update, after_first)
        yield from recovery
        mistaken = replace(
            first, start=StartTime(Precision.EXACT, at("11:40")), audience=Audience(AffectedAudience.ALL)
        )
        yield Trial(NoticeKind.CORRECTION, mistaken, after_first, at("12:20"))
        yield Trial(NoticeKind.WITHDRAWAL, first, after_first, at("12:20"))
        resolved = recovery[-1]
        claims = (*resolved.context.claims, Claim(resolved.notice, resolved.now, resolved.facts))
        ended = replace(resolved.context, previous_facts=resolved.facts, report_count=5, claims=claims)
        preventions = tuple(self.catalog.leading_pack.lists["prevention"])[number : number + 2]
        reported = replace(resolved.facts, preventions=preventions, report_by=None)
        yield Trial(NoticeKind.POSTMORTEM, reported, ended, at("10:00", 3))
        unanswered = replace(resolved.facts, answers={})
        answers = {
            question.id: question.answers[number % len(question.answers)]
            for question in unanswered_questions(unanswered, self.catalog)
        }
        if answers:
            still_open = replace(ended, previous_facts=unanswered)
            yield Trial(NoticeKind.FOLLOW_UP, replace(resolved.facts, answers=answers), still_open, at("9:00", 1))

    def _build_recovery(
        self, incident_type: IncidentType, number: int, first: Facts, update: Facts, after_first: IncidentContext
    ) -> tuple[Trial, ...]:
        """Partly restored, monitoring, resolved. ``after_first`` is the context right after the first report."""
        at = self.time_on_day
        still_affected = _still_affected(first.affected)
        partly = replace(facts_for_remaining(update, incident_type), affected=still_affected, next_update=at("14:30"))
        all_resolved = self._build_resolved(incident_type, update, number)
        monitored = replace(all_resolved, ended_at=None, next_update=at("15:00"))
        resolved = replace(all_resolved, affected=still_affected)
        claims = (
            Claim(NoticeKind.FIRST, at("12:03"), first),
            Claim(NoticeKind.UPDATE, at("13:31"), update),
            Claim(NoticeKind.PARTLY_RESTORED, at("14:02"), partly),
        )
        updated = replace(after_first, previous_facts=update, report_count=2)
        partly_restored = replace(after_first, previous_facts=partly, report_count=3)
        monitoring = replace(after_first, previous_facts=partly, report_count=4, claims=claims)
        return (
            Trial(NoticeKind.PARTLY_RESTORED, partly, updated, at("14:02")),
            Trial(NoticeKind.MONITORING, monitored, partly_restored, at("14:20")),
            Trial(NoticeKind.RESOLVED, resolved, monitoring, at("14:40")),
        )

    def build_maintenance(self, incident_type: IncidentType) -> Iterator[Trial]:
        """Maintenance: announced, moved, reminded of, begun, extended, finished; and another one that is cancelled."""
        at, services = self.time_on_day, list(self.catalog.services)
        affected = (
            Affected(services[1 % len(services)], State.MAJOR),
            Affected(services[3 % len(services)], State.DEGRADED),
        )
        first_window = MaintenanceWindow(at("1:00", 8), at("4:00", 8))
        window = MaintenanceWindow(at("2:00", 8), at("5:00", 8))
        plan = Facts(
            incident_type=incident_type.id,
            affected=affected,
            audience=Audience(AffectedAudience.ALL),
            workarounds=incident_type.workarounds[:1],
            maintenance_window=window,
            confirmed_working=tuple(
                service for service in services[-2:] if service not in {item.service for item in affected}
            ),
        )
        started_facts = replace(plan, start=StartTime(Precision.EXACT, window.start))
        extended = replace(started_facts, maintenance_window=MaintenanceWindow(window.start, at("6:30", 8)))
        context, moved = IncidentContext(INCIDENT, self.address), replace(plan, maintenance_window=first_window)
        later_context = replace(context, previous_facts=moved, report_count=1, first_notice_at=at("12:03"))
        announced_context = replace(later_context, previous_facts=plan)
        started_context = replace(later_context, previous_facts=started_facts)
        finished = replace(extended, ended_at=at("6:12", 8))
        yield Trial(NoticeKind.ANNOUNCED, plan, later_context, at("12:03", 1))
        yield Trial(NoticeKind.REMINDER, plan, announced_context, at("2:00", 7))
        yield Trial(NoticeKind.STARTED, started_facts, announced_context, window.start)
        yield Trial(NoticeKind.EXTENDED, extended, started_context, at("4:40", 8))
        yield Trial(NoticeKind.FINISHED, finished, replace(started_context, previous_facts=extended), at("6:14", 8))
        yield Trial(NoticeKind.CANCELLED, plan, announced_context, at("18:00", 6))

    def _build_first(self, incident_type: IncidentType, number: int) -> Facts:
        """The facts of the first report. Answers vary by type; every third type leaves its questions open."""
        answers = {
            question.id: question.answers[number // 3 % len(question.answers)]
            for question in incident_type.questions
            if number % 3 or question.is_required
        }
        services = list(self.catalog.services)
        fallback = services[:2] if incident_type.names_services else ()
        affected = incident_type.services or tuple(Affected(service, incident_type.state) for service in fallback)
        unaffected = [service for service in reversed(services) if service not in {item.service for item in affected}]
        audiences = self._audiences()
        return Facts(
            incident_type=incident_type.id,
            affected=affected,
            audience=audiences[number % len(audiences)],
            start=StartTime(tuple(Precision)[(number + 1) % 3], self.time_on_day("11:55")),
            estimate=self._estimates()[number % 4] if incident_type.gives_estimate else Unknown(),
            workarounds=tuple(
                workaround for workaround in incident_type.workarounds if not workaround.startswith(FOLLOW_UP_PREFIX)
            )[: 1 + number % 2],
            next_update=self.time_on_day("12:35"),
            answers=answers,
            confirmed_working=tuple(unaffected[: number % 3]),
        )

    def _build_update(self, incident_type: IncidentType, number: int, first: Facts) -> Facts:
        return replace(
            first,
            estimate=self._later_estimates()[number % 4] if incident_type.gives_estimate else Unknown(),
            current_action=incident_type.current_actions[number % len(incident_type.current_actions)]
            if number % 4 and incident_type.current_actions
            else None,
            cause=incident_type.causes[number % len(incident_type.causes)]
            if number % 4 > 1 and incident_type.causes
            else None,
            next_update=self.time_on_day("14:00"),
            answers=first.answers or {question.id: question.answers[0] for question in incident_type.questions},
        )

    def _build_resolved(self, incident_type: IncidentType, update: Facts, number: int) -> Facts:
        follow_ups = [workaround for workaround in incident_type.workarounds if workaround.startswith(FOLLOW_UP_PREFIX)]
        workarounds = (follow_ups[number % len(follow_ups)],) if follow_ups else ()
        cause = incident_type.causes[0] if len(incident_type.id) % 2 and incident_type.causes else None
        resolved = replace(update, cause=update.cause or cause, workarounds=workarounds, next_update=None)
        report_by = self.midnight.date() + timedelta(days=9) if number % 3 == 0 else None
        return replace(resolved, ended_at=self.time_on_day("14:12"), confirmed_working=(), report_by=report_by)

    def _audiences(self) -> tuple[Audience, ...]:
        group_ids = tuple(self.catalog.leading_pack.audience_groups)
        groups = tuple(Audience(AffectedAudience.GROUPS, ids) for ids in (group_ids[:1], group_ids[:3]) if ids)
        return (Audience(AffectedAudience.ALL), Audience(), Audience(AffectedAudience.SOME), *groups)

    def _estimates(self) -> tuple[Estimate, ...]:
        at = self.time_on_day
        return (Unknown(), Known(at("13:30")), Range(at("13:00"), at("13:30")), NotBefore(at("18:00")))

    def _later_estimates(self) -> tuple[Estimate, ...]:
        at = self.time_on_day
        missed = (MissedEstimate(at("13:30"), Known(at("15:00"))), MissedEstimate(at("13:30"), is_approximate=False))
        return (Known(at("14:30")), *missed, Range(at("23:30"), at("1:00", 1)))


def _still_affected(affected: tuple[Affected, ...]) -> tuple[Affected, ...]:
    """What still does not work after a partial recovery: the last service, or the only one in a better state."""
    if len(affected) > 1:
        return affected[-1:]
    milder = {State.MAJOR: State.PARTIAL, State.PARTIAL: State.DEGRADED}
    return tuple(Affected(item.service, milder.get(item.state, State.DEGRADED)) for item in affected)
