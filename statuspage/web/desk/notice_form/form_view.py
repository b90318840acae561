"""Builds the notice form's page: every group of choices, with what is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from statuspage.domain import (
    IMPACT_STATES,
    MAINTENANCE_NOTICES,
    AffectedAudience,
    IncidentType,
    NoticeKind,
    Precision,
    State,
    ValidationError,
)
from statuspage.web.desk.notice_form import pinned_times
from statuspage.web.desk.notice_form import questions as asking
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fact_rows import fact_rows
from statuspage.web.desk.notice_form.fields import (
    CADENCES,
    CHOICE_BOXES,
    Choice,
    cadence_of,
    chosen_value,
    next_update_value,
    ticked_choices,
)
from statuspage.web.desk.notice_form.form_hints import field_hints, says_no_change
from statuspage.web.desk.notice_form.form_model import (
    ChoiceList,
    ChoiceWithBoxes,
    FormSource,
    FormTimes,
    FormView,
    IncidentTypeTile,
    QuestionView,
    ServiceChip,
    TextBox,
)
from statuspage.web.desk.notice_form.opening_fields import fits_phase
from statuspage.web.desk.notice_form.plain_language import field_findings, not_checked_note
from statuspage.web.desk.notice_form.service_fields import preset_services, service_marks, state_of, ticked_services

ICONS = {
    "unreachable": "net",
    "login": "login",
    "slow": "slow",
    "payment": "pay",
    "booking": "cal",
    "messages": "mail",
    "data": "data",
    "entry": "key",
    "provider": "ext",
    "app": "app",
    "security": "lock",
}
"""An icon for each incident type; any other has three dots."""


_BREAK = re.compile(r"(?<=[ァ-ヶー])(?=[ぁ-ん]{3})|(?<=[一-龥])(?=[ァ-ヶー]{4})")
"""Where a narrow tile may break a Japanese name: ログイン / できない, 外部 / サービス."""


def build_form_view(source: FormSource, *, action: str, signed_target: str) -> FormView:
    """The form's page. ``signed_target`` is the signed target of the notice."""
    fields, incident_type, rows = source.fields, source.incident_type, fact_rows(source)
    return FormView(
        title=source.translator.t(f"report.title.{source.notice}"),
        button=_button_label(source, sum(row.is_changed for row in rows.values()), says_no_change(source)),
        action=action,
        hidden=_hidden_fields(source, signed_target),
        incident_type=incident_type.id if incident_type else "",
        incident_types=_first_tiles(source),
        more_incident_types=_other_tiles(source),
        service_groups=_service_groups(source),
        states=_labelled(source, "state", _states(source.notice)),
        audiences=_labelled_choices(source, "audience", _AUDIENCES, value_of(fields, "audience")),
        groups=_group_choices(source),
        times=_form_times(source),
        questions=_question_views(source, incident_type),
        lists=_choice_lists(source, incident_type),
        extras=_text_boxes(source, "postmortem" if source.notice is NoticeKind.POSTMORTEM else "extra"),
        hints=field_hints(source, incident_type),
        missing=list(dict.fromkeys(_missing_text(source, problem) for problem in source.preview.problems)),
        notice=str(source.notice),
        parts=source.parts,
        by_hand=_text_boxes(source, "text"),
        only=_language_choices(source),
        reason=value_of(fields, "reason"),
        report_by=value_of(fields, "report_by"),
        rows=rows,
        jump=_first_missing(source),
    )


def _form_times(source: FormSource) -> FormTimes:
    fields = source.fields
    return FormTimes(
        start_choices=_span_choices(source, "start"),
        start=_choice_with_boxes(fields, "start"),
        precisions=_labelled_choices(source, "precision", _PRECISIONS, value_of(fields, "precision")),
        end_choices=_span_choices(source, "ended"),
        ended=_choice_with_boxes(fields, "ended"),
        estimate_choices=_estimate_choices(source),
        estimate=_choice_with_boxes(fields, "estimate"),
        next_update_choices=_cadence_choices(source),
        next_update=_choice_with_boxes(fields, "next_update"),
        begins=value_of(fields, "begins"),
        ends=_choice_with_boxes(fields, "ends"),
        lengths=_labelled_choices(source, "length", _LENGTHS, chosen_value(fields, "ends")),
        reminders=_reminder_choices(source),
    )


def _states(notice: NoticeKind) -> tuple[State, ...]:
    """The states a service may have; for an incident also *checked to work*."""
    return IMPACT_STATES if notice in MAINTENANCE_NOTICES else (*IMPACT_STATES, State.OPERATIONAL)


def _missing_text(source: FormSource, problem: ValidationError) -> str:
    """What is missing, away from its field: a question is named."""
    if problem.code != "answer.required" or source.incident_type is None:
        return source.translator.problem_text(problem)
    prompt = _prompt(source, source.incident_type.id, problem.field.partition(".")[2])
    return source.translator.t("report.unanswered", question=prompt)


MISSING_FIELDS = ("incident_type", "services", "ended", "start", "begins", "ends")
"""The fields whose absence the publish button names."""


def _first_missing(source: FormSource) -> str:
    """The field to which the publish button leads, "" if nothing is missing or something is wrong."""
    problems = source.preview.problems
    if not problems or any(problem.code.rpartition(".")[2] not in ("missing", "required") for problem in problems):
        return ""
    fields = [problem.field for problem in problems]
    return next((field for field in MISSING_FIELDS if field in fields), fields[0])


def _button_label(source: FormSource, change_count: int, has_no_news: bool) -> str:
    """The text of the publish button: what is missing, else what it publishes; outside live with the mark."""
    translator, mark = source.translator, source.translator.pack.marks.word
    if missing := _first_missing(source):
        return translator.t(f"report.missing.{missing if missing in MISSING_FIELDS else 'answer'}")
    if mark:
        return translator.t("report.publish_marked", word=mark)
    if source.notice is NoticeKind.UPDATE and change_count:
        return translator.tn("report.publish_changes", change_count)
    return translator.t("report.publish_no_change" if has_no_news else f"report.publish.{source.notice}")


_AUDIENCES = (AffectedAudience.CHECKING, AffectedAudience.ALL, AffectedAudience.SOME)
_LENGTHS = ("1h", "2h", "4h")
_REMINDERS = ("", "3h", "1h", "none")
_PRECISIONS = (Precision.ABOUT, Precision.EXACT, Precision.NOTICED)


def _hidden_fields(source: FormSource, signed_target: str) -> list[tuple[str, str]]:
    fields = source.fields
    boxes = {box for group in CHOICE_BOXES.values() for names in group.values() for box in names}
    previous = [(f"was-{box}", value_of(fields, box)) for box in sorted(boxes)]
    shown = {name: chosen_value(fields, name) for name in CHOICE_BOXES}
    shown["next_update"] = next_update_value(fields, source.catalog)
    previous += [(f"was-{name}", value) for name, value in shown.items()]
    return [
        ("target", signed_target),
        ("shown_incident_type", value_of(fields, "incident_type")),
        ("next_update_touched", value_of(fields, "next_update_touched")),
        *previous,
        *(service_marks(fields, source.catalog) if "how_badly" in source.parts else ()),
        *pinned_times.pin_fields(fields),
        *asking.carried_fields(fields, source.parts),
    ]


def _first_tiles(source: FormSource) -> list[IncidentTypeTile]:
    """The incident types that the site lists first, chosen by the keys 1 to 9 and 0."""
    types = [source.catalog.incident_types[id] for id in source.catalog.site.incident_types]
    return [_type_tile(source, incident_type, "1234567890"[n : n + 1]) for n, incident_type in enumerate(types)]


def _other_tiles(source: FormSource) -> list[IncidentTypeTile]:
    unplanned_types, first_types = source.catalog.unplanned_types, source.catalog.site.incident_types
    return [_type_tile(source, other, "") for id, other in unplanned_types.items() if id not in first_types]


def _type_tile(source: FormSource, incident_type: IncidentType, key: str) -> IncidentTypeTile:
    label = _BREAK.sub(
        "\u200b", source.translator.pack.phrases.get(f"incident_type.{incident_type.id}.name", incident_type.id)
    )
    checked = value_of(source.fields, "incident_type") == incident_type.id
    return IncidentTypeTile(
        incident_type.id,
        label,
        ICONS.get(incident_type.id, "etc"),
        key,
        checked,
        " ".join(f"{item.service}:{item.state}" for item in preset_services(incident_type)),
        str(incident_type.state),
        cadence_of(incident_type),
    )


def _service_groups(source: FormSource) -> list[tuple[str, list[ServiceChip]]]:
    """The services under their groups. The last one of a group of which all others are ticked is a likely one."""
    ticked = {item.service: item.state for item in ticked_services(source.fields, source.catalog)}
    shown = [id for id, service in source.catalog.services.items() if not service.is_retired or id in ticked]
    groups: dict[str, list[str]] = {}
    for id in shown:
        groups.setdefault(source.catalog.services[id].group, []).append(id)
    names = source.translator.pack.groups
    return [
        (names[group].name if group in names else "", [_service_chip(source, id, ids, ticked) for id in ids])
        for group, ids in groups.items()
    ]


def _service_chip(source: FormSource, id: str, group: Sequence[str], ticked: Mapping[str, str]) -> ServiceChip:
    unticked = [service for service in group if service not in ticked]
    state = ticked.get(id) or state_of(source.fields, source.catalog, id)
    is_likely = unticked == [id] and len(group) > 1
    return ServiceChip(id, source.translator.pack.services[id].name, id in ticked, state, is_likely)


def _labelled(source: FormSource, prefix: str, values: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(value), source.translator.t(f"{prefix}.{value}")) for value in values]


def _labelled_choices(source: FormSource, prefix: str, values: Iterable[str], picked: str) -> list[Choice]:
    return ticked_choices(_labelled(source, prefix, values), [picked])


def _span_choices(source: FormSource, name: str) -> list[Choice]:
    spans = pinned_times.span_choices(source.fields, name, source.translator)
    return ticked_choices(spans, [chosen_value(source.fields, name)])


def _estimate_choices(source: FormSource) -> list[Choice]:
    lengths = pinned_times.length_choices(source.fields, source.translator)
    return ticked_choices(lengths, [chosen_value(source.fields, "estimate")])


def _cadence_choices(source: FormSource) -> list[Choice]:
    chosen = next_update_value(source.fields, source.catalog)
    return _labelled_choices(source, "next_update", CADENCES, chosen)


def _reminder_choices(source: FormSource) -> list[Choice]:
    spans = [(span, source.translator.t(f"reminder.{span or 'usual'}")) for span in _REMINDERS]
    return ticked_choices(spans, [value_of(source.fields, "remind")])


def _group_choices(source: FormSource) -> list[Choice]:
    groups = [(id, group.label) for id, group in source.translator.pack.audience_groups.items()]
    return ticked_choices(groups, source.fields.get("group", ()))


def _language_choices(source: FormSource) -> list[Choice]:
    """The languages to which a text written by hand can be limited."""
    languages = [(id, source.catalog.packs[id].name) for id in source.catalog.languages]
    return ticked_choices(languages, source.fields.get("only", ()))


def _choice_with_boxes(fields: Fields, name: str) -> ChoiceWithBoxes:
    boxes = {box: value_of(fields, box) for names in CHOICE_BOXES[name].values() for box in names}
    return ChoiceWithBoxes(chosen_value(fields, name), boxes)


def _question_views(source: FormSource, incident_type: IncidentType | None) -> list[QuestionView]:
    if incident_type is None or "questions" not in source.parts:
        return []
    return [
        _question_view(source, incident_type.id, question.id, question.answers, question.is_required)
        for question in incident_type.questions
        if source.notice is not NoticeKind.FOLLOW_UP or question.id in source.open_questions
    ]


def _question_view(
    source: FormSource, type_id: str, question: str, answers: Sequence[str], required: bool
) -> QuestionView:
    phrases, key_prefix = source.translator.pack.phrases, f"incident_type.{type_id}.question.{question}"
    options = [(answer, phrases.get(f"{key_prefix}.answer.{answer}.label", answer)) for answer in answers]
    if not required:
        options.append(("checking", source.translator.t("audience.checking")))
    picked = value_of(source.fields, f"answer-{question}") or ("" if required else "checking")
    prompt = _prompt(source, type_id, question)
    return QuestionView(question, prompt, ticked_choices(options, [picked]), required)


def _prompt(source: FormSource, type_id: str, question: str) -> str:
    return source.translator.pack.phrases.get(f"incident_type.{type_id}.question.{question}.prompt", question)


def _choice_lists(source: FormSource, incident_type: IncidentType | None) -> list[ChoiceList]:
    proposed = {
        "workaround": incident_type.workarounds if incident_type else (),
        "current_action": incident_type.current_actions if incident_type else (),
        "cause": incident_type.causes if incident_type else (),
        "prevention": (),
    }
    return [_choice_list(source, name, proposed[name]) for name in source.parts if name in proposed]


def _choice_list(source: FormSource, name: str, proposed: Sequence[str]) -> ChoiceList:
    all_entries, past = source.translator.pack.lists[name], asking.is_past(source.notice, over=source.over)
    entries = {
        id: entry
        for id, entry in all_entries.items()
        if name != "workaround" or (fits_phase(id, past) and id not in source.told_workarounds)
        if source.catalog.lacking_contact(f"{name}.{id}") is None
    }
    picked = [id for id in source.fields.get(name, []) if id in entries]
    front = [*(id for id in proposed if id in entries), *(id for id in picked if id not in proposed)]
    front = front if proposed and front else list(entries)
    none_key = f"report.{name}_none{'_over' if name == 'cause' and source.notice is NoticeKind.RESOLVED else ''}"
    is_multiple = name in ("workaround", "prevention")
    options = [] if is_multiple else [("", source.translator.t(none_key))]
    options += [(id, entries[id].label) for id in front]
    rest = [(id, choice.label) for id, choice in entries.items() if id not in front]
    input_type = "checkbox" if is_multiple else "radio"
    return ChoiceList(name, input_type, ticked_choices(options, picked or [""]), ticked_choices(rest, picked))


def _text_boxes(source: FormSource, field: str) -> list[TextBox]:
    return [_text_box(source, language, field) for language in source.catalog.languages]


def _text_box(source: FormSource, language: str, field: str) -> TextBox:
    box = f"{field}-{language}"
    former = source.preview.earlier_texts.get(f"{field}.{language}", "")
    findings = field_findings(
        source.fields, box, catalog=source.catalog, translator=source.translator, notice=source.notice, former=former
    )
    not_checked = not_checked_note(source.fields, box, catalog=source.catalog, translator=source.translator)
    name = source.catalog.packs[language].name
    return TextBox(language, name, value_of(source.fields, box), findings, not_checked)
