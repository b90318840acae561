"""How all services stand together: the mark of the front, its groups, and what is known to work all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from statuspage.domain import EFFECTS, WORST_FIRST, Catalog, Incident, LanguagePack, Record, State, worst
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.incident_view import MARKS, displayed_state
from statuspage.rendering.site.pages.uptime_bars import Bars, bars
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import listed, without_breaks


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service and how it stands."""

    name: str
    state: str
    word: str
    href: str
    bars: Bars


def running(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Trouble, and planned work under way, of which readers were not told that it is over: the worst first, then the
    one with the newest notice."""
    going = [incident for incident in unfinished(incidents) if incident.begun or not incident.maintenance]
    newest = sorted(going, key=lambda i: i.notices[-1].recorded, reverse=True)
    return tuple(sorted(newest, key=lambda i: WORST_FIRST.index(i.state)))


def ahead(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Planned work that was announced and has not started; the next one first."""
    waiting = [(i.planned.start, i.id, i) for i in unfinished(incidents) if i.planned and not i.begun]
    return tuple(incident for _, _, incident in sorted(waiting, key=lambda each: each[:2]))


def unfinished(incidents: Iterable[Incident]) -> list[Incident]:
    """Those whose readers were not told that it is over, planned work among them."""
    return [incident for incident in incidents if incident.notices and not (incident.told_over or incident.shut)]


def current_states(catalog: Catalog, incidents: Sequence[Incident]) -> dict[str, State]:
    """How each service in use stands, given what customers were told."""
    states: dict[str, list[State]] = {s.id: [] for s in catalog.services.values() if not s.retired}
    for incident in incidents:
        for affected in incident.affected:
            if affected.service in states:
                states[affected.service].append(displayed_state(incident, affected.state))
    return {service: worst(tuple(found)) for service, found in states.items()}


def overall(states: Mapping[str, State], incidents: Sequence[Incident]) -> str:
    """The mark of the whole page: a cross only when nothing can be used, a ring only when nothing is open, a square
    when there is nothing but planned work."""
    if states and all(state is State.MAJOR for state in states.values()):
        return "down"
    if any(state in EFFECTS for state in states.values()):
        return "part"
    if incidents and all(incident.maintenance for incident in incidents):
        return "maint"
    return "chk" if incidents else "ok"


def groups(
    edition: SiteContext, language: str, states: Mapping[str, State], records: Mapping[str, Record]
) -> tuple[tuple[str, tuple[ServiceLine, ...]], ...]:
    """Each group's name with its services, in the order of the content."""
    book = edition.book(language)
    lines: dict[str, list[ServiceLine]] = {group: [] for group in edition.catalog.groups}
    for service, state in states.items():
        line = ServiceLine(
            name=book.services[service].name,
            state=MARKS[state],
            word=site_label(book, f"state.{state}"),
            href=urls.service(language, service),
            bars=bars(edition, language, records[service]),
        )
        lines[edition.catalog.services[service].group].append(line)
    return tuple((book.groups[group], tuple(found)) for group, found in lines.items() if found)


def still(edition: SiteContext, language: str, states: Mapping[str, State], incidents: Sequence[Incident]) -> str:
    """The line that says what somebody made sure works, and that we know of no problem with the others; "" when
    nothing is left, or when there is no trouble at all."""
    book = edition.book(language)
    well = [s for s, state in states.items() if state is State.OPERATIONAL]
    if not well or len(well) == len(states):
        return ""
    named = {service for i in incidents if i.latest for service in i.latest.notice.facts.working}
    sure = [service for service in well if service in named]
    said = [site_label(book, "still.sure", services=listed(_nouns(book, sure), book.writing))] if sure else []
    return book.writing.gap.join(said if len(sure) == len(well) else (*said, site_label(book, "still.others")))


def _nouns(book: LanguagePack, services: Sequence[str]) -> list[str]:
    """Services as other sentences name them, the first as at the beginning of one."""
    first, *others = (book.services[service] for service in services)
    return [without_breaks(first.noun_cap), *(without_breaks(service.noun) for service in others)]
