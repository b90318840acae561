"""The search and the filters above the list of incidents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for

from statuspage.domain import MAINTENANCE
from statuspage.storage.incident_records import IncidentGroup, IncidentOrder
from statuspage.usecases.incident_list import IncidentQuery
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator

FILTERS = ("q", "group", "type", "service", "cause", "since", "until", "order")
"""The names of the filters in the address, without the one that leads to the other desk."""

ENVIRONMENTS = ("live", "drill")

MAX_TEXT = 200
"""Maximum characters of a search."""


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One value of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FilterView:
    """Everything above the list. ``is_narrowed``: a folded filter is in use; ``is_used``: any is. ``environments`` are
    live and the drill where there is a desk of each."""

    text: str
    groups: list[FilterChoice]
    types: list[FilterChoice]
    services: list[FilterChoice]
    causes: list[FilterChoice]
    orders: list[FilterChoice]
    since: str
    until: str
    is_narrowed: bool
    is_used: bool
    export: str
    environments: list[FilterChoice]


def typed_query() -> IncidentQuery:
    """What was asked for in the address. What is not known lets everything through."""
    typed = request.args
    order = typed.get("order", "")
    return IncidentQuery(
        text=typed.get("q", "")[:MAX_TEXT].strip(),
        group=typed.get("group", ""),
        incident_type=typed.get("type", ""),
        service=typed.get("service", ""),
        cause=typed.get("cause", ""),
        since=_typed_day("since"),
        until=_typed_day("until"),
        order=IncidentOrder(order) if order in set(IncidentOrder) else IncidentOrder.NEWEST,
    )


def filter_view(query: IncidentQuery, translator: Translator) -> FilterView:
    """The filters with what is chosen."""
    asked = asked_filters()
    return FilterView(
        text=query.text,
        groups=_choices(query.group, _with_all("group.all", _group_names(translator), translator)),
        types=_choices(query.incident_type, _with_all("all_types", _type_names(translator), translator)),
        services=_choices(query.service, _with_all("all_services", _service_names(translator), translator)),
        causes=_choices(query.cause, _with_all("all_causes", _cause_names(translator), translator)),
        orders=_choices(query.order, _labels("order", IncidentOrder, translator)),
        since=query.since.isoformat() if query.since else "",
        until=query.until.isoformat() if query.until else "",
        is_narrowed=bool(query.incident_type or query.cause or query.since or query.until)
        or query.order is not IncidentOrder.NEWEST,
        is_used=bool(set(asked) - {"order"}),
        export=url_for("incident_lists.export_incidents", **asked),
        environments=_environments(translator) if request_context.siblings()[_other_environment()] else [],
    )


def address_elsewhere() -> str:
    """The address of the same list on the desk of the other environment, which has groups of its own, if that one was
    asked for; else ""."""
    other, asked = _other_environment(), asked_filters()
    desk = request_context.siblings()[other]
    if request.args.get("environment") != other or not desk:
        return ""
    path = url_for("incident_lists.show_incidents", **{name: asked[name] for name in asked if name != "group"})
    return f"{desk}{path}"


def _own_environment() -> str:
    return "drill" if request_context.env().live_status_path else "live"


def _other_environment() -> str:
    return "live" if request_context.env().live_status_path else "drill"


def _environments(translator: Translator) -> list[FilterChoice]:
    return _choices(_own_environment(), _labels("environment", ENVIRONMENTS, translator))


def asked_filters() -> dict[str, Any]:
    """The filters of the address, for another address; nothing else that is in it."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def _group_names(translator: Translator) -> list[tuple[str, str]]:
    """The groups to choose from. The retrospective of a drill is that of the whole drill, not of its incident."""
    hidden = (IncidentGroup.RETROSPECTIVE,) if translator.pack.marks.word else ()
    return _labels("group", [group for group in IncidentGroup if group not in hidden], translator)


def _type_names(translator: Translator) -> list[tuple[str, str]]:
    phrases = translator.pack.phrases
    ids = [id for id in request_context.env().site.catalog.incident_types if id != MAINTENANCE]
    return [(id, phrases.get(f"incident_type.{id}.name", id).replace("|", "")) for id in ids]


def _service_names(translator: Translator) -> list[tuple[str, str]]:
    return [(id, service.name) for id, service in translator.pack.services.items()]


def _cause_names(translator: Translator) -> list[tuple[str, str]]:
    names = [(id, choice.label) for id, choice in translator.pack.lists["cause"].items()]
    return sorted(names, key=lambda item: item[1])


def _with_all(key: str, names: list[tuple[str, str]], translator: Translator) -> list[tuple[str, str]]:
    return [("", translator.t(f"incidents.{key}")), *names]


def _labels(name: str, values: Iterable[str], translator: Translator) -> list[tuple[str, str]]:
    return [(value, translator.t(f"incidents.{name}.{value}")) for value in values]


def _choices(chosen: str, values: Iterable[tuple[str, str]]) -> list[FilterChoice]:
    return [FilterChoice(value, label, value == chosen) for value, label in values]


def _typed_day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
