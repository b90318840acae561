"""Which services are ticked, and how badly they are affected: as the incident type proposes, until a person says
otherwise.

Beside its own fields the form carries what it showed: ``shown_services`` (ids), ``shown_states`` (``ID:STATE`` …), and
what a person has changed: ``own_services`` (not empty: the ticks), ``own_states`` (ids). ``alert_states`` are those of
an alert's rule, after the incident type for which it proposes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from statuspage.domain import Affected, Catalog, IncidentType, ServiceInput, State, service_input
from statuspage.web.desk.notice_form.drafts import Fields, value_of

MARKS = ("shown_services", "shown_states", "own_services", "own_states", "alert_states")
"""The fields that say what was shown and what was changed by hand."""


def preset_services(incident_type: IncidentType | None) -> list[ServiceInput]:
    """The services an incident type proposes."""
    return [service_input(affected) for affected in incident_type.services] if incident_type else []


def ticked_services(fields: Fields, catalog: Catalog) -> list[ServiceInput]:
    """The ticked services in the form's order; those of the incident type if none were ticked for it.

    A draft may be older than a service's current id.
    """
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    previous_type = catalog.incident_types.get(value_of(fields, "shown_incident_type"))
    renamed, ids = catalog.renamed_services, list(fields.get("service", ()))
    if incident_type is not previous_type and (not ids or not _has_own_services(fields)):
        ids = [item.service for item in preset_services(incident_type)] or ids
    states = {renamed.get(id, id): state_of(fields, catalog, id) for id in ids}
    positions = {service: n for n, service in enumerate(catalog.services)}
    ticked = [ServiceInput(service, state) for service, state in states.items()]
    return sorted(ticked, key=lambda item: positions.get(item.service, len(positions)))


def state_of(fields: Fields, catalog: Catalog, service: str) -> str:
    """The state of a service, ticked or not: the one that a person chose, else the default of the incident type."""
    if service in _own_states(fields):
        return value_of(fields, f"state-{service}")
    type_id, _, states = value_of(fields, "alert_states").partition(" ")
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    if incident_type is None:
        return str(State.MAJOR)
    by_rule = _states_in(states) if type_id == incident_type.id else {}
    return by_rule.get(service) or str(incident_type.state_of(catalog.renamed_services.get(service, service)))


def alert_fields(incident_type: str, services: tuple[Affected, ...]) -> Fields:
    """The ticks and states that an alert's rule proposes for this incident type."""
    states = " ".join(f"{item.service}:{item.state}" for item in services)
    ids = [item.service for item in services]
    return {
        "service": ids,
        **{f"state-{item.service}": [str(item.state)] for item in services},
        "shown_services": [" ".join(ids)],
        "shown_states": [states],
        "alert_states": [f"{incident_type} {states}"],
    }


def service_marks(fields: Fields, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The hidden fields of a form that shows these fields."""
    yield "shown_services", " ".join(item.service for item in ticked_services(fields, catalog))
    yield "shown_states", " ".join(f"{id}:{state_of(fields, catalog, id)}" for id in catalog.services)
    yield "own_services", "1" if _has_own_services(fields) else ""
    yield "own_states", " ".join(_own_states(fields))
    yield "alert_states", value_of(fields, "alert_states")


def _has_own_services(fields: Fields) -> bool:
    """Whether a person has changed the ticks. Ticks of which it is not known what was shown are a person's."""
    shown = value_of(fields, "shown_services").split()
    return bool(value_of(fields, "own_services")) or set(shown) != set(fields.get("service", ()))


def _own_states(fields: Fields) -> dict[str, str]:
    """The states that a person has chosen, by service; a state of which it is not known what was shown is one."""
    shown, own = _states_in(value_of(fields, "shown_states")), value_of(fields, "own_states").split()
    sent = {name.removeprefix("state-"): value_of(fields, name) for name in fields if name.startswith("state-")}
    return {id: state for id, state in sent.items() if state and (id in own or shown.get(id) != state)}


def _states_in(text: str) -> Mapping[str, str]:
    """The states by service of ``ID:STATE …``."""
    return {id: state for id, _, state in (item.partition(":") for item in text.split())}
