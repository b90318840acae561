"""Reports that customers were promised: those that are late or soon due, for the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for

from statuspage.domain import Incident
from statuspage.storage import incident_records
from statuspage.usecases.incident_list import headline_in
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator

SHOWN_BEFORE = timedelta(days=2)
"""How long before its day a promised report is shown."""


@dataclass(frozen=True, slots=True)
class PromisedReport:
    """One promised report. ``href`` is its form."""

    incident: str
    title: str
    due: str
    is_late: bool
    href: str


def promised_reports(translator: Translator) -> list[PromisedReport]:
    """The promised reports that are late or due within two days, the first due first."""
    today = translator.times.local_date(request_context.now())
    with request_context.env().databases.environment.read() as tx:
        records = incident_records.promised_reports(tx)
    return [
        _promised_report(
            record.id, headline_in(record.figures.headlines, [translator.language]), day, day < today, translator
        )
        for record in records
        if (day := record.figures.report_by) and day <= today + SHOWN_BEFORE
    ]


def promised_report_of(incident: Incident, translator: Translator) -> PromisedReport | None:
    """The report that customers were promised with this incident; None if none is, or it is published."""
    day = incident.report_by
    today = translator.times.local_date(request_context.now())
    return _promised_report(incident.id, "", day, day < today, translator) if day else None


def _promised_report(id: str, title: str, day: date, is_late: bool, translator: Translator) -> PromisedReport:
    href = url_for("notice_form.show_notice", incident_id=id, notice="postmortem")
    return PromisedReport(id, title, translator.times.format_short_date(day), is_late, href)
