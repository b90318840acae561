"""Payloads for customers' webhooks, in our own format or in Statuspage's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from statuspage.domain import (
    Audience,
    Catalog,
    Estimate,
    Facts,
    Incident,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeText,
    Range,
    Unknown,
)
from statuspage.rendering.site.api import RecentIncidents
from statuspage.rendering.site.api.objects import (
    Json,
    format_timestamp,
    incident_link,
    incident_object,
    list_components,
    object_id,
)
from statuspage.rendering.site.api.status_codes import CODES
from statuspage.rendering.site.api.v2 import page_status
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.incident_view import displayed_state

VERSION = 1
"""The version of our own format. Adding a key keeps it; removing a key or changing its meaning needs a new version."""

PUBLISHED = "notice.published"


def build_payload(site: SiteContext, incident: Incident) -> Json:
    """The newest notice of an incident, in the format of docs/guides/channels/webhook.md."""
    newest = incident.notices[-1]
    facts = newest.notice.facts
    catalog = site.catalog
    data: Json = {
        "incident": incident.id,
        "sequence": newest.sequence,
        "notice": newest.notice.notice.value,
        "kind": facts.incident_type,
        "status": incident.status,
        "over": incident.is_over,
        "services": [
            {
                "id": affected.service,
                "state": CODES[displayed_state(incident, affected.state)],
                "name": _service_names(catalog, affected.service),
            }
            for affected in incident.affected
            if affected.service in catalog.services
        ],
        "audience": _audience_json(facts.audience, catalog),
        "started": {"precision": facts.start.precision.value, "at": format_timestamp(facts.start.at)}
        if facts.start
        else None,
        "estimate": _estimate_json(facts.estimate),
        "planned": _planned_json(facts, catalog),
        "next_update": _moment(facts.next_update),
        "ended": _moment(facts.ended_at),
        "link": incident_link(site, incident),
        "words": {code: _words_json(notice_text) for code, notice_text in newest.notice.texts.items()},
    }
    envelope = {"version": VERSION, "type": PUBLISHED, "timestamp": format_timestamp(newest.recorded)}
    return {**envelope, "cap_status": catalog.leading_pack.marks.machine, "data": data}


def _planned_json(facts: Facts, catalog: Catalog) -> Json | None:
    """When planned work takes place, and on which services; None for an incident."""
    if facts.maintenance_window is None:
        return None
    return {
        "from": format_timestamp(facts.maintenance_window.start),
        "to": format_timestamp(facts.maintenance_window.end),
        "services": [
            {"id": affected.service, "name": _service_names(catalog, affected.service)}
            for affected in facts.affected
            if affected.service in catalog.services
        ],
    }


def _service_names(catalog: Catalog, service: str) -> dict[str, str]:
    return {code: pack.services[service].name for code, pack in catalog.packs.items()}


def _audience_json(audience: Audience, catalog: Catalog) -> Json:
    """Who is affected; of groups that still exist, the names."""
    groups = [
        {"id": group, "name": {code: pack.audience_groups[group].label for code, pack in catalog.packs.items()}}
        for group in audience.groups
        if group in catalog.leading_pack.audience_groups
    ]
    return {"extent": audience.extent.value, "groups": groups}


def _words_json(notice_text: NoticeText) -> Json:
    """One language of a notice."""
    return {
        "label": notice_text.label,
        "status": notice_text.status,
        "title": notice_text.title,
        "headline": notice_text.headline,
        "text": notice_text.media["webhook" if "webhook" in notice_text.media else "feed"].body,
    }


def _estimate_json(estimate: Estimate) -> Json:
    match estimate:
        case Unknown():
            return {"shape": "unknown"}
        case Known(at=at) | NotBefore(at=at):
            return {"shape": estimate.shape, "at": format_timestamp(at)}
        case Range(earliest=earliest, latest=latest):
            return {"shape": "range", "earliest": format_timestamp(earliest), "latest": format_timestamp(latest)}
        case MissedEstimate(previous=was, current=now):
            return {"shape": "missed", "was": format_timestamp(was), "now": _estimate_json(now)}


def _moment(at: datetime | None) -> str | None:
    return format_timestamp(at) if at else None


def build_event(event: Mapping[str, object]) -> Json:
    """An event about anything else, in the envelope of our own format."""
    return {"version": VERSION, **_with_texts_for_times(event)}


def _with_texts_for_times(content: Mapping[str, object]) -> Json:
    texts: Json = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            texts[name] = _with_texts_for_times(value)
        else:
            texts[name] = format_timestamp(value) if isinstance(value, datetime) else value
    return texts


def build_statuspage_payload(site: SiteContext, incident: Incident, open_incidents: Sequence[Incident]) -> Json:
    """The newest notice in Statuspage's subscriber format: the state of the page, and the incident with all its
    updates."""
    incidents_by_id = {item.id: item for item in (*open_incidents, incident)}
    updated_by_service: dict[str, datetime] = {}
    for item in incidents_by_id.values():
        if item.notices:
            latest = item.notices[-1].recorded
            updated_by_service |= {
                service: max(latest, updated_by_service.get(service, latest)) for service in item.ever_affected
            }
    first_notice_at = min(item.notices[0].recorded for item in incidents_by_id.values() if item.notices)
    recent = RecentIncidents(
        open=tuple(incidents_by_id.values()),
        latest=(incident,),
        first_notice_at=first_notice_at,
        updated_by_service=updated_by_service,
    )
    all_components = list_components(site, recent)
    status = page_status(site, all_components)
    return {
        "cap_status": site.catalog.leading_pack.marks.machine,
        "meta": {
            "unsubscribe": site.absolute_url(""),
            "documentation": site.absolute_url(""),
            "generated_at": format_timestamp(incident.notices[-1].recorded),
        },
        "page": {
            "id": object_id(site, "page"),
            "status_indicator": status["indicator"],
            "status_description": status["description"],
        },
        "incident": _webhook_incident(incident_object(site, incident, all_components)),
    }


def _webhook_incident(body: Json) -> Json:
    """The keys that only Statuspage's webhooks have; they have no meaning here and are empty or false."""
    empty: dict[str, Any] = dict.fromkeys(
        """impact_override postmortem_body postmortem_body_last_updated_at postmortem_published_at
        scheduled_remind_prior scheduled_reminded_at""".split()
    )
    disabled = dict.fromkeys(
        """backfilled postmortem_ignored postmortem_notified_subscribers postmortem_notified_twitter
        scheduled_auto_in_progress scheduled_auto_completed""".split(),
        False,
    )
    updates = [
        {**update, "wants_twitter_update": False, "twitter_updated_at": None} for update in body["incident_updates"]
    ]
    return {**body, **empty, **disabled, "incident_updates": updates}


def to_json_text(body: Json) -> str:
    """JSON text; identical content gives identical text."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
