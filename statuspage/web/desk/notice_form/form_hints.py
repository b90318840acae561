"""Hints beneath the form's fields: how the notice words what was chosen."""

from __future__ import annotations

from statuspage.domain import FactRow, IncidentType
from statuspage.rendering.wording import format_inline
from statuspage.web.desk.notice_form import pinned_times
from statuspage.web.desk.notice_form.form_model import FormSource
from statuspage.web.desk.notice_form.service_fields import preset_services, ticked_services


def field_hints(source: FormSource, incident_type: IncidentType | None) -> dict[str, str]:
    """A sentence for each field that has one; "" for the others."""
    translator = source.translator
    rows_by_key = {row.key: row for row in _own_rows(source)}
    hints = {
        "services": _services_hint(source, incident_type),
        "start": "",
        "estimate": "",
        "next_update": "",
        "missed": "",
    }
    hints["minutes"] = pinned_times.minutes_hint(source.fields, translator)
    hints["no-change"] = translator.t("report.no_change") if says_no_change(source) else ""
    if (row := rows_by_key.get("start")) and row.time:
        hints["start"] = translator.t("report.start_shown", text=format_inline(row.time, translator.pack.locale_rules))
    if row := rows_by_key.get("estimate"):
        time = format_inline(row.time, translator.pack.locale_rules) if row.time else row.placeholder
        hints["estimate"] = translator.t("report.estimate_shown", text=time or " ".join(row.lines))
        hints["missed"] = translator.t("report.missed", text=" ".join(row.lines)) if row.lines else ""
    if next_update := source.preview.facts.next_update:
        hints["next_update"] = translator.t("report.next_update_shown", time=translator.times.format_time(next_update))
    return hints


def _own_rows(source: FormSource) -> tuple[FactRow, ...]:
    notice_text = source.preview.notice_texts.get(source.translator.language)
    return notice_text.rows if notice_text else ()


def says_no_change(source: FormSource) -> bool:
    """Whether the notice currently says that nothing has changed."""
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
