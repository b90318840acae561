"""The user's own second factors: passkeys, an app that shows codes, recovery codes."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from statuspage.integrations import one_time_codes, passkeys
from statuspage.rendering.site import draw_qr_code
from statuspage.storage.accounts import Account
from statuspage.usecases import second_factor
from statuspage.usecases.second_factor import FactorRefused, Factors
from statuspage.usecases.sign_in_stages import Stage
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import fresh_authentication, passkey_requests
from statuspage.web.desk.security import session_token, set_sign_in_cookie

pages = Blueprint("second_factor", __name__)


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey. ``host`` is the other host name for which it works; "" if it works here."""

    id: str
    name: str
    added: str
    last_used: str
    host: str


@pages.get("/account/second-factor")
def show_factors() -> Response:
    """Shows what the account has, and what can be added."""
    return _factors_page()


@pages.post("/account/second-factor")
@fresh_authentication.required
def change_factors() -> Response:
    """Adds or removes a passkey, removes the app, or makes new recovery codes."""
    try:
        return _change(request_context.signed_in_account())
    except FactorRefused as refused:
        return _factors_page(problem=request_context.translator().t(f"second_factor.refused.{refused.reason}"))


@pages.get("/account/second-factor/app")
def show_app_setup() -> Response:
    """Shows the key of a new app. It counts once one of its codes was sent."""
    if not second_factor.has_app_keys(request_context.env().secret_store):
        return redirect(url_for("second_factor.show_factors"), 303)
    return _app_page(second_factor.new_app_key())


@pages.post("/account/second-factor/app")
@fresh_authentication.required
def set_up_app() -> Response:
    """Keeps the key, if the code comes from it."""
    account, store = request_context.signed_in_account(), request_context.env().secret_store
    if store is None or not second_factor.has_app_keys(store):
        return redirect(url_for("second_factor.show_factors"), 303)
    try:
        account_id, key = request_context.signer("app-key").loads(request.form.get("key", ""))
    except (BadSignature, ValueError, TypeError):
        abort(400)
    if account_id != account.id:
        abort(400)
    code = "".join(request.form.get("code", "").split())[:20]
    database, by, now = request_context.env().databases.accounts, request_context.audit_actor(), request_context.now()
    try:
        second_factor.set_up_app(database, store, account, key, code=code, by=by, now=now)
    except FactorRefused as refused:
        return _app_page(key, request_context.translator().t(f"second_factor.refused.{refused.reason}"))
    flash(request_context.translator().t("second_factor.app_added"))
    return _after_adding(account)


def _change(account: Account) -> Response:
    env, by, now = request_context.env(), request_context.audit_actor(), request_context.now()
    database, translator = env.databases.accounts, request_context.translator()
    match request.form.get("do"):
        case "add_passkey":
            _add_passkey(account)
            flash(translator.t("second_factor.passkey_added"))
            return _after_adding(account)
        case "remove_passkey":
            second_factor.remove_passkey(
                database, account, request.form.get("id", ""), kept_session=session_token(), by=by, now=now
            )
            flash(translator.t("second_factor.removed"))
        case "remove_app":
            second_factor.remove_app(database, env.secret_store, account, kept_session=session_token(), by=by, now=now)
            flash(translator.t("second_factor.removed"))
        case "new_codes":
            return _codes_page(account)
        case _:
            abort(400)
    return redirect(url_for("second_factor.show_factors"), 303)


def _add_passkey(account: Account) -> None:
    """Raises FactorRefused."""
    challenge = passkey_requests.read_challenge(account, request.form.get("challenge", ""))
    if challenge is None:
        raise FactorRefused("wrong_passkey")
    second_factor.add_passkey(
        request_context.env().databases.accounts,
        account,
        site=passkey_requests.site(),
        answer=request.form.get("passkey", ""),
        challenge=challenge,
        name=_name_of_passkey(),
        by=request_context.audit_actor(),
        now=request_context.now(),
    )


def _name_of_passkey() -> str:
    """What was typed, without characters that show nothing; a word for it if nothing is left."""
    typed = "".join(character for character in request.form.get("name", "") if character.isprintable()).strip()
    return typed[:64] or request_context.translator().t("second_factor.passkey")


def _after_adding(account: Account) -> Response:
    """The first factor comes with recovery codes. A session that had to set one up now opens the desk."""
    database = request_context.env().databases.accounts
    response = redirect(url_for("second_factor.show_factors"), 303)
    if not second_factor.factors_of(database, account).codes:
        response = _codes_page(account)
    if g.session.stage == Stage.SETUP:
        token = second_factor.renew(database, session_token(), has_added_factor=True, now=request_context.now())
        g.session_token = token
        set_sign_in_cookie(response, token)
    return response


def _codes_page(account: Account) -> Response:
    """The new recovery codes, once."""
    env, by, now = request_context.env(), request_context.audit_actor(), request_context.now()
    codes = second_factor.make_recovery_codes(env.databases.accounts, account, by=by, now=now)
    return make_response(render_template("recovery_codes.html", section="account", codes=codes))


def _app_page(key: str, problem: str = "") -> Response:
    account = request_context.signed_in_account()
    uri = one_time_codes.setup_uri(key, login=account.login, issuer=request_context.translator().pack.site)
    page = render_template(
        "app_setup.html",
        section="account",
        qr=draw_qr_code(uri, request_context.translator().t("second_factor.qr")),
        key=" ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        signed_key=request_context.signer("app-key").dumps([account.id, key]),
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)


def _factors_page(problem: str = "") -> Response:
    account = request_context.signed_in_account()
    factors = second_factor.factors_of(request_context.env().databases.accounts, account)
    challenge = passkey_requests.new_challenge(account)
    page = render_template(
        "second_factor.html",
        section="account",
        factors=factors,
        rows=_rows(factors),
        must_set_up=g.session.stage == Stage.SETUP,
        can_add_app=second_factor.has_app_keys(request_context.env().secret_store),
        live_desk=request_context.siblings()["live"] if request_context.env().live_status_path else "",
        options=_creation_options(account, factors, challenge),
        challenge=challenge,
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)


def _creation_options(account: Account, factors: Factors, challenge: str) -> str:
    site = passkey_requests.site()
    return passkeys.creation_options(
        site,
        challenge=challenge.encode(),
        account_id=account.id,
        login=account.login,
        name=account.name,
        known=[passkey.credential_id for passkey in factors.passkeys if passkey.host == site.host],
    )


def _rows(factors: Factors) -> list[PasskeyRow]:
    times, own_host = request_context.translator().times, passkey_requests.site().host
    return [
        PasskeyRow(
            passkey.id,
            passkey.name,
            times.format_day_time(passkey.created),
            times.format_day_time(passkey.last_used) if passkey.last_used else "",
            "" if passkey.host == own_host else passkey.host,
        )
        for passkey in factors.passkeys
    ]
