"""Sign-in and sign-out by password or one-time link, language, and forms kept while nobody was signed in."""

from __future__ import annotations

import json
import re

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from statuspage.process_log import Log
from statuspage.storage.accounts import Account
from statuspage.usecases import accounts, drills, throttling
from statuspage.usecases.accounts import SignInFailure, SignInRefused
from statuspage.usecases.sign_in_stages import Stage
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.accounts import arrival, fresh_authentication
from statuspage.web.desk.notice_form import drafts, pinned_times
from statuspage.web.desk.security import csrf, is_same_origin, refuse_cross_site, session_token, sign_in_cookie

pages = Blueprint("sign_in", __name__)

_LINK_PATH = re.compile(r"/sign-in/link/[A-Za-z0-9_.-]+")
"""The page of a one-time link, to which a change of language returns."""

_log = Log(__name__)

MAX_SAVED_FORM = 300_000
"""Maximum bytes of a form that is kept during sign-in."""


def authenticate_request() -> BaseResponse | None:
    """Before each request, identifies the account and checks its rights. A form submitted after the session ended is
    kept during sign-in."""
    g.account = None
    if request.endpoint in permissions.UNAUTHENTICATED:
        return None
    _recognise_account()
    if request.endpoint in permissions.INTAKE_ENDPOINTS:
        return None
    refuse_cross_site()
    if g.account is not None and request.endpoint not in permissions.LEFT_OUT_MAY:
        _refuse_left_out(g.account)
    if g.account is None and request.endpoint not in permissions.OPEN_TO_ALL:
        return _ask_to_sign_in()
    if g.account is not None and request.endpoint and not _is_permitted(g.account, request.endpoint):
        raise (
            permissions.RoleRequired(permissions.MINIMUM_ROLES[request.endpoint])
            if request.endpoint in permissions.MINIMUM_ROLES
            else Forbidden
        )
    if g.account is not None and g.session.stage == Stage.SETUP and request.endpoint not in permissions.SETUP_MAY:
        return redirect(url_for("second_factor.show_factors"), 303)
    if request.method == "POST":
        csrf.protect()
    return fresh_authentication.ask_again()


def _refuse_left_out(account: Account) -> None:
    """Refuses accounts that are left out of the running drill, but never its leader. Raises LeftOut."""
    database = request_context.env().databases.environment
    if drill := drills.drill_without(database, (account.name, account.login), account.name):
        raise permissions.LeftOut(drill.leader)


def _is_permitted(account: Account, endpoint: str) -> bool:
    return endpoint in permissions.OPEN_TO_ALL or permissions.is_allowed(account.role, endpoint)


def _recognise_account() -> None:
    """Identifies the account. Pages that refresh automatically do not keep a session alive; only people do."""
    database, token = request_context.env().databases.accounts, request.cookies.get(sign_in_cookie(), "")
    signed_in = accounts.find_session(database, token, now=request_context.now())
    if signed_in is None:
        return
    g.session, g.account = signed_in
    if "X-Renewal" not in request.headers:
        accounts.touch_session(database, token, signed_in[0], now=request_context.now())


def _ask_to_sign_in() -> BaseResponse:
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("sign_in.show_sign_in", return_path=_path_and_query()), 303)
    saved_form = json.dumps(pinned_times.sent_fields(), ensure_ascii=False)
    if request.form.get("do") == "refresh" or len(saved_form) > MAX_SAVED_FORM or not is_same_origin():
        saved_form = ""
    return render_sign_in(return_path=drafts.page_of(request.path), saved_form=saved_form, status=401)


def _path_and_query() -> str:
    return request.full_path if request.query_string else request.path


@pages.get("/sign-in")
def show_sign_in() -> BaseResponse:
    """Shows the sign-in form."""
    if request_context.current_account():
        return redirect(arrival.safe_path(request.args.get("return_path", "")), 303)
    return render_sign_in(return_path=request.args.get("return_path", ""))


@pages.post("/sign-in")
def submit_password() -> BaseResponse:
    """Checks login and password."""
    return_path, saved_form = request.form.get("return_path", ""), request.form.get("saved_form", "")
    login = request.form.get("login", "")
    if not takes_passwords():
        text = request_context.translator().t("sign_in.passwords_off")
        return render_sign_in(return_path=return_path, saved_form=saved_form, refusal=text, status=403)
    outcome = accounts.sign_in(
        request_context.env().databases.accounts,
        login,
        request.form.get("password", ""),
        address=request_context.network_address(),
        now=request_context.now(),
    )
    if isinstance(outcome, SignInRefused):
        log_refusal("password", outcome)
        return render_sign_in(
            return_path=return_path,
            saved_form=saved_form,
            login=login,
            refusal=refusal_text(outcome),
            status=429 if outcome.reason is SignInFailure.TOO_MANY_TRIES else 403,
        )
    return arrival.signed_in_response(outcome, return_path, "password", saved_form=saved_form)


@pages.get("/sign-in/link/<token>")
def show_link(token: str) -> str:
    """Shows a button for a one-time link, so that opening the link does not use it up."""
    return render_template("sign_in_link.html")


@pages.post("/sign-in/link/<token>")
def use_link(token: str) -> BaseResponse:
    """Uses up the one-time link."""
    outcome = accounts.sign_in_by_link(
        request_context.env().databases.accounts,
        token,
        address=request_context.network_address(),
        now=request_context.now(),
    )
    if isinstance(outcome, SignInRefused):
        log_refusal("link", outcome)
        return render_sign_in(
            refusal=refusal_text(outcome), status=429 if outcome.reason is SignInFailure.TOO_MANY_TRIES else 403
        )
    return arrival.signed_in_response(outcome, "", "link")


@pages.post("/sign-out")
def sign_out() -> BaseResponse:
    """Ends this session, or all sessions of this account."""
    if request.form.get("everywhere"):
        accounts.sign_out_everywhere(
            request_context.env().databases.accounts,
            request_context.signed_in_account().id,
            by=request_context.audit_actor(),
            now=request_context.now(),
        )
    else:
        accounts.sign_out(
            request_context.env().databases.accounts,
            session_token(),
            address=request_context.network_address(),
            now=request_context.now(),
        )
    response = redirect(url_for("sign_in.show_sign_in"), 303)
    response.delete_cookie(sign_in_cookie(), secure=request_context.desk().secure, httponly=True, samesite="Lax")
    return response


@pages.post("/language")
def set_language() -> BaseResponse:
    """Changes the language of the desk."""
    chosen = request.form.get("language", "")
    return_path = request.form.get("return_path", "")
    response = redirect(return_path if _LINK_PATH.fullmatch(return_path) else arrival.safe_path(return_path), 303)
    if chosen in request_context.env().site.catalog.desk_languages:
        if account := request_context.current_account():
            accounts.set_language(request_context.env().databases.accounts, account.id, chosen)
        response.set_cookie("desk-language", chosen, max_age=31_536_000, httponly=True, samesite="Lax")
    return response


def render_sign_in(
    *, return_path: str = "", saved_form: str = "", login: str = "", refusal: str = "", status: int = 200
) -> Response:
    """The sign-in page with every way of signing in."""
    provider = request_context.desk().provider
    g.return_path = (
        url_for("sign_in.show_sign_in", return_path=return_path) if return_path else url_for("sign_in.show_sign_in")
    )
    page = render_template(
        "sign_in.html",
        target=arrival.safe_path(return_path),
        saved_form=saved_form,
        login=login[:200],
        refusal=refusal,
        provider=provider.name if provider and provider.connection else "",
        takes_passwords=takes_passwords(),
        has_neither=not takes_passwords() and not (provider and provider.connection),
        takes_emergency_links=provider is not None and "emergency_links.show_code_form" in current_app.view_functions,
    )
    return make_response(page, status)


def takes_passwords() -> bool:
    """Whether passwords are accepted on this desk. They are if the settings of the provider cannot be used."""
    provider = request_context.desk().provider
    return provider is None or provider.takes_passwords or bool(provider.problem)


def refusal_text(refusal: SignInRefused) -> str:
    seconds = max(1, round(refusal.wait.total_seconds()))
    is_wrong = refusal.reason is SignInFailure.WRONG_CREDENTIALS
    key = "wrong_credentials_wait" if is_wrong and refusal.wait else str(refusal.reason)
    has_wait = key in ("wrong_credentials_wait", str(SignInFailure.TOO_MANY_TRIES))
    return (
        request_context.translator().tn(f"sign_in.{key}", seconds)
        if has_wait
        else request_context.translator().t(f"sign_in.{key}")
    )


def log_refusal(method: str, refusal: SignInRefused) -> None:
    """At first, then once a minute while somebody goes on trying. What was typed is not logged."""
    desk, key = request_context.desk(), ("sign-in", method, refusal.reason)
    if count := desk.repeated_events.count_if_due(key, request_context.now()):
        network = throttling.network_of(request_context.network_address())
        _log.warning("sign-in refused", method=method, reason=str(refusal.reason), network=network, count=count)
