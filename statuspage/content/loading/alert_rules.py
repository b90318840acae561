"""Reads ``alerts.toml``: alert rules, grouping rules, and the JSON mappings of custom monitors."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from statuspage.content.loading.site import check_id
from statuspage.content.loading.table_reader import ServiceIds, Table
from statuspage.domain import AlertRule, GroupingRules, JsonMapping
from statuspage.integrations.monitors import SOURCES

_JSON_PATH = re.compile(r"[^.\s]+(?:\.[^.\s]+)*")
MAX_GROUPING_MINUTES = 24 * 60
"""The range of minutes within which alerts may be grouped automatically."""

GROUPING_KEYS = ("incident_type", "service")


def read_alert_rules(
    table: Table, incident_types: Collection[str], services: ServiceIds
) -> tuple[tuple[AlertRule, ...], GroupingRules, dict[str, JsonMapping]]:
    """The alert rules, the grouping rules, and the JSON mappings of custom monitors by name."""
    own_monitors = {
        name: _read_json_mapping(name, source)
        for name, source in table.get_table("source", required=False).iter_tables()
    }
    grouping = _read_grouping_rules(table.get_table("grouping", required=False))
    rules = tuple(
        _read_rule(rule, [*SOURCES, *own_monitors], incident_types, services) for rule in table.get_tables("rule")
    )
    table.reject_unknown_keys()
    return rules, grouping, own_monitors


def _read_rule(
    table: Table, sources: Collection[str], incident_types: Collection[str], services: ServiceIds
) -> AlertRule:
    match = table.get_table("match")
    labels = {label: match.get_text(label) for label in match.values}
    rule = AlertRule(
        source=table.get_choice("source", sources),
        match=labels,
        incident_type=table.get_choice("incident_type", incident_types),
        services=table.get_affected("services", services),
    )
    table.reject_unknown_keys()
    return rule


def _read_grouping_rules(table: Table) -> GroupingRules:
    defaults = GroupingRules()
    minutes = table.get_number("within_minutes", defaults.within.total_seconds() / 60)
    if minutes > MAX_GROUPING_MINUTES:
        table.add_error(f"{minutes:g} is too long; write at most {MAX_GROUPING_MINUTES} minutes.", "within_minutes")
    keys = table.get_texts("group_by", defaults.group_by)
    known_keys = tuple(key for key in keys if table.check_known(key, GROUPING_KEYS, "group_by"))
    if not keys:
        table.add_error(
            "Name “incident_type”, “service” or both; to group nothing, write within_minutes = 0.", "group_by"
        )
    table.reject_unknown_keys()
    return GroupingRules(timedelta(minutes=min(minutes, MAX_GROUPING_MINUTES)), known_keys or defaults.group_by)


def _read_json_mapping(name: str, table: Table) -> JsonMapping:
    check_id(table, name)
    if name in SOURCES:
        table.add_error(f"The program has its own rules for “{name}”; choose another name, or delete this table.")
    labels = table.get_table("labels", required=False)
    mapping = JsonMapping(
        name=name,
        id=_read_json_path(table, "id", None),
        title=_read_json_path(table, "title", None),
        alerts=_read_json_path(table, "alerts"),
        summary=_read_json_path(table, "summary"),
        state=_read_json_path(table, "state"),
        resolved_values=tuple(state.lower() for state in table.get_texts("resolved_values")),
        started_at=_read_json_path(table, "started_at"),
        ended_at=_read_json_path(table, "ended_at"),
        url=_read_json_path(table, "url"),
        labels={label: _read_json_path(labels, label, None) for label in labels.values},
    )
    if bool(mapping.state) != bool(mapping.resolved_values):
        table.add_error(
            "“state” and “resolved_values” (its values when resolved) must be given together.",
            "state",
        )
    table.reject_unknown_keys()
    return mapping


def _read_json_path(table: Table, key: str, default: str | None = "") -> str:
    """The path of a value in a message, such as ``check.host.name``."""
    json_path = table.get_text(key, default)
    if json_path and not _JSON_PATH.fullmatch(json_path):
        table.add_error(f"“{json_path}” is not a path in a message; write it like “check.host.name”.", key)
    return json_path
