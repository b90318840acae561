"""The second step of signing in: a code, a passkey or a recovery code."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.process_log import Log
from statuspage.usecases import second_factor, throttling
from statuspage.usecases.second_factor import Rejected
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import arrival, passkey_requests
from statuspage.web.desk.security import sign_in_cookie

pages = Blueprint("second_step", __name__)

_log = Log(__name__)


@pages.get("/sign-in/second")
def show_second_step() -> Response:
    """Asks whoever gave a password or a link for the second factor."""
    return_path = request.args.get("return_path", "")
    database, token = request_context.env().databases.accounts, request.cookies.get(sign_in_cookie(), "")
    account = second_factor.pending_account(database, token, now=request_context.now())
    if account is None:
        return redirect(url_for("sign_in.show_sign_in", return_path=return_path), 303)
    return arrival.second_step_page(account, return_path=return_path)


@pages.post("/sign-in/second")
def submit_second_step() -> Response:
    """Checks the second factor and opens the desk."""
    env, now = request_context.env(), request_context.now()
    token = request.cookies.get(sign_in_cookie(), "")
    return_path, saved_form = request.form.get("return_path", ""), request.form.get("saved_form", "")
    account = second_factor.pending_account(env.databases.accounts, token, now=now)
    if account is None:
        return redirect(url_for("sign_in.show_sign_in", return_path=arrival.safe_path(return_path)), 303)
    proof = passkey_requests.proof_in(account, request.form)
    outcome: object = Rejected()
    if proof is not None:
        outcome = second_factor.finish_sign_in(
            env.databases.accounts, env.secret_store, token, proof, address=request_context.network_address(), now=now
        )
    if isinstance(outcome, second_factor.Finished):
        return arrival.signed_in_response(outcome.signed_in, return_path, outcome.method, saved_form=saved_form)
    wait = outcome.wait if isinstance(outcome, Rejected) else timedelta()
    _log_refusal(account.id)
    return arrival.second_step_page(
        account,
        return_path=return_path,
        saved_form=saved_form,
        refusal=refusal_text(wait),
        status=429 if wait else 403,
    )


def refusal_text(wait: timedelta) -> str:
    """Says that the code or passkey was wrong, and how long to wait."""
    translator = request_context.translator()
    if not wait:
        return translator.t("second_factor.wrong")
    return translator.tn("second_factor.wrong_wait", max(1, round(wait.total_seconds())))


def _log_refusal(account_id: str) -> None:
    """At first, then once a minute while somebody goes on trying."""
    desk, key = request_context.desk(), ("second-factor", account_id)
    if count := desk.repeated_events.count_if_due(key, request_context.now()):
        network = throttling.network_of(request_context.network_address())
        _log.warning("second factor refused", account=account_id, network=network, count=count)
