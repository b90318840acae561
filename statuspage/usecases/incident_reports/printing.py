"""An incident report as a document: HTML, and PDF where the extra is installed."""

from __future__ import annotations

from datetime import datetime

from statuspage import bundled
from statuspage.domain import IncidentReport
from statuspage.integrations import pdf
from statuspage.integrations.pdf import PdfUnavailable
from statuspage.rendering.documents import render_incident_report
from statuspage.storage import incidents
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import NoSuchIncident

__all__ = ["PdfUnavailable", "report_html", "report_pdf"]


def report_html(env: Environment, report: IncidentReport, language: str, *, now: datetime) -> str:
    """The report in this language as HTML. Raises NoSuchIncident."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, report.incident)
    if incident is None:
        raise NoSuchIncident
    templates = bundled.templates(bundled.folder("templates") / "documents")
    return render_incident_report(
        report, incident, catalog=env.site.catalog, language=language, templates=templates, now=now
    )


def report_pdf(env: Environment, report: IncidentReport, language: str, *, now: datetime) -> bytes:
    """The report in this language as PDF. Raises NoSuchIncident, PdfUnavailable."""
    return pdf.write_pdf(report_html(env, report, language, now=now))
