"""On call in the settings: who is on call, the steps of an escalation, and a call as a test."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import EVERYBODY, NEXT, NOW, Catalog
from statuspage.usecases import on_call
from statuspage.usecases.settings import on_call_settings
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import on_call as panel
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("on_call_settings", __name__)

MOST_MINUTES = 24 * 60
MOST_STEPS = 20


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
    flash(request_context.translator().t("on_call_settings.called"))
    return redirect(url_for("on_call_settings.show_on_call", _anchor="test"), 303)


def _catalog() -> Catalog:
    return request_context.env().site.catalog


def _t(key: str, **slots: object) -> str:
    return request_context.translator().t(f"on_call_settings.{key}", **slots)


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
