"""What goes wrong, said so that a person knows what is safe and what to do; never a traceback."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from statuspage.storage.engine import Broken, Busy
from statuspage.usecases.accounts import RANKS
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import pinned_times
from statuspage.web.desk.permissions import NotYours, at_least
from statuspage.web.desk.security import is_ours

log = structlog.get_logger(__name__)

KNOWN = (400, 403, 404, 405, 413, 429, 500, 503)
"""Statuses with words of their own; any other is told as 400 or 500."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same request to be sent again by hand, with everything typed in it."""

    action: str
    fields: list[tuple[str, str]]


def tell(app: Flask) -> None:
    """Every way a request can fail ends on a page in the reader's language."""
    app.register_error_handler(CSRFError, _worn_out)
    app.register_error_handler(NotYours, _not_yours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(Broken, _broken)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    return _error_page(error.code or 500)


def _not_yours(error: NotYours) -> Response:
    """Says who may, and what to do about it."""
    if error.minimum_role is None:
        return _error_page(403, "not_leading")
    translator, account = request_context.voice(), request_context.who()
    allowed_roles = translator.format_list(translator.t(f"role.{role}") for role in RANKS if at_least(role, error.minimum_role))
    return _error_page(403, "not_yours", roles=allowed_roles, mine=translator.t(f"role.{account.role}"))


def _worn_out(_error: CSRFError) -> Response:
    """The form was open for longer than its token held; nothing typed is lost."""
    return _error_page(400, "worn_out", _repeat() if is_ours() else None)


def _busy(_error: Busy) -> Response:
    return _error_page(503, "busy", _repeat())


def _broken(error: Broken) -> Response:
    if error.code not in ("away", "cut"):  # The store says that once, not with each request.
        log.error("the database does not work", path=request.path, exc_info=error)
    return _error_page(503, "store", _repeat(), error.code)


def _unexpected(error: Exception) -> Response:
    log.error("request failed", path=request.path, exc_info=error)
    return _error_page(InternalServerError.code, repeat=_repeat())


def _repeat() -> Repeat | None:
    if request.method != "POST" or request.path.startswith("/sign-in"):
        return None
    fields = [(name, value) for name, values in pinned_times.sent().items() for value in values]
    other_fields = [(name, request.form[name]) for name in ("do", "token") if name in request.form]
    return Repeat(request.path, [*fields, *other_fields])


def _error_page(status: int, key: str = "", repeat: Repeat | None = None, text_key: str = "text", **slots: str) -> Response:
    if request.path.startswith("/intake/"):
        return make_response(jsonify({"error": "Nothing was stored."}), status)
    if request.path == "/metrics":
        return make_response("", status)
    key = key or str(status if status in KNOWN else 400 if status < 500 else 500)
    translator = request_context.voice()
    texts = {"title": translator.t(f"error.{key}.title"), "text": translator.t(f"error.{key}.{text_key}", **slots)}
    return make_response(render_template("error.html", **texts, repeat=repeat), status)
