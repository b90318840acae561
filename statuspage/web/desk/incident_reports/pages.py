"""Incident reports for business customers (障害報告書): begun, written by several people, approved, taken as PDF."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Incident, IncidentReport, ReportPart, ReportState
from statuspage.usecases import incident_reports
from statuspage.usecases.accounts import Role
from statuspage.usecases.incident_reports import NoSuchReport, PdfUnavailable, ReportChanged
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents.page_content import newest_text
from statuspage.web.desk.permissions import has_at_least

pages = Blueprint("incident_reports", __name__)


@pages.get("/incidents/<incident_id>/reports")
def show_reports(incident_id: str) -> Response:
    """Lists the reports of an incident."""
    return _list_page(incident_id)


@pages.post("/incidents/<incident_id>/reports")
def begin(incident_id: str) -> Response:
    """Begins a report for one recipient."""
    form, env = request.form, request_context.env()
    services = [service for service in form.getlist("service") if service]
    actor, now = request_context.audit_actor(), request_context.now()
    _incident(incident_id)
    try:
        if not services:
            raise ActionRefused("incident_report.services")
        report = incident_reports.begin_report(
            env, incident_id, form.get("recipient", ""), services, actor=actor, now=now
        )
    except ActionRefused as error:
        return _list_page(incident_id, error.code)
    return redirect(url_for("incident_reports.show_report", number=report.number), 303)


@pages.get("/incident-reports/<int:number>")
def show_report(number: int) -> Response:
    """Shows the newest version with its texts."""
    return _report_page(_require_report(number))


@pages.post("/incident-reports/<int:number>")
def change(number: int) -> Response:
    """Saves the texts."""
    env, actor, now = request_context.env(), request_context.audit_actor(), request_context.now()
    return _apply(
        number,
        lambda: incident_reports.change_report(env, number, _typed_texts(), seen=_seen(), actor=actor, now=now),
        "incident_report.saved",
    )


@pages.post("/incident-reports/<int:number>/approve")
def approve(number: int) -> Response:
    """Approves the newest version as it was seen."""
    env, actor, now = request_context.env(), request_context.audit_actor(), request_context.now()
    return _apply(
        number,
        lambda: incident_reports.approve_report(env, number, seen=_seen(), actor=actor, now=now),
        "incident_report.approved",
    )


@pages.get("/incident-reports/<int:number>/<int:version>/<language>.pdf")
def download(number: int, version: int, language: str) -> Response:
    """One version as PDF."""
    report, translator = _require_report(number, version), request_context.translator()
    if language not in _languages(report):
        abort(404)
    try:
        data = incident_reports.report_pdf(request_context.env(), report, language, now=request_context.now())
    except PdfUnavailable:
        return _report_page(_require_report(number), message=translator.t("incident_report.unavailable"), status=501)
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    name = f"{report.printed_number}-v{report.version}-{language}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _apply(number: int, change_it: Callable[[], object], done: str) -> Response:
    _require_report(number)
    translator = request_context.translator()
    try:
        change_it()
    except ReportChanged:
        return _report_page(_require_report(number), message=translator.t("incident_report.changed"), status=409)
    except ActionRefused as error:
        return _report_page(_require_report(number), message=translator.label(f"problem.{error.code}"), status=422)
    flash(translator.t(done))
    return redirect(url_for("incident_reports.show_report", number=number), 303)


def _require_report(number: int, version: int | None = None) -> IncidentReport:
    try:
        return incident_reports.find_report(request_context.env(), number, version)
    except NoSuchReport:
        abort(404)


def _incident(incident_id: str) -> Incident:
    """A published incident; 404 for anything else, because there is nothing that customers know."""
    incident = request_context.incident_or_404(incident_id)
    if incident.latest is None or incident.is_maintenance:
        abort(404)
    return incident


def _languages(report: IncidentReport) -> tuple[str, ...]:
    known = incident_reports.report_languages(request_context.env().site.catalog)
    return tuple(language for language in report.written_languages if language in known)


def _typed_texts() -> dict[str, dict[str, str]]:
    languages = incident_reports.report_languages(request_context.env().site.catalog)
    return {
        part.value: {language: request.form.get(f"{part}-{language}", "") for language in languages}
        for part in ReportPart
    }


def _seen() -> tuple[int, int]:
    version, changes = request.form.get("version", ""), request.form.get("changes", "")
    if not (version.isdecimal() and changes.isdecimal()):
        abort(400)
    return int(version), int(changes)


def _list_page(incident_id: str, problem: str = "") -> Response:
    incident, translator = _incident(incident_id), request_context.translator()
    text, names = newest_text(incident, translator), translator.pack.services
    page = render_template(
        "incident_reports.html",
        section="incidents",
        incident_id=incident_id,
        headline=text.headline if text else "",
        reports=incident_reports.newest_reports(request_context.env(), incident_id),
        services=[(id, names[id].name if id in names else id) for id in incident.ever_affected],
        chosen=request.form.getlist("service") if problem else incident.ever_affected,
        recipient=request.form.get("recipient", ""),
        problem=translator.label(f"problem.{problem}") if problem else "",
    )
    return make_response(page, 422 if problem else 200)


def _report_page(report: IncidentReport, *, message: str = "", status: int = 200) -> Response:
    env, translator = request_context.env(), request_context.translator()
    catalog = env.site.catalog
    languages = incident_reports.report_languages(catalog)
    typed = _typed_texts() if request.method == "POST" and "summary-" in "".join(request.form) else {}
    label, names = translator.pack.labels, translator.pack.services
    page = render_template(
        "incident_report.html",
        section="incidents",
        report=report,
        is_draft=report.state is ReportState.DRAFT,
        may_approve=has_at_least(request_context.signed_in_account().role, Role.LEAD),
        services=[names[id].name if id in names else id for id in report.services],
        languages=[(language, catalog.packs[language].name) for language in languages],
        downloads=[(language, catalog.packs[language].name) for language in _languages(report)],
        parts=[(part.value, label[f"desk.incident_report.document.{part}"]) for part in ReportPart],
        texts=typed or report.texts,
        message=message,
    )
    return make_response(page, status)
