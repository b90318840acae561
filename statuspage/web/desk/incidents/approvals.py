"""A notice waiting for approval: its exact text, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import ApprovalRequest, Incident, approval
from statuspage.usecases.accounts import Role
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.notices import approvals
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.translations import Translator, stopwatch, text_for_reader

pages = Blueprint("approvals", __name__)


@dataclass(frozen=True, slots=True)
class HeldNotice:
    """A pending notice in a list. Nobody can approve their own (``is_own``)."""

    href: str
    title: str
    at: datetime
    waited: str
    actor: str
    is_own: bool


@pages.get("/incidents/<incident_id>/approvals/<int:number>")
def show_approval(incident_id: str, number: int) -> Response:
    """Shows the text, its author, and how long it has waited."""
    return _approval_page(request_context.incident_or_404(incident_id), number)


@pages.post("/incidents/<incident_id>/approvals/<int:number>")
def decide(incident_id: str, number: int) -> Response:
    """Approves, refuses with a reason or, for leads, publishes without a second person."""
    env = request_context.env()
    account = request_context.signed_in_account()
    now = request_context.now()
    reason = request.form.get("reason", "")
    action = request.form.get("do")
    try:
        if action == "approve":
            published = approvals.approve_notice(
                env, incident_id, number, actor=account.name, now=now, account_id=account.id
            )
        elif action == "publish_alone":
            permissions.require_role(account.role, Role.LEAD)
            published = approvals.publish_without_approval(
                env, incident_id, number, actor=account.name, reason=reason, now=now
            )
        elif action == "refuse":
            approvals.refuse_approval(env, incident_id, number, actor=account.name, reason=reason, now=now)
            flash(request_context.translator().t("approval.refused"))
            return redirect(url_for("incidents.show_incident", incident_id=incident_id), 303)
        else:
            abort(400)
    except ActionRefused as error:
        return _approval_page(request_context.incident_or_404(incident_id), number, reason, error.code)
    return redirect(
        url_for("receipts.show_receipts", incident_id=published.incident_id, sequence=published.sequence), 303
    )


def held_notices(open_incidents: tuple[Incident, ...]) -> list[HeldNotice]:
    """Everything waiting for approval now."""
    translator, now, account = request_context.translator(), request_context.now(), request_context.signed_in_account()
    return [
        HeldNotice(
            href=_approval_address(incident.id, waiting),
            title=_notice_title(waiting, translator),
            at=waiting.requested_at,
            waited=translator.span(now - waiting.requested_at),
            actor=waiting.actor,
            is_own=waiting.is_written_by(account.name, account.id),
        )
        for incident in open_incidents
        for waiting in approval.open_approval_requests(incident)
    ]


def _approval_address(incident_id: str, waiting: ApprovalRequest) -> str:
    return url_for("approvals.show_approval", incident_id=incident_id, number=waiting.sequence)


def _notice_title(waiting: ApprovalRequest, translator: Translator) -> str:
    notice_text = text_for_reader(waiting.pending_approval.notice.texts, translator)
    return translator.t("approval.title_of", label=notice_text.label, title=notice_text.title)


def _approval_page(incident: Incident, number: int, reason: str = "", problem_code: str = "") -> Response:
    translator, now, account = request_context.translator(), request_context.now(), request_context.signed_in_account()
    waiting = next(
        (candidate for candidate in approval.approval_requests(incident) if candidate.sequence == number), None
    ) or abort(404)
    expiry_code = waiting.expiry_reason(incident, now) if waiting.decision is None else ""
    notice_texts = [text_for_reader(waiting.pending_approval.notice.texts, translator)]
    notice_texts += [
        notice_text
        for notice_text in waiting.pending_approval.notice.texts.values()
        if notice_text is not notice_texts[0]
    ]
    page = render_template(
        "approval.html",
        section="home",
        incident_id=incident.id,
        notice=str(waiting.pending_approval.notice.notice),
        label=notice_texts[0].label,
        by=waiting.actor,
        at=waiting.requested_at,
        waited=stopwatch(now - waiting.requested_at),
        time=translator.times.format_time(waiting.requested_at),
        words=[
            (request_context.env().site.catalog.packs[notice_text.language].name, notice_text)
            for notice_text in notice_texts
        ],
        link=f"{request_context.desk_address()}{_approval_address(incident.id, waiting)}"
        if request_context.desk_address()
        else "",
        open=waiting.decision is None and not expiry_code,
        decided=waiting.decision is not None,
        expiry=translator.label(f"problem.{expiry_code}") if expiry_code else "",
        is_own=waiting.is_written_by(account.name, account.id),
        may_publish_alone=permissions.has_at_least(account.role, Role.LEAD),
        reason=reason,
        problems=[{"field": "reason", "text": translator.label(f"problem.{problem_code}")}] if problem_code else [],
    )
    return make_response(page, 422 if problem_code else 200)
