"""The first page: what waits, what is open, what was promised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from statuspage.domain import Alert, AlertState, Incident, NotificationReason, StaffNotification, open_now
from statuspage.storage import alerts, incidents
from statuspage.storage import staff_notifications as calls
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert, acknowledge, confirm, false_alarm, tick, watch
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import restore_guard as holding
from statuspage.usecases.incidents import NotNow
from statuspage.usecases.notices import holding_notice
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import connections, request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.drills import pages as drills
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import approvals
from statuspage.web.desk.incidents.pages import UPDATE
from statuspage.web.desk.notice_form import channel_picker, form_state
from statuspage.web.desk.notice_form import pages as report
from statuspage.web.desk.notice_form.preview import LOOKS
from statuspage.web.desk.panels import maintenance, on_call, response_clock, runbooks
from statuspage.web.desk.panels.maintenance import Planned
from statuspage.web.desk.translations import Translator, mine, stopwatch

pages = Blueprint("home", __name__)

OVER_FOR = timedelta(hours=24)
"""How long an incident stays on the home page after its last notice."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that wants somebody."""

    id: str
    title: str
    began: datetime
    elapsed: str
    time: str
    source: str
    fired: str
    state: str
    waiting: bool
    watching: bool
    proposal: str
    recovered: str
    calls: list[on_call.Made]
    line: groups.Together
    told: bool
    holding: bool
    book: runbooks.Shown | None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident customers know of; ``key`` opens its next update."""

    id: str
    title: str
    look: str
    state: str
    told: str
    promise: response_clock.Promise | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An incident confirmed, with customers not told yet. ``held``: its first report waits for a second person;
    ``holding``: the form of a holding notice, where one is offered."""

    title: str
    text: str
    t0: datetime
    elapsed: str
    label: str
    link: str
    held: bool
    holding: str = ""


@pages.get("/")
def show_home() -> str:
    """What waits and what is open."""
    world, voice, now = request_context.world(), request_context.voice(), request_context.now()
    with world.store.read() as tx:
        waiting = alerts.waiting(tx)
        opened = incidents.open_now(tx)
        recent = incidents.recent(tx, now - OVER_FOR)
        called = {alert.id: calls.of_alert(tx, alert.id) for alert in waiting}
        together = groups.together(tx, waiting, opened, voice)
        titles = {i.id: _alert_title(alerts.alerts_of_incident(tx, i.id, 1)) for i in opened if i.latest is None}
    told = _most_urgent([_incident(i, voice, now) for i in opened if i.latest and not i.maintenance])
    work = sorted((maintenance.planned(i, voice, now) for i in opened if i.maintenance), key=lambda one: one.at)
    unfinished = [_unfinished(i, titles[i.id], voice, now) for i in opened if i.latest is None]
    rows = [_alert(alert, together[alert.id], called[alert.id], voice, now) for alert in waiting]
    return render_template(
        "home.html",
        here="home",
        headline=voice.t("home.head.real")
        if request_context.live().going_on
        else _home_headline(rows, told, unfinished, work, voice),
        landed=drills.landed(),
        drill_since=request_context.drill_since(),
        today=voice.times.day_clock(now),
        summary=_summary(rows, told, unfinished, voice),
        alerts=rows,
        asking=groups.asking(voice),
        incidents=told,
        unfinished=unfinished,
        held_back=approvals.held(opened),
        asked=panel.waiting_now(opened, titles),
        planned=work,
        over=[_incident(i, voice, now) for i in recent if i.over and i.latest],
        ways=channel_picker.connected_channels(world, voice),
        away=connections.away(world),
        duty=on_call.box(world, voice, now),
        telling=on_call.telling(world, voice),
        site_address=world.address,
    )


@pages.post("/alerts/<alert_id>")
def alert(alert_id: str) -> Response:
    """What is to become of an alert."""
    by, now, world = request_context.who().name, request_context.now(), request_context.world()
    try:
        match request.form.get("do"):
            case "write" | "holding" as do:
                incident = confirm(world, alert_id, by=by, now=now)
                return redirect(report.begun(incident.id, now, holding=do == "holding"), 303)
            case "acknowledge":
                acknowledge(world, alert_id, by=by, now=now)
            case "tell":
                briefing.of_alert(world, alert_id, now=now)
                flash(request_context.voice().t("duty.telling"))
            case "watch":
                watch(world, alert_id, by=by, now=now)
            case "false_alarm":
                false_alarm(world, alert_id, by=by, now=now)
            case _:
                raise BadRequest
    except NoSuchAlert:
        raise NotFound from None
    except AlreadySettled:
        flash(request_context.voice().t("home.settled"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/alerts/<alert_id>/checks/<int:number>")
def check(alert_id: str, number: int) -> Response:
    """Ticks a point of the checklist beside an alert off, or takes that back."""
    world, voice, by, now = (
        request_context.world(),
        request_context.voice(),
        request_context.who().name,
        request_context.now(),
    )
    done = request.form.get("done") == "yes"
    try:
        tick(world, alert_id, number, done=done, language=voice.language, by=by, now=now)
    except (NoSuchAlert, NotNow):
        raise NotFound from None
    except AlreadySettled:
        flash(voice.t("home.settled"))
    return redirect(url_for("home.show_home", _anchor=f"book-{alert_id}"), 303)


@pages.post("/channels/<channel>/resume")
def resume(channel: str) -> Response:
    """Somebody has mended a channel: it tries again now."""
    if channel not in request_context.world().channels:
        raise NotFound
    admin.try_channel(request_context.world(), channel, now=request_context.now())
    flash(request_context.voice().t("ways.resumed"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/hold/go")
def go() -> Response:
    """Somebody has looked after an older state was put back: things go out again."""
    holding.go(request_context.world(), now=request_context.now())
    flash(request_context.voice().t("hold.gone"))
    return redirect(url_for("home.show_home"), 303)


def _alert(
    alert: Alert, line: groups.Together, called: tuple[StaffNotification, ...], voice: Translator, now: datetime
) -> AlertRow:
    last = alert.steps[-1] if alert.steps else None
    names = {AlertState.ACKNOWLEDGED: "home.acknowledged", AlertState.WATCHING: "home.watched"}
    key = names.get(alert.state)
    state = voice.t(key, name=last.by, time=voice.times.clock(last.at)) if key and last else ""
    ended = alert.signal.ends_at
    return AlertRow(
        id=alert.id,
        title=alert.signal.title,
        began=alert.began,
        elapsed=stopwatch(now - alert.began),
        time=voice.seconds(alert.received),
        source=groups.source_of(alert, voice),
        fired=_fired(alert, voice),
        state=state,
        waiting=alert.state is AlertState.WAITING,
        watching=alert.state is AlertState.WATCHING,
        proposal=_proposal(alert, voice),
        recovered=voice.t("home.recovered", time=voice.times.clock(ended)) if ended and not line.firing else "",
        line=line,
        calls=[on_call.made(request_context.world(), call, voice) for call in called],
        book=runbooks.of_alert(request_context.world(), alert, voice),
        told=any(call.cause is NotificationReason.TOLD for call in called),
        holding=holding_notice.of_alert(request_context.world(), alert, now=now),
    )


def _fired(alert: Alert, voice: Translator) -> str:
    """When its monitor says that it fired, where that was not when we received it."""
    if alert.fired is None or (voice.seconds(alert.fired) == voice.seconds(alert.received) and not alert.old):
        return ""
    if alert.old:
        return voice.t("home.fired_long_ago", when=voice.times.day_clock(alert.fired))
    same = voice.times.day(alert.fired) == voice.times.day(alert.received)
    return voice.t("home.fired", when=voice.seconds(alert.fired) if same else voice.times.day_clock(alert.fired))


def _proposal(alert: Alert, voice: Translator) -> str:
    if not alert.proposal.kind:
        return ""
    names = [voice.book.services[a.service].name for a in alert.proposal.services if a.service in voice.book.services]
    kind = voice.book.phrases.get(f"kind.{alert.proposal.kind}.name", alert.proposal.kind).replace("|", "")
    return voice.t("home.proposal", kind=kind, services=voice.listed(names) or kind)


def _incident(incident: Incident, voice: Translator, now: datetime) -> IncidentRow:
    words = mine(incident.notices[-1].notice.words, voice)
    look = "ok" if incident.over else "part" if incident.reopened else LOOKS[incident.state]
    return IncidentRow(
        id=incident.id,
        title=words.title,
        look=look,
        state=words.status,
        told=_told_customers(incident, voice),
        promise=response_clock.promise(incident, voice, now),
    )


def _most_urgent(rows: list[IncidentRow]) -> list[IncidentRow]:
    """The one whose promise is due first is opened by the key."""
    owed = [one.promise.at for one in rows if one.promise]
    first = next((one.id for one in rows if one.promise and one.promise.at == min(owed)), "")
    return [replace(one, key=UPDATE) if one.id == first else one for one in rows]


def _told_customers(incident: Incident, voice: Translator) -> str:
    parts = []
    first, *later = incident.notices
    for notice in (first, *later[-2:]):
        words = mine(notice.notice.words, voice)
        parts.append(voice.t("home.told", label=words.label, time=voice.times.clock(notice.recorded)))
    return voice.listed(parts)


def _unfinished(incident: Incident, title: str, voice: Translator, now: datetime) -> Unfinished:
    offered = holding_notice.is_due_for_incident(request_context.world(), incident, now=now)
    t0, elapsed, label = response_clock.since(incident, voice, now)
    return Unfinished(
        title=title or voice.t("home.unnamed"),
        text=voice.t("home.not_told"),
        t0=t0,
        elapsed=stopwatch(elapsed),
        label=label,
        link=url_for("report.on_incident", incident_id=incident.id, notice="first"),
        held=bool(open_now(incident)),
        holding=form_state.first_of(incident.id, holding=True) if offered else "",
    )


def _alert_title(joined: tuple[Alert, ...]) -> str:
    return joined[0].signal.title if joined else ""


def _home_headline(
    rows: list[AlertRow], told: list[IncidentRow], unfinished: list[Unfinished], work: list[Planned], voice: Translator
) -> str:
    late = sum(1 for row in told if row.promise and row.promise.late)
    waiting, overrun = sum(1 for row in rows if row.waiting), sum(1 for one in work if one.late)
    counts = (("late", late), ("not_told", len(unfinished)), ("waiting", waiting), ("overrun", overrun))
    for key, count in (*counts, ("open", len(told))):
        if count:
            return voice.tn(f"home.head.{key}", count)
    calm = "calm_marked" if voice.book.marks.word else "calm"
    return voice.t(f"home.head.{'watching' if rows else calm}")


def _summary(rows: list[AlertRow], told: list[IncidentRow], unfinished: list[Unfinished], voice: Translator) -> str:
    opened = voice.tn("home.count_open", len(told) + len(unfinished))
    counts = voice.listed([opened, voice.tn("home.count_alerts", len(rows))])
    return voice.t("home.counts_marked", counts=counts) if voice.book.marks.word else counts
