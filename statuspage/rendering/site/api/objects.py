"""The objects of the API: page, components, incidents with their updates."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from statuspage.domain import (
    EventKind,
    Incident,
    LanguagePack,
    NoticeKind,
    RecordedNotice,
    Service,
    State,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.api import BEGINNING, RecentIncidents, last_notice_at
from statuspage.rendering.site.api.status_codes import CODES, impact, of_group
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of, site_clock, strip_marks
from statuspage.rendering.site.pages.current_status import current_states
from statuspage.rendering.site.pages.incident_view import displayed_state
from statuspage.rendering.site.templating import strip_forbidden

Json = dict[str, Any]
_LETTERS = string.digits + string.ascii_lowercase
_OVER = ("resolved", "postmortem", "completed")


def format_timestamp(at: datetime) -> str:
    """A time in the API's format: UTC, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def object_id(site: SiteContext, *parts: str) -> str:
    """An id of twelve letters and digits that differs between environments and never changes."""
    return _hash_id("\0".join((site.feed_id_host, site.catalog.leading_pack.marks.feed_namespace, *parts)))


@lru_cache(maxsize=4096)
def _hash_id(seed: str) -> str:
    number, characters = int.from_bytes(hashlib.sha256(seed.encode()).digest()), ""
    for _ in range(12):
        number, letter = divmod(number, 36)
        characters += _LETTERS[letter]
    return characters


def add_marks(pack: LanguagePack, text: str) -> str:
    """The text with the environment's marks around it; marks that are already there are not repeated."""
    return strip_forbidden(f"{pack.marks.start}{strip_marks(pack, text)}{pack.marks.end}")


def incident_name(site: SiteContext, incident: Incident) -> str:
    """The frozen title from the newest notice."""
    pack = site.catalog.leading_pack
    return add_marks(pack, notice_text_of(site, pack.language, incident, incident.notices[-1]).title)


def notice_body(site: SiteContext, incident: Incident, recorded_notice: RecordedNotice) -> str:
    """The text of a notice as in the feeds, with the time zone of its times."""
    return strip_forbidden(
        notice_text_of(site, site.catalog.leading_pack.language, incident, recorded_notice).media["feed"].body
    )


def incident_link(site: SiteContext, incident: Incident) -> str:
    """The URL of the incident's own page."""
    return site.absolute_url(urls.incident_folder(site.catalog.leading_pack.language, incident.id))


def page_object(site: SiteContext, updated_at: datetime) -> Json:
    """The page itself. ``updated_at`` is when something in the file was last published, not when the front page was
    last rebuilt."""
    pack = site.catalog.leading_pack
    return {
        "id": object_id(site, "page"),
        "name": f"{pack.marks.start}{pack.site}",
        "url": site.absolute_url(""),
        "time_zone": site.catalog.site.zone,
        "updated_at": format_timestamp(updated_at),
    }


@dataclass(frozen=True, slots=True)
class Components:
    """All components: as a list in order, groups before their members; and by service id."""

    ordered: tuple[Json, ...]
    by_service: Mapping[str, Json]

    def service_statuses(self) -> list[str]:
        """The states that count for the page: those of services, not of groups."""
        return [str(component["status"]) for component in self.ordered if not component["group"]]


def list_components(site: SiteContext, recent: RecentIncidents) -> Components:
    """Every service in use with its present state, in its group; retired ones only for incidents that name them."""
    states = current_states(site.catalog, recent.open)
    ordered: list[Json] = []
    by_service: dict[str, Json] = {}
    group_position = 0
    for group in site.catalog.groups:
        members = [member for member in site.catalog.services.values() if member.group == group and member.id in states]
        group_components = [
            _component(site, recent, member.id, states[member.id], position=n, group=group)
            for n, member in enumerate(members, 1)
        ]
        by_service |= {service.id: component for service, component in zip(members, group_components, strict=True)}
        if group_components and group:
            group_position += 1
            ordered.append(_group(site, recent, group, group_components, group_position))
        ordered += group_components
    for service in site.catalog.services.values():
        if service.id not in by_service:
            by_service[service.id] = _component(
                site, recent, service.id, State.OPERATIONAL, position=0, group=service.group
            )
    return Components(tuple(ordered), by_service)


def _component(
    site: SiteContext, recent: RecentIncidents, service_id: str, state: State, *, position: int, group: str
) -> Json:
    first_notice_at = recent.first_notice_at or BEGINNING
    service = site.catalog.services[service_id]
    return {
        "id": object_id(site, "service", service.first_id),
        "name": site.catalog.leading_pack.services[service_id].name,
        "status": CODES[state],
        "created_at": format_timestamp(first_notice_at),
        "updated_at": format_timestamp(recent.updated_by_service.get(service_id, first_notice_at)),
        "position": position,
        "description": None,
        "showcase": not service.is_retired,
        "start_date": _iso_day(site, recent.first_notice_at) if not service.is_retired else None,
        "group_id": object_id(site, "group", group) if group else None,
        "page_id": object_id(site, "page"),
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(site: SiteContext, recent: RecentIncidents, group: str, members: Sequence[Json], position: int) -> Json:
    return {
        "id": object_id(site, "group", group),
        "name": site.catalog.leading_pack.groups[group].name,
        "status": of_group(str(member["status"]) for member in members),
        "created_at": format_timestamp(recent.first_notice_at or BEGINNING),
        "updated_at": max(member["updated_at"] for member in members),
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": object_id(site, "page"),
        "group": True,
        "only_show_if_degraded": False,
        "components": [member["id"] for member in members],
    }


def _iso_day(site: SiteContext, at: datetime | None) -> str | None:
    return site_clock(site, site.catalog.leading_pack.language).local_date(at).isoformat() if at else None


def incident_object(site: SiteContext, incident: Incident, all_components: Components) -> Json:
    """An incident or maintenance, with its updates."""
    affected_components = [
        all_components.by_service[service_id]
        for service_id in incident.ever_affected
        if service_id in all_components.by_service
    ]
    notices, status = incident.notices, incident.status
    monitoring_times = [n.recorded for n in notices if n.notice.notice is NoticeKind.MONITORING]
    start = notices[-1].notice.facts.start
    created = notices[0].recorded
    body: Json = {
        "id": incident.id,
        "name": incident_name(site, incident),
        "status": status,
        "created_at": format_timestamp(created),
        "started_at": format_timestamp(min(created, start.at) if start and not incident.is_maintenance else created),
        "updated_at": format_timestamp(_resolved_at(incident) or last_notice_at(incident)),
        "monitoring_at": format_timestamp(monitoring_times[-1]) if monitoring_times else None,
        "resolved_at": format_timestamp(_resolved_at(incident) or last_notice_at(incident))
        if status in _OVER
        else None,
        "impact": impact(incident),
        "shortlink": incident_link(site, incident),
        "page_id": object_id(site, "page"),
        "incident_updates": _updates(site, incident)[::-1],
        "components": affected_components,
    }
    plan = incident.maintenance_window
    if not incident.is_maintenance or plan is None:
        return {**body, "reminder_intervals": None}
    return {**body, "scheduled_for": format_timestamp(plan.start), "scheduled_until": format_timestamp(plan.end)}


def _resolved_at(incident: Incident) -> datetime | None:
    """When it was closed without a notice, or published as over; None if it is still open."""
    if incident.is_closed_silently:
        return max(entry.recorded for entry in incident.entries if _closes(entry))
    closing_kinds = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
    return (
        max((n.recorded for n in incident.notices if n.notice.notice in closing_kinds), default=None)
        if incident.is_announced_over
        else None
    )


def _closes(entry: TimelineEntry) -> bool:
    return isinstance(entry.entry, TimelineEvent) and entry.entry.event is EventKind.CLOSED


def snapshot_at_each_notice(incident: Incident) -> list[Incident]:
    """The incident as it was when each notice was published, oldest first."""
    sequences = [n.sequence for n in incident.notices]
    return [
        replace(incident, entries=tuple(entry for entry in incident.entries if entry.sequence <= sequence))
        for sequence in sequences
    ]


def _updates(site: SiteContext, incident: Incident) -> list[Json]:
    updates: list[Json] = []
    states_before: Mapping[str, State] = {}
    for snapshot, recorded_notice in zip(snapshot_at_each_notice(incident), incident.notices, strict=True):
        states_after = {affected.service: displayed_state(snapshot, affected.state) for affected in snapshot.affected}
        updates.append(_update(site, snapshot, recorded_notice, _component_changes(site, states_before, states_after)))
        states_before = states_after
    return updates


def _update(site: SiteContext, snapshot: Incident, recorded_notice: RecordedNotice, changes: list[Json]) -> Json:
    return {
        "id": object_id(site, "update", snapshot.id, str(recorded_notice.sequence)),
        "incident_id": snapshot.id,
        "status": snapshot.status,
        "body": notice_body(site, snapshot, recorded_notice),
        "created_at": format_timestamp(recorded_notice.recorded),
        "updated_at": format_timestamp(recorded_notice.recorded),
        "display_at": format_timestamp(recorded_notice.happened),
        "affected_components": changes or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _name_with_group(pack: LanguagePack, service: Service) -> str:
    name = pack.services[service.id].name
    return f"{pack.groups[service.group].name} - {name}" if service.group else name


def _component_changes(
    site: SiteContext, states_before: Mapping[str, State], states_after: Mapping[str, State]
) -> list[Json]:
    pack, services = site.catalog.leading_pack, site.catalog.services
    return [
        {
            "code": object_id(site, "service", services[service_id].first_id),
            "name": _name_with_group(pack, services[service_id]),
            "old_status": CODES[states_before.get(service_id, State.OPERATIONAL)],
            "new_status": CODES[states_after.get(service_id, State.OPERATIONAL)],
        }
        for service_id in dict.fromkeys((*states_before, *states_after))
        if service_id in services
    ]
