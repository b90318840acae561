"""The context of the current request: environment, time, account, language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from statuspage.usecases.drills import LiveStatus
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator, translator_for


@dataclass(frozen=True, slots=True)
class Intake:
    """How the intake authenticates monitors. ``secrets`` by the monitor's name, "" for all others; empty: everybody is
    accepted. ``amazon`` verifies what Amazon signed; None in an environment that asks nobody.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    amazon: SnsVerifier | None = None

    def secret_for(self, source: str) -> str:
        """The secret this monitor must send; "" where none is accepted, or none is needed."""
        return self.secrets.get(source) or self.secrets.get("", "")


@dataclass(frozen=True, slots=True)
class DeskContext:
    """What one desk was built from. ``siblings`` are the addresses of the live and the drill desk, where known."""

    env: Environment
    clock: Callable[[], datetime]
    siblings: Mapping[str, str]
    secure: bool = False
    intake: Intake = Intake()
    metrics_token: str = field(default="", repr=False)


def desk() -> DeskContext:
    """The desk of this request."""
    context: DeskContext = current_app.extensions["statuspage"]
    return context


def env() -> Environment:
    """The environment of this desk."""
    return desk().env


def now() -> datetime:
    """One time for the whole request."""
    if "now" not in g:
        g.now = desk().clock()
    moment: datetime = g.now
    return moment


def current_account() -> Account | None:
    """The signed-in account."""
    account: Account | None = g.get("account")
    return account


def signed_in_account() -> Account:
    """The signed-in account, where there must be one."""
    account = current_account()
    if account is None:
        raise LookupError("nobody is signed in")
    return account


def actor() -> str:
    """The name of the signed-in account, which stands beside what it does."""
    return signed_in_account().name


def may_redact() -> bool:
    """Whether the signed-in account may redact."""
    return signed_in_account().role == Role.ADMINISTRATOR


def language() -> str:
    """The desk's language for this reader: the account's own, else the browser's first choice; English where it asks
    for unsupported ones only, and the desk's first where it asks for none.
    """
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
    """The translator for this reader."""
    return translator_for(env().site.catalog, language())


def live_status() -> LiveStatus:
    """The state of the live environment beside a drill's, read once for the whole request."""
    if "live" not in g:
        g.live = drill_usecases.live_status(env().live_status_path, now=now())
    status: LiveStatus = g.live
    return status


def siblings() -> dict[str, str]:
    """The addresses of the live and the drill desk, "" where not known. Where nobody told a drill, live's summary has
    it.
    """
    addresses = {"live": "", "drill": "", **desk().siblings}
    return {**addresses, "live": addresses["live"] or live_status().desk_url}


def drill_start() -> str:
    """The start of the running drill in this environment; "" while none runs."""
    with env().databases.environment.read() as tx:
        drill = drills.find_running_drill(tx)
    return translator().times.format_time(drill.started) if drill else ""


def signer(purpose: str) -> URLSafeSerializer:
    """Signs what a page carries from one request to the next, for this purpose only."""
    return URLSafeSerializer(env().secret, salt=f"desk-{purpose}-{env().name}")


def desk_address() -> str:
    """This desk's external address, as far as we know: never the name that a request used."""
    context = desk()
    return context.siblings.get(context.env.name) or instance.served_addresses(context.env.home).get("desk", "")


def incident_or_404(incident_id: str) -> Incident:
    """The incident of this id; 404 when there is none."""
    with env().databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    return incident or abort(404)


def network_address() -> str:
    """The client's address, as the server saw it, or as our own reverse proxy says (``trusted_proxies``)."""
    return request.remote_addr or ""
