"""Converts form fields to notice input: which button or text box counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from statuspage.domain import (
    AffectedAudience,
    AudienceInput,
    Catalog,
    EstimateInput,
    EstimateShape,
    IncidentType,
    NoticeInput,
    Precision,
    Question,
    StartInput,
    TimeInput,
    TypedTime,
    ValidationError,
)
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.service_fields import ticked_services

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
"""The initial value of the box *in about … minutes*, which counts once it is chosen."""

DEFAULT_CADENCE = "30m"
"""The interval proposed before an incident type is chosen."""


def chosen_value(fields: Fields, name: str) -> str:
    """Which choice counts. A box filled in since the form was shown selects its own choice, even if no script ticks
    it."""
    radio, changed = value_of(fields, name), _changed_choices(fields, name)
    return changed[0] if changed and radio not in changed else radio


def conflict_problems(fields: Fields) -> tuple[ValidationError, ...]:
    """A problem for each question with two different answers: a button was pressed and the box of another one filled
    in, or the boxes of two. Without a script, nobody can tell which one is meant."""
    return tuple(ValidationError(name, "choice.conflict") for name in CHOICE_BOXES if _is_conflicting(fields, name))


def _is_conflicting(fields: Fields, name: str) -> bool:
    radio, changed = value_of(fields, name), _changed_choices(fields, name)
    if not changed or radio in changed:
        return False
    was_pressed = bool(radio) and f"was-{name}" in fields and radio != value_of(fields, f"was-{name}")
    return was_pressed or len(changed) > 1


def _changed_choices(fields: Fields, name: str) -> list[str]:
    """The choices whose boxes were filled in since the form was shown."""
    return [value for value, boxes in CHOICE_BOXES[name].items() if any(_changed(fields, box) for box in boxes)]


def _changed(fields: Fields, box: str) -> bool:
    typed = value_of(fields, box).strip()
    return bool(typed) and typed != value_of(fields, f"was-{box}").strip()


def parse_notice_input(fields: Fields, catalog: Catalog) -> NoticeInput:
    """What was typed and chosen."""
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    return NoticeInput(
        incident_type=value_of(fields, "incident_type"),
        services=tuple(ticked_services(fields, catalog)),
        audience=_audience_input(fields),
        start=_start_input(fields),
        estimate=_estimate_input(fields),
        workarounds=tuple(fields.get("workaround", ())),
        current_action=value_of(fields, "current_action"),
        cause=value_of(fields, "cause"),
        next_update=_next_update_input(fields, catalog),
        ended=_time_input(fields, "ended"),
        begins=_typed_time(value_of(fields, "begins")),
        ends=_time_input(fields, "ends"),
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
        preventions=tuple(fields.get("prevention", ())),
        report_by=value_of(fields, "report_by"),
        postmortem={language: value_of(fields, f"postmortem-{language}") for language in catalog.languages},
    )


def _picked_answer(fields: Fields, question: Question) -> str:
    return value_of(fields, f"answer-{question.id}") or ("" if question.is_required else "checking")


def next_update_value(fields: Fields, catalog: Catalog) -> str:
    """Which next update counts: a button, or *at* with its box; by default the incident type's own interval."""
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    previous_type = catalog.incident_types.get(value_of(fields, "shown_incident_type"))
    value, is_own = chosen_value(fields, "next_update"), bool(value_of(fields, "next_update_touched"))
    if not value or (incident_type is not previous_type and value == cadence_of(previous_type) and not is_own):
        return cadence_of(incident_type)
    return value


def cadence_of(incident_type: IncidentType | None) -> str:
    """The incident type's own interval until the next update if the form offers it, else "" (its own is used).

    Before an incident type is chosen, the usual interval.
    """
    span = f"{int(incident_type.cadence.total_seconds() // 60)}m" if incident_type else DEFAULT_CADENCE
    return span if span in CADENCES else ""


def chosen_times(fields: Fields, name: str) -> tuple[tuple[str, str], ...]:
    """The times that a choice means: each box, or the pressed button, with its text, "" for an empty box."""
    value = chosen_value(fields, name).strip()
    if boxes := CHOICE_BOXES[name].get(value):
        return tuple((box, _box_text(fields, box)) for box in boxes)
    return ((name, value),) if value else ()


def pinned_moments(fields: Fields, name: str) -> tuple[datetime, ...]:
    """The moments to which this choice was pinned when it was made, if it is still the choice; else none."""
    choice, _, texts = value_of(fields, f"pin-{name}").rpartition("=")
    if choice != _pinned_choice(fields, name):
        return ()
    try:
        moments = [datetime.fromisoformat(text) for text in texts.split()]
        pinned = tuple(moment.astimezone(UTC) for moment in moments if moment.tzinfo)
    except (ValueError, OverflowError):
        return ()
    return pinned if len(pinned) == len(chosen_times(fields, name)) else ()


def with_pin(fields: Fields, name: str, *moments: datetime) -> Fields:
    """The fields with this choice pinned to the moments that it means."""
    texts = " ".join(moment.isoformat() for moment in moments)
    return {**fields, f"pin-{name}": [f"{_pinned_choice(fields, name)}={texts}"]}


def _pinned_choice(fields: Fields, name: str) -> str:
    return " ".join(f"{box} {text}" for box, text in chosen_times(fields, name))


def _box_text(fields: Fields, box: str) -> str:
    text = value_of(fields, box).strip()
    minutes = unicodedata.normalize("NFKC", text).strip()
    return f"{minutes}m" if box == "estimate_minutes" and minutes.isdigit() else text


def _time_inputs(fields: Fields, name: str) -> tuple[TimeInput, ...]:
    return pinned_moments(fields, name) or tuple(TypedTime(text) for _, text in chosen_times(fields, name))


def _time_input(fields: Fields, name: str) -> TimeInput | None:
    return next(iter(_time_inputs(fields, name)), None)


def _typed_time(text: str) -> TypedTime | None:
    return TypedTime(text.strip()) if text.strip() else None


def _start_input(fields: Fields) -> StartInput | None:
    time, precision = _time_input(fields, "start"), value_of(fields, "precision")
    return StartInput(Precision(precision) if precision in list(Precision) else Precision.ABOUT, time) if time else None


def _next_update_input(fields: Fields, catalog: Catalog) -> TimeInput | None:
    value = next_update_value(fields, catalog)
    return _time_input(fields, "next_update") if value == chosen_value(fields, "next_update") else _typed_time(value)


def _audience_input(fields: Fields) -> AudienceInput:
    """The audience. A choice that the form does not offer is treated as an unknown group."""
    extent, groups = value_of(fields, "audience"), tuple(fields.get("group", ()))
    if extent and extent not in list(AffectedAudience):
        return AudienceInput(AffectedAudience.GROUPS, (extent, *groups))
    return AudienceInput(AffectedAudience(extent) if extent else AffectedAudience.CHECKING, groups)


def _estimate_input(fields: Fields) -> EstimateInput | None:
    value = chosen_value(fields, "estimate").strip()
    if value in ("", EstimateShape.UNKNOWN):
        return EstimateInput() if value else None
    return EstimateInput(_ESTIMATE_SHAPES.get(value, EstimateShape.KNOWN), *_time_inputs(fields, "estimate"))


_ESTIMATE_SHAPES = {"range": EstimateShape.RANGE, "not_before": EstimateShape.NOT_BEFORE}
"""The shape of the estimate for choices that do not name a time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One button or box of a group."""

    id: str
    label: str
    checked: bool


def ticked_choices(options: Iterable[tuple[str, str]], picked: Iterable[str]) -> list[Choice]:
    """The options of a group, with the picked ones ticked."""
    ticked = set(picked)
    return [Choice(id, label, id in ticked) for id, label in options]
