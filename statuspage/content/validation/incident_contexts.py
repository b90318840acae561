"""Generates what may have come before a trial notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from statuspage.content.validation.sample_incidents import INCIDENT
from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Claim,
    Facts,
    NotBefore,
    NoticeKind,
    State,
)
from statuspage.rendering.wording import IncidentContext

ADDRESS = "https://status.example.com"
"""The public site's address if it is not known."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ContextGenerator:
    """Possible histories of an incident, on the site of ``catalog`` at the time ``now``."""

    catalog: Catalog
    now: datetime

    def choose_context(self, facts: Facts, random: Random) -> IncidentContext:
        """One of the contexts that fit the facts, evenly drawn."""
        return random.choice(_MAINTENANCE_CONTEXT_BUILDERS if facts.maintenance_window else _CONTEXT_BUILDERS)(
            self, facts
        )

    def unaffected_services(self, facts: Facts) -> tuple[str, ...]:
        """The services that are not affected."""
        affected = {item.service for item in facts.affected}
        return tuple(service for service in self.catalog.services if service not in affected)

    def build_first(self) -> IncidentContext:
        """An incident without an earlier notice."""
        return IncidentContext(INCIDENT, self.catalog.site.address or ADDRESS)

    def build_later(self, facts: Facts) -> IncidentContext:
        """An incident that continues unchanged."""
        return replace(self.build_first(), report_count=1, previous_facts=facts, first_notice_at=self.now - _HOUR / 2)

    def build_wider(self, facts: Facts) -> IncidentContext:
        """An incident that affected another service before and some only later, whose estimate has passed, and of which
        another start was told."""
        others = self.unaffected_services(facts)
        first = (Affected(others[0], State.MAJOR),) if others else facts.affected
        start = facts.start and replace(facts.start, at=facts.start.at - _HOUR / 4)
        previous = replace(
            facts,
            affected=(*first, *facts.affected),
            start=start,
            estimate=NotBefore(self.now - _HOUR / 6),
            ended_at=None,
        )
        claims = (
            Claim(NoticeKind.FIRST, self.now - 2 * _HOUR, replace(previous, affected=first)),
            Claim(NoticeKind.UPDATE, self.now - _HOUR, previous),
        )
        return replace(self.build_later(facts), previous_facts=previous, claims=claims)

    def build_reopened(self, facts: Facts) -> IncidentContext:
        """A reopened incident, while another one is open."""
        return replace(
            self.build_later(facts), is_reopened=True, affected_elsewhere=self.unaffected_services(facts)[:1]
        )

    def build_corrected(self, facts: Facts) -> IncidentContext:
        """An incident whose last notice said less."""
        previous = replace(facts, audience=Audience(AffectedAudience.SOME), cause=None)
        return replace(self.build_later(facts), corrected_notice_at=self.now - _HOUR / 2, previous_facts=previous)

    def build_old(self, facts: Facts) -> IncidentContext:
        """An incident published the day before, on a page whose address is unknown."""
        yesterday = self.now - _DAY
        return replace(
            self.build_later(facts), corrected_notice_at=yesterday, first_notice_at=yesterday, site_address=""
        )

    def build_moved(self, facts: Facts) -> IncidentContext:
        """Maintenance that was planned to begin earlier."""
        plan = facts.maintenance_window and replace(
            facts.maintenance_window, start=facts.maintenance_window.start - _HOUR / 2
        )
        return replace(
            self.build_first(),
            report_count=1,
            previous_facts=replace(facts, maintenance_window=plan),
            first_notice_at=self.now - _DAY,
        )

    def build_announced(self, facts: Facts) -> IncidentContext:
        """Maintenance as announced, while an incident is open."""
        return replace(
            self.build_moved(facts),
            previous_facts=facts,
            affected_elsewhere=tuple(item.service for item in facts.affected[1:]),
        )


_ContextBuilder = Callable[[ContextGenerator, Facts], IncidentContext]

_CONTEXT_BUILDERS: Sequence[_ContextBuilder] = (
    lambda setting, _: setting.build_first(),
    ContextGenerator.build_later,
    ContextGenerator.build_wider,
    ContextGenerator.build_reopened,
    ContextGenerator.build_corrected,
    ContextGenerator.build_old,
)
"""The possible contexts of an incident notice."""

_MAINTENANCE_CONTEXT_BUILDERS: Sequence[_ContextBuilder] = (
    lambda setting, _: setting.build_first(),
    ContextGenerator.build_moved,
    ContextGenerator.build_announced,
)
"""The possible contexts of a maintenance notice."""
