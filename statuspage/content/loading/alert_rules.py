"""Reads ``alerts.toml``: what alerts mean, which belong together, and how monitors that nobody here knows are read."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from statuspage.content.loading.site import check_id
from statuspage.content.loading.table_reader import Table
from statuspage.domain import AlertRule, GroupingRules, JsonMapping
from statuspage.integrations.monitors import SOURCES

_PLACE = re.compile(r"[^.\s]+(?:\.[^.\s]+)*")
LONGEST_MINUTES = 24 * 60
"""Minutes within which alerts may be joined by themselves."""

SAME = ("kind", "service")


def alerts(
    table: Table, kinds: Collection[str], services: Collection[str]
) -> tuple[tuple[AlertRule, ...], GroupingRules, dict[str, JsonMapping]]:
    """The rules, when alerts are joined, and the house's own monitors by their names."""
    own = {name: _mapped(name, one) for name, one in table.table("source", needed=False).each()}
    joining = _joining(table.table("join", needed=False))
    rules = tuple(_rule(one, [*SOURCES, *own], kinds, services) for one in table.tables("rule"))
    table.finish()
    return rules, joining, own


def _rule(table: Table, sources: Collection[str], kinds: Collection[str], services: Collection[str]) -> AlertRule:
    match = table.table("match")
    labels = {label: match.text(label) for label in match.values}
    rule = AlertRule(
        source=table.choice("source", sources),
        match=labels,
        kind=table.choice("kind", kinds),
        services=table.affected("services", services),
    )
    table.finish()
    return rule


def _joining(table: Table) -> GroupingRules:
    usual = GroupingRules()
    minutes = table.number("minutes", usual.within.total_seconds() / 60)
    if minutes > LONGEST_MINUTES:
        table.blame(f"{minutes:g} is too long; write at most {LONGEST_MINUTES} minutes.", "minutes")
    asked = table.texts("same", usual.same)
    named = tuple(one for one in asked if table.known(one, SAME, "same"))
    if not asked:
        table.blame("Name “kind”, “service” or both; with minutes = 0 nothing is joined.", "same")
    table.finish()
    return GroupingRules(timedelta(minutes=min(minutes, LONGEST_MINUTES)), named or usual.same)


def _mapped(name: str, table: Table) -> JsonMapping:
    check_id(table, name)
    if name in SOURCES:
        table.blame(f"“{name}” is read by the program itself; choose another name, or delete this table.")
    labels = table.table("labels", needed=False)
    found = JsonMapping(
        name=name,
        id=_place(table, "id", None),
        title=_place(table, "title", None),
        alerts=_place(table, "alerts"),
        text=_place(table, "text"),
        state=_place(table, "state"),
        over=tuple(one.lower() for one in table.texts("over")),
        since=_place(table, "since"),
        until=_place(table, "until"),
        link=_place(table, "link"),
        labels={label: _place(labels, label, None) for label in labels.values},
    )
    if bool(found.state) != bool(found.over):
        table.blame("“state” (where it stands) and “over” (what it then says) belong together.", "state")
    table.finish()
    return found


def _place(table: Table, key: str, default: str | None = "") -> str:
    """Where something stands in a message, such as ``check.host.name``."""
    place = table.text(key, default)
    if place and not _PLACE.fullmatch(place):
        table.blame(f"“{place}” is no place in a message; write it as in “check.host.name”.", key)
    return place
