"""Signs people in through an identity provider: begins, and decides who comes back to which account."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statuspage.domain import has_unreadable_characters
from statuspage.integrations.identity import Claims, IdentityProvider, ProviderAway, SignInRejected
from statuspage.storage import accounts as rows
from statuspage.storage import audit_log as audit_rows
from statuspage.storage.accounts import Account
from statuspage.storage.api import tokens as api_tokens
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection, Database
from statuspage.storage.identity import Attempt, BoundAccount, emergency_links, identities
from statuspage.usecases import accounts, audit_log, second_factor, throttling
from statuspage.usecases.accounts import Role, SignedIn, describe, normalize_login, token_hash
from statuspage.usecases.identity.provider_settings import SignInProvider

ATTEMPT_LIFETIME = timedelta(minutes=15)
"""How long somebody may take at the provider."""

ATTEMPTS, ATTEMPTS_WITHIN = 60, timedelta(minutes=15)
"""How many sign-ins may begin on one network, and the period for that."""

MAX_CODE = 4096
"""Maximum length of the code that comes back."""

MAX_SAVED_FORMS, MAX_SAVED_FORMS_OF_NETWORK = 50, 3
"""How many forms are kept at once for people who are signing in, and how many of them from one network."""


class ProviderSignInFailed(Exception):
    """Nobody is signed in. ``reason`` is the last part of a label's key (``desk.sign_in.provider.REASON``);
    ``attempt`` has what the sign-in began with, if that is known."""

    def __init__(self, reason: str, attempt: Attempt | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempt = attempt


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What came back with the browser: the parameters of the answer, this browser's own secret, and the session and
    account that are signed in there ("": none)."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str
    issuer: str
    browser: str = field(repr=False)
    account_id: str = ""
    session: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ProviderSignIn:
    """A session, and what it began with. ``is_connected``: an account was connected on request."""

    signed_in: SignedIn
    return_path: str
    saved_form: str = field(repr=False)
    is_connected: bool


def begin_provider_sign_in(
    database: Database,
    provider: SignInProvider,
    *,
    redirect_uri: str,
    browser: str,
    address: str,
    account_id: str = "",
    return_path: str = "",
    saved_form: str = "",
    is_confirmation: bool = False,
    now: datetime,
) -> tuple[str, bool]:
    """The URL at which the provider asks who is there, and whether the form is kept. With an ``account_id``, that
    account is connected; or, as a confirmation, its owner proves again who they are. Raises ProviderSignInFailed."""
    network = throttling.network_of(address)
    if not throttling.is_try_allowed(database, f"provider:{network}", ATTEMPTS, ATTEMPTS_WITHIN, now=now):
        raise ProviderSignInFailed("too_many")
    try:
        started = _connection_of(provider).start(redirect_uri, asks_again=is_confirmation)
    except ProviderAway as error:
        raise ProviderSignInFailed("away") from error
    with database.begin() as tx:
        in_all, on_network = identities.count_saved_forms(tx, network, now=now)
        has_room = in_all < MAX_SAVED_FORMS and on_network < MAX_SAVED_FORMS_OF_NETWORK
        attempt = Attempt(
            started.nonce,
            started.code_verifier,
            now + ATTEMPT_LIFETIME,
            account_id,
            return_path[:2000],
            saved_form if has_room else "",
            is_confirmation,
        )
        identities.save_attempt(tx, token_hash(started.state), token_hash(browser), attempt, network=network, now=now)
    return started.url, has_room


def finish_provider_sign_in(
    database: Database,
    provider: SignInProvider,
    answer: ProviderAnswer,
    *,
    redirect_uri: str,
    address: str,
    now: datetime,
) -> ProviderSignIn:
    """Starts a session for whoever came back, or renews the one that they confirm. An answer counts once. Raises
    ProviderSignInFailed."""
    with database.begin() as tx:
        hashes = token_hash(answer.state), token_hash(answer.browser)
        attempt = identities.take_attempt(tx, *hashes, now=now) if answer.browser else None
    if attempt is None or attempt.account_id not in ("", answer.account_id):
        raise ProviderSignInFailed("attempt")
    claims = _claims_of(provider, answer, attempt, redirect_uri=redirect_uri, now=now)
    with database.begin() as tx:
        account = _admit(tx, provider, claims, attempt, Actor(origin=address), now)
        if isinstance(account, str):
            network = throttling.network_of(address)
            audit_log.record_refusal(tx, "provider.refused", account_id="", network=network, now=now)
    if isinstance(account, str):
        raise ProviderSignInFailed(account, attempt)
    if attempt.is_confirmation:
        signed_in = SignedIn(second_factor.renew(database, answer.session, now=now), account)
    else:
        verified_at = min(claims.authenticated_at or now, now)
        signed_in = accounts.start_session(
            database, account, address=address, method="provider", verified_at=verified_at, now=now
        )
    is_connected = bool(attempt.account_id) and not attempt.is_confirmation
    return ProviderSignIn(signed_in, attempt.return_path, attempt.saved_form, is_connected)


def is_connected(database: Database, provider: SignInProvider, account: Account) -> bool:
    """Whether the account belongs to somebody at this provider."""
    with database.read() as tx:
        return identities.is_bound(tx, account.id, provider.issuer)


def may_set_password(database: Database, provider: SignInProvider | None, account: Account) -> bool:
    """Whether the account may have a password of ours: not if the provider's groups decide its role, because whoever is
    gone there would still sign in here."""
    if provider is None or not provider.roles:
        return True
    with database.read() as tx:
        return not identities.has_group_role(tx, account.id, provider.issuer)


def _connection_of(provider: SignInProvider) -> IdentityProvider:
    if provider.connection is None:
        raise ProviderSignInFailed("client")
    return provider.connection


def _claims_of(
    provider: SignInProvider, answer: ProviderAnswer, attempt: Attempt, *, redirect_uri: str, now: datetime
) -> Claims:
    if answer.error:
        raise ProviderSignInFailed("denied", attempt)
    is_code = answer.code.isascii() and answer.code.isprintable() and 0 < len(answer.code) <= MAX_CODE
    if not is_code or answer.issuer not in ("", provider.issuer):  # RFC 9207
        raise ProviderSignInFailed("token", attempt)
    try:
        return _connection_of(provider).finish(
            redirect_uri,
            answer.code,
            nonce=attempt.nonce,
            code_verifier=attempt.code_verifier,
            asked_again_at=attempt.expires - ATTEMPT_LIFETIME if attempt.is_confirmation else None,
            now=now,
        )
    except ProviderAway as error:
        raise ProviderSignInFailed("away", attempt) from error
    except SignInRejected as error:
        raise ProviderSignInFailed(error.reason, attempt) from error


def _admit(
    tx: Connection, provider: SignInProvider, claims: Claims, attempt: Attempt, by: Actor, now: datetime
) -> Account | str:
    """The account of whoever came back, with the role of today; else the reason why not."""
    role = provider.role_of(claims.groups or ())
    bound = _bound_account(tx, claims, role, attempt, by, now)
    if isinstance(bound, str):
        return bound
    if not identities.is_enabled(tx, bound.account_id) or (account := rows.find(tx, bound.account_id)) is None:
        return "disabled"
    if role is None and bound.has_group_role and provider.roles:
        return _refuse_without_role(tx, account, claims, by, now)
    if role is None:
        return account
    identities.record_group_role(tx, claims.issuer, claims.subject)
    return _with_role(tx, account, role, by, now)


def _bound_account(
    tx: Connection, claims: Claims, role: Role | None, attempt: Attempt, by: Actor, now: datetime
) -> BoundAccount | str:
    known = identities.find_bound_account(tx, claims.issuer, claims.subject)
    if attempt.is_confirmation:
        return known if known and known.account_id == attempt.account_id else "other_person"
    if attempt.account_id:
        return _connect(tx, claims, attempt.account_id, known, now)
    return known or _first_account(tx, claims, role, by, now)


def _connect(
    tx: Connection, claims: Claims, account_id: str, bound: BoundAccount | None, now: datetime
) -> BoundAccount | str:
    """Binds an account whose owner asked for it, unless either belongs to somebody else already."""
    if bound is not None:
        return bound if bound.account_id == account_id else "taken"
    if identities.is_bound(tx, account_id, claims.issuer):
        return "taken"
    return _bind(tx, claims, account_id, now)


def _first_account(tx: Connection, claims: Claims, role: Role | None, by: Actor, now: datetime) -> BoundAccount | str:
    """The account prepared under the verified email address, or a new one for whoever is in an allowed group."""
    email = normalize_login(claims.verified_email)
    prepared = identities.find_unused_account(tx, email) if email else None
    if prepared:
        rows.end_sign_in_links(tx, prepared)
        return _bind(tx, claims, prepared, now)
    if role is None:
        return "uninvited"
    login = _free_login(tx, claims.login)
    account = Account(secrets.token_hex(6), login, _own_name(tx, claims, login), role, "")
    rows.insert_account(tx, account, password_hash="", at=now)
    audit_rows.record_action(tx, "account.added", at=now, by=by, target=describe(account), after={"role": str(role)})
    return _bind(tx, claims, account.id, now)


def _bind(tx: Connection, claims: Claims, account_id: str, now: datetime) -> BoundAccount:
    identities.bind_account(tx, claims.issuer, claims.subject, account_id, has_group_role=False, at=now)
    account = rows.find(tx, account_id)
    by = Actor(account_id, account.name if account else "")
    audit_rows.record_action(tx, "identity.bound", at=now, by=by, target=describe(account), issuer=claims.issuer[:200])
    return BoundAccount(account_id, has_group_role=False)


def _with_role(tx: Connection, account: Account, role: Role, by: Actor, now: datetime) -> Account:
    if account.role == role or _is_last_administrator(tx, account):
        return account
    rows.set_role(tx, account.id, role)
    before, after = {"role": account.role}, {"role": str(role)}
    audit_rows.record_action(tx, "role.changed", at=now, by=by, target=describe(account), before=before, after=after)
    return Account(account.id, account.login, account.name, role, account.language)


def _is_last_administrator(tx: Connection, account: Account) -> bool:
    is_administrator = account.role == Role.ADMINISTRATOR
    return is_administrator and not rows.other_administrators(tx, account.id, Role.ADMINISTRATOR)


def _refuse_without_role(tx: Connection, account: Account, claims: Claims, by: Actor, now: datetime) -> str:
    """The reason for refusing somebody whose role comes from groups and who is in none that has one. If the provider
    did not say the groups, or nobody else could administer accounts, nothing is taken away."""
    if claims.groups is None:
        return "groups_unknown"
    if _is_last_administrator(tx, account):
        return "last_administrator"
    _take_role_away(tx, account, by, now)
    return "group_gone"


def _take_role_away(tx: Connection, account: Account, by: Actor, now: datetime) -> None:
    """Leaves the account nothing to sign in with but the provider, and no role above the lowest."""
    _with_role(tx, account, Role.VIEWER, by, now)
    audit_rows.record_action(tx, "identity.rights_removed", at=now, by=by, target=describe(account))
    rows.set_password(tx, account.id, "")
    rows.end_sessions(tx, account.id)
    rows.end_sign_in_links(tx, account.id)
    api_tokens.end_tokens(tx, account.id, now)
    emergency_links.revoke_emergency_links_of(tx, account.id, by="", now=now)


def _own_name(tx: Connection, claims: Claims, login: str) -> str:
    """The name that the provider says, with the login behind it if somebody has that name: a drill knows its people by
    names and logins."""
    name = claims.name if claims.name and not has_unreadable_characters(claims.name) else login
    people = [each.account for each in rows.list_people(tx)]
    taken = {normalize_login(own) for each in people for own in (each.name, each.login)}
    if normalize_login(name) not in taken:
        return name[:128]
    return f"{name[: 125 - len(login)]} ({login})"


def _free_login(tx: Connection, wanted: str) -> str:
    """A login that nobody has; a random one if the wanted one cannot be typed."""
    is_typed = wanted and not any(unicodedata.category(character)[0] == "C" for character in wanted)
    base = normalize_login(wanted)[:100] if is_typed else f"user-{secrets.token_hex(3)}"
    names = (base if count == 1 else f"{base}{count}" for count in range(1, 1000))
    return next(name for name in names if rows.find_by_login(tx, name) is None)
