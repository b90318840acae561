"""What the request being answered stands on: its world, its time, who asks and how we speak to them."""

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
from statuspage.usecases import drills as drilling
from statuspage.usecases import instance
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills import LiveStatus
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator, translator_for


@dataclass(frozen=True, slots=True)
class Intake:
    """Whom the intake believes. ``secrets`` by the monitor's name, "" for all others; none at all: everybody.
    ``amazon`` where Amazon may be asked for what it signed; None in a world that asks nobody."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    amazon: SnsVerifier | None = None

    def secret_for(self, source: str) -> str:
        """What this monitor has to bring; "" where nothing will do, or nothing is needed."""
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
    """The desk this request came to."""
    context: DeskContext = current_app.extensions["statuspage"]
    return context


def env() -> Environment:
    """The world this desk works in."""
    return desk().env


def now() -> datetime:
    """One moment for the whole request."""
    if "now" not in g:
        g.now = desk().clock()
    moment: datetime = g.now
    return moment


def current_account() -> Account | None:
    """Who is signed in."""
    account: Account | None = g.get("person")
    return account


def signed_in_account() -> Account:
    """Who is signed in, where somebody must be."""
    account = current_account()
    if account is None:
        raise LookupError("nobody is signed in")
    return account


def may_redact() -> bool:
    """Whether who is signed in may take published words away for good."""
    return signed_in_account().role == Role.ADMINISTRATOR


def language() -> str:
    """The language the desk speaks here: the person's own, else what the browser asks for first; English where it asks
    for others alone, and the desk's first where it asks for none."""
    languages = env().catalog.desk_languages
    account = current_account()
    if account is not None and account.language in languages:
        return account.language
    chosen = request.cookies.get("desk-language", "")
    if chosen in languages:
        return chosen
    fallback = "en" if request.accept_languages and "en" in languages else languages[0]
    return request.accept_languages.best_match(languages, fallback) or fallback


def translator() -> Translator:
    """How we speak to this reader."""
    return translator_for(env().catalog, language())


def live_status() -> LiveStatus:
    """What goes on in the live world beside a drill's, looked at once for the whole request."""
    if "live" not in g:
        g.live = drilling.live_status(env(), now=now())
    status: LiveStatus = g.live
    return status


def siblings() -> dict[str, str]:
    """The addresses of the live and the drill desk, "" where not known. Where nobody told a drill, live has written it
    down."""
    addresses = {"live": "", "drill": "", **desk().siblings}
    return {**addresses, "live": addresses["live"] or live_status().desk_url}


def drill_start() -> str:
    """When the drill began that runs in this world; "" while none does."""
    with env().database.read() as tx:
        drill = drills.find_running_drill(tx)
    return translator().times.format_time(drill.started) if drill else ""


def signer(purpose: str) -> URLSafeSerializer:
    """Signs what a page carries from one request to the next, for this purpose only."""
    return URLSafeSerializer(env().secret, salt=f"desk-{purpose}-{env().name}")


def desk_address() -> str:
    """Where this desk is reached from elsewhere, as far as we know: never the name that a request came in under."""
    context = desk()
    return context.siblings.get(context.env.name) or instance.served_addresses(context.env.home).get("desk", "")


def incident_or_404(incident_id: str) -> Incident:
    """The incident of this id; 404 when there is none."""
    with env().database.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    return incident or abort(404)


def network_address() -> str:
    """Where the request comes from, as the server saw it, or as a web server of our own says (``web.proxies``)."""
    return request.remote_addr or ""
