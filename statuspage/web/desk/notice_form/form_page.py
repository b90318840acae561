"""The page of a form in progress, and its preview."""

from __future__ import annotations

from dataclasses import replace

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from statuspage.usecases import notices
from statuspage.usecases.notices import Preview
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import (
    channel_picker,
    confirmations,
    draft_page,
    drafts,
    fields,
    form_heading,
    form_state,
    form_view,
    pinned_times,
    whats_new,
)
from statuspage.web.desk.notice_form import preview as showing
from statuspage.web.desk.notice_form.drafts import value_of
from statuspage.web.desk.notice_form.form_model import FormSource, FormView
from statuspage.web.desk.notice_form.form_state import FormMessages, FormSession, sign_target
from statuspage.web.desk.notice_form.late_alert import late_alert


def preview_form(form_session: FormSession, *, key: str = "") -> Preview:
    """What would be published of this form now. Its warning classes are stored with the draft. ``key`` makes repeated
    publications count once."""
    notice_input = fields.parse_notice_input(form_session.fields, request_context.env().site.catalog)
    preview = notices.preview_notice(
        request_context.env(),
        notice_input,
        notice_kind=form_session.notice,
        target=form_session.target,
        now=request_context.now(),
        key=key,
    )
    drafts.keep_warning_classes(form_session.owner, notices.warning_classes_in(preview.remarks))
    more = (
        *fields.conflict_problems(form_session.fields),
        *confirmations.unconfirmed_problems(preview.doubts, form_session.fields, request_context.translator()),
    )
    return replace(preview, problems=(*more, *preview.problems), token="") if more else preview


def show_form(form_session: FormSession, messages: FormMessages, known_preview: Preview | None = None) -> Response:
    """The page of this form with its messages and its preview."""
    env, translator = request_context.env(), request_context.translator()
    g.return_path = f"{form_session.path}?draft={drafts.OPENED}"
    fields_now = pinned_times.pin_times(form_session.fields)
    form_session = replace(
        form_session, fields=pinned_times.with_dates(fields_now) if form_session.is_draft else fields_now
    )
    preview = known_preview or preview_form(form_session)
    picked = form_session.fields.get("channel", []) if value_of(form_session.fields, "channels_shown") else None
    form = _form(form_session, preview, messages)
    html = render_template(
        "notice_form.html",
        section=form_state.nav_section(form_session),
        form=form,
        heading=form_heading.form_heading(form_session, translator, form.title),
        new_kinds=whats_new.kind_choices(form_session.notice, translator, form.change_count),
        preview=_pane(preview, form_session, messages.token),
        back_address=form_heading.back_address(form_session),
        alert_time=form_state.alert_time(form_session),
        doubts=confirmations.doubt_views(preview.doubts, form_session.fields, translator),
        late_alert=late_alert(form_session, preview, translator),
        same_plans=form_state.same_plans(form_session, preview, translator),
        zone=translator.times.zone_name(),
        refused=bool(messages.problems) and (messages.status == 422 or bool(request.form.get("was_submitted"))),
        problems=form_state.problem_views(messages.problems, translator),
        stale=translator.label(f"problem.{messages.stale}") if messages.stale else "",
        newer=form_state.newer_notice(messages.newer, translator) if messages.newer else None,
        is_without_target=messages.is_without_target,
        draft=draft_page.draft_line(form_session, translator) if form_session.is_draft else "",
        before=form_state.earlier_choices(form_session, translator),
        fact_panel=form_state.engineers_panel(form_session, preview),
        colleagues_told=form_state.colleagues_told(form_session, translator),
        clock=form_state.form_clock(form_session, translator),
        channels=channel_picker.ready_channels(env, translator, form_session.notice, picked),
        is_page_only=bool(value_of(form_session.fields, "page_only")),
        short_names=channel_picker.short_names,
        unready_channels=channel_picker.unready_channels(env, translator, form_session.notice),
    )
    return make_response(html, messages.status)


def _form(form_session: FormSession, preview: Preview, messages: FormMessages) -> FormView:
    source = FormSource(
        request_context.env().site.catalog,
        request_context.translator(),
        form_session.notice,
        form_session.fields,
        preview,
        form_session.over,
        form_session.open_questions,
        form_session.told_workarounds,
        form_session.opening,
        form_session.incident.current_facts if form_session.incident else None,
    )
    target = "" if messages.is_without_target else sign_target(form_session.target)
    return form_view.build_form_view(source, action=form_session.path, signed_target=target)


def _pane(preview: Preview, form_session: FormSession, token: str) -> showing.Pane:
    language, tab = request.form.get("pv-language", ""), request.form.get("pv-tab", "page")
    catalog, translator = request_context.env().site.catalog, request_context.translator()
    return showing.build_pane(
        preview,
        catalog,
        translator,
        form_session.notice,
        unconnected=request_context.env().senders.unready_channels,
        token=token,
        language=language,
        tab=tab,
        earlier=form_session.incident.latest if form_session.incident else None,
    )
