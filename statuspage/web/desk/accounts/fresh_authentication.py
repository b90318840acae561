"""Asks again who it is before what only its owner may change: settings, accounts, second factors.

A sign-in, a password or a second factor of the last 15 minutes is enough. Otherwise the form is not lost: the page that
asks carries it, and sends it on with the answer; only the way through an identity provider leaves it behind, because it
may hold secrets and would have to be stored meanwhile. A view asks by ``@fresh_authentication.required``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import after_this_request, current_app, g, make_response, render_template, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from statuspage.storage.accounts import Account
from statuspage.usecases import second_factor
from statuspage.usecases.identity import provider_sign_in
from statuspage.usecases.second_factor import Factors, Rejected
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import passkey_requests
from statuspage.web.desk.accounts.second_step import refusal_text
from statuspage.web.desk.security import session_token, set_sign_in_cookie

GUARDED_BLUEPRINTS = frozenset(
    """account_settings security_settings service_settings word_settings language_settings channel_settings
    monitor_settings json_mappings on_call_settings roster_settings page_settings setting_changes subscribers
    retention_settings api_tokens emergency_link_settings customer_group_settings""".split()
)
"""All of their POSTs need fresh authentication."""

PREVIEWS = frozenset(
    """service_settings.change_service customer_group_settings.change_group word_settings.change_sentence
    redaction.submit_redaction""".split()
)
"""Views that write nothing if ``do`` is *preview*."""

FIELD_PREFIX = "fresh_"
"""The fields of the page that asks. No view sees them."""

View = TypeVar("View", bound=Callable[..., Any])

_required_views: set[Callable[..., Any]] = set()


def required(view: View) -> View:
    """Marks a view whose POST needs fresh authentication."""
    _required_views.add(view)
    return view


def is_required(endpoint: str) -> bool:
    """Whether POSTs of this endpoint need fresh authentication."""
    blueprint = endpoint.rpartition(".")[0]
    return blueprint in GUARDED_BLUEPRINTS or current_app.view_functions.get(endpoint) in _required_views


def ask_again() -> Response | None:
    """Before each request of a signed-in account: the page that asks, if the view needs it; None to go on."""
    if request.method != "POST" or "session" not in g or not is_required(request.endpoint or ""):
        return None
    given, request.form = _split(request.form)
    is_preview = request.endpoint in PREVIEWS and request.form.get("do") == "preview"
    if is_preview or second_factor.is_fresh(g.session, now=request_context.now()):
        return None
    account = request_context.signed_in_account()
    factors = second_factor.factors_of(request_context.env().databases.accounts, account)
    if not any(given.get(f"{FIELD_PREFIX}{name}") for name in ("password", "code", "passkey")):
        return _question_page(account, factors)
    outcome = _check(account, given)
    if isinstance(outcome, Rejected):
        return _question_page(account, factors, refusal_text(outcome.wait), 429 if outcome.wait else 401)
    _renew()
    return None


def _split(
    form: ImmutableMultiDict[str, str],
) -> tuple[ImmutableMultiDict[str, str], ImmutableMultiDict[str, str]]:
    """Our own fields, and those of the view."""
    pairs = [(name, value) for name, values in form.lists() for value in values]
    own = ImmutableMultiDict([pair for pair in pairs if pair[0].startswith(FIELD_PREFIX)])
    return own, ImmutableMultiDict([pair for pair in pairs if not pair[0].startswith(FIELD_PREFIX)])


def _check(account: Account, given: ImmutableMultiDict[str, str]) -> str | Rejected:
    env, now, address = request_context.env(), request_context.now(), request_context.network_address()
    database = env.databases.accounts
    if proof := passkey_requests.proof_in(account, given, FIELD_PREFIX):
        return second_factor.prove(database, env.secret_store, account, proof, address=address, now=now)
    password = given.get(f"{FIELD_PREFIX}password", "")
    outcome = second_factor.is_own_password(database, account, password, address=address, now=now)
    if isinstance(outcome, Rejected):
        return outcome
    return "password" if outcome else Rejected()


def _renew() -> None:
    """A new token for this session, which others may have."""
    database, now = request_context.env().databases.accounts, request_context.now()
    g.session_token = second_factor.renew(database, session_token(), now=now)

    @after_this_request
    def _set_cookie(response: Any) -> Any:
        set_sign_in_cookie(response, session_token())  # The view may have made another one.
        return response


def _question_page(account: Account, factors: Factors, refusal: str = "", status: int = 401) -> Response:
    provider, database = request_context.desk().provider, request_context.env().databases.accounts
    is_asked = (
        provider is not None and provider.connection and provider_sign_in.is_connected(database, provider, account)
    )
    page = render_template(
        "confirm_identity.html",
        provider=provider.name if provider and is_asked else "",
        section="settings",
        action=request.full_path if request.query_string else request.path,
        fields=[pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"],
        has_password=second_factor.has_password(database, account),
        asked=passkey_requests.asked_of(account, factors),
        minutes=int(second_factor.FRESH_FOR.total_seconds()) // 60,
        has_files=any(file.filename for file in request.files.values()),
        refusal=refusal,
    )
    return make_response(page, status)
