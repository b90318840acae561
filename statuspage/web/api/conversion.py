"""Incidents and notices as answers, and facts of a request as the input of a notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from statuspage import serialization
from statuspage.domain import (
    AudienceInput,
    EstimateInput,
    Incident,
    InternalNote,
    Notice,
    NoticeInput,
    NoticeText,
    ServiceInput,
    StartInput,
    TimelineEntry,
    approval,
    response_times,
)
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import notify
from statuspage.web.api.incident_outputs import (
    IncidentOut,
    MediumOut,
    NoticeOut,
    NoticeTextOut,
    TimelineEntryOut,
    WaitingOut,
)
from statuspage.web.api.inputs import AudienceIn, EstimateIn, FactsIn, ServiceIn, StartIn
from statuspage.web.api.outputs import ServiceState


def incident_out(env: Environment, incident: Incident) -> IncidentOut:
    """One incident with its notices."""
    facts = incident.current_facts
    return IncidentOut(
        id=incident.id,
        type=incident.incident_type,
        is_maintenance=incident.is_maintenance,
        is_over=incident.is_over,
        opened_at=incident.opened,
        started_at=incident.t0,
        clock_source=incident.t0_source,
        sequence=incident.latest_sequence,
        affected=[ServiceState(service=each.service, state=each.state.value) for each in incident.affected],
        facts=serialization.to_json_value(facts) if facts else None,
        notices=_notices(incident),
        waiting=_waiting(env, incident),
        desk=desk_address(env, f"/incidents/{incident.id}"),
    )


def _notices(incident: Incident) -> list[NoticeOut]:
    return [
        NoticeOut(
            sequence=item.sequence,
            kind=item.notice.notice.value,
            by=item.notice.actor,
            published_at=item.recorded,
            readable_at=response_times.readable_at(incident, item.sequence),
            texts=texts_out(item.notice.texts),
        )
        for item in incident.notices
    ]


def _waiting(env: Environment, incident: Incident) -> list[WaitingOut]:
    return [
        WaitingOut(
            sequence=request.sequence,
            kind=request.pending_approval.notice.notice.value,
            by=request.actor,
            requested_at=request.requested_at,
            desk=desk_address(env, f"/incidents/{incident.id}/approvals/{request.sequence}"),
            texts=texts_out(request.pending_approval.notice.texts),
        )
        for request in approval.open_approval_requests(incident)
    ]


def desk_address(env: Environment, path: str) -> str:
    """An address on the desk; "" if it is not known where that is."""
    desk = notify.desk_link(env).rstrip("/")
    return f"{desk}{path}" if desk else ""


def texts_out(texts: Mapping[str, NoticeText]) -> dict[str, NoticeTextOut]:
    """A notice in its languages."""
    return {language: _text_out(text) for language, text in texts.items()}


def _text_out(text: NoticeText) -> NoticeTextOut:
    media = {
        id: MediumOut(subject=medium.subject, body=medium.body, length=medium.length, limit=medium.limit)
        for id, medium in text.media.items()
    }
    return NoticeTextOut(
        title=text.title, headline=text.headline, label=text.label, status=text.status, media=media
    )  # fmt: skip


def timeline_entry_out(item: TimelineEntry) -> TimelineEntryOut:
    """One entry of the timeline, without the texts of notices."""
    values: dict[str, Any] = {"type": "event", "event": "", "text": "", "answers_to": 0, "actor": ""}
    match item.entry:
        case Notice(notice=kind, actor=actor, reason=reason):
            values |= {"type": "notice", "event": kind.value, "actor": actor, "text": reason}
        case InternalNote(text=text, actor=actor):
            values |= {"type": "note", "text": text, "actor": actor}
        case event:
            values |= {"event": event.event.value, "actor": event.actor, "text": event.text}
            values |= {"answers_to": event.answers_to}
    return TimelineEntryOut(
        sequence=item.sequence, happened_at=item.happened, recorded_at=item.recorded, **values
    )  # fmt: skip


def notice_input(facts: FactsIn, base: NoticeInput) -> NoticeInput:
    """The input of a notice: what it starts from, replaced by the facts that were given."""
    plain = ("incident_type", "current_action", "cause", "next_update", "ended")
    changes: dict[str, Any] = {name: getattr(facts, name) for name in plain if getattr(facts, name) is not None}
    if facts.workarounds is not None:
        changes["workarounds"] = tuple(facts.workarounds)
    changes |= situation(facts.services, facts.start, facts.estimate)
    if facts.audience is not None:
        changes["audience"] = _audience(facts.audience)
    for name in ("answers", "extra"):
        if (given := getattr(facts, name)) is not None:
            changes[name] = {**getattr(base, name), **given}
    return replace(base, **changes)


def situation(services: list[ServiceIn] | None, start: StartIn | None, estimate: EstimateIn | None) -> dict[str, Any]:
    """The facts that engineers know too, as far as they were given."""
    values: dict[str, Any] = {}
    if services is not None:
        values["services"] = service_inputs(services)
    if start is not None:
        values["start"] = StartInput(start.precision, start.time)
    if estimate is not None:
        values["estimate"] = EstimateInput(estimate.shape, estimate.earliest, estimate.latest)
    return values


def service_inputs(services: list[ServiceIn]) -> tuple[ServiceInput, ...]:
    """Services and their states."""
    return tuple(ServiceInput(each.service, each.state.value if each.state else "") for each in services)


def _audience(audience: AudienceIn) -> AudienceInput:
    return AudienceInput(audience.extent, tuple(audience.groups))
