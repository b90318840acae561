"""The context of the current request: environment, time, account, language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import abort, current_app, g, request
from itsdangerous import URLSafeSerializer

from statuspage.domain import Incident
from statuspage.integrations.monitors import SnsVerifier
from statuspage.storage import drills, incidents
from statuspage.storage.accounts import Account
from statuspage.usecases import drills as drill_usecases
from statuspage.usecases import instance
from statuspage.usecases.accounts import Role
from statuspage.usecases.alerts import IntakeCounter
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.drills import LiveStatus
from statuspage.usecases.environment import Environment
from statuspage.usecases.identity import SignInProvider
from statuspage.usecases.repeated_events import RepeatedEvents
from statuspage.web.desk.request_log import HttpMetrics
from statuspage.web.desk.translations import Translator, translator_for
from statuspage.web.desk.trusted_proxies import is_loopback, was_proxied


@dataclass(frozen=True, slots=True)
class Intake:
    """How the intake authenticates monitors. ``secrets`` are by monitor name, "" for all others; empty: only programs
    on this machine are accepted. ``amazon`` verifies Amazon's signatures; None in an environment that does not use
    Amazon SNS."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    amazon: SnsVerifier | None = None

    def secret_for(self, source: str) -> str:
        """The secret this monitor must send; "" if none is accepted, or none is needed."""
        return self.secrets.get(source) or self.secrets.get("", "")


@dataclass(frozen=True, slots=True)
class DeskContext:
    """What one desk was built from. ``siblings`` are the addresses of the live and the drill desk, where known.
    ``provider`` is the identity provider through which people sign in, if any."""

    env: Environment
    clock: Callable[[], datetime]
    siblings: Mapping[str, str]
    intake_counter: IntakeCounter
    secure: bool = False
    intake: Intake = Intake()
    metrics_token: str = field(default="", repr=False)
    http_metrics: HttpMetrics = field(default_factory=HttpMetrics)
    repeated_events: RepeatedEvents = field(default_factory=RepeatedEvents)
    provider: SignInProvider | None = None


def desk() -> DeskContext:
    """The desk of this request."""
    context: DeskContext = current_app.extensions["statuspage"]
    return context


def env() -> Environment:
    """The environment of this desk."""
    return desk().env


def intake() -> Intake:
    """How monitors are authenticated now: also by secrets entered since this desk was built."""
    built = desk().intake
    return replace(built, secrets={**built.secrets, **env().content.intake_secrets})


def now() -> datetime:
    """The time of the request; the same throughout."""
    if "now" not in g:
        g.now = desk().clock()
    moment: datetime = g.now
    return moment


def current_account() -> Account | None:
    """The signed-in account, if any."""
    account: Account | None = g.get("account")
    return account


def signed_in_account() -> Account:
    """The signed-in account, for pages that require one."""
    account = current_account()
    if account is None:
        raise LookupError("nobody is signed in")
    return account


def actor() -> str:
    """The name of the signed-in account, recorded with its actions."""
    return signed_in_account().name


def audit_actor() -> Actor:
    """Who does this, for the audit log."""
    account = signed_in_account()
    return Actor(account.id, account.name, network_address())


def may_redact() -> bool:
    """Whether the signed-in account may redact."""
    return signed_in_account().role == Role.ADMINISTRATOR


def language() -> str:
    """The desk language for this user: the account's own, else the browser's first supported choice; English if it
    requests only unsupported ones, and the desk's first if it requests none."""
    languages = env().site.catalog.desk_languages
    account = current_account()
    if account is not None and account.language in languages:
        return account.language
    chosen = request.cookies.get("desk-language", "")
    if chosen in languages:
        return chosen
    fallback = "en" if request.accept_languages and "en" in languages else languages[0]
    return request.accept_languages.best_match(languages, fallback) or fallback


def translator() -> Translator:
    """The translator for this user."""
    return translator_for(env().site.catalog, language())


def live_status() -> LiveStatus:
    """The state of the live environment beside a drill's, read once per request."""
    if "live" not in g:
        g.live = drill_usecases.live_status(env().live_status_path, now=now())
    status: LiveStatus = g.live
    return status


def siblings() -> dict[str, str]:
    """The addresses of the live and the drill desk, "" if unknown. If a drill was not given live's address, it comes
    from live's summary."""
    addresses = {"live": "", "drill": "", **desk().siblings}
    return {**addresses, "live": addresses["live"] or live_status().desk_url}


def drill_start() -> str:
    """The start of the running drill in this environment; "" if there is none."""
    with env().databases.environment.read() as tx:
        drill = drills.find_running_drill(tx)
    return translator().times.format_time(drill.started) if drill else ""


def signer(purpose: str) -> URLSafeSerializer:
    """Signs what a page carries from one request to the next, for this purpose only."""
    return URLSafeSerializer(env().secret, salt=f"desk-{purpose}-{env().name}")


def desk_address() -> str:
    """This desk's external address, as far as known; never the host name of a request."""
    context = desk()
    return context.siblings.get(context.env.name) or instance.served_addresses(context.env.home).get("desk", "")


def incident_or_404(incident_id: str) -> Incident:
    """The incident with this id; 404 if there is none."""
    with env().databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    return incident or abort(404)


def network_address() -> str:
    """The client's address: as the server saw it, or as forwarded by our own reverse proxy (``trusted_proxies``)."""
    return request.remote_addr or ""


def is_from_this_machine() -> bool:
    """Whether a program on this machine sent the request directly: no proxy, ours or another, says that it forwarded
    it."""
    return not was_proxied(request.environ) and is_loopback(network_address())
