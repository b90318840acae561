"""Writing a notice: one form for every kind, its preview, and the one button that publishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Alert, Incident, NoticeKind, RecordedNotice, ValidationError
from statuspage.storage import alerts, incidents
from statuspage.usecases import notices
from statuspage.usecases.incidents import confirm_by_form
from statuspage.usecases.notices import AwaitingApproval, NoticeTarget, Preview, Published, Refused, Stale, Superseded
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import pages as incident_page
from statuspage.web.desk.notice_form import (
    channel_picker,
    drafts,
    fields,
    form_state,
    form_view,
    merge_answers,
    opening_fields,
    pinned_times,
    plain_language,
)
from statuspage.web.desk.notice_form import preview as showing
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.form_model import FormSource
from statuspage.web.desk.notice_form.form_state import FormMessages, FormSession, read_target, sign_target

pages = Blueprint("notice_form", __name__)

WRITABLE_KINDS = tuple(
    notice_kind for notice_kind in NoticeKind if notice_kind not in (NoticeKind.POSTMORTEM, NoticeKind.REMINDER)
)
"""Kinds of notice that have a form."""


@pages.get("/incidents/new")
def show_first_report() -> Response:
    """A first report without an alert."""
    draft_fields, is_draft = _own_draft("new")
    target = (read_target(draft_fields) if draft_fields else None) or notices.new_incident_target(
        request_context.env(), now=request_context.now()
    )
    initial_fields = opening_fields.first_report_fields(request_context.env().catalog)
    return _show(
        FormSession(NoticeKind.FIRST, target, draft_fields or initial_fields, None, None, is_draft=is_draft),
        FormMessages(),
    )


@pages.post("/incidents/new")
def submit_first_report() -> Response:
    """The same form, submitted."""
    form_fields = pinned_times.sent_fields()
    target = read_target(form_fields) or notices.new_incident_target(request_context.env(), now=request_context.now())
    return _form_response(FormSession(NoticeKind.FIRST, target, form_fields, None, None))


@pages.get("/maintenance/new")
def show_maintenance() -> Response:
    """Maintenance that nobody has announced yet."""
    draft_fields, is_draft = _own_draft("maintenance")
    target = (read_target(draft_fields) if draft_fields else None) or notices.new_incident_target(
        request_context.env(), now=request_context.now()
    )
    form_session = FormSession(
        NoticeKind.ANNOUNCED,
        target,
        draft_fields or opening_fields.new_maintenance_fields(),
        None,
        None,
        is_draft=is_draft,
    )
    return _show(form_session, FormMessages())


@pages.post("/maintenance/new")
def submit_maintenance() -> Response:
    """The same form, submitted."""
    form_fields = pinned_times.sent_fields()
    target = read_target(form_fields) or notices.new_incident_target(request_context.env(), now=request_context.now())
    return _form_response(FormSession(NoticeKind.ANNOUNCED, target, form_fields, None, None))


@pages.get("/incidents/<incident_id>/notices/new/<notice>")
def show_notice(incident_id: str, notice: str) -> Response:
    """A notice on an existing incident; it opens with the current facts, or the draft."""
    incident, alert = _incident_and_alert(incident_id, notice)
    target = NoticeTarget(incident_id, incident.latest_sequence)
    draft_fields, is_draft = _own_draft(drafts.owner_of(request.path))
    initial_fields = draft_fields or form_state.opening_fields(incident, alert, NoticeKind(notice))
    if notice == "first" and request.args.get("placeholder"):
        initial_fields = form_state.with_placeholder_text(initial_fields)
    if draft_fields and (draft_target := read_target(draft_fields)):
        target = draft_target
    return _show(
        FormSession(NoticeKind(notice), target, initial_fields, incident, alert, is_draft=is_draft), FormMessages()
    )


@pages.post("/incidents/<incident_id>/notices/new/<notice>")
def submit_notice(incident_id: str, notice: str) -> Response:
    """The same form, submitted."""
    incident, alert = _incident_and_alert(incident_id, notice)
    form_fields = pinned_times.sent_fields()
    target = read_target(form_fields)
    if target is None or target.incident_id != incident_id:
        target = NoticeTarget(incident_id, incident.latest_sequence)
    return _form_response(FormSession(NoticeKind(notice), target, form_fields, incident, alert))


def _own_draft(owner: str) -> tuple[Fields | None, bool]:
    """The earlier draft, and whether there is one. With ``?draft=aside`` it is not shown: a draft that breaks the page
    can still be discarded.
    """
    draft = drafts.find_own_draft(owner)
    return None if request.args.get("draft") == "aside" else draft, bool(draft)


def _incident_and_alert(incident_id: str, notice: str) -> tuple[Incident, Alert | None]:
    with request_context.env().database.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
        incident_alerts = alerts.alerts_of_incident(tx, incident_id, 1)
    if incident is None or notice not in list(WRITABLE_KINDS):
        abort(404)
    if (notice == "first") != (incident.latest is None) and request.method == "GET":
        abort(redirect(url_for("incidents.show_incident", incident_id=incident_id), 303))
    return incident, incident_alerts[0] if incident_alerts else None


def _form_response(form_session: FormSession) -> Response:
    action = request.form.get("do", "preview")
    if action == "discard":
        drafts.drop_draft(form_session.owner)
        return redirect(form_session.path, 303)
    if fields.value_of(form_session.fields, "target") and read_target(form_session.fields) is None:
        return _reject_target(form_session)
    form_session = _take_proposal(form_session, action)
    if action.startswith(f"{plain_language.GLOSSARY_ENTRY} "):
        return _glossary_entry_response(form_session, action)
    form_session = replace(form_session, fields=pinned_times.pin_times(form_session.fields))
    if action != "refresh" or request.form.get("has_changes"):
        drafts.save_draft(form_session.owner, form_session.fields)
    if action == "publish":
        return _publish(form_session)
    if action in ("ask_engineers", "tell_colleagues"):
        return _act_from_form(
            form_session, panel.ask_engineers if action == "ask_engineers" else incident_page.tell_colleagues
        )
    preview = _preview(form_session)
    if action != "preview":
        return _show(
            form_session, FormMessages(form_state.problems_so_far(preview.problems), token=preview.token), preview
        )
    return _show(
        form_session,
        FormMessages(preview.problems, token=preview.token, status=422 if preview.problems else 200),
        preview,
    )


def _take_proposal(form_session: FormSession, action: str) -> FormSession:
    """The form with the replacement for a hard word, or with engineers' answers, where one of these was taken."""
    if action.startswith(f"{plain_language.TAKE_REPLACEMENT} "):
        corrected = plain_language.take_replacement(
            form_session.fields,
            action,
            catalog=request_context.env().catalog,
            translator=request_context.translator(),
            notice=form_session.notice,
        )
        return replace(form_session, fields=corrected)
    takes_answers = action.partition(" ")[0] in (merge_answers.TAKE_ALL, merge_answers.TAKE_ONE)
    if takes_answers and form_session.incident is not None:
        merger = form_state.answer_merger(form_session, form_session.incident)
        return replace(form_session, fields=merger.merge(form_session.fields, action))
    return form_session


def _reject_target(form_session: FormSession) -> Response:
    """The target of the notice cannot be read any more: nothing is published before a person has looked, nothing typed
    is lost, and the form gets a new target.
    """
    resealed = replace(form_session, fields={**form_session.fields, "target": [sign_target(form_session.target)]})
    drafts.save_draft(resealed.owner, resealed.fields)
    preview = _preview(resealed)
    return _show(resealed, FormMessages(stale="preview.target", token=preview.token, status=409), preview)


def _act_from_form(form_session: FormSession, action: Callable[[str], None]) -> Response:
    """Requests facts or notifies the staff from the form, which stays as it was; a new incident is recorded with it."""
    target, actor, now = form_session.target, request_context.actor(), request_context.now()
    if form_session.incident is None:
        confirm_by_form(
            request_context.env(), target.incident_id, form_opened_at=target.form_opened_at or now, actor=actor, now=now
        )
    form_url = url_for("notice_form.show_notice", incident_id=target.incident_id, notice=str(form_session.notice))
    form_fields = {**form_session.fields, "target": [sign_target(target)]}
    drafts.save_draft(drafts.owner_of(form_url), form_fields, drafts.warning_classes_of(form_session.owner))
    if form_session.path != form_url:
        drafts.drop_draft(form_session.owner)
    action(target.incident_id)
    return redirect(f"{form_url}#fact-requests", 303)


def _glossary_entry_response(form_session: FormSession, action: str) -> Response:
    """A line for the glossary, as a file to keep; the form stays as it is."""
    try:
        text = plain_language.propose_entry(form_session.fields, action)
    except ValueError:
        abort(400)
    response = make_response(text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=glossary.toml"
    return response


def _publish(form_session: FormSession) -> Response:
    """With a token, publishes what was previewed; without one, the form as it is now, as long as it has no problem."""
    token = request.form.get("token", "")
    if not token:
        preview = _preview(form_session)
        if preview.problems:
            return _show_problems(form_session, preview.problems, preview)
        token = preview.token
    env, author = request_context.env(), request_context.signed_in_account()
    outcome = notices.publish_notice(
        env,
        fields.parse_notice_input(form_session.fields, env.catalog),
        token,
        actor=author.name,
        now=request_context.now(),
        chosen_channels=_chosen_channels(),
        account_id=author.id,
        warning_classes=drafts.warning_classes_of(form_session.owner),
    )
    match outcome:
        case Published(incident_id=incident, sequence=sequence):
            drafts.drop_draft(form_session.owner)
            return redirect(url_for("receipts.show_receipts", incident_id=incident, sequence=sequence), 303)
        case AwaitingApproval(incident_id=incident, sequence=number):
            return _await_approval(form_session, incident, number)
        case Refused(problems=problems):
            preview = _preview(form_session)
            return _show_problems(form_session, preview.problems or problems, preview)
        case Stale(code=code):
            return _show_stale(form_session, code)
        case Superseded(newer=newer):
            return _show_superseded(form_session, newer)


def _show_problems(form_session: FormSession, problems: tuple[ValidationError, ...], preview: Preview) -> Response:
    return _show(form_session, FormMessages(problems, token=preview.token, status=422), preview)


def _show_stale(form_session: FormSession, code: str) -> Response:
    """The form with a new preview, since the one that was seen no longer holds; problems come first."""
    preview = _preview(form_session)
    if preview.problems:
        return _show_problems(form_session, preview.problems, preview)
    return _show(form_session, FormMessages(stale=code, token=preview.token, status=409), preview)


def _chosen_channels() -> tuple[str, ...] | None:
    """The channels that were ticked; None where the form did not ask."""
    if request.form.get("page_only"):
        return ()
    return tuple(request.form.getlist("channel")) if request.form.get("channels_shown") else None


def _await_approval(form_session: FormSession, incident: str, number: int) -> Response:
    """A second person decides. The draft is kept until then, in case it comes back."""
    form_url = url_for("notice_form.show_notice", incident_id=incident, notice=str(form_session.notice))
    drafts.save_draft(drafts.owner_of(form_url), form_session.fields, drafts.warning_classes_of(form_session.owner))
    if form_session.path != form_url:
        drafts.drop_draft(form_session.owner)
    return redirect(url_for("approvals.show_approval", incident_id=incident, number=number), 303)


def _show_superseded(form_session: FormSession, newer: RecordedNotice) -> Response:
    """The form again, with the colleague's notice above it; a first report has become an update."""
    notice = NoticeKind.UPDATE if form_session.notice is NoticeKind.FIRST else form_session.notice
    moved = replace(form_session, notice=notice, target=replace(form_session.target, latest_sequence=newer.sequence))
    drafts.save_draft(
        moved.owner,
        {**moved.fields, "target": [sign_target(moved.target)]},
        drafts.warning_classes_of(form_session.owner),
    )
    preview = _preview(moved)
    return _show(moved, FormMessages(newer=newer, token=preview.token, status=409), preview)


def _preview(form_session: FormSession) -> Preview:
    notice_input = fields.parse_notice_input(form_session.fields, request_context.env().catalog)
    preview = notices.preview_notice(
        request_context.env(),
        notice_input,
        notice_kind=form_session.notice,
        target=form_session.target,
        now=request_context.now(),
    )
    drafts.keep_warning_classes(form_session.owner, notices.warning_classes_in(preview.remarks))
    return preview


def _show(form_session: FormSession, messages: FormMessages, known_preview: Preview | None = None) -> Response:
    env, translator = request_context.env(), request_context.translator()
    fields_now = pinned_times.pin_times(form_session.fields)
    form_session = replace(
        form_session, fields=pinned_times.with_dates(fields_now) if form_session.is_draft else fields_now
    )
    preview = known_preview or _preview(form_session)
    form = form_view.build_form_view(
        FormSource(env.catalog, translator, form_session.notice, form_session.fields, preview, form_session.over),
        action=form_session.path,
        signed_target=sign_target(form_session.target),
    )
    picked = form_session.fields.get("channel", []) if fields.value_of(form_session.fields, "channels_shown") else None
    html = render_template(
        "notice_form.html",
        section=form_state.nav_section(form_session),
        form=form,
        context_lines=form_state.form_context(form_session, translator),
        preview=_pane(preview, form_session, messages.token),
        refused=bool(messages.problems) and (messages.status == 422 or bool(request.form.get("was_submitted"))),
        problems=form_state.problem_views(messages.problems, translator),
        stale=translator.label(f"problem.{messages.stale}") if messages.stale else "",
        newer=form_state.newer_notice(messages.newer, translator) if messages.newer else None,
        draft=form_session.is_draft,
        before=form_state.earlier_choices(form_session, translator),
        fact_panel=form_state.engineers_panel(form_session, preview),
        colleagues_told=form_state.colleagues_told(form_session, translator),
        clock=form_state.form_clock(form_session, translator),
        channels=channel_picker.ready_channels(env, translator, form_session.notice, picked),
        is_page_only=bool(fields.value_of(form_session.fields, "page_only")),
        unready_channels=channel_picker.unready_channels(env, translator, form_session.notice),
    )
    return make_response(html, messages.status)


def _pane(preview: Preview, form_session: FormSession, token: str) -> showing.Pane:
    language, tab = request.form.get("pv-language", ""), request.form.get("pv-tab", "page")
    catalog, translator = request_context.env().catalog, request_context.translator()
    return showing.build_pane(
        preview,
        catalog,
        translator,
        form_session.notice,
        unconnected=request_context.env().unready_channels,
        token=token,
        language=language,
        tab=tab,
    )


def start_first_report(incident_id: str, now: datetime, *, is_placeholder: bool = False) -> str:
    """Starts the first report of this incident, or a holding notice; returns the form's address."""
    notices.open_notice_form(request_context.env(), incident_id, actor=request_context.actor(), now=now)
    return form_state.first_report_address(incident_id, is_placeholder=is_placeholder)
