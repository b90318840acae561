"""Welcome, served until there is an instance, to whoever has the printed link."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from statuspage import bundled
from statuspage.content import loading
from statuspage.domain import Catalog
from statuspage.process_log import Log
from statuspage.rendering.site import language_choice
from statuspage.usecases import accounts
from statuspage.usecases.accounts import SignedIn
from statuspage.usecases.company_preview import preview_company, usable_answers
from statuspage.usecases.instance import InstanceExists
from statuspage.usecases.new_company import InvalidAnswer, InvalidCompany, NewCompany
from statuspage.web.desk import HEADERS, MAX_FORM, Translator, sign_in_cookie_name, translator_for
from statuspage.web.welcome import view
from statuspage.web.welcome.draft import Draft, company_of, find_problems, fresh_draft, parse_draft

KEPT_PREVIEWS = 12
"""Previews that are kept, for the tabs that may show them."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Everything from this origin, and nothing inline."""

PREVIEW_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'; form-action 'none'; base-uri 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""A preview stands in a frame of Welcome. What it may load, the page says itself."""

pages = Blueprint("welcome", __name__)

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """An instance that was made or opened: its folder, and its first administrator's session (None: sign in)."""

    home: Path
    session: SignedIn | None


Begin = Callable[[NewCompany | None, str, str], Begun]
"""Makes the instance of a company, or opens the demo company (None), for somebody who reads this language, at this
network address. Raises InvalidCompany, InstanceExists, OSError."""


@dataclass
class FirstRun:
    """One run of Welcome: the folder that becomes an instance, the token of its link, and how it begins.

    ``begun`` is the result once there is one. ``is_taken`` says whether an instance has been made there by others.
    """

    home: Path
    demo_home: Path
    token: str
    zone: str
    clock: Callable[[], datetime]
    begin: Begin
    secure: bool = False
    begun: Begun | None = None
    lock: Lock = field(default_factory=Lock)
    previews: OrderedDict[str, Mapping[str, bytes]] = field(default_factory=OrderedDict)
    draft: Draft | None = None


def create_app(run: FirstRun) -> Flask:
    """Welcome for this run."""
    templates = bundled.folder("templates") / "welcome"
    app = Flask("statuspage.web.welcome.app", static_folder=bundled.folder("static"), template_folder=templates)
    app.config.update(MAX_CONTENT_LENGTH=MAX_FORM, MAX_FORM_MEMORY_SIZE=MAX_FORM)
    app.extensions["welcome"] = run
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(pages)
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(Exception, _unexpected_error)
    app.after_request(_add_headers)
    return app


def _run() -> FirstRun:
    run: FirstRun = current_app.extensions["welcome"]
    return run


@pages.get("/")
def show_root() -> BaseResponse:
    """While nothing has begun, says where the link is; then, that the page is being made."""
    if _run().begun is None:
        return _message_page("no_link", 404)
    return _message_page("making", 200, refresh=True)


@pages.get("/welcome/<token>")
def show_welcome(token: str) -> BaseResponse:
    """The form as it was last sent, or with everything but the name answered."""
    _require_token(token)
    if _run().begun is not None:
        return redirect(url_for("welcome.show_root"), 303)
    return _form_page(_run().draft or _first_draft())


@pages.post("/welcome/<token>")
def submit_welcome(token: str) -> BaseResponse:
    """Shows the page as it would be, makes it, or opens the demo company."""
    _require_token(token)
    draft = parse_draft(request.form, _desk_language(request.form.get("desk") or request.form.get("desk_now", "")))
    action = request.form.get("do", "")
    with _run().lock:
        if _run().begun is not None:
            return redirect(url_for("welcome.show_root"), 303)
        _run().draft = draft
        if action == "demo":
            return _begin(draft, None)
        if action != "make":
            return _form_page(draft, tuple(find_problems(draft, is_complete=False)))
        if problems := tuple(find_problems(draft, is_complete=True)):
            return _form_page(draft, problems, 422)
        return _begin(draft, company_of(draft))


@pages.get("/welcome/<token>/page/<key>/<view>/<path:name>")
def show_preview(token: str, key: str, view: str, name: str) -> BaseResponse:
    """The front page as it would be, in one of its languages."""
    _require_token(token)
    files = _run().previews.get(f"{key}/{view}", {})
    if (page := files.get(f"{name}index.html")) is None:
        return _message_page("preview_only", 404, headers=PREVIEW_HEADERS)
    response = make_response(page)
    response.mimetype = "text/html"
    response.headers.update(PREVIEW_HEADERS)
    return response


def _require_token(token: str) -> None:
    if not hmac.compare_digest(token.encode(), _run().token.encode()):
        abort(404)


def _begin(draft: Draft, new: NewCompany | None) -> BaseResponse:
    """Begins with this company, or says beside the form why that is impossible."""
    try:
        begun = _run().begin(new, draft.desk, request.remote_addr or "")
    except InvalidCompany as error:
        return _form_page(draft, error.answers, 422)
    except InstanceExists:
        folder = _run().home if new else _run().demo_home
        return _form_page(draft, (InvalidAnswer("folder", "folder_in_use", str(folder)),), 409)
    except OSError as error:
        _log.warning("first run failed", error=str(error))
        detail = f"{error.filename or _run().home}: {error.strerror or error}"
        return _form_page(draft, (InvalidAnswer("folder", "not_written", detail),), 500)
    _run().begun = begun
    response = redirect(url_for("welcome.show_root"), 303)
    if begun.session is not None:
        response.set_cookie(
            sign_in_cookie_name(secure=_run().secure), begun.session.token,
            max_age=int(accounts.MAX_SESSION_AGE.total_seconds()), path="/",
            httponly=True, samesite="Lax", secure=_run().secure,
        )  # fmt: skip
    if draft.desk != _desk_language(""):
        response.set_cookie("desk-language", draft.desk, max_age=31_536_000, httponly=True, samesite="Lax")
    return response


def _first_draft() -> Draft:
    header = request.headers.get("Accept-Language", "")
    language = language_choice.choose_language(header, loading.shipped_languages()) or "en"
    return fresh_draft(zone=_run().zone, language=language, desk=_desk_language(""))


def _desk_language(chosen: str) -> str:
    """The language of Welcome: the chosen one, else the browser's; English if it asks for others."""
    known = loading.desk_languages()
    return chosen if chosen in known else request.accept_languages.best_match(known, "en") or "en"


def _translator(language: str) -> Translator:
    return translator_for(_texts(), language)


@cache
def _texts() -> Catalog:
    """The texts of the desk, without an instance."""
    new = NewCompany("statuspage", ("Service",), loading.desk_languages())
    return preview_company(new, now=_run().clock()).catalog


def _form_page(draft: Draft, problems: tuple[InvalidAnswer, ...] = (), status: int = 200) -> Response:
    translator = _translator(draft.desk)
    shown = view.form_view(draft, problems, translator)
    frame = view.FrameView(_preview_key(draft, translator), draft.view, shown.preview_language)
    names = {"token": _run().token, "demo_home": _run().demo_home, "is_refused": status != 200}
    page = render_template("welcome.html", form=shown, frame=frame, **names, **view.page_context(translator))
    return make_response(page, status)


def _preview_key(draft: Draft, translator: Translator) -> str:
    """Renders this draft's page, unless that was done before; returns where it is kept."""
    answers = usable_answers(
        replace(company_of(draft), desk_languages=()), placeholder=translator.t("welcome.your_company")
    )
    key, previews = sha256(repr(answers).encode("utf-8", "replace")).hexdigest()[:16], _run().previews
    if f"{key}/{draft.view}" not in previews:
        preview = preview_company(answers, now=_run().clock())
        previews[f"{key}/{draft.view}"] = preview.front_pages(in_incident=draft.view == "incident")
        while len(previews) > KEPT_PREVIEWS:
            previews.popitem(last=False)
    return key


def _message_page(
    key: str, status: int, *, refresh: bool = False, headers: Mapping[str, str] | None = None
) -> Response:
    translator = _translator(_desk_language(request.cookies.get("desk-language", "")))
    page = render_template("message.html", key=key, refresh=refresh, **view.page_context(translator))
    return make_response(page, status, headers or {})


def _error_page(error: HTTPException) -> BaseResponse:
    if error.response is not None:
        return make_response(error.response)
    return _message_page("no_link" if isinstance(error, NotFound) else "failed", error.code or 500)


def _unexpected_error(error: Exception) -> BaseResponse:
    _log.error("first run failed", exc_info=error)
    return _message_page("failed", 500)


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    for name, value in {**HEADERS, "Referrer-Policy": "no-referrer"}.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
