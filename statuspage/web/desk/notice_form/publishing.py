"""Handles the *Publish* button: publishes what was previewed, or shows the form with the reason why not."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import RecordedNotice, ValidationError
from statuspage.usecases import notices
from statuspage.usecases.notices import AwaitingApproval, Preview, Published, Refused, Stale, Superseded
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import confirmations, drafts, fields, form_state
from statuspage.web.desk.notice_form.form_page import preview_form, show_form
from statuspage.web.desk.notice_form.form_state import FormMessages, FormSession, sign_target
from statuspage.web.desk.notice_form.merge_newer import onto_newer


def publish_form(form_session: FormSession) -> Response:
    """With a token, publishes what was previewed; without one, the form as it is now if it has no problem."""
    token = request.form.get("token", "")
    if not token or fields.conflict_problems(form_session.fields) or _is_doubtful(form_session):
        preview = preview_form(form_session, key=_press_key(form_session))
        if preview.problems:
            return _show_problems(form_session, preview.problems, preview)
        token = preview.token
    env, author = request_context.env(), request_context.signed_in_account()
    outcome = notices.publish_notice(
        env,
        fields.parse_notice_input(form_session.fields, env.site.catalog),
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
            preview = preview_form(form_session)
            return _show_problems(form_session, preview.problems or problems, preview)
        case Stale(code=code):
            return _show_stale(form_session, code)
        case Superseded(newer=newer):
            return _show_superseded(form_session, newer)


def _press_key(form_session: FormSession) -> str:
    """The same for a form that is submitted twice, so that it is published once. A form that has seen another notice is
    another one."""
    fields_as_sent = sorted(drafts.typed_fields(request.form).items())
    pressed = (request_context.signed_in_account().id, form_session.notice, form_session.target, fields_as_sent)
    return hashlib.sha256(repr(pressed).encode()).hexdigest()[:24]


def _is_doubtful(form_session: FormSession) -> bool:
    """Whether something is not confirmed that has become doubtful at the latest now."""
    env, now = request_context.env(), request_context.now()
    notice_input = fields.parse_notice_input(form_session.fields, env.site.catalog)
    kind, target = form_session.notice, form_session.target
    doubts = notices.find_doubts(env, notice_input, notice_kind=kind, target=target, now=now)
    return bool(confirmations.unconfirmed_problems(doubts, form_session.fields, request_context.translator()))


def _show_problems(form_session: FormSession, problems: tuple[ValidationError, ...], preview: Preview) -> Response:
    return show_form(form_session, FormMessages(problems, token=preview.token, status=422), preview)


def _show_stale(form_session: FormSession, code: str) -> Response:
    """Shows the form with a new preview, because the previous one is no longer valid; problems come first."""
    preview = preview_form(form_session)
    if preview.problems:
        return _show_problems(form_session, preview.problems, preview)
    return show_form(form_session, FormMessages(stale=code, token=preview.token, status=409), preview)


def _chosen_channels() -> tuple[str, ...] | None:
    """The channels that were ticked; None if the form did not ask."""
    if request.form.get("page_only"):
        return ()
    return tuple(request.form.getlist("channel")) if request.form.get("channels_shown") else None


def _await_approval(form_session: FormSession, incident: str, number: int) -> Response:
    """Tells the author that a second person must approve. The draft is kept in case the notice is returned."""
    form_url = url_for("notice_form.show_notice", incident_id=incident, notice=str(form_session.notice))
    drafts.save_draft(drafts.owner_of(form_url), form_session.fields, drafts.warning_classes_of(form_session.owner))
    if form_session.path != form_url:
        drafts.drop_draft(form_session.owner)
    return redirect(url_for("approvals.show_approval", incident_id=incident, number=number), 303)


def _show_superseded(form_session: FormSession, newer: RecordedNotice) -> Response:
    """Shows the form again, with the colleague's notice above it and its facts in what was not changed here; a first
    report has become an update."""
    moved = replace(
        form_session,
        notice=form_state.later_kind(form_session.notice),
        target=replace(form_session.target, latest_sequence=newer.sequence),
        fields=onto_newer(form_session),
    )
    drafts.save_draft(
        moved.owner,
        {**moved.fields, "target": [sign_target(moved.target)]},
        drafts.warning_classes_of(form_session.owner),
    )
    preview = preview_form(moved)
    return show_form(moved, FormMessages(newer=newer, status=409), preview)
