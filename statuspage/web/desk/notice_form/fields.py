"""Between the fields of the form and what was typed: which button or box counts, and what a fresh form proposes."""

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
from statuspage.web.desk.notice_form.questions import past

BOXES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "since": {"at": ("since_at",)},
    "ended": {"at": ("ended_at",)},
    "next": {"at": ("next_at",)},
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
"""The offered spans until the next update."""

USUAL_MINUTES = {"estimate_minutes": ["30"], "was-estimate_minutes": ["30"]}
"""What the box *in about … minutes* holds as the form opens: a value like any other, which counts once it is chosen."""

BEFORE_KIND = "30m"
"""The span proposed while no kind is chosen."""


def one(fields: Fields, name: str) -> str:
    """The single value of a field, "" when it was not sent."""
    values = fields.get(name) or [""]
    return values[-1]


def chosen(fields: Fields, name: str) -> str:
    """Which choice counts. A box filled since the form was shown chooses its own, also where no script ticks it."""
    radio = one(fields, name)
    changed = [value for value, boxes in BOXES[name].items() if any(_changed(fields, box) for box in boxes)]
    return changed[0] if changed and radio not in changed else radio


def _changed(fields: Fields, box: str) -> bool:
    typed = one(fields, box).strip()
    return bool(typed) and typed != one(fields, f"was-{box}").strip()


def typed_of(fields: Fields, catalog: Catalog) -> NoticeInput:
    """What the person typed, in the grammar of the command line."""
    incident_type = catalog.incident_types.get(one(fields, "kind"))
    return NoticeInput(
        incident_type=one(fields, "kind"),
        services=tuple(services_of(fields, catalog)),
        audience=_audience_value(fields),
        start=_since(fields),
        estimate=held(fields, "estimate", said_when(fields, "estimate")),
        workarounds=tuple(fields.get("workaround", ())),
        current_action=one(fields, "doing"),
        cause=one(fields, "cause"),
        next_update=held(fields, "next", next_of(fields, catalog)),
        ended=held(fields, "ended", said_when(fields, "ended")),
        begins=one(fields, "begins"),
        ends=_time(fields, "ends"),
        remind=one(fields, "remind"),
        answers={question.id: _picked_answer(fields, question) for question in incident_type.questions} if incident_type else {},
        extra={language: one(fields, f"extra-{language}") for language in catalog.languages},
        text={language: text for language in catalog.languages if (text := one(fields, f"text-{language}").strip())},
        only=tuple(fields.get("only", ())),
        reason=one(fields, "reason"),
    )


def _picked_answer(fields: Fields, question: Question) -> str:
    return one(fields, f"answer-{question.id}") or ("" if question.is_required else "checking")


def preset(incident_type: IncidentType | None) -> list[str]:
    """The services a kind proposes, as ``id:state``."""
    return [service_value(affected) for affected in incident_type.services] if incident_type else []


def service_value(affected: Affected) -> str:
    """A service and its state in one word."""
    return f"{affected.service}:{affected.state}"


def services_of(fields: Fields, catalog: Catalog) -> list[str]:
    """The ticked services in the form's order; those of the kind while nobody has ticked any for it.

    A draft may be older than a service's id of today.
    """
    incident_type, previous_type = catalog.incident_types.get(one(fields, "kind")), catalog.incident_types.get(one(fields, "shown_kind"))
    renamed = catalog.renamed_services
    states = {renamed.get(id, id): one(fields, f"state-{id}") or "major" for id in fields.get("service", ())}
    ticked = [f"{service}:{state}" for service, state in states.items()]
    if incident_type is not previous_type and (not ticked or set(ticked) == set(preset(previous_type))):
        ticked = preset(incident_type)
    positions = {service: n for n, service in enumerate(catalog.services)}
    return sorted(ticked, key=lambda text: positions.get(text.partition(":")[0], len(positions)))


def next_of(fields: Fields, catalog: Catalog) -> str:
    """When the next update is promised; the kind's own span while nobody chose another."""
    incident_type, previous_type = catalog.incident_types.get(one(fields, "kind")), catalog.incident_types.get(one(fields, "shown_kind"))
    value = _time(fields, "next")
    if not value or (incident_type is not previous_type and value == cadence(previous_type)):
        return cadence(incident_type)
    return value


def cadence(incident_type: IncidentType | None) -> str:
    """The kind's own span until the next update where the form offers it, else "" (the kind's own is taken).

    Before a kind is chosen, the usual one.
    """
    span = f"{int(incident_type.cadence.total_seconds() // 60)}m" if incident_type else BEFORE_KIND
    return span if span in CADENCES else ""


def said_when(fields: Fields, name: str) -> str:
    """The time that a choice says, as it was typed or pressed: 5m, 11:55, 12:30..13:30."""
    return _estimate_value(fields) if name == "estimate" else _time(fields, name)


def held(fields: Fields, name: str, text: str) -> str:
    """The moment this choice was pinned to when it was made, as long as it is still the choice; else its text."""
    pinned_text, _, moment = one(fields, f"pin-{name}").rpartition("=")
    return moment if moment and pinned_text == text else text


def _time(fields: Fields, name: str) -> str:
    value = chosen(fields, name)
    return _box(fields, f"{name}_at") if value == "at" else value


def _box(fields: Fields, name: str) -> str:
    return one(fields, name).strip() or EMPTY


def _since(fields: Fields) -> str:
    value = said_when(fields, "since").strip()
    return f"{one(fields, 'precision') or 'about'}:{held(fields, 'since', value)}" if value else ""


def _audience_value(fields: Fields) -> str:
    radio, groups = one(fields, "who"), fields.get("group", [])
    if not groups:
        return radio
    return ",".join(groups if radio in ("", AffectedAudience.CHECKING) else [radio, *groups])


def _estimate_value(fields: Fields) -> str:
    match chosen(fields, "estimate"):
        case "at":
            return _box(fields, "estimate_at")
        case "minutes":
            return _minutes(_box(fields, "estimate_minutes"))
        case "range":
            ends = [_box(fields, box) for box in ("estimate_from", "estimate_to")]
            return EMPTY if EMPTY in ends else "..".join(ends)
        case "not_before":
            time_text = _box(fields, "estimate_not_before")
            return time_text if time_text == EMPTY else f"not-before:{time_text}"
        case value:
            return value


def _minutes(text: str) -> str:
    normalized = unicodedata.normalize("NFKC", text).strip()
    return f"{normalized}m" if normalized.isdigit() else text


def fresh(catalog: Catalog, *, proposal: Proposal | None = None, start: str = "") -> Fields:
    """A first report as the form opens: what the alert proposes, else nothing chosen."""
    incident_type = catalog.incident_types.get(proposal.incident_type) if proposal else None
    fields: Fields = {"kind": [incident_type.id] if incident_type else [], "precision": ["about"], "who": [AffectedAudience.CHECKING]}
    fields |= _affected((proposal.services if proposal else ()) or (incident_type.services if incident_type else ()))
    fields |= {"since": ["at" if start else ""], "since_at": [start], "estimate": ["unknown"], **USUAL_MINUTES}
    return fields | _next(incident_type)


def following(catalog: Catalog, facts: Facts, notice: NoticeKind, zone: tzinfo, now: datetime) -> Fields:
    """A later notice as the form opens: the facts as customers know them."""
    fields: Fields = {"kind": [facts.incident_type], "shown_kind": [facts.incident_type], **_affected(facts.named_services)}
    audience = [] if facts.audience.reach is AffectedAudience.GROUPS else [str(facts.audience.reach)]
    fields |= {
        "who": audience,
        "group": list(facts.audience.groups),
        "workaround": [workaround for workaround in facts.workarounds if fits(workaround, past(notice, over=facts.ended is not None))],
    }
    if facts.start:
        fields |= {"since": ["at"], "since_at": [when(facts.start.at, zone, now)]}
        fields |= {"precision": [str(facts.start.precision)]}
    fields |= _estimate_fields(facts, zone, now) | USUAL_MINUTES | _next(catalog.incident_types.get(facts.incident_type))
    fields |= {f"answer-{question}": [answer] for question, answer in facts.answers.items()}
    fields |= {"doing": [facts.current_action or ""], "cause": [facts.cause or ""]}
    if facts.ended:
        fields |= {"ended": ["at"], "ended_at": [when(facts.ended, zone, now)]}
    if notice is NoticeKind.CORRECTION:
        fields |= {f"extra-{language}": [text] for language, text in facts.extra.items()}
    return fields


def fits(id: str, past: bool) -> bool:
    """Entries that begin with ``after-`` are for when it works again; the others for when it does not."""
    return id.startswith("after-") == past


def planning() -> Fields:
    """The form for planned work as it opens."""
    return {"kind": [MAINTENANCE], "shown_kind": [MAINTENANCE], "ends": ["2h"], "remind": [""]}


def of_plan(facts: Facts, notice: NoticeKind, zone: tzinfo) -> Fields:
    """A later notice of planned work as its form opens: as it was announced, begun or over now."""
    fields: Fields = {"kind": [facts.incident_type], "shown_kind": [facts.incident_type], **_affected(facts.affected)}
    fields |= {"workaround": list(facts.workarounds)}
    if notice in (NoticeKind.STARTED, NoticeKind.FINISHED):
        name = "since" if notice is NoticeKind.STARTED else "ended"
        fields |= {name: ["now"], "precision": [str(Precision.EXACT)]}
    if facts.planned and notice in (NoticeKind.ANNOUNCED, NoticeKind.EXTENDED):
        start, end = (f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" for moment in (facts.planned.start, facts.planned.end))
        fields |= {"begins": [start], "ends": ["at"], "ends_at": [end], "remind": [""]}
    return fields


def when(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time as it is typed: of the day alone where that says enough, else with its date."""
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def _affected(affected: Iterable[Affected]) -> Fields:
    services = list(affected)
    return {"service": [item.service for item in services]} | {f"state-{item.service}": [str(item.state)] for item in services}


def _next(incident_type: IncidentType | None) -> Fields:
    return {"next": [cadence(incident_type)] if cadence(incident_type) else []}


def _estimate_fields(facts: Facts, zone: tzinfo, now: datetime) -> Fields:
    estimate = facts.estimate.now if isinstance(facts.estimate, MissedEstimate) else facts.estimate
    match estimate:
        case Known(at=at) if at > now:
            return {"estimate": ["at"], "estimate_at": [when(at, zone, now)]}
        case Range(earliest=first, latest=last) if last > now:
            ends = {"estimate_from": [when(first, zone, now)], "estimate_to": [when(last, zone, now)]}
            return {"estimate": ["range"], **ends}
        case NotBefore(at=at) if at > now:
            return {"estimate": ["not_before"], "estimate_not_before": [when(at, zone, now)]}
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
