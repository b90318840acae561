"""Reports that customers were promised: those that are late or soon due, for the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import url_for

from statuspage.storage import incident_records
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
    zone = ZoneInfo(request_context.env().site.catalog.site.zone)
    today = request_context.now().astimezone(zone).date()
    with request_context.env().databases.environment.read() as tx:
        records = incident_records.promised_reports(tx)
    return [
        PromisedReport(
            record.id,
            record.figures.headlines.get(translator.language) or next(iter(record.figures.headlines.values()), ""),
            translator.times.format_short_date(day),
            day < today,
            url_for("notice_form.show_notice", incident_id=record.id, notice="postmortem"),
        )
        for record in records
        if (day := record.figures.report_by) and day <= today + SHOWN_BEFORE
    ]
