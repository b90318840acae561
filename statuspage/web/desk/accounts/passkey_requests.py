"""What a page asks of a passkey, and the proof that a form brings back. A challenge is signed, not stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import request
from itsdangerous import BadSignature
from werkzeug.datastructures import MultiDict

from statuspage.integrations import passkeys
from statuspage.storage.accounts import Account
from statuspage.usecases import accounts, second_factor
from statuspage.usecases.second_factor import CHALLENGE_AGE, Factors, PasskeyAnswer, Proof
from statuspage.web.desk import request_context
from statuspage.web.desk.security import sign_in_cookie


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page can ask for: a code of the app, a recovery code, a passkey (``options`` as JSON, "" for none).
    ``is_app_elsewhere``: there is an app, but this desk cannot check its codes. ``is_passkey_elsewhere``: there are
    passkeys, but for another host name."""

    app: bool
    codes: bool
    options: str
    challenge: str
    is_app_elsewhere: bool
    is_passkey_elsewhere: bool


def site() -> passkeys.Site:
    """The host name and the origins under which this desk is open here.

    Browsers use a passkey only for the host name for which it was made, so that a made-up one gets nobody in.
    """
    scheme = "https" if request_context.desk().secure else request.scheme
    host = urlsplit(f"//{request.host}").hostname or ""
    known = request_context.desk_address()
    origins = {f"{scheme}://{request.host}", *([known] if urlsplit(known).hostname == host else [])}
    return passkeys.Site(host, request_context.translator().pack.site, tuple(sorted(origins)))


def asked_of(account: Account, factors: Factors) -> Asked:
    """What this account can be asked for here."""
    own_site = site()
    known = [passkey.credential_id for passkey in factors.passkeys if passkey.host == own_site.host]
    challenge = new_challenge(account)
    can_check_app = second_factor.has_app_keys(request_context.env().secret_store)
    return Asked(
        app=factors.app is not None and can_check_app,
        codes=factors.codes > 0,
        options=passkeys.request_options(own_site, challenge=challenge.encode(), known=known) if known else "",
        challenge=challenge,
        is_app_elsewhere=factors.app is not None and not can_check_app,
        is_passkey_elsewhere=bool(factors.passkeys) and not known,
    )


def new_challenge(account: Account) -> str:
    """A challenge for this account in this browser, for ten minutes."""
    at = int(request_context.now().timestamp())
    return str(request_context.signer("passkey").dumps([secrets.token_hex(16), account.id, _session(), at]))


def read_challenge(account: Account, text: str) -> bytes | None:
    """The challenge that a form brings back; None if it is another account's or browser's, or too old."""
    try:
        _, account_id, session, at = request_context.signer("passkey").loads(text[:1000])
    except (BadSignature, ValueError, TypeError):
        return None
    age = request_context.now() - datetime.fromtimestamp(at, tz=request_context.now().tzinfo)
    is_ours = account_id == account.id and session == _session() and age <= CHALLENGE_AGE
    return text.encode() if is_ours else None


def proof_in(account: Account, form: MultiDict[str, str], prefix: str = "") -> Proof | None:
    """What a form gives as second factor; None if nothing."""
    answer, code = form.get(f"{prefix}passkey", ""), form.get(f"{prefix}code", "")
    if answer:
        challenge = read_challenge(account, form.get(f"{prefix}challenge", ""))
        return Proof(passkey=PasskeyAnswer(site(), challenge or secrets.token_bytes(32), answer))
    return Proof(code=code) if code.strip() else None


def _session() -> str:
    return accounts.session_name(request.cookies.get(sign_in_cookie(), ""))
