"""Sign-in through an identity provider: OpenID Connect's code flow with PKCE (OpenID Connect Core 1.0, RFC 7636)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests import HTTPError, RequestException

from statuspage.integrations.channels import Timeouts, Unsent, http_client, http_limits

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session
    from joserfc.jwk import KeySet

# Authlib and joserfc take 7 MB, so each method imports them on use: many desks have no provider.

PROVIDER_TIMEOUTS = Timeouts(connect=3.0, read=5.0, total=6.0)
"""Seconds for one request. People who cannot sign in need another way soon."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""How a token may be signed: with the provider's private key, never with our secret."""

LEEWAY = 60
"""By how many seconds the provider's clock may differ from ours."""

OLDEST = 600
"""A token is issued within this many seconds of its use: it is asked for when somebody comes back."""

PARALLEL_REQUESTS = 3
"""How many sign-ins may wait for the provider at once: the desk needs its threads for other requests."""

MAX_AGE = 7 * 24 * 3600
"""How many seconds ago the provider may have asked somebody who they are: as long as a session of ours lasts. Naming it
also makes the provider say when that was (OpenID Connect Core 1.0, section 2, *auth_time*)."""

AWAY_FOR = 10.0
"""For how many seconds a provider that did not answer is not asked again."""

LATEST = 2**33
"""Seconds since 1970 that can be a time (the year 2242)."""

DISCOVERY = "/.well-known/openid-configuration"


class ProviderAway(Exception):
    """The provider does not answer, or not as a provider. The message says how, without secrets."""


class SignInRejected(Exception):
    """The answer does not prove who is there. ``reason`` is the last part of a label's key: ``code``, ``client``,
    ``clock``, ``stale`` or ``token``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How this desk is known to the provider. ``groups_claim`` names the claim with the groups."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scope: str = "openid profile email"
    groups_claim: str = "groups"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Where the browser goes, and what must come back with it."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """Who signed in, as the provider says. ``verified_email`` is "" unless the provider has verified it;
    ``groups`` is None if the provider did not say them, ``authenticated_at`` if it did not say when it asked them who
    they are."""

    issuer: str
    subject: str
    name: str
    login: str
    verified_email: str
    groups: tuple[str, ...] | None
    authenticated_at: datetime | None = None


class IdentityProvider:
    """One provider and our client there. Nothing is kept between requests, so that replaced keys are known at once."""

    def __init__(self, client: ClientSettings, timeouts: Timeouts = PROVIDER_TIMEOUTS) -> None:
        self.client = client
        self._timeouts = timeouts
        self._slots = BoundedSemaphore(PARALLEL_REQUESTS)
        self._away_until = 0.0

    def check(self) -> None:
        """Whether the provider answers, as itself. Raises ProviderAway."""
        with self._turn(is_remembered=False):
            self._fetch_keys(self._discover())

    def start(self, redirect_uri: str, *, asks_again: bool = False) -> AuthorizationRequest:
        """Begins a sign-in that comes back to ``redirect_uri``. ``asks_again``: the provider asks who it is even if it
        knows. Raises ProviderAway."""
        with self._turn():
            endpoint = _endpoint(self._discover(), "authorization_endpoint")
        state, nonce, code_verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._open_session(redirect_uri) as session:
            url, _ = session.create_authorization_url(
                endpoint,
                state=state,
                nonce=nonce,
                code_verifier=code_verifier,
                **({"prompt": "login", "max_age": "0"} if asks_again else {"max_age": str(MAX_AGE)}),
            )
        return AuthorizationRequest(str(url), state, nonce, code_verifier)

    def finish(
        self,
        redirect_uri: str,
        code: str,
        *,
        nonce: str,
        code_verifier: str,
        asked_again_at: datetime | None = None,
        now: datetime,
    ) -> Claims:
        """Who came back with this code; with ``asked_again_at``, only if the provider has asked them since. Raises
        ProviderAway, SignInRejected."""
        with self._turn():
            configuration = self._discover()
            token = self._exchange_code(configuration, redirect_uri, code, code_verifier)
            keys = self._fetch_keys(configuration)
        claims = self._read_claims(token, keys, nonce, now)
        if asked_again_at is not None and not _has_asked_since(claims, int(asked_again_at.timestamp())):
            raise SignInRejected("stale", "auth_time")
        return _read_person(claims, self.client.groups_claim)

    @contextmanager
    def _turn(self, *, is_remembered: bool = True) -> Iterator[None]:
        """One of few turns, and none while the provider was away a moment ago. ``is_remembered``: others do not ask it
        either for a while if it is away now."""
        if time.monotonic() < self._away_until:
            raise ProviderAway("it did not answer a moment ago")
        if not self._slots.acquire(blocking=False):
            raise ProviderAway("others are waiting for its answer")
        try:
            yield
        except ProviderAway:
            if is_remembered:
                self._away_until = time.monotonic() + AWAY_FOR
            raise
        finally:
            self._slots.release()

    def _discover(self) -> Mapping[str, Any]:
        """The provider's configuration (OpenID Connect Discovery 1.0, section 4)."""
        configuration = self._fetch_json(self.client.issuer.rstrip("/") + DISCOVERY)
        if configuration.get("issuer") != self.client.issuer:
            raise ProviderAway(f"it says that its issuer is {str(configuration.get('issuer'))[:200]}")
        return configuration

    def _fetch_keys(self, configuration: Mapping[str, Any]) -> KeySet:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        keys = self._fetch_json(_endpoint(configuration, "jwks_uri"))
        try:
            return KeySet.import_key_set(keys)  # type: ignore[arg-type] # what is no key set is refused
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderAway("its keys cannot be read") from error

    def _fetch_json(self, address: str) -> Mapping[str, Any]:
        try:
            response = http_client.HttpClient(address, timeouts=self._timeouts).request("GET", "")
        except Unsent as error:
            raise ProviderAway(error.detail or error.reason) from error
        value = response.json_value() if response.ok else None
        if not isinstance(value, dict):
            raise ProviderAway(f"{response.status}, and no JSON object")
        return value

    def _exchange_code(self, configuration: Mapping[str, Any], redirect_uri: str, code: str, code_verifier: str) -> str:
        from authlib.common.errors import AuthlibBaseError

        endpoint = _endpoint(configuration, "token_endpoint")
        methods = configuration.get("token_endpoint_auth_methods_supported")
        with self._open_session(redirect_uri, methods if isinstance(methods, list) else ()) as session:
            try:
                answer = session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=code_verifier,
                    redirect_uri=redirect_uri,
                    allow_redirects=False,
                )
            except AuthlibBaseError as error:
                raise SignInRejected(_rejection(str(error.error)), str(error.error)[:100]) from error
            except (HTTPError, ValueError, TypeError) as error:  # An answer, which whoever sent the code may cause.
                raise SignInRejected("code", type(error).__name__) from error
            except RequestException as error:
                raise ProviderAway(type(error).__name__) from error
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise SignInRejected("token", "no ID token")
        return token

    def _open_session(self, redirect_uri: str, methods: Any = ()) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        client, method = self.client, "client_secret_basic"
        if not client.client_secret:
            method = "none"
        elif methods and method not in methods:
            method = "client_secret_post"
        session = OAuth2Session(
            client.client_id,
            client.client_secret,
            token_endpoint_auth_method=method,
            scope=client.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        for scheme in ("https://", "http://"):
            session.mount(scheme, http_limits.BoundedAdapter(self._timeouts))
        return session

    def _read_claims(self, token: str, keys: KeySet, nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of a valid ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        from joserfc import jwt
        from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError

        client, seconds = self.client, int(now.timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=seconds,
            leeway=LEEWAY,
            iss={"essential": True, "value": client.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            registry.validate(claims)
        except ExpiredTokenError as error:
            raise SignInRejected("clock", "expired") from error
        except InvalidClaimError as error:
            is_time = error.claim in ("iat", "nbf", "exp")
            raise SignInRejected("clock" if is_time else "token", str(error.claim)) from error
        except (JoseError, ValueError) as error:
            raise SignInRejected("token", type(error).__name__) from error
        if seconds - claims["iat"] > OLDEST + LEEWAY:
            raise SignInRejected("clock", "issued long ago")
        if claims.get("azp", client.client_id) != client.client_id:
            raise SignInRejected("token", "azp")
        return claims


def is_safe_address(address: str) -> bool:
    """Whether the provider may be asked at this address: only encrypted, or on this machine."""
    parts = urlsplit(address)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def _endpoint(configuration: Mapping[str, Any], name: str) -> str:
    address = configuration.get(name)
    if not isinstance(address, str) or not is_safe_address(address):
        raise ProviderAway(f"its {name} is no safe address")
    return address


def _rejection(error: str) -> str:
    """The reason for an error of the token endpoint (RFC 6749, section 5.2)."""
    return "client" if error in ("invalid_client", "unauthorized_client") else "code"


def _has_asked_since(claims: Mapping[str, Any], seconds: int) -> bool:
    """Whether the provider asked who it is after this time."""
    at = _authenticated_at(claims)
    return at is not None and at.timestamp() >= seconds - LEEWAY


def _authenticated_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the provider asked who it is, if it says so."""
    seconds = claims.get("auth_time")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _read_person(claims: Mapping[str, Any], groups_claim: str) -> Claims:
    email = _text(claims.get("email")) if claims.get("email_verified") is True else ""
    groups = claims.get(groups_claim)
    names = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else None
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=_text(claims.get("name")),
        login=_text(claims.get("preferred_username")) or _text(claims.get("email")),
        verified_email=email,
        groups=None if names is None else tuple(name for name in names if isinstance(name, str)),
        authenticated_at=_authenticated_at(claims),
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
