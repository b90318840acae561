"""Builds the notice form's page: every group of choices with what is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.domain import (
    IMPACT_STATES,
    MAINTENANCE_NOTICES,
    AffectedAudience,
    Catalog,
    FactRow,
    IncidentType,
    NoticeKind,
    Precision,
    State,
)
from statuspage.rendering.wording import format_inline
from statuspage.usecases.notices import Preview
from statuspage.web.desk.notice_form import pinned_times, questions
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fields import (
    CADENCES,
    CHOICE_BOXES,
    cadence_of,
    chosen_value,
    fits_phase,
    next_update_value,
    preset_services,
    ticked_choices,
    ticked_services,
    value_of,
)
from statuspage.web.desk.notice_form.form_model import (
    ChoiceList,
    ChoiceWithBoxes,
    FormView,
    IncidentTypeTile,
    QuestionView,
    ServiceChip,
    TextBox,
)
from statuspage.web.desk.notice_form.plain_language import field_findings
from statuspage.web.desk.translations import Translator

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
"""An icon for each incident type; any other shows three dots."""


@dataclass(frozen=True, slots=True)
class FormSource:
    """What a form is shown from."""

    catalog: Catalog
    translator: Translator
    notice: NoticeKind
    fields: Fields
    preview: Preview
    over: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of this form."""
        return questions.form_parts(self.notice, over=self.over)


_BREAK = re.compile(r"(?<=[ァ-ヶー])(?=[ぁ-ん]{3})")
"""Where a narrow tile may break a Japanese name: ログイン / できない."""


def build_form_view(
    source: FormSource, *, action: str, signed_target: str, context: Sequence[tuple[str, str]] = ()
) -> FormView:
    """The form's page. ``signed_target`` is the signed target of the notice."""
    catalog, translator, fields = source.catalog, source.translator, source.fields
    incident_type, first_types = catalog.incident_types.get(value_of(fields, "kind")), catalog.site.incident_types
    return FormView(
        title=translator.t(f"report.title.{source.notice}"),
        button=_button_label(source),
        action=action,
        hidden=[
            *_hidden_fields(fields, signed_target),
            *pinned_times.pin_fields(fields),
            *questions.carried_fields(fields, source.parts),
        ],
        incident_type=incident_type.id if incident_type else "",
        incident_types=[
            _type_tile(source, catalog.incident_types[id], "1234567890"[n : n + 1]) for n, id in enumerate(first_types)
        ],
        more_incident_types=[
            _type_tile(source, other_type, "")
            for id, other_type in catalog.unplanned_types.items()
            if id not in first_types
        ],
        services=_service_chips(source),
        states=[(str(state), translator.t(f"state.{state}")) for state in _states(source.notice)],
        audiences=ticked_choices(
            ((reach, translator.t(f"reach.{reach}")) for reach in _AUDIENCES), [value_of(fields, "who")]
        ),
        groups=ticked_choices(
            ((id, group.label) for id, group in translator.pack.audience_groups.items()), fields.get("group", ())
        ),
        start_choices=ticked_choices(
            pinned_times.span_choices(fields, "since", translator), [chosen_value(fields, "since")]
        ),
        end_choices=ticked_choices(
            pinned_times.span_choices(fields, "ended", translator), [chosen_value(fields, "ended")]
        ),
        start=_choice_with_boxes(fields, "since"),
        precisions=ticked_choices(
            ((precision, translator.t(f"precision.{precision}")) for precision in _PRECISIONS),
            [value_of(fields, "precision")],
        ),
        ended=_choice_with_boxes(fields, "ended"),
        estimate=_choice_with_boxes(fields, "estimate"),
        next_choices=ticked_choices(
            ((span, translator.t(f"next.{span}")) for span in CADENCES), [next_update_value(fields, catalog)]
        ),
        next=_choice_with_boxes(fields, "next"),
        questions=_question_views(source, incident_type),
        lists=_choice_lists(source, incident_type),
        extras=[_text_box(source, language, "extra") for language in catalog.languages],
        hints=_hints(source, incident_type),
        missing=[translator.problem_text(problem) for problem in source.preview.problems],
        notice=str(source.notice),
        parts=source.parts,
        numbers=questions.stop_numbers(source.parts, source.notice),
        begins=value_of(fields, "begins"),
        ends=_choice_with_boxes(fields, "ends"),
        lengths=ticked_choices(
            ((span, translator.t(f"length.{span}")) for span in _LENGTHS), [chosen_value(fields, "ends")]
        ),
        reminders=ticked_choices(
            ((span, translator.t(f"remind.{span or 'usual'}")) for span in _REMINDERS), [value_of(fields, "remind")]
        ),
        by_hand=[_text_box(source, language, "text") for language in catalog.languages],
        only=ticked_choices(((id, catalog.packs[id].name) for id in catalog.languages), fields.get("only", ())),
        reason=value_of(fields, "reason"),
        context=list(context),
    )


def _states(notice: NoticeKind) -> tuple[State, ...]:
    """The states a service may have; of an incident also that it was checked to work."""
    return IMPACT_STATES if notice in MAINTENANCE_NOTICES else (*IMPACT_STATES, State.OPERATIONAL)


def _button_label(source: FormSource) -> str:
    """The text of the publish button; outside live it includes the mark."""
    mark = source.translator.pack.marks.word
    return (
        source.translator.t("report.publish_marked", word=mark)
        if mark
        else source.translator.t(f"report.publish.{source.notice}")
    )


_AUDIENCES = (AffectedAudience.CHECKING, AffectedAudience.ALL, AffectedAudience.SOME)
_LENGTHS = ("1h", "2h", "4h")
_REMINDERS = ("", "3h", "1h", "none")
_PRECISIONS = (Precision.ABOUT, Precision.EXACT, Precision.NOTICED)


def _hidden_fields(fields: Fields, signed_target: str) -> list[tuple[str, str]]:
    boxes = {box for group in CHOICE_BOXES.values() for names in group.values() for box in names}
    previous = [(f"was-{box}", value_of(fields, box)) for box in sorted(boxes)]
    return [
        ("place", signed_target),
        ("shown_kind", value_of(fields, "kind")),
        ("next_touched", value_of(fields, "next_touched")),
        *previous,
    ]


def _type_tile(source: FormSource, incident_type: IncidentType, key: str) -> IncidentTypeTile:
    label = _BREAK.sub(
        "\u200b", source.translator.pack.phrases.get(f"incident_type.{incident_type.id}.name", incident_type.id)
    )
    checked = value_of(source.fields, "kind") == incident_type.id
    return IncidentTypeTile(
        incident_type.id,
        label,
        ICONS.get(incident_type.id, "etc"),
        key,
        checked,
        " ".join(preset_services(incident_type)),
        cadence_of(incident_type),
    )


def _service_chips(source: FormSource) -> list[ServiceChip]:
    ticked = dict(text.partition(":")[::2] for text in ticked_services(source.fields, source.catalog))
    names = source.translator.pack.services
    return [
        ServiceChip(
            id, names[id].name, id in ticked, ticked.get(id) or value_of(source.fields, f"state-{id}") or "major"
        )
        for id, service in source.catalog.services.items()
        if not service.is_retired or id in ticked
    ]


def _choice_with_boxes(fields: Fields, name: str) -> ChoiceWithBoxes:
    boxes = {box: value_of(fields, box) for names in CHOICE_BOXES[name].values() for box in names}
    return ChoiceWithBoxes(chosen_value(fields, name), boxes)


def _question_views(source: FormSource, incident_type: IncidentType | None) -> list[QuestionView]:
    if incident_type is None or "questions" not in source.parts:
        return []
    return [
        _question_view(source, incident_type.id, question.id, question.answers, question.is_required)
        for question in incident_type.questions
    ]


def _question_view(
    source: FormSource, type_id: str, question: str, answers: Sequence[str], required: bool
) -> QuestionView:
    phrases, key_prefix = source.translator.pack.phrases, f"incident_type.{type_id}.question.{question}"
    options = [(answer, phrases.get(f"{key_prefix}.answer.{answer}.label", answer)) for answer in answers]
    if not required:
        options.append(("checking", source.translator.t("reach.checking")))
    picked = value_of(source.fields, f"answer-{question}") or ("" if required else "checking")
    return QuestionView(question, phrases.get(f"{key_prefix}.prompt", question), ticked_choices(options, [picked]))


_LIST_OF_FIELD = {"doing": "current_action"}
"""The closed list of a field that has another name."""


def _choice_lists(source: FormSource, incident_type: IncidentType | None) -> list[ChoiceList]:
    proposed = {
        "workaround": incident_type.workarounds if incident_type else (),
        "doing": incident_type.current_actions if incident_type else (),
        "cause": incident_type.causes if incident_type else (),
    }
    return [_choice_list(source, name, proposed[name]) for name in source.parts if name in proposed]


def _choice_list(source: FormSource, name: str, proposed: Sequence[str]) -> ChoiceList:
    all_entries, past = (
        source.translator.pack.lists[_LIST_OF_FIELD.get(name, name)],
        questions.is_past(source.notice, over=source.over),
    )
    entries = {id: entry for id, entry in all_entries.items() if name != "workaround" or fits_phase(id, past)}
    picked = [id for id in source.fields.get(name, []) if id in entries]
    front = [*(id for id in proposed if id in entries), *(id for id in picked if id not in proposed)] or list(entries)
    none_key = f"report.{name}_none{'_over' if name == 'cause' and source.notice is NoticeKind.RESOLVED else ''}"
    options = [("", source.translator.t(none_key))] if name != "workaround" else []
    options += [(id, entries[id].label) for id in front]
    rest = [(id, choice.label) for id, choice in entries.items() if id not in front]
    input_type = "checkbox" if name == "workaround" else "radio"
    label, question = source.translator.t(f"report.{name}"), source.translator.t(f"report.{name}_ask")
    return ChoiceList(
        name, input_type, label, question, ticked_choices(options, picked or [""]), ticked_choices(rest, picked)
    )


def _text_box(source: FormSource, language: str, field: str) -> TextBox:
    box = f"{field}-{language}"
    former = source.preview.earlier_texts.get(f"{field}.{language}", "")
    findings = field_findings(
        source.fields, box, catalog=source.catalog, translator=source.translator, notice=source.notice, former=former
    )
    return TextBox(language, source.catalog.packs[language].name, value_of(source.fields, box), findings)


def _hints(source: FormSource, incident_type: IncidentType | None) -> dict[str, str]:
    translator = source.translator
    rows_by_key = {row.key: row for row in _own_rows(source)}
    hints = {"services": _services_hint(source, incident_type), "since": "", "estimate": "", "next": "", "missed": ""}
    hints["minutes"] = pinned_times.minutes_hint(source.fields, translator)
    hints["nochange"] = translator.t("report.nochange") if _says_no_change(source) else ""
    if (row := rows_by_key.get("started")) and row.time:
        hints["since"] = translator.t("report.since_shown", text=format_inline(row.time, translator.pack.locale_rules))
    if row := rows_by_key.get("estimate"):
        time = format_inline(row.time, translator.pack.locale_rules) if row.time else row.soft
        hints["estimate"] = translator.t("report.estimate_shown", text=time or " ".join(row.lines))
        hints["missed"] = translator.t("report.missed", text=" ".join(row.lines)) if row.lines else ""
    if next_update := source.preview.facts.next_update:
        hints["next"] = translator.t("report.next_shown", time=translator.times.format_time(next_update))
    return hints


def _own_rows(source: FormSource) -> tuple[FactRow, ...]:
    notice_text = source.preview.notice_texts.get(source.translator.language)
    return notice_text.rows if notice_text else ()


def _says_no_change(source: FormSource) -> bool:
    """Whether the notice, as it is now, says that nothing has changed."""
    notice_text = source.preview.notice_texts.get(source.translator.language)
    return notice_text is not None and any(sentence.name == "no_change" for sentence in notice_text.sentences)


def _services_hint(source: FormSource, incident_type: IncidentType | None) -> str:
    if (
        incident_type is None
        or set(ticked_services(source.fields, source.catalog)) != set(preset_services(incident_type))
        or not preset_services(incident_type)
    ):
        return ""
    name = source.translator.pack.phrases.get(f"incident_type.{incident_type.id}.name", incident_type.id).replace(
        "|", ""
    )
    return source.translator.tn("report.services_preset", len(preset_services(incident_type)), kind=name)
