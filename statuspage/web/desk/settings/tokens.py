"""Tokens for the API in the settings: one's own, and for administrators everybody's."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.storage.api import ApiToken
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import MAX_LIFETIME_DAYS, NewToken, Scope, TokenRefused, tokens
from statuspage.web.desk import permissions, request_context

pages = Blueprint("api_tokens", __name__)

LIFETIMES = (30, 90, 180, 365)
"""The lifetimes offered, in days."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed."""

    id: str
    name: str
    owner: str
    scope: str
    created: str
    expires: str
    last_used: str
    has_expired: bool


@pages.get("/settings/tokens")
def show_tokens() -> str:
    """Shows the tokens of this environment."""
    return _tokens_page()


@pages.post("/settings/tokens")
def act_on_tokens() -> Response:
    """Makes a token for the user, or ends one."""
    if request.form.get("do") == "end":
        return _end_token()
    scope, days = request.form.get("scope", ""), request.form.get("days", "")
    is_number = len(days) < 4 and days.isdecimal()
    if scope not in _offered_scopes() or not is_number or int(days) > MAX_LIFETIME_DAYS:
        abort(400)
    try:
        made = tokens.create_token(
            request_context.env().databases.accounts,
            request_context.signed_in_account(),
            request.form.get("name", ""),
            environment=request_context.env().name,
            scope=Scope(scope),
            days=int(days),
            by=request_context.audit_actor(),
            now=request_context.now(),
        )
    except TokenRefused as refused:
        problem = request_context.translator().t(f"tokens.refusal.{refused.reason}")
        return make_response(_tokens_page(problem=problem), 422)
    return make_response(_tokens_page(made=made))


def _end_token() -> Response:
    account = request_context.signed_in_account()
    was_ended = tokens.end_token(
        request_context.env().databases.accounts,
        request.form.get("token", ""),
        by=request_context.audit_actor(),
        now=request_context.now(),
        owner="" if _sees_all() else account.id,
    )
    flash(request_context.translator().t("tokens.ended" if was_ended else "tokens.gone"))
    return redirect(url_for("api_tokens.show_tokens"), 303)


def _sees_all() -> bool:
    return permissions.has_at_least(request_context.signed_in_account().role, Role.ADMINISTRATOR)


def _offered_scopes() -> list[str]:
    """The scopes of which the user's role can use anything, the default first."""
    may_write = permissions.has_at_least(request_context.signed_in_account().role, Role.REPORTER)
    return [str(Scope.PROPOSE), str(Scope.READ), str(Scope.PUBLISH)] if may_write else [str(Scope.READ)]


def _tokens_page(*, made: NewToken | None = None, problem: str = "") -> str:
    translator, env = request_context.translator(), request_context.env()
    own = request_context.signed_in_account().id
    listed = tokens.list_tokens(env.databases.accounts, "" if _sees_all() else own)
    rows = [_token_row(token) for token in listed if token.environment == env.name]
    scopes = [(scope, translator.t(f"tokens.scope.{scope}")) for scope in _offered_scopes()]
    return render_template(
        "settings/tokens.html",
        section="settings",
        rows=rows,
        scopes=scopes,
        lifetimes=[(days, translator.tn("tokens.days", days)) for days in LIFETIMES],
        environment=translator.t(f"tokens.environment.{env.name}"),
        made=made,
        problem=problem,
        names_owner=_sees_all(),
        desk_address=request_context.desk_address() or request.host_url.rstrip("/"),
    )


def _token_row(token: ApiToken) -> TokenRow:
    translator, times = request_context.translator(), request_context.translator().times
    return TokenRow(
        token.id,
        token.name,
        f"{token.owner.name} ({token.owner.login})",
        translator.t(f"tokens.scope_name.{token.scope}"),
        times.format_day_time(token.created),
        times.format_day_time(token.expires),
        times.format_day_time(token.last_used) if token.last_used else "",
        tokens.has_ended(token, request_context.now()),
    )
