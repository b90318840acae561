"""Coming in and going out: password, one-time link, language, and forms kept while nobody was signed in."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from statuspage.storage.accounts import Person
from statuspage.usecases import accounts
from statuspage.usecases.accounts import No, SignedIn, TurnedAway
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.notice_form import drafts, pinned_times
from statuspage.web.desk.security import csrf, is_ours, refuse_strangers, sign_in_cookie

pages = Blueprint("sign_in", __name__)

_LINK_PATH = re.compile(r"/sign-in/link/[A-Za-z0-9_.-]+")
"""The page of a one-time link, to which switching the language comes back."""

LARGEST_KEPT = 300_000
"""Bytes of a form carried through signing in."""


def recognise() -> BaseResponse | None:
    """Before each request: who asks, and whether they may. A form sent too late is carried through signing in."""
    g.person = None
    if request.endpoint in permissions.UNASKED:
        return None
    _recognise_person()
    if request.endpoint in permissions.INTAKE:
        return None
    refuse_strangers()
    if g.person is None and request.endpoint not in permissions.OPEN_TO_ALL:
        return _ask_to_sign_in()
    if g.person is not None and request.endpoint and not _may(g.person, request.endpoint):
        raise (
            permissions.NotYours(permissions.LEAST[request.endpoint])
            if request.endpoint in permissions.LEAST
            else Forbidden
        )
    if request.method == "POST":
        csrf.protect()
    return None


def _may(person: Person, endpoint: str) -> bool:
    return endpoint in permissions.OPEN_TO_ALL or permissions.is_allowed(person.role, endpoint)


def _recognise_person() -> None:
    """Pages that renew themselves do not keep a session alive: only people do."""
    store, token = request_context.world().people, request.cookies.get(sign_in_cookie(), "")
    found = accounts.session(store, token, now=request_context.now())
    if found is None:
        return
    g.person = found[1]
    if "X-Renewal" not in request.headers:
        accounts.used(store, token, found[0], now=request_context.now())


def _ask_to_sign_in() -> BaseResponse:
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("sign_in.show_sign_in", back=_here_and_query()), 303)
    kept = json.dumps(pinned_times.sent(), ensure_ascii=False)
    if request.form.get("do") == "follow" or len(kept) > LARGEST_KEPT or not is_ours():
        kept = ""
    return _sign_in_page(back=drafts.page_of(request.path), kept=kept, status=401)


def _here_and_query() -> str:
    return request.full_path if request.query_string else request.path


@pages.get("/sign-in")
def show_sign_in() -> BaseResponse:
    """The sign-in form."""
    if request_context.person():
        return redirect(_own_path(request.args.get("back", "")), 303)
    return _sign_in_page(back=request.args.get("back", ""))


@pages.post("/sign-in")
def enter() -> BaseResponse:
    """Looks at login and password."""
    back, kept = request.form.get("back", ""), request.form.get("kept", "")
    login = request.form.get("login", "")
    got = accounts.sign_in(
        request_context.world().people,
        login,
        request.form.get("password", ""),
        address=request_context.network_address(),
        now=request_context.now(),
    )
    if isinstance(got, TurnedAway):
        return _sign_in_page(
            back=back, kept=kept, login=login, refused=_refusal_text(got), status=429 if got.why is No.WAIT else 403
        )
    if kept:
        _keep(got, back, kept)
    return _let_in(got, back)


@pages.get("/sign-in/link/<token>")
def link(token: str) -> str:
    """A one-time link shows a button: looking at an address must not use it up."""
    return render_template("link.html")


@pages.post("/sign-in/link/<token>")
def use_link(token: str) -> BaseResponse:
    """Uses the one-time link up."""
    got = accounts.sign_in_by_link(
        request_context.world().people, token, address=request_context.network_address(), now=request_context.now()
    )
    if isinstance(got, TurnedAway):
        return _sign_in_page(refused=_refusal_text(got), status=429 if got.why is No.WAIT else 403)
    return _let_in(got, "")


@pages.post("/sign-out")
def out() -> BaseResponse:
    """Ends this session, or all of this person's."""
    if request.form.get("everywhere"):
        accounts.sign_out_everywhere(
            request_context.world().people, request_context.who().id, now=request_context.now()
        )
    else:
        accounts.sign_out(
            request_context.world().people, request.cookies.get(sign_in_cookie(), ""), now=request_context.now()
        )
    response = redirect(url_for("sign_in.show_sign_in"), 303)
    response.delete_cookie(sign_in_cookie(), secure=request_context.desk().secure, httponly=True, samesite="Lax")
    return response


@pages.post("/language")
def language() -> BaseResponse:
    """The desk speaks another language from now on."""
    wanted = request.form.get("language", "")
    back = request.form.get("back", "")
    response = redirect(back if _LINK_PATH.fullmatch(back) else _own_path(back), 303)
    if wanted in request_context.world().catalog.desk_languages:
        if mine := request_context.person():
            accounts.speak(request_context.world().people, mine.id, wanted)
        response.set_cookie("desk-language", wanted, max_age=31_536_000, httponly=True, samesite="Lax")
    return response


def _sign_in_page(*, back: str = "", kept: str = "", login: str = "", refused: str = "", status: int = 200) -> Response:
    g.back = url_for("sign_in.show_sign_in", back=back) if back else url_for("sign_in.show_sign_in")
    page = render_template("sign_in.html", target=_own_path(back), kept=kept, login=login[:200], refused=refused)
    return make_response(page, status)


def _refusal_text(got: TurnedAway) -> str:
    seconds = max(1, round(got.wait.total_seconds()))
    key = "wrong_wait" if got.why is No.WRONG and got.wait else str(got.why)
    waits = key in ("wrong_wait", str(No.WAIT))
    return (
        request_context.voice().tn(f"sign_in.{key}", seconds) if waits else request_context.voice().t(f"sign_in.{key}")
    )


def _keep(got: SignedIn, back: str, kept: str) -> None:
    try:
        form: Any = json.loads(kept)
    except (ValueError, RecursionError):  # Brackets within brackets within brackets.
        return
    if isinstance(form, dict) and (owner := drafts.owner_of(back)):
        g.person = got.person
        drafts.save_draft(owner, {str(k): [str(v) for v in vs] for k, vs in form.items() if isinstance(vs, list)})
        flash(str(request_context.voice().t("sign_in.kept_shown")))


def _let_in(got: SignedIn, back: str) -> BaseResponse:
    response = redirect(_own_path(back), 303)
    response.set_cookie(
        sign_in_cookie(), got.token, max_age=int(accounts.ABSOLUTE.total_seconds()),
        httponly=True, samesite="Lax", secure=request_context.desk().secure, path="/",
    )  # fmt: skip
    return response


def _own_path(path: str) -> str:
    """A path of this desk, whatever was asked for."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if plain and not path.startswith(("/sign-in", "/sign-out")) else url_for("home.show_home")
