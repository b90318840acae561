"""Reads the public files of an Instatus page as if they were ``api/v2``.

``summary.json`` and ``components.json`` (https://instatus.com/help/api/public-data) have the present only: open
incidents and planned work without their updates, and components with their states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from statuspage.integrations.history.fetch import FileMissing, Source

Body = dict[str, Any]

MAX_ITEMS = 500

COMPONENTS = ("components.json", "v2/components.json")
"""Where the components are; the second one on newer pages."""

_STATES = {
    "UNDERMAINTENANCE": "under_maintenance",
    "DEGRADEDPERFORMANCE": "degraded_performance",
    "PARTIALOUTAGE": "partial_outage",
    "MINOROUTAGE": "partial_outage",
    "MAJOROUTAGE": "major_outage",
}
_TROUBLE = ("degraded_performance", "partial_outage", "major_outage")
_WORK = {"NOTSTARTEDYET": "scheduled", "INPROGRESS": "in_progress", "COMPLETED": "completed"}


def read_as_api(source: Source) -> Mapping[str, Body]:
    """The bodies of ``api/v2`` by file name; empty if this is no page of Instatus. Raises UnreadablePage."""
    try:
        summary = source.read_json("summary.json")
    except FileMissing:
        return {}
    if not isinstance(summary, dict) or not isinstance(summary.get("page"), dict) or "components" in summary:
        return {}
    components = list(_components(source))
    troubled = [component for component in components if component.get("status") in _TROUBLE]
    open_incidents = _items(summary, "activeIncidents")
    return {
        "summary": {"page": {"name": summary["page"].get("name")}, "components": components},
        "incidents": {
            # Which incident a component belongs to is told only where there is one.
            "incidents": [_incident(item, troubled if len(open_incidents) == 1 else []) for item in open_incidents]
        },
        "scheduled-maintenances": {
            "scheduled_maintenances": [_maintenance(item) for item in _items(summary, "activeMaintenances")]
        },
    }


def _items(body: Mapping[str, Any], key: str) -> list[Body]:
    items = body.get(key)
    return [item for item in items[:MAX_ITEMS] if isinstance(item, dict)] if isinstance(items, list) else []


def _components(source: Source) -> Iterator[Body]:
    for name in COMPONENTS:
        try:
            body = source.read_json(name)
        except FileMissing:
            continue
        if isinstance(body, dict):
            yield from _with_groups(_items(body, "components"))
            return


def _with_groups(items: list[Body]) -> Iterator[Body]:
    """The components, and before them the groups that they name."""
    named = [item["group"] for item in items if isinstance(item.get("group"), dict)]
    groups = {str(group.get("id")): group.get("name") for group in named}
    yield from ({"id": id, "name": name, "group": True} for id, name in groups.items())
    for item in items:
        group = item.get("group")
        if str(item.get("id")) not in groups:
            group_id = str(group.get("id")) if isinstance(group, dict) else item.get("groupId")
            status = _STATES.get(str(item.get("status")), "operational")
            yield {"id": item.get("id"), "name": item.get("name"), "status": status, "group_id": group_id}


def _incident(item: Body, components: list[Body]) -> Body:
    return {
        "id": _id(item),
        "name": item.get("name"),
        "status": str(item.get("status")).lower(),
        "created_at": _iso(item.get("started")),
        "components": components,
    }


def _maintenance(item: Body) -> Body:
    start, minutes = _time(item.get("start")), str(item.get("duration"))
    end = start + timedelta(minutes=int(minutes)) if start and re.fullmatch(r"\d{1,6}", minutes) else start
    status = _WORK.get(str(item.get("status")), "scheduled")
    return {
        "id": _id(item),
        "name": item.get("name"),
        "status": status,
        "created_at": start and start.isoformat(),
        "scheduled_for": start and start.isoformat(),
        "scheduled_until": end and end.isoformat(),
    }


def _id(item: Body) -> str:
    """The last part of its address, else what tells it from others."""
    return str(item.get("id") or str(item.get("url") or "").rstrip("/").rpartition("/")[2] or item.get("name"))[:100]


def _iso(value: object) -> str | None:
    at = _time(value)
    return at.isoformat() if at else None


def _time(value: object) -> datetime | None:
    """A time in ISO 8601, or as browsers write it: *Sat Jun 11 2022 18:55:50 GMT+0000 (…)*."""
    text = str(value).partition(" (")[0]
    for parse in (datetime.fromisoformat, lambda written: datetime.strptime(written, "%a %b %d %Y %H:%M:%S GMT%z")):
        try:
            at = parse(text)
        except ValueError:
            continue
        return at if at.tzinfo else None
    return None
