"""Writing a notice: one form for every kind, its preview, and the one button that publishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from statuspage import desk, records
from statuspage.desk import Place, Preview, Published, Refused, Stale, Superseded, Waits
from statuspage.desk.incidents import confirm_by_form
from statuspage.facts import NoticeKind
from statuspage.incoming import Alert
from statuspage.rules import Problem
from statuspage.store import alerts, incidents
from statuspage.timeline import Incident, RecordedNotice
from statuspage.web import drafting, engineers, fields, findings, form, here, pinning, sheets, showing, taking, ways
from statuspage.web import incident as incident_page
from statuspage.web.drafting import Fields
from statuspage.web.sheets import Said, Sheet
from statuspage.web.voice import Voice

pages = Blueprint("report", __name__)

WRITTEN = tuple(kind for kind in NoticeKind if kind not in (NoticeKind.ACCOUNT, NoticeKind.REMINDER))
"""Kinds of notice that have a form."""


@pages.get("/report")
def new() -> Response:
    """A first report about something no alert told us of."""
    kept, draft = _kept("new")
    place = (_place(kept) if kept else None) or desk.fresh(here.world(), now=here.now())
    opened = fields.fresh(here.world().catalog)
    return _show(Sheet(NoticeKind.FIRST, place, kept or opened, None, None, draft=draft), Said())


@pages.post("/report")
def send_new() -> Response:
    """The same, sent."""
    sent = pinning.sent()
    place = _place(sent) or desk.fresh(here.world(), now=here.now())
    return _answer(Sheet(NoticeKind.FIRST, place, sent, None, None))


@pages.get("/plan")
def plan() -> Response:
    """Planned work that nobody has announced yet."""
    kept, draft = _kept("plan")
    place = (_place(kept) if kept else None) or desk.fresh(here.world(), now=here.now())
    sheet = Sheet(NoticeKind.ANNOUNCED, place, kept or fields.planning(), None, None, draft=draft)
    return _show(sheet, Said())


@pages.post("/plan")
def send_plan() -> Response:
    """The same, sent."""
    sent = pinning.sent()
    place = _place(sent) or desk.fresh(here.world(), now=here.now())
    return _answer(Sheet(NoticeKind.ANNOUNCED, place, sent, None, None))


@pages.get("/incidents/<incident_id>/write/<notice>")
def on_incident(incident_id: str, notice: str) -> Response:
    """A notice about an incident on record; it opens with the facts as they stand, or what was typed before."""
    incident, alert = _found(incident_id, notice)
    place = Place(incident_id, incident.seen)
    kept, draft = _kept(drafting.owner_of(request.path))
    opened = kept or sheets.opened(incident, alert, NoticeKind(notice))
    if notice == "first" and request.args.get("holding"):
        opened = sheets.holding(opened)
    if kept and (before := _place(kept)):
        place = before
    return _show(Sheet(NoticeKind(notice), place, opened, incident, alert, draft=draft), Said())


@pages.post("/incidents/<incident_id>/write/<notice>")
def send_on_incident(incident_id: str, notice: str) -> Response:
    """The same, sent."""
    incident, alert = _found(incident_id, notice)
    sent = pinning.sent()
    place = _place(sent)
    if place is None or place.incident != incident_id:
        place = Place(incident_id, incident.seen)
    return _answer(Sheet(NoticeKind(notice), place, sent, incident, alert))


def _kept(owner: str) -> tuple[Fields | None, bool]:
    """What was typed before, and whether anything was. With ``?draft=aside`` it is not shown: a draft with which the
    page does not come can be discarded all the same."""
    found = drafting.kept(owner)
    return None if request.args.get("draft") == "aside" else found, bool(found)


def _found(incident_id: str, notice: str) -> tuple[Incident, Alert | None]:
    with here.world().store.read() as tx:
        incident = incidents.load(tx, incident_id)
        joined = alerts.of_incident(tx, incident_id, 1)
    if incident is None or notice not in list(WRITTEN):
        abort(404)
    if (notice == "first") != (incident.latest is None) and request.method == "GET":
        abort(redirect(url_for("incident.show", incident_id=incident_id), 303))
    return incident, joined[0] if joined else None


def _answer(sheet: Sheet) -> Response:
    do = request.form.get("do", "preview")
    if do == "discard":
        drafting.drop(sheet.owner)
        return redirect(sheet.path, 303)
    if fields.one(sheet.fields, "place") and _place(sheet.fields) is None:
        return _unsealed(sheet)
    if do.startswith(f"{findings.TAKE} "):
        better = findings.taken(sheet.fields, do, catalog=here.world().catalog, voice=here.voice(), notice=sheet.notice)
        sheet = replace(sheet, fields=better)
    if do.partition(" ")[0] in (taking.ALL, taking.ONE) and sheet.incident is not None:
        sheet = replace(sheet, fields=sheets.taking(sheet, sheet.incident).taken(sheet.fields, do))
    if do.startswith(f"{findings.ENTRY} "):
        return _proposed(sheet, do)
    sheet = replace(sheet, fields=pinning.pinned(sheet.fields))
    if do != "follow" or request.form.get("dirty"):
        drafting.keep(sheet.owner, sheet.fields)
    if do == "publish":
        return _publish(sheet)
    if do in ("ask", "tell"):
        return _along_the_way(sheet, engineers.ask if do == "ask" else incident_page.tell_them)
    shown = _preview(sheet)
    if do != "preview":
        return _show(sheet, Said(_so_far(shown.problems), token=shown.token), shown)
    return _show(sheet, Said(shown.problems, token=shown.token, status=422 if shown.problems else 200), shown)


def _unsealed(sheet: Sheet) -> Response:
    """Where the notice belongs cannot be told any more: nothing goes out before a person has looked, nothing typed is
    lost, and the form has a place again."""
    found = replace(sheet, fields={**sheet.fields, "place": [_sealed(sheet.place)]})
    drafting.keep(found.owner, found.fields)
    shown = _preview(found)
    return _show(found, Said(stale="preview.place", token=shown.token, status=409), shown)


def _along_the_way(sheet: Sheet, do: Callable[[str], None]) -> Response:
    """Engineers are asked or colleagues told from the form, which goes on where it stood; new trouble goes on record
    with it."""
    place, by, now = sheet.place, here.who().name, here.now()
    if sheet.incident is None:
        confirm_by_form(here.world(), place.incident, opened=place.opened or now, by=by, now=now)
    on_record = url_for("report.on_incident", incident_id=place.incident, notice=str(sheet.notice))
    fields_on = {**sheet.fields, "place": [_sealed(place)]}
    drafting.keep(drafting.owner_of(on_record), fields_on, drafting.met(sheet.owner))
    if sheet.path != on_record:
        drafting.drop(sheet.owner)
    do(place.incident)
    return redirect(f"{on_record}#engineers", 303)


def _proposed(sheet: Sheet, do: str) -> Response:
    """A line for the glossary, as a file to keep; the form stays as it is."""
    try:
        text = findings.proposed(sheet.fields, do)
    except ValueError:
        abort(400)
    answer = make_response(text)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=glossary.toml"
    return answer


def _so_far(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """What to say while somebody is still writing: not what they have not come to, until they tried to send it."""
    if request.form.get("tried"):
        return problems
    later = ("missing", "required", "empty")
    return tuple(problem for problem in problems if problem.code.partition(".")[2] not in later)


def _publish(sheet: Sheet) -> Response:
    """With a token, what was previewed; without one, what the form says now, as long as it has no problem."""
    shown = _preview(sheet)
    token = request.form.get("token", "") or shown.token
    if shown.problems:
        return _show(sheet, Said(shown.problems, token=shown.token, status=422), shown)
    typed = fields.typed_of(sheet.fields, here.world().catalog)
    to = tuple(request.form.getlist("to")) if request.form.get("to_asked") else None
    to = () if request.form.get("quiet") else to
    got = desk.publish(
        here.world(), typed, token, by=here.who().name, now=here.now(),
        to=to, account=here.who().id, met=drafting.met(sheet.owner),
    )  # fmt: skip
    match got:
        case Published(incident=incident, sequence=sequence):
            drafting.drop(sheet.owner)
            return redirect(url_for("receipts.show", incident_id=incident, sequence=sequence), 303)
        case Waits(incident=incident, number=number):
            return _handed_over(sheet, incident, number)
        case Refused(problems=problems):
            return _show(sheet, Said(problems, status=422), shown)
        case Stale(code=code):
            return _show(sheet, Said(stale=code, token=shown.token, status=409), shown)
        case Superseded(newer=newer):
            return _overtaken(sheet, newer)


def _handed_over(sheet: Sheet, incident: str, number: int) -> Response:
    """A second person decides. What was typed is kept until then, for the case that it comes back."""
    on_record = url_for("report.on_incident", incident_id=incident, notice=str(sheet.notice))
    drafting.keep(drafting.owner_of(on_record), sheet.fields, drafting.met(sheet.owner))
    if sheet.path != on_record:
        drafting.drop(sheet.owner)
    return redirect(url_for("approving.show", incident_id=incident, number=number), 303)


def _overtaken(sheet: Sheet, newer: RecordedNotice) -> Response:
    """The form again, with the colleague's words over it; a first report has become an update."""
    notice = NoticeKind.UPDATE if sheet.notice is NoticeKind.FIRST else sheet.notice
    moved = replace(sheet, notice=notice, place=replace(sheet.place, seen=newer.sequence))
    drafting.keep(moved.owner, {**moved.fields, "place": [_sealed(moved.place)]}, drafting.met(sheet.owner))
    shown = _preview(moved)
    return _show(moved, Said(newer=newer, token=shown.token, status=409), shown)


def _preview(sheet: Sheet) -> Preview:
    typed = fields.typed_of(sheet.fields, here.world().catalog)
    shown = desk.preview(here.world(), typed, notice=sheet.notice, place=sheet.place, now=here.now())
    drafting.met_more(sheet.owner, desk.met_in(shown.remarks))
    return shown


def _show(sheet: Sheet, said: Said, shown: Preview | None = None) -> Response:
    world, voice = here.world(), here.voice()
    fields_now = pinning.pinned(sheet.fields)
    sheet = replace(sheet, fields=pinning.dated(fields_now) if sheet.draft else fields_now)
    preview = shown or _preview(sheet)
    page = form.view(
        form.Shown(world.catalog, voice, sheet.notice, sheet.fields, preview, sheet.over),
        action=sheet.path,
        place=_sealed(sheet.place),
        context=sheets.context(sheet, voice),
    )
    picked = sheet.fields.get("to", []) if fields.one(sheet.fields, "to_asked") else None
    answer = render_template(
        "report.html",
        here=sheets.part_of(sheet),
        form=page,
        preview=_pane(preview, sheet, said.token),
        refused=bool(said.problems) and (said.status == 422 or bool(request.form.get("tried"))),
        problems=[_beside(p, voice) for p in sorted(said.problems, key=_in_the_form)],
        stale=voice.label(f"problem.{said.stale}") if said.stale else "",
        newer=sheets.told_meanwhile(said.newer, voice) if said.newer else None,
        draft=sheet.draft,
        before=sheets.before(sheet, voice),
        engineers=sheets.panel(sheet, preview),
        colleagues_told=sheets.colleagues_told(sheet, voice),
        clock=sheets.clock_of(sheet, voice),
        ways=ways.ready(world, voice, sheet.notice, picked),
        quiet=bool(fields.one(sheet.fields, "quiet")),
        unready=ways.unready(world, voice, sheet.notice),
    )
    return make_response(answer, said.status)


def _pane(preview: Preview, sheet: Sheet, token: str) -> showing.Pane:
    language, tab = request.form.get("pv-language", ""), request.form.get("pv-tab", "page")
    catalog, voice = here.world().catalog, here.voice()
    return showing.pane(
        preview, catalog, voice, sheet.notice, away=here.world().unready, token=token, language=language, tab=tab
    )


_ORDER = """ended kind services who begins ends remind since estimate answer cause doing workaround next extra text
only reason""".split()


def _in_the_form(problem: Problem) -> int:
    """Where on the form its field stands."""
    name = problem.field.partition(".")[0]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _beside(problem: Problem, voice: Voice) -> dict[str, str]:
    both = problem.code == "who.unknown" and problem.args.get("value") in ("all", "some")
    text = voice.t("report.who_both") if both else voice.problem(problem)
    return {"field": problem.field, "text": text}


def _sealed(place: Place) -> str:
    return str(here.signer("place").dumps(records.dump(place)))


def _place(sent: Fields) -> Place | None:
    try:
        return records.load(Place, here.signer("place").loads(fields.one(sent, "place")))
    except (BadSignature, ValueError):
        return None


def begun(incident_id: str, now: datetime, *, holding: bool = False) -> str:
    """Somebody starts the first report of this incident, or a holding notice; returns the form's address."""
    desk.begin(here.world(), incident_id, by=here.who().name, now=now)
    return sheets.first_of(incident_id, holding=holding)
