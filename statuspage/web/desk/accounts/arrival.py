"""What follows a password, a link or a second factor that was right: the session's cookie, and where one arrives."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, g, make_response, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from statuspage.process_log import Log
from statuspage.storage.accounts import Account
from statuspage.usecases import second_factor
from statuspage.usecases.accounts import SignedIn
from statuspage.usecases.identity import emergency_links
from statuspage.usecases.sign_in_stages import Stage
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import passkey_requests
from statuspage.web.desk.notice_form import drafts
from statuspage.web.desk.security import set_sign_in_cookie

_log = Log(__name__)


def signed_in_response(signed_in: SignedIn, return_path: str, method: str, *, saved_form: str = "") -> Response:
    """Leads to where the user wanted to be; first to the second factor, if it is still missing. ``saved_form`` is what
    they sent when their session had ended."""
    renew_form_token()
    if signed_in.stage is Stage.SECOND_FACTOR:
        response = _to_second_step(signed_in.account, return_path, saved_form)
    else:
        _log.info("signed in", account=signed_in.account.id, role=signed_in.account.role, method=method)
        _record_emergency(signed_in.account, method)
        if saved_form:
            _save_form_as_draft(signed_in, return_path, saved_form)
            return_path = f"{return_path}?draft={drafts.OPENED}"
        _tell_changes(signed_in.account)
        response = redirect(safe_path(return_path), 303)
    set_sign_in_cookie(response, signed_in.token)
    return response


def second_step_page(
    account: Account, *, return_path: str, saved_form: str = "", refusal: str = "", status: int = 200
) -> Response:
    """Asks for the second factor."""
    env = request_context.env()
    factors = second_factor.factors_of(env.databases.accounts, account)
    page = render_template(
        "second_step.html",
        target=safe_path(return_path),
        saved_form=saved_form,
        refusal=refusal,
        asked=passkey_requests.asked_of(account, factors),
        live_desk=request_context.siblings()["live"],
    )
    return make_response(page, status)


def renew_form_token() -> None:
    """From now on, forms carry another token; those of pages that were opened before are sent once more by a button."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def safe_path(path: str) -> str:
    """The path if redirecting to it stays on this desk, else the home page."""
    is_safe = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_safe and not path.startswith(("/sign-in", "/sign-out")) else url_for("home.show_home")


def _to_second_step(account: Account, return_path: str, saved_form: str) -> Response:
    if saved_form:
        return second_step_page(account, return_path=return_path, saved_form=saved_form)
    return redirect(url_for("second_step.show_second_step", return_path=safe_path(return_path)), 303)


def _record_emergency(account: Account, method: str) -> None:
    """Where people sign in through a provider, whoever belongs to it and signs in past it is in the audit log."""
    if request_context.desk().provider is not None and method not in ("provider", "emergency_link"):
        database, address = request_context.env().databases.accounts, request_context.network_address()
        emergency_links.record_local_sign_in(database, account, address=address, now=request_context.now())


def _tell_changes(account: Account) -> None:
    """Says what somebody else changed about this account's sign-in."""
    translator = request_context.translator()
    for message in second_factor.take_messages(request_context.env().databases.accounts, account):
        time = translator.times.format_day_time(message.at)
        flash(translator.t(f"told.{message.action.replace('.', '_')}", name=message.account_name, time=time))


def _save_form_as_draft(signed_in: SignedIn, return_path: str, saved_form: str) -> None:
    try:
        form: Any = json.loads(saved_form)
    except (ValueError, RecursionError):  # Deeply nested brackets.
        return
    if isinstance(form, dict) and (owner := drafts.owner_of(return_path)):
        g.account = signed_in.account
        drafts.save_draft(
            owner,
            {str(name): [str(value) for value in values] for name, values in form.items() if isinstance(values, list)},
        )
        flash(request_context.translator().t("sign_in.form_restored"))
