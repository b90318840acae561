"""The present state of all services: the mark of the front page, the groups, and what is confirmed to work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from statuspage.domain import IMPACT_STATES, WORST_FIRST, Catalog, Incident, LanguagePack, State, UptimeRecord, worst
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.incident_view import MARKS, displayed_state
from statuspage.rendering.site.pages.uptime_bars import Bars, uptime_bars
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import join_list, without_breaks


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service and its state."""

    name: str
    state: str
    state_name: str
    href: str
    bars: Bars


def ongoing_incidents(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Incidents and maintenance in progress that are not published as over: the worst first, then by newest notice. One
    that names no service (security) counts among the worst."""
    unfinished_incidents = [
        incident for incident in filter_unfinished(incidents) if incident.has_started or not incident.is_maintenance
    ]
    newest = sorted(unfinished_incidents, key=lambda i: i.notices[-1].recorded, reverse=True)
    return tuple(sorted(newest, key=lambda i: WORST_FIRST.index(i.state) if i.affected else 0))


def upcoming_maintenances(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Maintenance that was announced and has not started, the next one first."""
    waiting = [
        (i.maintenance_window.start, i.id, i)
        for i in filter_unfinished(incidents)
        if i.maintenance_window and not i.has_started
    ]
    return tuple(incident for _, _, incident in sorted(waiting, key=lambda row: row[:2]))


def filter_unfinished(incidents: Iterable[Incident]) -> list[Incident]:
    """Those that are not published as over, including maintenance."""
    return [
        incident
        for incident in incidents
        if incident.notices and not (incident.is_announced_over or incident.is_closed_silently)
    ]


def current_states(catalog: Catalog, incidents: Sequence[Incident]) -> dict[str, State]:
    """The published state of each service in use."""
    states: dict[str, list[State]] = {service.id: [] for service in catalog.services.values() if not service.is_retired}
    for incident in incidents:
        for affected in incident.affected:
            if affected.service in states:
                states[affected.service].append(displayed_state(incident, affected.state))
    return {service: worst(tuple(service_states)) for service, service_states in states.items()}


def page_mark(states: Mapping[str, State], incidents: Sequence[Incident]) -> str:
    """The mark of the whole page: a cross only if no service can be used, a ring only if nothing is open, a square if
    there is nothing but maintenance."""
    if states and all(state is State.MAJOR for state in states.values()):
        return "down"
    if any(state in IMPACT_STATES for state in states.values()):
        return "part"
    if incidents and all(incident.is_maintenance for incident in incidents):
        return "maint"
    return "chk" if incidents else "ok"


def service_groups(
    site: SiteContext, language: str, states: Mapping[str, State], records: Mapping[str, UptimeRecord]
) -> tuple[tuple[str, tuple[ServiceLine, ...]], ...]:
    """The name of each group with its services, in the order of the content."""
    pack = site.language_pack(language)
    lines_by_group: dict[str, list[ServiceLine]] = {group: [] for group in site.catalog.groups}
    for service, state in states.items():
        line = ServiceLine(
            name=pack.services[service].name,
            state=MARKS[state],
            state_name=site_label(pack, f"state.{state}"),
            href=urls.service(language, service),
            bars=uptime_bars(site, language, records[service]),
        )
        lines_by_group[site.catalog.services[service].group].append(line)
    return tuple(
        (pack.groups[group].name if group else "", tuple(group_lines))
        for group, group_lines in lines_by_group.items()
        if group_lines
    )


def still_operational_text(
    site: SiteContext, language: str, states: Mapping[str, State], incidents: Sequence[Incident]
) -> str:
    """The line about what is confirmed to work, and that no problem is known with the other services; "" if no service
    is left, or if there is no incident."""
    pack = site.language_pack(language)
    operational = [service for service, state in states.items() if state is State.OPERATIONAL]
    if not operational or len(operational) == len(states):
        return ""
    confirmed = {service for i in incidents if i.latest for service in i.latest.notice.facts.confirmed_working}
    confirmed_operational = [service for service in operational if service in confirmed]
    sentences = (
        [
            site_label(
                pack,
                "operational.confirmed",
                services=join_list(_nouns(pack, confirmed_operational), pack.locale_rules),
            )
        ]
        if confirmed_operational
        else []
    )
    return pack.locale_rules.gap.join(
        sentences
        if len(confirmed_operational) == len(operational)
        else (*sentences, site_label(pack, "operational.others"))
    )


def _nouns(pack: LanguagePack, services: Sequence[str]) -> list[str]:
    """The nouns of services as used in sentences, the first as at the beginning of a sentence."""
    first, *others = (pack.services[service] for service in services)
    return [without_breaks(first.noun_capitalized), *(without_breaks(service.noun) for service in others)]
