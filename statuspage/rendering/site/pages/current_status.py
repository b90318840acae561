"""The present state of all services: the mark of the front page, the groups, and what is confirmed to work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from statuspage.domain import IMPACT_STATES, WORST_FIRST, Catalog, Incident, LanguagePack, State, UptimeRecord, worst
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.incident_view import MARKS, displayed_state, incident_mark, is_for_everyone
from statuspage.rendering.site.pages.uptime_bars import Bars, uptime_bars, worst_of_each_day
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import join_list, plural_form, without_breaks


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service and its state."""

    name: str
    state: str
    state_name: str
    href: str
    bars: Bars


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """A group of services. ``state`` is the worst of them, ``bars`` the worst of each day; both only where the group
    is folded into one line. ``size`` says how many there are."""

    name: str
    lines: tuple[ServiceLine, ...]
    size: str = ""
    state_name: str = ""
    bars: Bars | None = None


def ongoing_incidents(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Incidents and maintenance in progress that are not published as over: the worst first, then what affects
    everyone, then the newest. One that names no service (security) counts among the worst."""
    unfinished_incidents = [
        incident for incident in filter_unfinished(incidents) if incident.has_started or not incident.is_maintenance
    ]
    newest = sorted(unfinished_incidents, key=lambda i: i.notices[0].recorded, reverse=True)
    return tuple(sorted(newest, key=_severity))


def _severity(incident: Incident) -> tuple[int, bool]:
    rank = WORST_FIRST.index(displayed_state(incident, incident.state)) if incident.affected else 0
    return rank, not is_for_everyone(incident)


def count_leading(ongoing: Sequence[Incident]) -> int:
    """How many of them nobody can use; from two on none of them speaks for the page."""
    return sum(incident_mark(incident) == "down" for incident in ongoing)


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
    return _states_by(displayed_state, catalog, incidents)


def shown_states(catalog: Catalog, incidents: Sequence[Incident]) -> dict[str, State]:
    """The same for the pages and badges: what only some cannot use is partly unavailable, as in the sentence about
    it."""

    def shown(incident: Incident, state: State) -> State:
        displayed = displayed_state(incident, state)
        return State.PARTIAL if displayed is State.MAJOR and not is_for_everyone(incident) else displayed

    return _states_by(shown, catalog, incidents)


def _states_by(
    state_of: Callable[[Incident, State], State], catalog: Catalog, incidents: Sequence[Incident]
) -> dict[str, State]:
    states: dict[str, list[State]] = {service.id: [] for service in catalog.services.values() if not service.is_retired}
    for incident in incidents:
        for affected in incident.affected:
            if affected.service in states:
                states[affected.service].append(state_of(incident, affected.state))
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
) -> tuple[ServiceGroup, ...]:
    """The groups with their services, in the order of the content. One in which all works is folded, unless it has no
    name."""
    members: dict[str, list[str]] = {group: [] for group in site.catalog.groups}
    for service in states:
        members[site.catalog.services[service].group].append(service)
    return tuple(
        _service_group(site, language, group, {service: states[service] for service in services}, records)
        for group, services in members.items()
        if services
    )


def _service_group(
    site: SiteContext, language: str, group: str, states: Mapping[str, State], records: Mapping[str, UptimeRecord]
) -> ServiceGroup:
    pack = site.language_pack(language)
    lines = tuple(
        ServiceLine(
            name=pack.services[service].name,
            state=MARKS[state],
            state_name=site_label(pack, f"state.{state}"),
            href=urls.service(language, service),
            bars=uptime_bars(site, language, records[service]),
        )
        for service, state in states.items()
    )
    name = pack.groups[group].name if group else ""
    if not name or len(lines) == 1 or any(state is not State.OPERATIONAL for state in states.values()):
        return ServiceGroup(name, lines)
    size = site_label(pack, f"group.{plural_form(len(lines), pack.locale_rules)}", n=len(lines))
    together = uptime_bars(site, language, worst_of_each_day([records[service] for service in states]))
    return ServiceGroup(name, lines, size, lines[0].state_name, together)


def still_operational_text(
    site: SiteContext, language: str, states: Mapping[str, State], incidents: Sequence[Incident]
) -> str:
    """The line about what is confirmed to work, and, beside a single incident, that no problem is known with the other
    services; "" if no service is left, or if there is no incident."""
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
        if len(confirmed_operational) == len(operational) or len(incidents) > 1
        else (*sentences, site_label(pack, "operational.others"))
    )


def _nouns(pack: LanguagePack, services: Sequence[str]) -> list[str]:
    """The nouns of services as used in sentences, the first as at the beginning of a sentence."""
    first, *others = (pack.services[service] for service in services)
    return [without_breaks(first.noun_capitalized), *(without_breaks(service.noun) for service in others)]
