"""The initial fields of a new form: what an alert proposes, or the facts as customers know them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from statuspage.domain import (
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Catalog,
    Facts,
    IncidentType,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Precision,
    Proposal,
    Range,
    Unknown,
)
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fields import USUAL_MINUTES, cadence_of, with_pin
from statuspage.web.desk.notice_form.questions import is_past
from statuspage.web.desk.notice_form.service_fields import alert_fields


def first_report_fields(catalog: Catalog, *, proposal: Proposal | None = None) -> Fields:
    """The fields of a new first report: what the alert proposes, else only that it starts now."""
    incident_type = catalog.incident_types.get(proposal.incident_type) if proposal else None
    fields: Fields = {
        "incident_type": [incident_type.id] if incident_type else [],
        "precision": ["about"],
        "audience": [AffectedAudience.CHECKING],
    }
    if incident_type is not None:
        services = (proposal.services if proposal else ()) or incident_type.services
        fields |= {"shown_incident_type": [incident_type.id], **alert_fields(incident_type.id, services)}
    fields |= {"start": ["now"], "start_at": [""], "estimate": ["unknown"], **USUAL_MINUTES}
    return fields | _next_update_fields(incident_type)


def follow_up_fields(catalog: Catalog, facts: Facts, notice: NoticeKind, zone: tzinfo, now: datetime) -> Fields:
    """The fields of a new later notice: the facts as customers know them."""
    fields: Fields = {
        "incident_type": [facts.incident_type],
        "shown_incident_type": [facts.incident_type],
        **_service_fields(facts.named_services),
    }
    audience = [] if facts.audience.extent is AffectedAudience.GROUPS else [str(facts.audience.extent)]
    fields |= {
        "audience": audience,
        "group": list(facts.audience.groups),
        "workaround": [
            workaround
            for workaround in (facts.workarounds if notice is not NoticeKind.FOLLOW_UP else ())
            if fits_phase(workaround, is_past(notice, over=facts.ended_at is not None))
        ],
    }
    if facts.start:
        fields |= {**time_fields("start", facts.start.at, zone, now), "precision": [str(facts.start.precision)]}
    fields |= (
        _estimate_fields(facts, zone, now)
        | USUAL_MINUTES
        | _next_update_fields(catalog.incident_types.get(facts.incident_type))
    )
    fields |= {f"answer-{question}": [answer] for question, answer in facts.answers.items()}
    fields |= {"current_action": [facts.current_action or ""], "cause": [facts.cause or ""]}
    if facts.ended_at:
        fields |= time_fields("ended", facts.ended_at, zone, now)
    elif notice is NoticeKind.RESOLVED:
        fields |= {"ended": ["now"]}
    if notice is NoticeKind.CORRECTION:
        if facts.next_update and facts.next_update > now:
            fields |= time_fields("next_update", facts.next_update, zone, now)
        fields |= {f"extra-{language}": [text] for language, text in facts.extra.items()}
    if notice is NoticeKind.POSTMORTEM:
        fields |= {"prevention": list(facts.preventions)}
        fields |= {f"postmortem-{language}": [text] for language, text in facts.postmortem.items()}
    return fields


def fits_phase(id: str, past: bool) -> bool:
    """Whether an entry fits: those that begin with ``after-`` are for after the end, the others for before."""
    return id.startswith("after-") == past


def new_maintenance_fields() -> Fields:
    """The fields of a new maintenance form."""
    return {"incident_type": [MAINTENANCE], "shown_incident_type": [MAINTENANCE], "ends": ["2h"], "remind": [""]}


def maintenance_fields(facts: Facts, notice: NoticeKind, zone: tzinfo) -> Fields:
    """The fields of a later maintenance notice: as announced; started or finished now."""
    fields: Fields = {
        "incident_type": [facts.incident_type],
        "shown_incident_type": [facts.incident_type],
        **_service_fields(facts.affected),
    }
    fields |= {"workaround": list(facts.workarounds)}
    if notice in (NoticeKind.STARTED, NoticeKind.FINISHED):
        name = "start" if notice is NoticeKind.STARTED else "ended"
        fields |= {name: ["now"], "precision": [str(Precision.EXACT)]}
    if facts.maintenance_window and notice in (NoticeKind.ANNOUNCED, NoticeKind.EXTENDED):
        start, end = (
            f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
            for moment in (facts.maintenance_window.start, facts.maintenance_window.end)
        )
        fields |= {"begins": [start], "ends": ["at"], "ends_at": [end], "remind": [""]}
    return fields


def as_typed_time(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time as people type it: only the time of day if that is enough, else with its date."""
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def time_fields(name: str, at: datetime, zone: tzinfo, now: datetime) -> Fields:
    """The box of *at* filled with this moment, and pinned to it, because the box has neither seconds nor the zone."""
    return with_pin({name: ["at"], f"{name}_at": [as_typed_time(at, zone, now)]}, name, at)


def _service_fields(affected: Iterable[Affected]) -> Fields:
    services = list(affected)
    return {"service": [item.service for item in services]} | {
        f"state-{item.service}": [str(item.state)] for item in services
    }


def _next_update_fields(incident_type: IncidentType | None) -> Fields:
    return {"next_update": [cadence_of(incident_type)] if cadence_of(incident_type) else []}


def _estimate_fields(facts: Facts, zone: tzinfo, now: datetime) -> Fields:
    estimate = facts.estimate.current if isinstance(facts.estimate, MissedEstimate) else facts.estimate
    match estimate:
        case Known(at=at) if at > now:
            return time_fields("estimate", at, zone, now)
        case Range(earliest=first, latest=last) if last > now:
            ends = {"estimate_from": [as_typed_time(first, zone, now)], "estimate_to": [as_typed_time(last, zone, now)]}
            return with_pin({"estimate": ["range"], **ends}, "estimate", first, last)
        case NotBefore(at=at) if at > now:
            box = {"estimate_not_before": [as_typed_time(at, zone, now)]}
            return with_pin({"estimate": ["not_before"], **box}, "estimate", at)
        case Unknown() | Known() | Range() | NotBefore():
            return {"estimate": ["unknown"]}
