"""Mappings of generic JSON in the settings: tried on a pasted message before they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import ContentError, MonitorAlert, propose
from statuspage.integrations.monitors import SOURCES, Unreadable
from statuspage.usecases.settings import json_mappings
from statuspage.web.desk import request_context
from statuspage.web.desk.settings import monitor_rules, monitor_secrets
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("json_mappings", __name__)

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

MOST_TEXT = 300
MOST_MESSAGE = 256 * 1024
"""The maximum number of characters of a field, and of a pasted message; longer ones are cut off."""

MOST_SHOWN = 5
"""The maximum number of alerts of a message that are shown."""


@dataclass(frozen=True, slots=True)
class TriedAlert:
    """What a message becomes: its text, whether it is over, since when, and what is proposed."""

    title: str
    state: str
    summary: str
    since: str
    identity: str
    labels: str
    meaning: str
    url: str


@pages.get("/settings/monitor-mapping")
def show_new() -> str:
    """Shows the empty form of a monitor that the program does not know."""
    return _render_mapping("", json_mappings.TypedMapping())


@pages.post("/settings/monitor-mapping")
def keep_new() -> Response:
    """Tries or keeps the mapping of a new monitor."""
    return _act("", request.form.get("name", "").strip()[:64])


@pages.get("/settings/monitor-mapping/<source>")
def show_mapping(source: str) -> str:
    """Shows the mapping of a monitor."""
    return _render_mapping(source, json_mappings.typed_from(_own(source)))


@pages.post("/settings/monitor-mapping/<source>")
def keep_mapping(source: str) -> Response:
    """Tries, keeps or removes the mapping of a monitor."""
    _own(source)
    if request.form.get("do") != "remove":
        return _act(source, source)
    change = json_mappings.remove_mapping(content_store(), source, seen=request.form.get("seen", ""))
    if failure := keep_change(change):
        return make_response(_render_mapping(source, _typed(), failure), failure.status)
    monitor_secrets.forget_own(source)
    return redirect(url_for("monitor_settings.show_monitors"), 303)


def _own(source: str) -> dict[str, object]:
    """The table of a mapping in the instance's own file; 404 if there is none."""
    table = json_mappings.own_mappings(content_store()).get(source)
    return table if isinstance(table, dict) else abort(404)


def _act(source: str, name: str) -> Response:
    typed = _typed()
    problems = [*_name_problems(source, name), *_field_problems(typed)]
    tried, trial_problem = ((), None) if _field_problems(typed) else _try(name or "new", typed)
    problems += [trial_problem] if trial_problem else []
    if request.form.get("do") == "try" and not problems:
        return make_response(_render_mapping(source, typed, tried=tried))
    if problems:
        failure = Failure(tuple(problems))
        return make_response(_render_mapping(source, typed, failure, tried=tried), failure.status)
    change = json_mappings.change_mapping(content_store(), name, typed, seen=request.form.get("seen", ""))
    if failed := keep_change(change, lambda error: _mapping_field(error, name)):
        return make_response(_render_mapping(source, typed, failed, tried=tried), failed.status)
    # A new monitor has its own page only once the content is loaded again, within two seconds.
    page = "monitor_settings.show_monitor" if source else "json_mappings.show_mapping"
    return redirect(url_for(page, source=name), 303)


def _typed() -> json_mappings.TypedMapping:
    form = request.form
    return json_mappings.TypedMapping(
        {key: form.get(key, "").strip()[:MOST_TEXT] for key in json_mappings.PATHS},
        form.get("resolved_values", "").strip()[:MOST_TEXT],
        form.get("labels", "").replace("\r\n", "\n")[: 10 * MOST_TEXT],
    )


def _message() -> str:
    return request.form.get("message", "")[:MOST_MESSAGE]


def _name_problems(source: str, name: str) -> list[FieldProblem]:
    if source:
        return []
    is_taken = name in SOURCES or name in request_context.env().site.catalog.json_mappings
    if _NAME.fullmatch(name) and not is_taken:
        return []
    return [_problem("name", "taken" if is_taken else "wrong_name")]


def _field_problems(typed: json_mappings.TypedMapping) -> list[FieldProblem]:
    problems = [_problem(key, "needed") for key in json_mappings.REQUIRED if not typed.paths.get(key)]
    if bool(typed.paths.get("state")) != bool(typed.values):
        problems.append(_problem("resolved_values" if typed.paths.get("state") else "state", "together"))
    if not all(name and path for name, path in typed.label_paths.items()):
        problems.append(_problem("labels", "wrong_labels"))
    return problems if _message().strip() else [*problems, _problem("message", "paste")]


def _try(name: str, typed: json_mappings.TypedMapping) -> tuple[tuple[MonitorAlert, ...], FieldProblem | None]:
    """What the pasted message becomes, or why it cannot be read, beside the field whose path is wrong."""
    try:
        return json_mappings.try_mapping(name, typed, _message(), request_context.now()), None
    except Unreadable as unreadable:
        path = unreadable.reason.partition(":")[0]
        field = next((key for key in json_mappings.PATHS if typed.paths.get(key) == path), "message")
        return (), FieldProblem(field, unreadable.reason, place="message")


def _problem(field: str, key: str) -> FieldProblem:
    return FieldProblem(field, request_context.translator().t(f"json_mapping.{key}"))


def _mapping_field(error: ContentError, name: str) -> str:
    """The field of an error in ``[source.NAME]``."""
    key = error.key.removeprefix(f"source.{name}").lstrip(".").partition(".")[0]
    is_ours = error.file == json_mappings.MAPPINGS_FILE and error.key.startswith(f"source.{name}")
    return (key or "name") if is_ours else ""


def _render_mapping(
    source: str,
    typed: json_mappings.TypedMapping,
    failure: Failure | None = None,
    *,
    tried: tuple[MonitorAlert, ...] = (),
) -> str:
    store, form = content_store(), request.form
    translator = request_context.translator()
    return render_template(
        "settings/json_mapping.html",
        section="settings",
        source=source,
        name=source or form.get("name", "").strip()[:64],
        paths=[
            (key, typed.paths.get(key, ""), translator.t(f"json_mapping.field.{key}")) for key in json_mappings.PATHS
        ],
        required=json_mappings.REQUIRED,
        typed=typed,
        present=_present(source) if failure and failure.conflict else {},
        message=_message(),
        values=json_mappings.list_values(_message(), typed.paths.get("alerts", "")),
        tried=[_tried(alert) for alert in tried[:MOST_SHOWN]],
        tried_count=len(tried),
        seen=form["seen"] if "seen" in form and not failure else store.fingerprint((json_mappings.MAPPINGS_FILE,)),
        writable=store.is_writable(),
        failure=failure,
    )


def _present(source: str) -> dict[str, str]:
    """What the file says now, by field."""
    own = json_mappings.typed_from(json_mappings.own_mappings(content_store()).get(source, {}))
    return {**own.paths, "resolved_values": own.resolved_values, "labels": own.labels}


def _tried(alert: MonitorAlert) -> TriedAlert:
    translator, catalog = request_context.translator(), request_context.env().site.catalog
    proposal = propose(alert, catalog.alert_rules)
    return TriedAlert(
        *(alert.title, translator.t(f"json_mapping.{'over' if alert.ended_at else 'firing'}"), alert.summary),
        since=translator.times.format_day_time(alert.started_at),
        identity=alert.identity,
        labels=", ".join(f"{name}={value}" for name, value in alert.labels.items()),
        meaning=monitor_rules.meaning(proposal, catalog, translator) or translator.t("monitor_settings.no_rule"),
        url=alert.url,
    )
