"""Incident reports for business customers (障害報告書): written, approved, and made as PDF."""

from statuspage.usecases.incident_reports.editing import (
    NoSuchReport,
    ReportChanged,
    approve_report,
    begin_report,
    change_report,
    find_report,
    newest_reports,
    report_languages,
)
from statuspage.usecases.incident_reports.printing import PdfUnavailable, report_html, report_pdf

__all__ = [
    "NoSuchReport",
    "PdfUnavailable",
    "ReportChanged",
    "approve_report",
    "begin_report",
    "change_report",
    "find_report",
    "newest_reports",
    "report_html",
    "report_languages",
    "report_pdf",
]
