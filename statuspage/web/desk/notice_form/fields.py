"""Converts form fields to typed input: which button or box counts, and what a new form proposes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from statuspage.domain import (
    EMPTY,
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Catalog,
    Facts,
    IncidentType,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeInput,
    NoticeKind,
    Precision,
    Proposal,
    Question,
    Range,
    Unknown,
)
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.questions import is_past

CHOICE_BOXES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "start": {"at": ("start_at",)},
    "ended": {"at": ("ended_at",)},
    "next_update": {"at": ("next_update_at",)},
    "ends": {"at": ("ends_at",)},
    "estimate": {
        "at": ("estimate_at",),
        "minutes": ("estimate_minutes",),
        "range": ("estimate_from", "estimate_to"),
        "not_before": ("estimate_not_before",),
    },
}
"""The text boxes that belong to a choice, by the name of the choice and its value."""

CADENCES = ("15m", "30m", "60m")
"""The offered intervals until the next update."""

USUAL_MINUTES = {"estimate_minutes": ["30"], "was-estimate_minutes": ["30"]}
"""The initial value of the box *in about … minutes*: it counts once it is chosen."""

DEFAULT_CADENCE = "30m"
"""The interval proposed while no incident type is chosen."""


def value_of(fields: Fields, name: str) -> str:
    """The single value of a field, "" when it was not sent."""
    values = fields.get(name) or [""]
    return values[-1]


def chosen_value(fields: Fields, name: str) -> str:
    """Which choice counts. A box filled since the form was shown chooses its own, also where no script ticks it."""
    radio = value_of(fields, name)
    changed = [value for value, boxes in CHOICE_BOXES[name].items() if any(_changed(fields, box) for box in boxes)]
    return changed[0] if changed and radio not in changed else radio


def _changed(fields: Fields, box: str) -> bool:
    typed = value_of(fields, box).strip()
    return bool(typed) and typed != value_of(fields, f"was-{box}").strip()


def parse_notice_input(fields: Fields, catalog: Catalog) -> NoticeInput:
    """The typed input, in the grammar of the command line."""
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    return NoticeInput(
        incident_type=value_of(fields, "incident_type"),
        services=tuple(ticked_services(fields, catalog)),
        audience=_audience_value(fields),
        start=_start_value(fields),
        estimate=pinned_or_typed(fields, "estimate", chosen_time(fields, "estimate")),
        workarounds=tuple(fields.get("workaround", ())),
        current_action=value_of(fields, "current_action"),
        cause=value_of(fields, "cause"),
        next_update=pinned_or_typed(fields, "next_update", next_update_value(fields, catalog)),
        ended=pinned_or_typed(fields, "ended", chosen_time(fields, "ended")),
        begins=value_of(fields, "begins"),
        ends=_time_value(fields, "ends"),
        remind=value_of(fields, "remind"),
        answers={question.id: _picked_answer(fields, question) for question in incident_type.questions}
        if incident_type
        else {},
        extra={language: value_of(fields, f"extra-{language}") for language in catalog.languages},
        text={
            language: text for language in catalog.languages if (text := value_of(fields, f"text-{language}").strip())
        },
        only=tuple(fields.get("only", ())),
        reason=value_of(fields, "reason"),
    )


def _picked_answer(fields: Fields, question: Question) -> str:
    return value_of(fields, f"answer-{question.id}") or ("" if question.is_required else "checking")


def preset_services(incident_type: IncidentType | None) -> list[str]:
    """The services an incident type proposes, as ``id:state``."""
    return [service_value(affected) for affected in incident_type.services] if incident_type else []


def service_value(affected: Affected) -> str:
    """A service and its state as one value."""
    return f"{affected.service}:{affected.state}"


def ticked_services(fields: Fields, catalog: Catalog) -> list[str]:
    """The ticked services in the form's order; those of the incident type while nobody has ticked any for it.

    A draft may be older than a service's current id.
    """
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    previous_type = catalog.incident_types.get(value_of(fields, "shown_incident_type"))
    renamed = catalog.renamed_services
    states = {renamed.get(id, id): value_of(fields, f"state-{id}") or "major" for id in fields.get("service", ())}
    ticked = [f"{service}:{state}" for service, state in states.items()]
    if incident_type is not previous_type and (not ticked or set(ticked) == set(preset_services(previous_type))):
        ticked = preset_services(incident_type)
    positions = {service: n for n, service in enumerate(catalog.services)}
    return sorted(ticked, key=lambda text: positions.get(text.partition(":")[0], len(positions)))


def next_update_value(fields: Fields, catalog: Catalog) -> str:
    """When the next update is promised; the incident type's own interval while nobody chose another."""
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    previous_type = catalog.incident_types.get(value_of(fields, "shown_incident_type"))
    value = _time_value(fields, "next_update")
    if not value or (incident_type is not previous_type and value == cadence_of(previous_type)):
        return cadence_of(incident_type)
    return value


def cadence_of(incident_type: IncidentType | None) -> str:
    """The incident type's own interval until the next update where the form offers it, else "" (its own is taken).

    Before an incident type is chosen, the usual one.
    """
    span = f"{int(incident_type.cadence.total_seconds() // 60)}m" if incident_type else DEFAULT_CADENCE
    return span if span in CADENCES else ""


def chosen_time(fields: Fields, name: str) -> str:
    """The time that a choice means, as it was typed or pressed: 5m, 11:55, 12:30..13:30."""
    return _estimate_value(fields) if name == "estimate" else _time_value(fields, name)


def pinned_or_typed(fields: Fields, name: str, text: str) -> str:
    """The time this choice was pinned to when it was made, as long as it is still the choice; else its text."""
    pinned_text, _, moment = value_of(fields, f"pin-{name}").rpartition("=")
    return moment if moment and pinned_text == text else text


def _time_value(fields: Fields, name: str) -> str:
    value = chosen_value(fields, name)
    return _box_value(fields, f"{name}_at") if value == "at" else value


def _box_value(fields: Fields, name: str) -> str:
    return value_of(fields, name).strip() or EMPTY


def _start_value(fields: Fields) -> str:
    value = chosen_time(fields, "start").strip()
    return f"{value_of(fields, 'precision') or 'about'}:{pinned_or_typed(fields, 'start', value)}" if value else ""


def _audience_value(fields: Fields) -> str:
    radio, groups = value_of(fields, "audience"), fields.get("group", [])
    if not groups:
        return radio
    return ",".join(groups if radio in ("", AffectedAudience.CHECKING) else [radio, *groups])


def _estimate_value(fields: Fields) -> str:
    match chosen_value(fields, "estimate"):
        case "at":
            return _box_value(fields, "estimate_at")
        case "minutes":
            return _minutes_value(_box_value(fields, "estimate_minutes"))
        case "range":
            ends = [_box_value(fields, box) for box in ("estimate_from", "estimate_to")]
            return EMPTY if EMPTY in ends else "..".join(ends)
        case "not_before":
            time_text = _box_value(fields, "estimate_not_before")
            return time_text if time_text == EMPTY else f"not-before:{time_text}"
        case value:
            return value


def _minutes_value(text: str) -> str:
    normalized = unicodedata.normalize("NFKC", text).strip()
    return f"{normalized}m" if normalized.isdigit() else text


def first_report_fields(catalog: Catalog, *, proposal: Proposal | None = None, start: str = "") -> Fields:
    """The fields of a new first report: what the alert proposes, else nothing chosen."""
    incident_type = catalog.incident_types.get(proposal.incident_type) if proposal else None
    fields: Fields = {
        "incident_type": [incident_type.id] if incident_type else [],
        "precision": ["about"],
        "audience": [AffectedAudience.CHECKING],
    }
    fields |= _service_fields(
        (proposal.services if proposal else ()) or (incident_type.services if incident_type else ())
    )
    fields |= {"start": ["at" if start else ""], "start_at": [start], "estimate": ["unknown"], **USUAL_MINUTES}
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
            for workaround in facts.workarounds
            if fits_phase(workaround, is_past(notice, over=facts.ended_at is not None))
        ],
    }
    if facts.start:
        fields |= {"start": ["at"], "start_at": [as_typed_time(facts.start.at, zone, now)]}
        fields |= {"precision": [str(facts.start.precision)]}
    fields |= (
        _estimate_fields(facts, zone, now)
        | USUAL_MINUTES
        | _next_update_fields(catalog.incident_types.get(facts.incident_type))
    )
    fields |= {f"answer-{question}": [answer] for question, answer in facts.answers.items()}
    fields |= {"current_action": [facts.current_action or ""], "cause": [facts.cause or ""]}
    if facts.ended_at:
        fields |= {"ended": ["at"], "ended_at": [as_typed_time(facts.ended_at, zone, now)]}
    if notice is NoticeKind.CORRECTION:
        fields |= {f"extra-{language}": [text] for language, text in facts.extra.items()}
    return fields


def fits_phase(id: str, past: bool) -> bool:
    """Entries that begin with ``after-`` are for after the end; the others for before."""
    return id.startswith("after-") == past


def new_maintenance_fields() -> Fields:
    """The fields of a new maintenance form."""
    return {"incident_type": [MAINTENANCE], "shown_incident_type": [MAINTENANCE], "ends": ["2h"], "remind": [""]}


def maintenance_fields(facts: Facts, notice: NoticeKind, zone: tzinfo) -> Fields:
    """The fields of a later maintenance notice: as announced, started or finished now."""
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
    """A time as it is typed: the time of day alone where that is enough, else with its date."""
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


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
            return {"estimate": ["at"], "estimate_at": [as_typed_time(at, zone, now)]}
        case Range(earliest=first, latest=last) if last > now:
            ends = {"estimate_from": [as_typed_time(first, zone, now)], "estimate_to": [as_typed_time(last, zone, now)]}
            return {"estimate": ["range"], **ends}
        case NotBefore(at=at) if at > now:
            return {"estimate": ["not_before"], "estimate_not_before": [as_typed_time(at, zone, now)]}
        case Unknown() | Known() | Range() | NotBefore():
            return {"estimate": ["unknown"]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One button or box of a group."""

    id: str
    label: str
    checked: bool


def ticked_choices(options: Iterable[tuple[str, str]], picked: Iterable[str]) -> list[Choice]:
    """The options of a group with the picked ones ticked."""
    ticked = set(picked)
    return [Choice(id, label, id in ticked) for id, label in options]
