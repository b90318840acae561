"""Error pages: they say what was saved and what to do, and never show a traceback."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from statuspage.process_log import Log
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases.accounts import RANKS
from statuspage.usecases.alerts import NoSuchAlert
from statuspage.usecases.drills import NoSuchDrill, NoSuchInject, NoSuchObjective, NoSuchRehearsal
from statuspage.usecases.incidents import NoSuchIncident
from statuspage.usecases.subscribers import NoSubscriberDatabase
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import pinned_times
from statuspage.web.desk.permissions import LeftOut, RoleRequired, has_at_least
from statuspage.web.desk.security import is_same_origin

log = Log(__name__)

KNOWN_STATUSES = (400, 403, 404, 405, 413, 429, 500, 503)
"""Statuses with their own text; any other is shown as 400 or 500."""


@dataclass(frozen=True, slots=True)
class RepeatForm:
    """A form that sends the same request again, with everything typed in it."""

    action: str
    fields: list[tuple[str, str]]


def register_error_handlers(app: Flask) -> None:
    """Makes every failed request end on a page in the reader's language."""
    app.register_error_handler(CSRFError, _token_expired)
    app.register_error_handler(RoleRequired, _role_required)
    app.register_error_handler(LeftOut, _left_out)
    app.register_error_handler(HTTPException, _http_error)
    for error_type in (NoSuchAlert, NoSuchDrill, NoSuchIncident, NoSuchInject, NoSuchObjective, NoSuchRehearsal):
        app.register_error_handler(error_type, _not_found)
    app.register_error_handler(NoSubscriberDatabase, _not_found)
    app.register_error_handler(DatabaseBusy, _database_busy)
    app.register_error_handler(DatabaseBroken, _database_broken)
    app.register_error_handler(Exception, _unexpected_error)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    return _error_page(error.code or 500)


def _not_found(_error: Exception) -> Response:
    return _error_page(404)


def _role_required(error: RoleRequired) -> Response:
    """Says who may do this, and how to get the right."""
    if error.minimum_role is None:
        return _error_page(403, "leader_required")
    translator, account = request_context.translator(), request_context.signed_in_account()
    allowed_roles = translator.format_list(
        translator.t(f"role.{role}") for role in RANKS if has_at_least(role, error.minimum_role)
    )
    return _error_page(403, "role_required", roles=allowed_roles, mine=translator.t(f"role.{account.role}"))


def _left_out(error: LeftOut) -> Response:
    """Says that the drill goes on without them, and shows nothing of it but what is real."""
    g.is_left_out = True
    translator = request_context.translator()
    slots = {name: translator.t(f"error.left_out.{name}", leader=error.leader) for name in ("title", "text")}
    return make_response(render_template("left_out.html", section="drills", **slots), 403)


def _token_expired(_error: CSRFError) -> Response:
    """The form was open for longer than its token was valid; nothing typed is lost."""
    return _error_page(400, "form_expired", _repeat_form() if is_same_origin() else None)


def _database_busy(_error: DatabaseBusy) -> Response:
    return _error_page(503, "busy", _repeat_form())


def _database_broken(error: DatabaseBroken) -> Response:
    if error.code not in ("away", "cut"):  # The database module logs that once, not for each request.
        log.error("request failed, database error", path=request.path, exc_info=error)
    return _error_page(503, "database", _repeat_form(), error.code)


def _unexpected_error(error: Exception) -> Response:
    log.error("request failed", path=request.path, exc_info=error)
    return _error_page(InternalServerError.code, repeat=_repeat_form())


def _repeat_form() -> RepeatForm | None:
    if request.method != "POST" or request.path.startswith("/sign-in"):
        return None
    fields = [(name, value) for name, values in pinned_times.sent_fields().items() for value in values]
    other_fields = [(name, request.form[name]) for name in ("do", "token") if name in request.form]
    return RepeatForm(request.path, [*fields, *other_fields])


def _error_page(
    status: int, key: str = "", repeat: RepeatForm | None = None, text_key: str = "text", **slots: str
) -> Response:
    if request.path.startswith("/intake/"):
        return make_response(jsonify({"error": "Nothing was stored."}), status)
    if request.path == "/metrics":
        return make_response("", status)
    key = key or str(status if status in KNOWN_STATUSES else 400 if status < 500 else 500)
    translator = request_context.translator()
    texts = {"title": translator.t(f"error.{key}.title"), "text": translator.t(f"error.{key}.{text_key}", **slots)}
    return make_response(render_template("error.html", **texts, repeat=repeat), status)
