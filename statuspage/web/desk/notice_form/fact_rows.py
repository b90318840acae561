"""Each fact of a notice as it stands in the form, beside what the form opened with: value · change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from statuspage.domain import AffectedAudience, Facts, NoticeKind, escape_control_characters, parse_notice
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fields import (
    CHOICE_BOXES,
    chosen_times,
    next_update_value,
    parse_notice_input,
)
from statuspage.web.desk.notice_form.form_model import FactRow, FormSource
from statuspage.web.desk.panels import fact_lines

ROW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "ended": ("ended", "ended_at"),
    "services": ("incident_type", "shown_incident_type", "service", "state-*"),
    "audience": ("audience", "group"),
    "start": ("start", "start_at", "precision"),
    "estimate": ("estimate", "estimate_*"),
    "cause": ("cause",),
    "prevention": ("prevention",),
    "current_action": ("current_action",),
    "workaround": ("workaround",),
    "questions": ("answer-*",),
    "next_update": ("next_update", "next_update_at", "next_update_touched"),
    "report_by": ("report_by",),
    "extra": ("extra-*", "postmortem-*", "text-*", "only", "reason"),
}
"""The rows in their order, each with the names of its fields."""

TEXTS = ("extra", "postmortem", "text")
"""What is typed for each language."""


def belongs_to(field: str, row: str) -> bool:
    """Whether this field is changed in this row."""
    patterns = ROW_FIELDS.get(row, ())
    own = field.removeprefix("was-").removeprefix("pin-").removeprefix("ago-")
    return any(fnmatchcase(own, pattern) for pattern in patterns)


def undo_row(fields: Fields, opening: Fields, row: str) -> Fields:
    """The fields with this row as the form opened with it."""
    kept = {name: values for name, values in fields.items() if not belongs_to(name, row)}
    return kept | {name: values for name, values in opening.items() if belongs_to(name, row)}


def fact_rows(source: FormSource) -> dict[str, FactRow]:
    """The rows of this form by name, in their order."""
    opening = source.opening
    earlier = _opening_facts(source, opening) if opening is not None else None
    rows = {}
    for name in _row_names(source):
        value = escape_control_characters(_value(source, name, source.preview.facts, source.fields))
        before = value
        if earlier is not None and opening is not None:
            before = escape_control_characters(_value(source, name, earlier, opening))
        is_changed = opening is not None and _is_changed(source, name, value, before)
        rows[name] = FactRow(
            name, _label(source, name), value, before if is_changed else "", is_changed, _problem_fields(source, name)
        )
    return rows


def _opening_facts(source: FormSource, opening: Fields) -> Facts:
    notice_input = parse_notice_input(opening, source.catalog)
    now = source.preview.previewed_at
    return parse_notice(
        notice_input, catalog=source.catalog, notice=source.notice, now=now, previous=source.standing_facts
    )[0]


def _problem_fields(source: FormSource, name: str) -> tuple[str, ...]:
    """The fields of this row as problems name them."""
    incident_type = source.catalog.incident_types.get(value_of(source.fields, "incident_type"))
    match name:
        case "services":
            return ("incident_type", "services")
        case "questions":
            return tuple(f"answer.{question.id}" for question in incident_type.questions) if incident_type else ()
        case "extra":
            texts = (f"{box}.{language}" for box in TEXTS for language in source.catalog.languages)
            return (*texts, "extra", "text", "only", "reason")
    return (name,)


def _row_names(source: FormSource) -> Iterator[str]:
    incident_type = source.catalog.incident_types.get(value_of(source.fields, "incident_type"))
    for name in ROW_FIELDS:
        has_questions = name != "questions" or (incident_type is not None and incident_type.questions)
        if (name in source.parts and has_questions) or name == "extra":
            yield name


def _label(source: FormSource, name: str) -> str:
    if name == "extra" and source.notice is NoticeKind.POSTMORTEM:
        return source.translator.t("report.row.postmortem")
    if name == "services" and "how_badly" not in source.parts:
        return source.translator.t("report.scope_restored")
    return source.translator.t(f"report.row.{name}")


def _is_changed(source: FormSource, name: str, value: str, before: str) -> bool:
    """Times are compared as they were chosen, because *now* is another minute each time."""
    opening = source.opening or {}
    if name == "next_update":
        old, new = (next_update_value(fields, source.catalog) for fields in (opening, source.fields))
        return old != new or (new == "at" and value != before)
    if name in CHOICE_BOXES and chosen_times(opening, name) == chosen_times(source.fields, name):
        return name == "start" and value_of(opening, "precision") != value_of(source.fields, "precision")
    return value != before or name in ("start", "ended", "estimate")


def _value(source: FormSource, name: str, facts: Facts, fields: Fields) -> str:
    """The text of a row."""
    translator = source.translator
    none = translator.t("report.row.none")
    match name:
        case "services":
            return _services_text(source, facts)
        case "audience":
            return _audience_text(source, facts)
        case "workaround":
            return translator.format_list(_list_label(source, name, id) for id in facts.workarounds) or none
        case "prevention":
            return translator.format_list(_list_label(source, name, id) for id in facts.preventions) or none
        case "report_by":
            day = facts.report_by
            return translator.t("report.row.by", time=translator.times.format_short_date(day)) if day else none
        case "cause" | "current_action":
            chosen = facts.cause if name == "cause" else facts.current_action
            return _list_label(source, name, chosen) if chosen else translator.t(_none_key(source, name))
        case "next_update":
            at = facts.next_update
            return translator.t("report.row.by", time=translator.times.format_time(at)) if at else none
        case "questions":
            return _answers_text(source, facts)
        case "extra":
            return _own_words(source, fields) or none
    return fact_lines.fact_line(name, facts, translator, source.preview.previewed_at) or none


def _answers_text(source: FormSource, facts: Facts) -> str:
    """What is answered; while nothing is, that it is being checked."""
    now = source.preview.previewed_at
    lines = [fact_lines.fact_line(f"answer.{question}", facts, source.translator, now) for question in facts.answers]
    return source.translator.t("join").join(filter(None, lines)) or source.translator.t("audience.checking")


def _audience_text(source: FormSource, facts: Facts) -> str:
    audience, known = facts.audience, source.translator.pack.audience_groups
    if audience.extent is AffectedAudience.GROUPS:
        return source.translator.format_list(known[id].label if id in known else id for id in audience.groups)
    return source.translator.t(f"audience.{audience.extent}")


def _services_text(source: FormSource, facts: Facts) -> str:
    """What is affected and how badly; the incident type first if it is another than before."""
    states = {affected.service: str(affected.state) for affected in facts.named_services}
    names = source.translator.pack.services
    if "how_badly" in source.parts:
        text = fact_lines.fact_line("services", facts, source.translator, source.preview.previewed_at)
    else:
        ticked = [id for id in source.fields.get("service", ()) if id in names]
        text = source.translator.format_list(names[id].name for id in (ticked or states) if id in names)
    key = f"incident_type.{facts.incident_type}.name"
    is_same = source.opening is None or value_of(source.opening, "incident_type") == facts.incident_type
    type_name = "" if is_same else source.translator.pack.phrases.get(key, "").replace("|", "")
    return source.translator.t("join").join(filter(None, (type_name, text))) or source.translator.t("report.row.none")


def _list_label(source: FormSource, name: str, id: str) -> str:
    entries = source.translator.pack.lists[name]
    return entries[id].label if id in entries else id


def _none_key(source: FormSource, name: str) -> str:
    if name == "current_action":
        return "report.current_action_none"
    return "report.cause_none_over" if source.notice is NoticeKind.RESOLVED else "report.row.none"


def _own_words(source: FormSource, fields: Fields) -> str:
    """What was typed by hand in any language, or the languages to which the notice is limited."""
    boxes = [f"{box}-{language}" for box in TEXTS for language in source.catalog.languages]
    typed = [" ".join(value_of(fields, box).split()) for box in boxes]
    only = [source.catalog.packs[id].name for id in fields.get("only", ()) if id in source.catalog.packs]
    return source.translator.t("join").join(filter(None, (*typed, *only, value_of(fields, "reason"))))
