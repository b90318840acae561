"""The first run in the browser: serves Welcome on the desk's port until there is an instance."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

from statuspage.cli.context import CommandContext
from statuspage.cli.messages import messages_in
from statuspage.usecases import first_run
from statuspage.usecases.new_company import NewCompany
from statuspage.usecases.zones import guess_zone
from statuspage.web.desk import MAX_FORM, TrustedProxies
from statuspage.web.server import Limits, ServerThread
from statuspage.web.welcome import Begun, FirstRun, create_app

POLL_SECONDS = 0.2
"""Seconds between two looks whether somebody has made an instance."""


@contextmanager
def welcoming(command: CommandContext, listener: socket.socket, address: str, stop: Event) -> Iterator[Path | None]:
    """Serves Welcome during the block, which begins once somebody has made an instance, with its folder; None if the
    program was stopped before. Until the block ends, Welcome says that the desk is about to open.
    """
    settings = command.settings

    def begin(new: NewCompany | None, language: str, network_address: str) -> Begun:
        home = settings.home if new else first_run.demo_home(settings.home)
        options = {"name": messages_in(language).label("cli.first_account"), "address": network_address}
        now = command.now()
        session = (
            first_run.begin_company(settings, new, **options, now=now)
            if new
            else first_run.begin_demo(settings, **options, now=now)
        )
        return Begun(home, session)

    run = FirstRun(
        settings.home,
        first_run.demo_home(settings.home),
        secrets.token_urlsafe(24),
        guess_zone(dict(command.environ)),
        command.clock,
        begin,
        secure=settings.secrets.get("STATUSPAGE_SECURE") == "1",
    )
    app = TrustedProxies(create_app(run), settings.trusted_proxies)
    with ServerThread(app, listener.dup(), Limits(MAX_FORM)):
        link = f"{address}/welcome/{run.token}"
        command.print_result({"welcome": link}, [command.text("welcome_link"), f"  {link}"])
        sys.stdout.flush()
        while run.begun is None and not stop.wait(POLL_SECONDS):
            pass
        yield run.begun.home if run.begun else None


def command_at(command: CommandContext, home: Path) -> CommandContext:
    """The same command for the instance in this folder."""
    return replace(command, home=str(home))
