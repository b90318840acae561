"""The user's own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.storage.accounts import Account
from statuspage.usecases import accounts, second_factor
from statuspage.usecases.identity import provider_sign_in
from statuspage.usecases.passwords import InvalidPassword
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import fresh_authentication
from statuspage.web.desk.security import session_token
from statuspage.web.desk.translations import Translator

pages = Blueprint("accounts", __name__)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session: its start, its last use, and whether it is the current one."""

    id: str
    started: str
    last_used: str
    is_current: bool


@pages.get("/account")
def show_own_sessions() -> Response:
    """The user's own account and sessions."""
    return _own_page()


@pages.post("/account")
@fresh_authentication.required
def end_own_session() -> Response:
    """Ends one of the user's own sessions."""
    _end_sessions(request_context.signed_in_account())
    return redirect(url_for("accounts.show_own_sessions"), 303)


@pages.post("/account/password")
@fresh_authentication.required
def set_own_password() -> Response:
    """Sets the user's own password; whoever has one types it first. Other sessions end. Refused to
    those whose role comes from the provider's groups."""
    account, database = request_context.signed_in_account(), request_context.env().databases.accounts
    translator, now = request_context.translator(), request_context.now()
    if not provider_sign_in.may_set_password(database, request_context.desk().provider, account):
        return make_response(_own_page(), 403)
    if second_factor.has_password(database, account):
        old, address = request.form.get("old", ""), request_context.network_address()
        if second_factor.is_own_password(database, account, old, address=address, now=now) is not True:
            return _own_page(wrong_old=translator.t("accounts.wrong_password"))
    try:
        accounts.set_password(
            database,
            account.id,
            request.form.get("new", ""),
            words=[pack.site for pack in request_context.env().site.catalog.packs.values()],
            by=request_context.audit_actor(),
            kept_session=session_token(),
            now=now,
        )
    except InvalidPassword as error:
        return _own_page(wrong_new=translator.t(f"accounts.password_problem.{error.problem}"))
    flash(translator.t("accounts.password_set"))
    return redirect(url_for("accounts.show_own_sessions"), 303)


def _own_page(*, wrong_old: str = "", wrong_new: str = "") -> Response:
    account, database = request_context.signed_in_account(), request_context.env().databases.accounts
    provider = request_context.desk().provider
    has_provider = provider is not None and provider.connection is not None
    page = render_template(
        "own_sessions.html",
        provider=provider.name if provider and has_provider else "",
        is_connected=provider is not None and provider_sign_in.is_connected(database, provider, account),
        section="account",
        sessions=list_sessions(account),
        has_password=second_factor.has_password(database, account),
        factors=second_factor.factors_of(database, account),
        may_set_password=provider_sign_in.may_set_password(database, provider, account),
        wrong_old=wrong_old,
        wrong_new=wrong_new,
    )
    return make_response(page, 422 if wrong_old or wrong_new else 200)


def _end_sessions(account: Account) -> None:
    was_ended = accounts.end_session(
        request_context.env().databases.accounts,
        account.id,
        request.form.get("session", ""),
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(request_context.translator().t("accounts.session_ended" if was_ended else "accounts.session_gone"))


def list_sessions(account: Account) -> list[SessionRow]:
    """The open sessions of an account."""
    translator, now = request_context.translator(), request_context.now()
    current_name = accounts.session_name(session_token())
    return [
        SessionRow(
            name,
            _day_and_clock(session.created, translator),
            _day_and_clock(session.last_seen, translator),
            name == current_name,
        )
        for name, session in accounts.list_sessions(request_context.env().databases.accounts, account.id, now=now)
    ]


def _day_and_clock(at: datetime, translator: Translator) -> str:
    return translator.times.format_day_time(at)
