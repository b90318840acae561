"""Writing a notice: one form for every kind, its preview, and the one button that publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from statuspage import desk, records
from statuspage.desk import Place, Preview, Published, Refused, Stale, Superseded
from statuspage.facts import OF_MAINTENANCE, NoticeKind
from statuspage.incoming import Alert
from statuspage.rules import Problem
from statuspage.store import alerts, incidents
from statuspage.timeline import Incident, RecordedNotice, StepKind
from statuspage.web import clocks, drafting, fields, findings, form, here, planning, showing, ways
from statuspage.web.drafting import Fields
from statuspage.web.voice import Voice, mine

pages = Blueprint("report", __name__)

WRITTEN = tuple(kind for kind in NoticeKind if kind not in (NoticeKind.ACCOUNT, NoticeKind.REMINDER))
"""Kinds of notice that have a form."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form being worked on: where its notice belongs and what its fields hold."""

    notice: NoticeKind
    place: Place
    fields: Fields
    incident: Incident | None
    alert: Alert | None
    draft: bool = False

    @property
    def owner(self) -> str:
        """Whose draft this is."""
        return drafting.owner_of(self.path)

    @property
    def over(self) -> bool:
        """Whether customers were told that it is over."""
        standing = self.incident.standing if self.incident else None
        return standing is not None and standing.ended is not None

    @property
    def path(self) -> str:
        """The address of the form."""
        if self.incident is None:
            return url_for("report.plan" if self.notice is NoticeKind.ANNOUNCED else "report.new")
        return url_for("report.on_incident", incident_id=self.incident.id, notice=str(self.notice))


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says beside the form: problems, a stale preview, or what a colleague published meanwhile."""

    problems: tuple[Problem, ...] = ()
    stale: str = ""
    newer: RecordedNotice | None = None
    token: str = ""
    status: int = 200


@pages.get("/report")
def new() -> Response:
    """A first report about something no alert told us of."""
    kept = drafting.kept("new")
    place = (_place(kept) if kept else None) or desk.fresh(here.world(), now=here.now())
    opened = fields.fresh(here.world().catalog)
    return _show(Sheet(NoticeKind.FIRST, place, kept or opened, None, None, draft=bool(kept)), Said())


@pages.post("/report")
def send_new() -> Response:
    """The same, sent."""
    sent = drafting.typed_in(request.form)
    place = _place(sent) or desk.fresh(here.world(), now=here.now())
    return _answer(Sheet(NoticeKind.FIRST, place, sent, None, None))


@pages.get("/plan")
def plan() -> Response:
    """Planned work that nobody has announced yet."""
    kept = drafting.kept("plan")
    place = (_place(kept) if kept else None) or desk.fresh(here.world(), now=here.now())
    sheet = Sheet(NoticeKind.ANNOUNCED, place, kept or fields.planning(), None, None, draft=bool(kept))
    return _show(sheet, Said())


@pages.post("/plan")
def send_plan() -> Response:
    """The same, sent."""
    sent = drafting.typed_in(request.form)
    place = _place(sent) or desk.fresh(here.world(), now=here.now())
    return _answer(Sheet(NoticeKind.ANNOUNCED, place, sent, None, None))


@pages.get("/incidents/<incident_id>/write/<notice>")
def on_incident(incident_id: str, notice: str) -> Response:
    """A notice about an incident on record; it opens with the facts as they stand, or what was typed before."""
    incident, alert = _found(incident_id, notice)
    place = Place(incident_id, incident.seen)
    kept = drafting.kept(drafting.owner_of(request.path))
    opened = _opened(incident, alert, NoticeKind(notice))
    if kept and (before := _place(kept)):
        place = before
    return _show(Sheet(NoticeKind(notice), place, kept or opened, incident, alert, draft=bool(kept)), Said())


@pages.post("/incidents/<incident_id>/write/<notice>")
def send_on_incident(incident_id: str, notice: str) -> Response:
    """The same, sent."""
    incident, alert = _found(incident_id, notice)
    sent = drafting.typed_in(request.form)
    place = _place(sent)
    if place is None or place.incident != incident_id:
        place = Place(incident_id, incident.seen)
    return _answer(Sheet(NoticeKind(notice), place, sent, incident, alert))


def _found(incident_id: str, notice: str) -> tuple[Incident, Alert | None]:
    with here.world().store.read() as tx:
        incident = incidents.load(tx, incident_id)
        joined = alerts.of_incident(tx, incident_id)
    if incident is None or notice not in list(WRITTEN):
        abort(404)
    if (notice == "first") != (incident.latest is None) and request.method == "GET":
        abort(redirect(url_for("incident.show", incident_id=incident_id), 303))
    return incident, joined[0] if joined else None


def _opened(incident: Incident, alert: Alert | None, notice: NoticeKind) -> Fields:
    catalog, zone, now = here.world().catalog, ZoneInfo(here.world().catalog.site.zone), here.now()
    if incident.standing is not None and incident.maintenance:
        return fields.of_plan(incident.standing, notice, zone)
    if incident.standing is not None:
        opened = fields.following(catalog, incident.standing, notice, zone, now)
        recovered = incident.when(StepKind.RECOVERED)
        return opened | ({"ended": ["at"], "ended_at": [fields.when(recovered, zone, now)]} if recovered else {})
    since = fields.when(alert.signal.starts_at, zone, now) if alert else ""
    return fields.fresh(catalog, proposal=alert.proposal if alert else None, since=since)


def _answer(sheet: Sheet) -> Response:
    do = request.form.get("do", "preview")
    if do == "discard":
        drafting.drop(sheet.owner)
        return redirect(sheet.path, 303)
    if do.startswith(f"{findings.TAKE} "):
        better = findings.taken(sheet.fields, do, catalog=here.world().catalog, voice=here.voice(), notice=sheet.notice)
        sheet = replace(sheet, fields=better)
    if do.startswith(f"{findings.ENTRY} "):
        return _proposed(sheet, do)
    if do != "follow" or request.form.get("dirty"):
        drafting.keep(sheet.owner, sheet.fields)
    if do == "publish":
        return _publish(sheet)
    shown = _preview(sheet)
    if do != "preview":
        return _show(sheet, Said(_so_far(shown.problems), token=shown.token), shown)
    return _show(sheet, Said(shown.problems, token=shown.token, status=422 if shown.problems else 200), shown)


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
    return tuple(problem for problem in problems if problem.code.partition(".")[2] not in ("missing", "required"))


def _publish(sheet: Sheet) -> Response:
    """With a token, what was previewed; without one, what the form says now, as long as it has no problem."""
    shown = _preview(sheet)
    token = request.form.get("token", "") or shown.token
    if shown.problems:
        return _show(sheet, Said(shown.problems, token=shown.token, status=422), shown)
    typed = fields.typed_of(sheet.fields, here.world().catalog)
    to = tuple(request.form.getlist("to")) if request.form.get("to_asked") else None
    got = desk.publish(here.world(), typed, token, by=here.who().name, now=here.now(), to=to)
    match got:
        case Published(incident=incident, sequence=sequence):
            drafting.drop(sheet.owner)
            return redirect(url_for("receipts.show", incident_id=incident, sequence=sequence), 303)
        case Refused(problems=problems):
            return _show(sheet, Said(problems, status=422), shown)
        case Stale(code=code):
            return _show(sheet, Said(stale=code, token=shown.token, status=409), shown)
        case Superseded(newer=newer):
            return _overtaken(sheet, newer)


def _overtaken(sheet: Sheet, newer: RecordedNotice) -> Response:
    """The form again, with the colleague's words over it; a first report has become an update."""
    notice = NoticeKind.UPDATE if sheet.notice is NoticeKind.FIRST else sheet.notice
    moved = replace(sheet, notice=notice, place=replace(sheet.place, seen=newer.sequence))
    drafting.keep(moved.owner, {**moved.fields, "place": [_sealed(moved.place)]})
    shown = _preview(moved)
    return _show(moved, Said(newer=newer, token=shown.token, status=409), shown)


def _preview(sheet: Sheet) -> Preview:
    typed = fields.typed_of(sheet.fields, here.world().catalog)
    return desk.preview(here.world(), typed, notice=sheet.notice, place=sheet.place, now=here.now())


def _show(sheet: Sheet, said: Said, shown: Preview | None = None) -> Response:
    world, voice = here.world(), here.voice()
    preview = shown or _preview(sheet)
    page = form.view(
        form.Shown(world.catalog, voice, sheet.notice, sheet.fields, preview, sheet.over),
        action=sheet.path,
        place=_sealed(sheet.place),
        context=_context(sheet, voice),
    )
    picked = request.form.getlist("to") if request.form.get("to_asked") else None
    answer = render_template(
        "report.html",
        here=_here(sheet),
        form=page,
        preview=_pane(preview, sheet, said.token),
        refused=bool(said.problems) and (said.status == 422 or bool(request.form.get("tried"))),
        problems=[_beside(p, voice) for p in sorted(said.problems, key=_in_the_form)],
        stale=voice.label(f"problem.{said.stale}") if said.stale else "",
        newer=_newer(said.newer, voice) if said.newer else None,
        draft=sheet.draft,
        clock=_clock(sheet, voice),
        ways=ways.ready(world, voice, sheet.notice, picked),
        unready=ways.unready(world, voice, sheet.notice),
    )
    return make_response(answer, said.status)


def _here(sheet: Sheet) -> str:
    """Which part of the desk this form belongs to."""
    return "report" if sheet.notice is NoticeKind.FIRST else "home"


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


def _context(sheet: Sheet, voice: Voice) -> Sequence[tuple[str, str]]:
    if sheet.alert is not None and sheet.notice is NoticeKind.FIRST:
        head = voice.t("report.from_alert", time=voice.seconds(sheet.alert.received))
        told = voice.t("report.monitor_since", time=voice.times.clock(sheet.alert.signal.starts_at))
        return [(head, voice.t("report.alert_said", title=sheet.alert.signal.title, since=told))]
    latest = sheet.incident.latest if sheet.incident else None
    if latest is None or sheet.incident is None:
        return []
    title, planned = mine(latest.notice.words, voice).title, sheet.incident.planned
    return [(title, planning.window(planned, voice) if planned else "")]


def _newer(newer: RecordedNotice, voice: Voice) -> dict[str, object]:
    words = mine(newer.notice.words, voice)
    lines = [sentence.text for sentence in words.sentences]
    by, time = newer.notice.by, voice.times.clock(newer.recorded)
    return {"by": by, "time": time, "language": words.language, "lines": [words.label, *lines]}


def _clock(sheet: Sheet, voice: Voice) -> clocks.ClockBar | None:
    goal = here.world().catalog.site.goal
    if sheet.notice in OF_MAINTENANCE:
        return None
    if sheet.incident is None:
        return clocks.opened(sheet.place.opened or here.now(), goal, voice, here.now())
    if sheet.notice is NoticeKind.FIRST:
        return clocks.clock(sheet.incident, goal, voice, here.now())
    return None


def _sealed(place: Place) -> str:
    return str(here.signer("place").dumps(records.dump(place)))


def _place(sent: Fields) -> Place | None:
    try:
        return records.load(Place, here.signer("place").loads(fields.one(sent, "place")))
    except (BadSignature, ValueError):
        return None


def begun(incident_id: str, now: datetime) -> str:
    """Somebody starts the first report of this incident; returns the form's address."""
    desk.begin(here.world(), incident_id, by=here.who().name, now=now)
    return url_for("report.on_incident", incident_id=incident_id, notice="first")
