"""Security in the settings: who is signed in, what opens the secrets and who could, and the rules of signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.settings import INTAKE_SECRET_FILE, SECRET_KEY_FILE
from statuspage.usecases import (
    account_administration,
    accounts,
    diagnostics,
    passwords,
    second_factor,
    sign_in_stages,
    throttling,
)
from statuspage.usecases.diagnostics import Finding, Level
from statuspage.usecases.identity import emergency_links, provider_check
from statuspage.usecases.secret_store import KEY_SETTING
from statuspage.usecases.sign_in_stages import Requirement
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts.pages import SessionRow, list_sessions
from statuspage.web.desk.security import session_token

pages = Blueprint("security_settings", __name__)

INTAKE_SETTING = "STATUSPAGE_INTAKE_SECRET"


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Somebody who is signed in, and where."""

    id: str
    name: str
    sessions: list[SessionRow]


@dataclass(frozen=True, slots=True)
class SecretsRow:
    """What opens the kept secrets. ``origin``: outside, instance or none. ``unreadable`` are the names of those that
    no key decrypts; ``finding`` is what ``statuspage doctor`` says of who could open them, with its tone."""

    origin: str
    kept: int
    unreadable: str
    finding: str
    why: str
    tone: str


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """The identity provider. ``state``: off, unusable, away or works; ``detail`` says of what or why. ``roles`` are
    those of its groups."""

    state: str
    name: str = ""
    detail: str = ""
    roles: tuple[tuple[str, str], ...] = ()
    takes_passwords: bool = True


@pages.get("/settings/security")
def show_security() -> str:
    """Shows sessions, the origin of keys and secrets, and the rules."""
    env, translator = request_context.env(), request_context.translator()
    store = env.secret_store
    return render_template(
        "settings/security.html",
        section="settings",
        people=_people(),
        provider=_provider_row(),
        emergency_links=_usable_links(),
        secrets=_secrets_row(),
        intake=store.origin_of(INTAKE_SETTING, INTAKE_SECRET_FILE) if store else "none",
        intake_setting=INTAKE_SETTING,
        requirements=[(str(each), translator.t(f"security.required.{each}")) for each in Requirement],
        requirement=sign_in_stages.requirement(env.databases.accounts),
        without_factor=_names_without_factor(),
        rules=[translator.t(f"security.rule.{name}", **slots) for name, slots in RULES.items()],
    )


@pages.post("/settings/security")
def sign_out_everybody() -> Response:
    """Ends all sessions but this one and, unless unticked, all API tokens."""
    translator, ends_tokens = request_context.translator(), "tokens" in request.form
    sessions, tokens = account_administration.sign_out_everybody(
        request_context.env().databases.accounts,
        kept_session=session_token(),
        ends_tokens=ends_tokens,
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(translator.tn("security.ended", sessions))
    if ends_tokens:
        flash(translator.tn("security.tokens_ended", tokens))
    return redirect(url_for("security_settings.show_security"), 303)


@pages.post("/settings/security/second-factor")
def set_requirement() -> Response:
    """Sets who must have a second factor."""
    chosen = request.form.get("required", "")
    if chosen not in list(Requirement):
        abort(400)
    second_factor.set_requirement(
        request_context.env().databases.accounts,
        Requirement(chosen),
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(request_context.translator().t("security.requirement_set"))
    return redirect(url_for("security_settings.show_security"), 303)


RULES: Mapping[str, Mapping[str, object]] = {
    "password": dict(zip(("shortest", "longest"), passwords.PASSWORD_LENGTH, strict=True)),
    "fresh": {"minutes": second_factor.FRESH_FOR.seconds // 60},
    "session": {"hours": accounts.IDLE_TIMEOUT.seconds // 3600, "days": accounts.MAX_SESSION_AGE.days},
    "link": {
        "minutes": accounts.LINK_LIFETIME.seconds // 60,
        "days": account_administration.INVITATION_LIFETIME.days,
    },
    "tries": {
        "tries": throttling.FREE_TRIES,
        "seconds": throttling.ACCOUNT_WAIT.seconds,
        "minutes": throttling.ADDRESS_WAIT.seconds // 60,
    },
}
"""The rules of signing in by label (``desk.security.rule.NAME``), with their numbers."""


def _names_without_factor() -> list[str]:
    """The enabled accounts that have no second factor."""
    database = request_context.env().databases.accounts
    having = second_factor.list_accounts_with_factors(database)
    return [each.name for each in accounts.all_accounts(database) if each.id not in having]


def _people() -> list[SignedInPerson]:
    people = account_administration.list_people(request_context.env().databases.accounts)
    rows = [SignedInPerson(each.account.id, each.account.name, list_sessions(each.account)) for each in people]
    return [row for row in rows if row.sessions]


def _provider_row() -> ProviderRow:
    provider = request_context.desk().provider
    if provider is None:
        return ProviderRow("off")
    failure = provider_check.provider_failure(provider)
    state = "unusable" if provider.connection is None else "away" if failure else "works"
    roles = tuple((group, str(role)) for group, role in provider.roles.items())
    return ProviderRow(state, provider.name, failure or provider.issuer, roles, provider.takes_passwords)


def _usable_links() -> int:
    links, now = emergency_links.list_links(request_context.env().databases.accounts), request_context.now()
    return sum(link.is_usable(now) for link in links)


def _secrets_row() -> SecretsRow:
    env = request_context.env()
    kept = env.secret_store.list_kept() if env.secret_store else {}
    origin = env.secret_store.origin_of(KEY_SETTING, SECRET_KEY_FILE) if env.secret_store else "none"
    unreadable = ", ".join(sorted(name for name, secret in kept.items() if not secret.is_readable))
    finding = diagnostics.check_drill_user(env.home)
    tone = "ok" if finding.level is Level.OK else "part"
    return SecretsRow(origin, len(kept), unreadable, _sentence(finding), _why(finding), tone)


def _sentence(finding: Finding) -> str:
    translator, part = request_context.translator(), "ok" if finding.level is Level.OK else "found"
    return translator.label(f"doctor.{finding.code}.{part}", **finding.slots)


def _why(finding: Finding) -> str:
    is_fine = finding.level is Level.OK
    return "" if is_fine else request_context.translator().label(f"doctor.{finding.code}.do")
