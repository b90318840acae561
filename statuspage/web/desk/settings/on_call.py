"""On call in the settings: who is on call, the steps of an escalation, rosters tried before they are kept, and a call
as a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import EVERYBODY, NEXT, NOW, Catalog
from statuspage.integrations import rosters
from statuspage.usecases import on_call
from statuspage.usecases.accounts import Role
from statuspage.usecases.settings import on_call_settings
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.panels import on_call as panel
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("on_call_settings", __name__)

MOST_MINUTES = 24 * 60
MOST_STEPS = 20
MOST_CALENDAR = 500_000
"""The maximum number of characters of a calendar that is kept as a file."""


@dataclass(frozen=True, slots=True)
class TypedStep:
    """A row of the steps as typed."""

    minutes: str = ""
    channel: str = ""
    recipients: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the row is to be left out: it has no minutes."""
        return not self.minutes.strip()


@dataclass(frozen=True, slots=True)
class TypedRoster:
    """A roster as typed: its names, its calendar, and the address from which another one is fetched."""

    names: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""
    address: str = field(default="", repr=False)


@pages.get("/settings/on-call")
def show_on_call() -> str:
    """Shows who is on call and who is called when."""
    return _render_on_call()


@pages.post("/settings/on-call")
def change_steps() -> Response:
    """Keeps the steps of an escalation."""
    typed = _typed_steps()
    problems = [problem for number, step in enumerate(typed) for problem in _step_problems(number, step)]
    if problems:
        return make_response(_render_on_call(typed, Failure(tuple(problems))), 422)
    steps = [
        on_call_settings.Step(int(each.minutes), each.channel, each.recipients) for each in typed if not each.is_empty
    ]
    change = on_call_settings.change_steps(content_store(), steps, seen=request.form.get("seen", ""))
    if failure := keep_change(change):
        return make_response(_render_on_call(typed, failure), failure.status)
    return redirect(url_for("on_call_settings.show_on_call"), 303)


@pages.post("/settings/on-call/test")
def call() -> Response:
    """Calls somebody as a test."""
    catalog, form = _catalog(), request.form
    responder, channel = form.get("responder", ""), form.get("channel", "")
    if responder not in catalog.on_call.responders or channel not in catalog.notification_channels:
        abort(400)
    on_call.call_test.call_as_test(
        *(request_context.env(), responder, channel),
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(str(request_context.translator().t("on_call_settings.called")))
    return redirect(url_for("on_call_settings.show_on_call", _anchor="test"), 303)


@pages.get("/settings/on-call/rosters")
def show_new_roster() -> str:
    """Shows the empty form of a roster."""
    return _render_roster("", TypedRoster())


@pages.post("/settings/on-call/rosters")
def keep_new_roster() -> Response:
    """Tries or keeps a new roster."""
    return _act_on_roster("")


@pages.get("/settings/on-call/rosters/<roster>")
def show_roster(roster: str) -> str:
    """Shows a roster."""
    store = content_store()
    table = on_call_settings.list_rosters(store).get(roster) or abort(404)
    return _render_roster(
        roster, TypedRoster(dict(table.get("name", {})), on_call_settings.read_calendar(store, roster))
    )


@pages.post("/settings/on-call/rosters/<roster>")
def keep_roster(roster: str) -> Response:
    """Tries or keeps a roster."""
    if roster not in on_call_settings.list_rosters(content_store()):
        abort(404)
    return _act_on_roster(roster)


def _catalog() -> Catalog:
    return request_context.env().site.catalog


def _t(key: str, **slots: object) -> str:
    return str(request_context.translator().t(f"on_call_settings.{key}", **slots))


# steps


def _typed_steps() -> list[TypedStep]:
    form = request.form
    numbers = [number for number in range(MOST_STEPS + 1) if f"step.{number}.minutes" in form]
    return [
        TypedStep(
            form.get(f"step.{number}.minutes", "").strip()[:8],
            form.get(f"step.{number}.channel", ""),
            tuple(form.getlist(f"step.{number}.recipients")),
        )
        for number in numbers
    ]


def _step_problems(number: int, step: TypedStep) -> list[FieldProblem]:
    if step.is_empty:
        return []
    problems = []
    if not (step.minutes.isascii() and step.minutes.isdecimal() and int(step.minutes) <= MOST_MINUTES):
        problems.append(FieldProblem(f"step.{number}.minutes", _t("wrong_minutes")))
    if step.channel not in _catalog().notification_channels:
        problems.append(FieldProblem(f"step.{number}.channel", _t("wrong_channel")))
    if not step.recipients or not set(step.recipients) <= {id for id, _ in _recipients()}:
        problems.append(FieldProblem(f"step.{number}.recipients", _t("wrong_recipients")))
    return problems


def _recipients() -> list[tuple[str, str]]:
    """Who can be called: whoever is on call, and everybody by name."""
    translator = request_context.translator()
    groups = [(id, translator.t(f"on_call_settings.recipient.{id}")) for id in (NOW, NEXT, EVERYBODY)]
    return [*groups, *((id, person.name) for id, person in _catalog().on_call.responders.items())]


def _channels() -> list[tuple[str, str, bool]]:
    """The channels to staff: id, name, and whether each is connected."""
    env, translator = request_context.env(), request_context.translator()
    return [
        (id, panel.staff_channel_name(env.site.catalog, id, translator), id not in env.senders.unready_staff_channels)
        for id in env.site.catalog.notification_channels
    ]


def _render_on_call(typed: list[TypedStep] | None = None, failure: Failure | None = None) -> str:
    env, translator, store = request_context.env(), request_context.translator(), content_store()
    steps = typed
    if steps is None:
        kept = on_call_settings.list_steps(store)
        steps = [*(TypedStep(str(each.minutes), each.channel, each.recipients) for each in kept), TypedStep()]
    return render_template(
        "settings/on_call.html",
        section="settings",
        panel=panel.on_call_panel(env, translator, request_context.now()),
        steps=steps,
        recipients=_recipients(),
        channels=_channels(),
        responders=[(id, person.name) for id, person in env.site.catalog.on_call.responders.items()],
        rosters=[
            (id, on_call_settings.names_of(table.get("name", {})) or id)
            for id, table in on_call_settings.list_rosters(store).items()
        ],
        tests=[
            panel.notification_line(env.site.catalog, each, translator) for each in on_call.call_test.list_tests(env)
        ],
        seen=store.fingerprint(on_call_settings.watched_files(store)),
        writable=store.is_writable(),
        failure=failure,
    )


# rosters


def _typed_roster() -> TypedRoster:
    names = {language: request.form.get(f"name.{language}", "").strip()[:100] for language in _catalog().desk_languages}
    upload = request.files.get("file")
    uploaded = upload.read(MOST_CALENDAR + 1).decode("utf-8", "replace") if upload and upload.filename else ""
    calendar = uploaded or request.form.get("calendar", "")
    return TypedRoster(names, calendar.replace("\r\n", "\n"), request.form.get("address", "").strip()[:2000])


def _act_on_roster(roster: str) -> Response:
    typed = _typed_roster()
    problems = [] if any(typed.names.values()) or roster else [_roster_problem("name", "needs_name")]
    tried, problem = _try_roster(typed)
    problems += [problem] if problem else []
    if problems:
        return make_response(_render_roster(roster, typed, Failure(tuple(problems)), tried), 422)
    if request.form.get("do") == "try":
        return make_response(_render_roster(roster, typed, tried=tried))
    store = content_store()
    id = roster or on_call_settings.new_roster_id(store, next(filter(None, typed.names.values())))
    seen = request.form.get("seen", "") if roster else _seen_of_new(id)
    change = on_call_settings.change_roster(
        store, id, typed.names, typed.calendar, is_fetched=bool(typed.address), seen=seen
    )
    if failure := keep_change(change):
        return make_response(_render_roster(roster, typed, failure, tried), failure.status)
    if typed.address:
        flash(_t("set_address", setting=f"STATUSPAGE_ROSTER_{id.upper().replace('-', '_')}_URL"))
    return redirect(url_for("on_call_settings.show_on_call"), 303)


def _seen_of_new(roster: str) -> str:
    """What a new roster has seen: the file of the rosters as the form showed it, and no calendar yet."""
    store = content_store()
    is_same = store.fingerprint(on_call_settings.watched_files(store)) == request.form.get("seen", "")
    return store.fingerprint(on_call_settings.watched_files(store, roster)) if is_same else ""


def _try_roster(typed: TypedRoster) -> tuple[rosters.OnCallPeriod | None, FieldProblem | None]:
    """Who is on call by the typed calendar, or by the one at the typed address."""
    calendar, where = typed.calendar, "address" if typed.address else "calendar"
    try:
        if typed.address:
            permissions.require_role(request_context.signed_in_account().role, Role.ADMINISTRATOR)
            calendar = rosters.fetch.fetch_calendar(typed.address)
        if not calendar.strip():
            return None, _roster_problem("calendar", "needs_calendar")
        if len(calendar) > MOST_CALENDAR and not typed.address:
            return None, _roster_problem("calendar", "too_large")
        return on_call_settings.try_roster(_catalog(), calendar, request_context.now()), None
    except rosters.fetch.FetchFailed as failed:
        why = request_context.translator().t(f"on_call_settings.fetch.{failed.code}")
        return None, FieldProblem("address", str(why))
    except rosters.Unreadable as unreadable:
        return None, FieldProblem(where, str(unreadable), place="calendar")


def _roster_problem(field_name: str, key: str) -> FieldProblem:
    return FieldProblem(field_name, _t(key))


def _render_roster(
    roster: str, typed: TypedRoster, failure: Failure | None = None, tried: rosters.OnCallPeriod | None = None
) -> str:
    store, translator = content_store(), request_context.translator()
    names = [(language, _catalog().packs[language].name) for language in _catalog().desk_languages]
    is_open = "seen" in request.form and not failure
    seen = request.form["seen"] if is_open else store.fingerprint(on_call_settings.watched_files(store, roster))
    return render_template(
        "settings/roster.html",
        section="settings",
        roster=roster,
        title=on_call_settings.names_of(typed.names) or _t("new_roster"),
        names=[(language, name, typed.names.get(language, "")) for language, name in names],
        typed=typed,
        tried=panel.tried_roster(tried, translator) if tried else None,
        seen=seen,
        writable=store.is_writable(),
        failure=failure,
    )
