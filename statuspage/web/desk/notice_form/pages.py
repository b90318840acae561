"""Writing a notice: one form for every kind, its preview, and the one button that publishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from statuspage import serialization
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
    pinned_times,
    plain_language,
)
from statuspage.web.desk.notice_form import preview as showing
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.form_state import FormSession, Said
from statuspage.web.desk.translations import Translator

pages = Blueprint("report", __name__)

WRITTEN = tuple(kind for kind in NoticeKind if kind not in (NoticeKind.ACCOUNT, NoticeKind.REMINDER))
"""Kinds of notice that have a form."""


@pages.get("/report")
def new() -> Response:
    """A first report about something no alert told us of."""
    kept, draft = _kept("new")
    place = (_place(kept) if kept else None) or notices.new_incident_target(
        request_context.world(), now=request_context.now()
    )
    opened = fields.fresh(request_context.world().catalog)
    return _show(FormSession(NoticeKind.FIRST, place, kept or opened, None, None, draft=draft), Said())


@pages.post("/report")
def send_new() -> Response:
    """The same, sent."""
    sent = pinned_times.sent()
    place = _place(sent) or notices.new_incident_target(request_context.world(), now=request_context.now())
    return _form_response(FormSession(NoticeKind.FIRST, place, sent, None, None))


@pages.get("/plan")
def plan() -> Response:
    """Planned work that nobody has announced yet."""
    kept, draft = _kept("plan")
    place = (_place(kept) if kept else None) or notices.new_incident_target(
        request_context.world(), now=request_context.now()
    )
    sheet = FormSession(NoticeKind.ANNOUNCED, place, kept or fields.planning(), None, None, draft=draft)
    return _show(sheet, Said())


@pages.post("/plan")
def send_plan() -> Response:
    """The same, sent."""
    sent = pinned_times.sent()
    place = _place(sent) or notices.new_incident_target(request_context.world(), now=request_context.now())
    return _form_response(FormSession(NoticeKind.ANNOUNCED, place, sent, None, None))


@pages.get("/incidents/<incident_id>/write/<notice>")
def on_incident(incident_id: str, notice: str) -> Response:
    """A notice about an incident on record; it opens with the facts as they stand, or what was typed before."""
    incident, alert = _incident_and_alert(incident_id, notice)
    place = NoticeTarget(incident_id, incident.seen)
    kept, draft = _kept(drafts.owner_of(request.path))
    opened = kept or form_state.opened(incident, alert, NoticeKind(notice))
    if notice == "first" and request.args.get("holding"):
        opened = form_state.holding(opened)
    if kept and (before := _place(kept)):
        place = before
    return _show(FormSession(NoticeKind(notice), place, opened, incident, alert, draft=draft), Said())


@pages.post("/incidents/<incident_id>/write/<notice>")
def send_on_incident(incident_id: str, notice: str) -> Response:
    """The same, sent."""
    incident, alert = _incident_and_alert(incident_id, notice)
    sent = pinned_times.sent()
    place = _place(sent)
    if place is None or place.incident != incident_id:
        place = NoticeTarget(incident_id, incident.seen)
    return _form_response(FormSession(NoticeKind(notice), place, sent, incident, alert))


def _kept(owner: str) -> tuple[Fields | None, bool]:
    """What was typed before, and whether anything was. With ``?draft=aside`` it is not shown: a draft with which the
    page does not come can be discarded all the same."""
    found = drafts.kept(owner)
    return None if request.args.get("draft") == "aside" else found, bool(found)


def _incident_and_alert(incident_id: str, notice: str) -> tuple[Incident, Alert | None]:
    with request_context.world().store.read() as tx:
        incident = incidents.load(tx, incident_id)
        joined = alerts.alerts_of_incident(tx, incident_id, 1)
    if incident is None or notice not in list(WRITTEN):
        abort(404)
    if (notice == "first") != (incident.latest is None) and request.method == "GET":
        abort(redirect(url_for("incident.show_incident", incident_id=incident_id), 303))
    return incident, joined[0] if joined else None


def _form_response(sheet: FormSession) -> Response:
    do = request.form.get("do", "preview")
    if do == "discard":
        drafts.drop(sheet.owner)
        return redirect(sheet.path, 303)
    if fields.one(sheet.fields, "place") and _place(sheet.fields) is None:
        return _unsealed(sheet)
    if do.startswith(f"{plain_language.TAKE} "):
        better = plain_language.taken(
            sheet.fields,
            do,
            catalog=request_context.world().catalog,
            voice=request_context.voice(),
            notice=sheet.notice,
        )
        sheet = replace(sheet, fields=better)
    if do.partition(" ")[0] in (merge_answers.ALL, merge_answers.ONE) and sheet.incident is not None:
        sheet = replace(sheet, fields=form_state.taking(sheet, sheet.incident).taken(sheet.fields, do))
    if do.startswith(f"{plain_language.ENTRY} "):
        return _proposed(sheet, do)
    sheet = replace(sheet, fields=pinned_times.pinned(sheet.fields))
    if do != "follow" or request.form.get("dirty"):
        drafts.save_draft(sheet.owner, sheet.fields)
    if do == "publish":
        return _publish(sheet)
    if do in ("ask", "tell"):
        return _along_the_way(sheet, panel.ask_engineers if do == "ask" else incident_page.tell_them)
    shown = _preview(sheet)
    if do != "preview":
        return _show(sheet, Said(_so_far(shown.problems), token=shown.token), shown)
    return _show(sheet, Said(shown.problems, token=shown.token, status=422 if shown.problems else 200), shown)


def _unsealed(sheet: FormSession) -> Response:
    """Where the notice belongs cannot be told any more: nothing goes out before a person has looked, nothing typed is
    lost, and the form has a place again."""
    found = replace(sheet, fields={**sheet.fields, "place": [_sealed(sheet.place)]})
    drafts.save_draft(found.owner, found.fields)
    shown = _preview(found)
    return _show(found, Said(stale="preview.place", token=shown.token, status=409), shown)


def _along_the_way(sheet: FormSession, do: Callable[[str], None]) -> Response:
    """Engineers are asked or colleagues told from the form, which goes on where it stood; new trouble goes on record
    with it."""
    place, by, now = sheet.place, request_context.who().name, request_context.now()
    if sheet.incident is None:
        confirm_by_form(request_context.world(), place.incident, opened=place.opened or now, by=by, now=now)
    on_record = url_for("report.on_incident", incident_id=place.incident, notice=str(sheet.notice))
    fields_on = {**sheet.fields, "place": [_sealed(place)]}
    drafts.save_draft(drafts.owner_of(on_record), fields_on, drafts.met(sheet.owner))
    if sheet.path != on_record:
        drafts.drop(sheet.owner)
    do(place.incident)
    return redirect(f"{on_record}#engineers", 303)


def _proposed(sheet: FormSession, do: str) -> Response:
    """A line for the glossary, as a file to keep; the form stays as it is."""
    try:
        text = plain_language.proposed(sheet.fields, do)
    except ValueError:
        abort(400)
    answer = make_response(text)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=glossary.toml"
    return answer


def _so_far(problems: tuple[ValidationError, ...]) -> tuple[ValidationError, ...]:
    """What to say while somebody is still writing: not what they have not come to, until they tried to send it."""
    if request.form.get("tried"):
        return problems
    later = ("missing", "required", "empty")
    return tuple(problem for problem in problems if problem.code.partition(".")[2] not in later)


def _publish(sheet: FormSession) -> Response:
    """With a token, what was previewed; without one, what the form says now, as long as it has no problem."""
    shown = _preview(sheet)
    token = request.form.get("token", "") or shown.token
    if shown.problems:
        return _show(sheet, Said(shown.problems, token=shown.token, status=422), shown)
    typed = fields.typed_of(sheet.fields, request_context.world().catalog)
    to = tuple(request.form.getlist("to")) if request.form.get("to_asked") else None
    to = () if request.form.get("quiet") else to
    got = notices.publish(
        request_context.world(), typed, token, by=request_context.who().name, now=request_context.now(),
        to=to, account=request_context.who().id, met=drafts.met(sheet.owner),
    )  # fmt: skip
    match got:
        case Published(incident=incident, sequence=sequence):
            drafts.drop(sheet.owner)
            return redirect(url_for("receipts.show_receipts", incident_id=incident, sequence=sequence), 303)
        case AwaitingApproval(incident=incident, number=number):
            return _handed_over(sheet, incident, number)
        case Refused(problems=problems):
            return _show(sheet, Said(problems, status=422), shown)
        case Stale(code=code):
            return _show(sheet, Said(stale=code, token=shown.token, status=409), shown)
        case Superseded(newer=newer):
            return _overtaken(sheet, newer)


def _handed_over(sheet: FormSession, incident: str, number: int) -> Response:
    """A second person decides. What was typed is kept until then, for the case that it comes back."""
    on_record = url_for("report.on_incident", incident_id=incident, notice=str(sheet.notice))
    drafts.save_draft(drafts.owner_of(on_record), sheet.fields, drafts.met(sheet.owner))
    if sheet.path != on_record:
        drafts.drop(sheet.owner)
    return redirect(url_for("approving.show_approval", incident_id=incident, number=number), 303)


def _overtaken(sheet: FormSession, newer: RecordedNotice) -> Response:
    """The form again, with the colleague's words over it; a first report has become an update."""
    notice = NoticeKind.UPDATE if sheet.notice is NoticeKind.FIRST else sheet.notice
    moved = replace(sheet, notice=notice, place=replace(sheet.place, seen=newer.sequence))
    drafts.save_draft(moved.owner, {**moved.fields, "place": [_sealed(moved.place)]}, drafts.met(sheet.owner))
    shown = _preview(moved)
    return _show(moved, Said(newer=newer, token=shown.token, status=409), shown)


def _preview(sheet: FormSession) -> Preview:
    typed = fields.typed_of(sheet.fields, request_context.world().catalog)
    shown = notices.preview(
        request_context.world(), typed, notice=sheet.notice, place=sheet.place, now=request_context.now()
    )
    drafts.met_more(sheet.owner, notices.met_in(shown.remarks))
    return shown


def _show(sheet: FormSession, said: Said, shown: Preview | None = None) -> Response:
    world, voice = request_context.world(), request_context.voice()
    fields_now = pinned_times.pinned(sheet.fields)
    sheet = replace(sheet, fields=pinned_times.dated(fields_now) if sheet.draft else fields_now)
    preview = shown or _preview(sheet)
    page = form_view.view(
        form_view.Shown(world.catalog, voice, sheet.notice, sheet.fields, preview, sheet.over),
        action=sheet.path,
        place=_sealed(sheet.place),
        context=form_state.context(sheet, voice),
    )
    picked = sheet.fields.get("to", []) if fields.one(sheet.fields, "to_asked") else None
    answer = render_template(
        "report.html",
        here=form_state.part_of(sheet),
        form=page,
        preview=_pane(preview, sheet, said.token),
        refused=bool(said.problems) and (said.status == 422 or bool(request.form.get("tried"))),
        problems=[_beside(p, voice) for p in sorted(said.problems, key=_in_the_form)],
        stale=voice.label(f"problem.{said.stale}") if said.stale else "",
        newer=form_state.told_meanwhile(said.newer, voice) if said.newer else None,
        draft=sheet.draft,
        before=form_state.before(sheet, voice),
        engineers=form_state.panel(sheet, preview),
        colleagues_told=form_state.colleagues_told(sheet, voice),
        clock=form_state.clock_of(sheet, voice),
        ways=channel_picker.ready(world, voice, sheet.notice, picked),
        quiet=bool(fields.one(sheet.fields, "quiet")),
        unready=channel_picker.unready(world, voice, sheet.notice),
    )
    return make_response(answer, said.status)


def _pane(preview: Preview, sheet: FormSession, token: str) -> showing.Pane:
    language, tab = request.form.get("pv-language", ""), request.form.get("pv-tab", "page")
    catalog, voice = request_context.world().catalog, request_context.voice()
    return showing.pane(
        preview,
        catalog,
        voice,
        sheet.notice,
        away=request_context.world().unready,
        token=token,
        language=language,
        tab=tab,
    )


_ORDER = """ended kind services who begins ends remind since estimate answer cause doing workaround next extra text
only reason""".split()


def _in_the_form(problem: ValidationError) -> int:
    """Where on the form its field stands."""
    name = problem.field.partition(".")[0]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _beside(problem: ValidationError, voice: Translator) -> dict[str, str]:
    both = problem.code == "who.unknown" and problem.args.get("value") in ("all", "some")
    text = voice.t("report.who_both") if both else voice.problem(problem)
    return {"field": problem.field, "text": text}


def _sealed(place: NoticeTarget) -> str:
    return str(request_context.signer("place").dumps(serialization.to_json_value(place)))


def _place(sent: Fields) -> NoticeTarget | None:
    try:
        return serialization.load(NoticeTarget, request_context.signer("place").loads(fields.one(sent, "place")))
    except (BadSignature, ValueError):
        return None


def begun(incident_id: str, now: datetime, *, holding: bool = False) -> str:
    """Somebody starts the first report of this incident, or a holding notice; returns the form's address."""
    notices.open_form(request_context.world(), incident_id, by=request_context.who().name, now=now)
    return form_state.first_of(incident_id, holding=holding)
