"""Sign-up pages, served on loopback, with an environment that sends the emails. Import the fixtures you need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

from statuspage.domain.catalog import Catalog
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel
from statuspage.integrations.channels.public_egress import Egress
from statuspage.storage.engine.database import Database
from statuspage.usecases.bootstrap import signup_context_of
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.subscribers import emails
from statuspage.usecases.subscribers.signup import SignupContext
from statuspage.web.server.http_server import ServerThread, open_listener
from statuspage.web.signup.app import create_app
from tests.support.channel_cases import HURRIED
from tests.support.desk import Clock, environment_in
from tests.support.environments import with_changes
from tests.support.fakes.mail_server import MailServer

STATUS = "https://status.fitline.example"
SENDER = "status@fitline.example"


def posted(server: MailServer, *languages: str) -> Mapping[str, Channel]:
    """A subscriber channel to this server for each of these languages, by default the sample's."""
    specs = [emails_in(language) for language in languages or ("ja", "en", "ja-simple")]
    return {spec.id: channels.open_live(spec, environ_of(spec, server), HURRIED) for spec in specs}


def emails_in(language: str) -> ChannelSpec:
    """The subscriber channel of this language."""
    options = {"sender": SENDER, "rate": "0", "connections": "1"}
    return ChannelSpec(f"subscribers-{language}", "subscribers", language, "mail", notice_kinds=(), options=options)


def environ_of(spec: ChannelSpec, server: MailServer) -> Mapping[str, str]:
    """The settings with which this channel reaches the server."""
    prefix = f"STATUSPAGE_{spec.id.upper().replace('-', '_')}"
    return {f"{prefix}_{name.upper()}": value for name, value in server.settings.items()}


def environment_with_request(
    home: Path, catalog: Catalog, channels: Mapping[str, Channel], own_pages: str = ""
) -> Environment:
    """An environment with its sign-up pages at this URL, and these channels besides those of the content."""
    plain = environment_in(home, catalog, address=STATUS)
    known = {**catalog.channels, **{id: channel.spec for id, channel in channels.items()}}
    return with_changes(plain, catalog=replace(catalog, channels=known), channels=dict(channels), signup_url=own_pages)


def databases_of(env: Environment) -> Database:
    """Its subscribers' database."""
    assert env.databases.subscribers is not None
    return env.databases.subscribers


@contextmanager
def signup_served(env: Environment, clock: Clock, egress: Egress | None = None) -> Iterator[Environment]:
    """Serves the pages during the block; the environment knows their URL."""
    listening = open_listener("127.0.0.1", 0)
    own: list[Environment] = []
    signup_context = SignupContext(databases_of(env), lambda: signup_context_of(own[0]).get_site())
    with ServerThread(create_app(signup_context, clock=clock, egress=egress), listening) as server:
        own.append(with_changes(env, signup_url=server.address))
        yield own[0]


def write(env: Environment, clock: Clock) -> None:
    """One round of the worker: sends what is due."""
    emails.send_due_emails(env, "me", clock=clock, jitter=lambda: 0.5, stop=Event())


def link_in(server: MailServer) -> str:
    """The only link in the newest email, which is in both of its parts."""
    email = server.emails[-1]
    text, html = (email.get_body((subtype,)) for subtype in ("plain", "html"))
    assert text is not None
    assert html is not None
    (found,) = re.findall(r"http://127\S+", text.get_content())
    assert f'href="{found}"' in html.get_content()
    return str(found)
