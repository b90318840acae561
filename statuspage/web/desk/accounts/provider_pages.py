"""Sign-in through an identity provider: leaving for it, and coming back."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from statuspage.process_log import Log
from statuspage.usecases import throttling
from statuspage.usecases.identity import SignInProvider, provider_sign_in
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import arrival, fresh_authentication, sign_in
from statuspage.web.desk.security import session_token

pages = Blueprint("provider_sign_in", __name__)

_log = Log(__name__)

STATUSES = {"away": 503, "too_many": 429}
"""The HTTP status of a failure by its reason; 403 for all others."""


@pages.post("/sign-in/provider")
def leave_for_provider() -> Response:
    """Leads to the provider. What was typed before is kept meanwhile. Whoever is signed in and confirms it goes on with
    the same session."""
    account = request_context.current_account()
    if request.form.get("confirm") and account:
        return_path = request.form.get("return_path", "")
        return _leave(account_id=account.id, return_path=return_path, is_confirmation=True)
    saved_form = request.form.get("saved_form", "")
    return _leave(return_path=request.form.get("return_path", ""), saved_form=saved_form)


@pages.post("/account/provider")
@fresh_authentication.required
def connect_account() -> Response:
    """Connects the user's own account with whoever they are at the provider."""
    return _leave(account_id=request_context.signed_in_account().id, return_path=url_for("accounts.show_own_sessions"))


@pages.get("/sign-in/provider/answer")
def come_back() -> BaseResponse:
    """Takes the provider's answer, which works once and in this browser only."""
    database, values = request_context.env().databases.accounts, request.args
    account = request_context.current_account()
    answer = provider_sign_in.ProviderAnswer(
        values.get("state", ""),
        values.get("code", ""),
        values.get("error", ""),
        values.get("iss", ""),
        request.cookies.get(_cookie_name(), ""),
        account.id if account else "",
        session_token(),
    )
    try:
        result = provider_sign_in.finish_provider_sign_in(
            database,
            _provider(),
            answer,
            redirect_uri=_redirect_uri(),
            address=request_context.network_address(),
            now=request_context.now(),
        )
    except provider_sign_in.ProviderSignInFailed as failed:
        attempt = failed.attempt
        return _failure_page(
            failed.reason, attempt.return_path if attempt else "", attempt.saved_form if attempt else ""
        )
    if result.is_connected:
        flash(request_context.translator().t("accounts.connected", provider=_provider().name))
    return arrival.signed_in_response(result.signed_in, result.return_path, "provider", saved_form=result.saved_form)


def _leave(
    *, account_id: str = "", return_path: str = "", saved_form: str = "", is_confirmation: bool = False
) -> Response:
    """A page that goes on by itself, unless it has to say first that what was typed is not kept. A redirect would not
    do: browsers apply the policy for forms to where the provider may lead, too."""
    is_too_long = len(saved_form) > sign_in.MAX_SAVED_FORM
    browser = request.cookies.get(_cookie_name(), "") or secrets.token_urlsafe(32)
    try:
        url, has_room = provider_sign_in.begin_provider_sign_in(
            request_context.env().databases.accounts,
            _provider(),
            redirect_uri=_redirect_uri(),
            browser=browser,
            address=request_context.network_address(),
            account_id=account_id,
            return_path=return_path,
            saved_form="" if is_too_long else saved_form,
            is_confirmation=is_confirmation,
            now=request_context.now(),
        )
    except provider_sign_in.ProviderSignInFailed as failed:
        return _failure_page(failed.reason, return_path, saved_form)
    is_lost = bool(saved_form) and (is_too_long or not has_room)
    page = render_template("provider_leave.html", url=url, provider=_provider().name, is_lost=is_lost)
    response = make_response(page)
    if not is_lost:
        response.headers["Refresh"] = f"0; url={url}"
    response.set_cookie(
        _cookie_name(), browser, max_age=int(provider_sign_in.ATTEMPT_LIFETIME.total_seconds()),
        httponly=True, samesite="Lax", secure=request_context.desk().secure, path="/",
    )  # fmt: skip
    return response


def _failure_page(reason: str, return_path: str, saved_form: str) -> Response:
    """What happened, with every other way of signing in."""
    desk, provider = request_context.desk(), _provider()
    if count := desk.repeated_events.count_if_due(("sign-in", "provider", reason), request_context.now()):
        network = throttling.network_of(request_context.network_address())
        _log.warning("sign-in refused", method="provider", reason=reason, network=network, count=count)
    text = request_context.translator().t(f"sign_in.provider.{reason}", provider=provider.name)
    status = STATUSES.get(reason, 403)
    return sign_in.render_sign_in(return_path=return_path, saved_form=saved_form, refusal=text, status=status)


def _provider() -> SignInProvider:
    provider = request_context.desk().provider
    if provider is None or provider.connection is None:
        raise NotFound
    return provider


def _redirect_uri() -> str:
    """Where the provider sends people back to: at the desk's own address, never at that of a request."""
    return f"{request_context.desk_address()}{url_for('provider_sign_in.come_back')}"


def _cookie_name() -> str:
    """The cookie of this desk alone: both desks may share a host."""
    desk = request_context.desk()
    return f"{'__Host-' if desk.secure else ''}desk-provider-{desk.env.name}"
