"""The line above a form: what it is about, and which promise is next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from statuspage.domain import MAINTENANCE_NOTICES, Incident, NoticeKind
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import form_state
from statuspage.web.desk.notice_form.form_state import FormSession
from statuspage.web.desk.notice_form.preview import incident_tone
from statuspage.web.desk.panels import response_clock
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class FormHeading:
    """``title`` is the incident's or the form's, ``lines`` are beside it. ``mark`` is "" where nothing is public."""

    title: str
    lines: list[str]
    mark: str = ""
    state: str = ""
    promise: response_clock.PromiseView | None = None


def form_heading(form_session: FormSession, translator: Translator, form_title: str) -> FormHeading:
    """The heading of this form."""
    context = [
        translator.t("join").join(filter(None, line)) for line in form_state.form_context(form_session, translator)
    ]
    incident = form_session.incident
    if incident is None or incident.latest is None or form_session.notice is NoticeKind.FIRST:
        opened_at = form_session.target.form_opened_at
        no_alert = form_session.notice is NoticeKind.FIRST and incident is None and opened_at is not None
        if no_alert and opened_at is not None:
            context = [
                translator.t(
                    "report.no_alert", time=translator.times.format_recent(opened_at, now=request_context.now())
                )
            ]
        return FormHeading(form_title, context)
    tone = _tone(incident, form_session.notice)
    promise = response_clock.promise_view(incident, translator, request_context.now())
    title, *more = context or [form_title]
    return FormHeading(title, [form_title, *_since(incident, translator), *more], tone, "", promise)


def back_address(form_session: FormSession) -> str:
    """The page from which the form was opened."""
    if form_session.incident is not None and form_session.incident.latest is not None:
        return url_for("incidents.show_incident", incident_id=form_session.incident.id)
    is_planned = form_session.notice in MAINTENANCE_NOTICES
    return url_for("incident_lists.show_maintenance" if is_planned else "home.show_home")


def _tone(incident: Incident, notice: NoticeKind) -> str:
    if notice in MAINTENANCE_NOTICES:
        return "maint"
    if incident.is_over:
        return "ok"
    return incident_tone(incident)


def _since(incident: Incident, translator: Translator) -> list[str]:
    facts = incident.public_facts
    if facts is None or facts.start is None:
        return []
    return [
        translator.t("incident.since", time=translator.times.format_recent(facts.start.at, now=request_context.now()))
    ]
