"""Generates trials: every incident type and kind of notice, with all variants of facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle, product, zip_longest
from random import Random
from zoneinfo import ZoneInfo

from statuspage.content.validation.incident_contexts import ADDRESS, ContextGenerator
from statuspage.content.validation.sample_incidents import Trial, generate_sample_notices
from statuspage.domain import (
    IMPACT_STATES,
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
    notice_kinds_of,
)
from statuspage.rendering.wording import NAMED_IN_POSTS, Clock

NOTICES_AFTER_END = (NoticeKind.RESOLVED, NoticeKind.POSTMORTEM, NoticeKind.FINISHED)
"""Kinds of notice that state an end."""

OPEN_NOTICES = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.CORRECTION)
"""Kinds of notice that may have an estimate."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=364)
"""A year whose dates have the same weekdays."""


def generate_trials(catalog: Catalog, now: datetime) -> Iterator[Trial]:
    """All trials; the same ones each time for the same content and ``now``."""
    random = Random(catalog.version)  # noqa: S311 (selects cases, not used for security)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    yield from generate_sample_notices(catalog, midnight, catalog.site.address or ADDRESS)
    generator = TrialGenerator(catalog, now, random)
    incident_day = longest_day(catalog, now) + _YEAR
    day_before_maintenance = longest_day(catalog, now, with_year=False) + _YEAR - _DAY
    for incident_type in catalog.incident_types.values():
        worst_now = day_before_maintenance if incident_type.id == MAINTENANCE else incident_day
        long_day_generator = TrialGenerator(catalog, worst_now, random)
        yield from generator.vary_facts(incident_type)
        yield from generator.vary_answers(incident_type)
        yield from generator.vary_choices(incident_type)
        yield from long_day_generator.build_fullest(incident_type)
        yield from long_day_generator.build_stepwise_recovery(incident_type)
    yield from generator.vary_services()


def longest_day(catalog: Catalog, now: datetime, *, with_year: bool = True) -> datetime:
    """Late in the evening of the day of the past year whose text is longest in the leading language.

    ``with_year``: written with its year; otherwise without.
    """
    clock = Clock(catalog.leading_pack.locale_rules, catalog.site.zone)
    evening = now.astimezone(ZoneInfo(catalog.site.zone)).replace(hour=22, minute=34)
    return max(
        (evening - n * _DAY for n in reversed(range(366))),
        key=lambda day: len(clock.format_full_day(day, now=now if with_year else day)),
    )


@dataclass(frozen=True)
class TrialGenerator:
    """Generates facts. What a trial does not vary itself is drawn at random, evenly distributed."""

    catalog: Catalog
    now: datetime
    random: Random

    def vary_facts(self, incident_type: IncidentType) -> Iterator[Trial]:
        """Every notice with every estimate, start precision and audience; durations within one day or over several; the
        rest is drawn."""
        for notice in notice_kinds_of(incident_type.id):
            estimates = self._estimates() if notice in OPEN_NOTICES else (Unknown(),) * len(Precision)
            for estimate, precision in zip(estimates, cycle(Precision)):
                start_time = StartTime(precision, self.random.choice(self._start_times()))
                yield self._build_trial(
                    notice, replace(self._build_facts(incident_type, notice), estimate=estimate, start=start_time)
                )
        if incident_type.id == MAINTENANCE:
            return
        for notice, start, precision in product(
            (NoticeKind.RESOLVED, NoticeKind.POSTMORTEM), self._start_times(), Precision
        ):
            yield self._build_trial(
                notice, replace(self._build_facts(incident_type, notice), start=StartTime(precision, start))
            )
        for notice, audience in product((NoticeKind.FIRST, NoticeKind.UPDATE), self._audiences()):
            yield self._build_trial(notice, replace(self._build_facts(incident_type, notice), audience=audience))

    def vary_answers(self, incident_type: IncidentType) -> Iterator[Trial]:
        """Every answer to every question of the incident type, in every notice."""
        for question in incident_type.questions:
            for answer, notice in product(("checking", *question.answers), notice_kinds_of(incident_type.id)):
                facts = self._build_facts(incident_type, notice)
                yield self._build_trial(notice, replace(facts, answers={**facts.answers, question.id: answer}))

    def vary_choices(self, incident_type: IncidentType) -> Iterator[Trial]:
        """Every cause, current action and workaround of the incident type, in the notices that may contain them."""
        notices = (NoticeKind.UPDATE, NoticeKind.RESOLVED)
        for notice in (NoticeKind.ANNOUNCED,) if incident_type.id == MAINTENANCE else notices:
            facts = self._build_facts(incident_type, notice)
            for cause, current_action, workaround in zip_longest(
                incident_type.causes, incident_type.current_actions, incident_type.workarounds
            ):
                workarounds = (workaround,) if workaround else ()
                yield self._build_trial(
                    notice, replace(facts, cause=cause, current_action=current_action, workarounds=workarounds)
                )

    def vary_services(self) -> Iterator[Trial]:
        """Every service in every state, in every notice, in its own words and in those of incident types that have
        their own."""
        incident_types = list(self.catalog.incident_types.values())
        planned = [item for item in incident_types if item.id == MAINTENANCE]
        standard = [item for item in incident_types if not item.has_own_sentences and item not in planned]
        chosen = [item for item in incident_types if item.has_own_sentences] + standard[:1] + planned
        for incident_type, service, state in product(chosen, self.catalog.services, IMPACT_STATES):
            for notice in (
                (NoticeKind.FIRST, NoticeKind.RESOLVED)
                if incident_type.has_own_sentences
                else notice_kinds_of(incident_type.id)
            ):
                yield self._build_trial(
                    notice, replace(self._build_facts(incident_type, notice), affected=(Affected(service, state),))
                )

    def build_fullest(self, incident_type: IncidentType) -> Iterator[Trial]:
        """The longest possible texts, on days with long names: the worst case for media with a length limit."""
        all_affected = tuple(Affected(service, State.MAJOR) for service in self.catalog.services)
        proposed = incident_type.services or (all_affected if incident_type.names_services else ())
        late_estimate = Range(self.now + _DAY, self.now + 2 * _DAY)
        for notice, (number, precision), groups in product(
            notice_kinds_of(incident_type.id), enumerate(Precision), self._longest_groups()
        ):
            facts = Facts(
                incident_type=incident_type.id,
                affected=(proposed, all_affected, self._longest_names_worst())[number],
                audience=Audience(AffectedAudience.GROUPS, groups),
                start=StartTime(precision, self.now - _YEAR),
                estimate=MissedEstimate(self.now - _HOUR, late_estimate),
                workarounds=incident_type.workarounds,
                current_action=_longest_entry(self.catalog, "current_action", incident_type.current_actions),
                cause=_longest_entry(self.catalog, "cause", incident_type.causes),
                next_update=self.now + _DAY,
                ended_at=self.now if notice in NOTICES_AFTER_END else None,
                answers={
                    question.id: (*question.answers, "checking")[number % (len(question.answers) + 1)]
                    for question in incident_type.questions
                },
                confirmed_working=tuple(self.catalog.services),
            )
            if incident_type.id == MAINTENANCE:  # which is for everybody
                facts = replace(facts, maintenance_window=self._build_window(notice, 7 * _DAY), audience=Audience())
            yield replace(self._build_trial(notice, facts), is_fullest=True)

    def build_stepwise_recovery(self, incident_type: IncidentType) -> Iterator[Trial]:
        """All services were affected and recovered one after the other: the notices that cover all of it."""
        services = [] if incident_type.id == MAINTENANCE else list(self.catalog.services)
        for precision, state in product(Precision, IMPACT_STATES if services else ()):
            affected = [Affected(service, state) for service in services]
            facts = replace(self._build_facts(incident_type, NoticeKind.RESOLVED), ended_at=self.now)
            facts = replace(facts, start=StartTime(precision, self.now - _YEAR))
            remaining = [
                replace(facts, affected=tuple(affected[restored:]), ended_at=None) for restored in range(len(affected))
            ]
            claims = tuple(
                Claim(NoticeKind.UPDATE, self.now - (len(affected) - restored) * _HOUR / 6, partial_facts)
                for restored, partial_facts in enumerate(remaining)
            )
            last_facts = replace(facts, affected=tuple(affected[-1:]))
            context = replace(
                self._contexts.build_later(last_facts), claims=claims, corrected_notice_at=self.now - _HOUR / 2
            )
            yield Trial(NoticeKind.RESOLVED, last_facts, context, self.now)
            ended_context = replace(context, claims=(*claims, Claim(NoticeKind.RESOLVED, self.now, last_facts)))
            yield Trial(NoticeKind.CORRECTION, replace(facts, affected=tuple(affected)), ended_context, self.now)
            preventions = tuple(self.catalog.leading_pack.lists["prevention"])
            yield Trial(NoticeKind.POSTMORTEM, replace(last_facts, preventions=preventions), ended_context, self.now)

    @property
    def _contexts(self) -> ContextGenerator:
        return ContextGenerator(self.catalog, self.now)

    def _build_trial(self, notice: NoticeKind, facts: Facts) -> Trial:
        return Trial(
            notice,
            facts,
            self._contexts.choose_context(facts, self.random),
            self.now,
        )

    def _build_facts(self, incident_type: IncidentType, notice: NoticeKind) -> Facts:
        choose, is_over = self.random.choice, notice in NOTICES_AFTER_END
        first_services = tuple(self.catalog.services)[:2]
        if incident_type.id == MAINTENANCE:
            return self._build_maintenance_facts(incident_type, notice)
        return Facts(
            incident_type=incident_type.id,
            affected=incident_type.services
            or tuple(Affected(service, incident_type.state) for service in first_services),
            audience=choose(self._audiences()),
            start=StartTime(choose(tuple(Precision)), choose(self._start_times())),
            estimate=choose(self._estimates()),
            workarounds=choose(
                ((), incident_type.workarounds[:1], incident_type.workarounds[:2], incident_type.workarounds)
            ),
            current_action=choose((None, *incident_type.current_actions)),
            cause=None if notice is NoticeKind.FIRST else choose((None, *incident_type.causes)),
            next_update=choose((None, self.now + _HOUR / 2, self.now + _DAY)),
            ended_at=self.now - choose((0, 1, 5)) * _HOUR / 30 if is_over else None,
            answers={question.id: choose((*question.answers, "checking")) for question in incident_type.questions},
            extra=choose(({}, {pack.language: pack.tagline for pack in self.catalog.packs.values()})),
            confirmed_working=choose(((), *self._working_services())),
        )

    def _longest_names_worst(self) -> tuple[Affected, ...]:
        """All services; those with the longest names are worst affected, so that a short text names exactly them."""
        words = self.catalog.leading_pack.services
        longest = sorted(words, key=lambda service: -len(words[service].name))[:3]
        return tuple(
            Affected(service, State.MAJOR if service in longest else State.DEGRADED)
            for service in self.catalog.services
        )

    def _longest_groups(self) -> tuple[tuple[str, ...], ...]:
        """All groups of customers; and the longest labels, as many as the first sentence of a post names."""
        packs = self.catalog.packs.values()
        lengths = {
            group: max(len(pack.audience_groups[group].label) for pack in packs)
            for group in self.catalog.leading_pack.audience_groups
        }
        longest = tuple(sorted(lengths, key=lambda group: -lengths[group]))
        return (tuple(lengths), longest[:NAMED_IN_POSTS]) if len(longest) > NAMED_IN_POSTS else (tuple(lengths),)

    def _working_services(self) -> tuple[tuple[str, ...], ...]:
        """Services that may be confirmed to work: the last one, the last three, or all."""
        services = tuple(self.catalog.services)
        return services[-1:], services[-3:], services

    def _build_maintenance_facts(self, incident_type: IncidentType, notice: NoticeKind) -> Facts:
        choose = self.random.choice
        services, start = tuple(self.catalog.services), StartTime(Precision.EXACT, self.now - _HOUR)
        return Facts(
            incident_type=incident_type.id,
            affected=tuple(
                Affected(service, choose(IMPACT_STATES)) for service in services[: choose((1, 2, len(services)))]
            ),
            start=choose((None, start)) if notice is not NoticeKind.STARTED else start,
            workarounds=choose(((), incident_type.workarounds)),
            ended_at=self.now if notice in NOTICES_AFTER_END else None,
            maintenance_window=self._build_window(notice, choose((2 * _HOUR, _DAY))),
            extra=choose(({}, {pack.language: pack.tagline for pack in self.catalog.packs.values()})),
            confirmed_working=choose(((), *self._working_services())),
        )

    def _build_window(self, notice: NoticeKind, length: timedelta) -> MaintenanceWindow:
        """A window in the future, or around the present once the work has begun."""
        is_ahead = notice in (NoticeKind.ANNOUNCED, NoticeKind.REMINDER)
        start = self.now + _DAY if is_ahead else self.now - _HOUR
        return MaintenanceWindow(start, start + length)

    def _start_times(self) -> tuple[datetime, ...]:
        return (self.now - _HOUR / 6, self.now - _DAY, self.now - 400 * _DAY)

    def _estimates(self) -> tuple[Estimate, ...]:
        soon, later = self.now + _HOUR, self.now + _DAY
        present = (
            Unknown(),
            Known(soon),
            Known(later),
            Range(soon, soon + _HOUR),
            Range(soon, later),
            NotBefore(later),
        )
        missed = (Unknown(), Known(soon), Range(soon, later), NotBefore(later))
        return (
            *present,
            *(MissedEstimate(self.now - _HOUR / 6, estimate, estimate.shape != "range") for estimate in missed),
        )

    def _audiences(self) -> tuple[Audience, ...]:
        group_ids = tuple(self.catalog.leading_pack.audience_groups)
        groups = tuple(
            Audience(AffectedAudience.GROUPS, ids) for ids in (group_ids[:1], group_ids[:2], group_ids) if ids
        )
        return (
            Audience(AffectedAudience.ALL),
            Audience(AffectedAudience.SOME),
            Audience(AffectedAudience.CHECKING),
            *groups,
        )


def _longest_entry(catalog: Catalog, name: str, ids: Sequence[str]) -> str | None:
    """The longest entry of a closed list in any language."""
    packs = catalog.packs.values()
    return max(
        ids, key=lambda entry_id: max(len(pack.lists[name][entry_id].text.encode()) for pack in packs), default=None
    )
