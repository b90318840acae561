"""Runs for a long time: the servers of an instance, or only its worker."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Event
from typing import TypeVar

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.integrations.monitors import Amazon
from statuspage.storage.accounts import Person
from statuspage.storage.engine import Broken
from statuspage.usecases import accounts, delivery, instance, logging_setup
from statuspage.usecases.accounts import Role
from statuspage.usecases.bootstrap import build_signup_context, counter_of, drill_world, live_world
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.subscribers import SignupContext
from statuspage.web.desk import Behind, Intake
from statuspage.web.server import (
    Doors,
    DrillProcess,
    Limits,
    Listening,
    NoPort,
    address_of,
    bind,
    is_loopback,
    port_of,
    run,
)
from statuspage.web.signup import LARGEST_FORM, create_app

T = TypeVar("T")

PORTS = {"port": 8000, "site_port": 8001, "drill_port": 8002, "drill_site_port": 8003, "public_port": 8004}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: the address to listen on and the ports, by flag."""

    host: str
    ports: dict[str, int]


@verb(
    "serve",
    Flag(["--host"], default="127.0.0.1"),
    *(
        Flag([f"--{name.replace('_', '-')}"], type=click.IntRange(0, 65_535), default=port, show_default=True)
        for name, port in PORTS.items()
    ),
    Flag(["--desk-fd"], type=int, hidden=True),
    Flag(["--site-fd"], type=int, hidden=True),
    Flag(["--live-desk"], default="", hidden=True),
)
def serve(
    door: CommandContext, host: str, desk_fd: int | None, site_fd: int | None, live_desk: str, **ports: int
) -> None:
    """Serves the desk, the public site and the drill, and works through the queue."""
    stop = stopping()
    _warn_of_strangers(door, host)
    if desk_fd is not None and site_fd is not None:
        run.stop_with_parent(stop)
        _serve_drill(door, run.handed_over(desk_fd, site_fd), live_desk, stop)
    elif door.drill:
        doors = _doors(door, Wanted(host, ports), "drill_port", "drill_site_port")
        _serve_drill(door, doors, live_desk, stop, say_so=True)
    else:
        _serve_both(door, Wanted(host, ports), stop)


def _serve_both(door: CommandContext, wanted: Wanted, stop: Event) -> None:
    here = door.settings
    logging_setup.configure(here)
    _refuse_twice(door)
    doors = _doors(door, wanted, "port", "site_port")
    drill = _doors(door, wanted, "drill_port", "drill_site_port")
    siblings = {"live": doors.addresses["desk"], "drill": drill.addresses["desk"], **here.desks}
    said = {"drill": siblings["drill"], "drill_site": drill.addresses["site"], **doors.addresses}
    said["desk"] = siblings["live"]
    reach = run.reach(here, here.desks.get("live", ""), intake=Intake(here.intake_secrets, Amazon()))
    public = _open(door, wanted.host, wanted.ports["public_port"])
    own_pages = said["own_pages"] = address_of(public)
    at = {"address": doors.addresses["site"], "own_pages": own_pages}
    world = _once_there(door, stop, lambda: live_world(here, now=door.now(), **at))
    _warn(door, world)
    with ExitStack() as running:
        running.enter_context(_public(counter_of(world), door, public))
        other = DrillProcess(here, drill, live_desk=siblings["live"], environ=door.environ)
        running.callback(other.stop)
        doors = replace(doors, more={"own_pages": own_pages})
        served = run.served(world, doors, clock=door.clock, stop=stop, siblings=siblings, reach=reach)
        running.enter_context(served)
        _announce(door, world, said)
        lost = lambda: click.secho(door.say("drill_lost"), fg="red", err=True)  # noqa: E731
        run.keep_going(world, stop, clock=door.clock, other=other, lost=lost)


def _serve_drill(door: CommandContext, doors: Doors, live_desk: str, stop: Event, *, say_so: bool = False) -> None:
    here = door.settings
    logging_setup.configure(here)
    address = here.drill_address or doors.addresses["site"]
    own = {"database": here.databases.drill, "accounts": here.databases.people, "desk": here.desks.get("drill", "")}
    made = lambda: drill_world(here.home, here.content, now=door.now(), address=address, **own)  # noqa: E731
    world = _once_there(door, stop, made)
    siblings = {"drill": doors.addresses["desk"]} | ({"live": live_desk} if live_desk else {}) | here.desks
    reach = run.reach(here, here.desks.get("drill", ""), intake=Intake(here.drill_intake_secrets))
    _warn(door, world)
    with run.served(world, doors, clock=door.clock, stop=stop, siblings=siblings, reach=reach):
        if say_so:
            door.put(doors.addresses, [f"{door.say('at_' + n)}  {a}" for n, a in doors.addresses.items()])
        run.keep_going(world, stop, clock=door.clock, other=None, lost=lambda: None)


def _once_there(door: CommandContext, stop: Event, made: Callable[[], T]) -> T:
    """What is made with the databases, once they answer; says once that it waits for them.

    Raises Broken where they do not let us in.
    """
    told = False
    while True:
        try:
            return made()
        except Broken as error:
            if error.code not in ("away", "cut"):
                raise
        if not told:
            click.echo(door.say("waits_for_database"), err=True)
        told = True
        if stop.wait(run.LOOK):
            raise click.exceptions.Exit(0)


def _warn(door: CommandContext, world: Environment) -> None:
    """What is wrong, but no reason not to serve."""
    if restore_guard.since(world):
        click.secho(door.say("on_hold"), fg="red", err=True)
    door.warn_of_faults(world)
    if why := run.first_pages(world, now=door.now()):
        click.secho(door.say("unwritable", reason=why), fg="red", err=True)
    run.keep_summary(world, door.now())


def _warn_of_strangers(door: CommandContext, host: str) -> None:
    """Other machines reach these ports, and nothing says that a web server stands before them."""
    if not is_loopback(host) and not door.settings.proxies:
        click.secho(door.say("no_proxy", host=host), fg="red", err=True)


def _refuse_twice(door: CommandContext) -> None:
    if at := instance.served_at(door.settings.home):
        raise Refusal(door.say("served_already", address=at.get("desk", "")))


def _doors(door: CommandContext, wanted: Wanted, desk: str, site: str) -> Doors:
    return Doors(_open(door, wanted.host, wanted.ports[desk]), _open(door, wanted.host, wanted.ports[site]))


def _open(door: CommandContext, host: str, port: int) -> socket.socket:
    try:
        opened = bind(host, port)
    except NoPort as error:
        raise Refusal(str(error)) from error
    if port and port_of(opened) != port:
        click.echo(door.say("port_taken", port=port, instead=port_of(opened)), err=True)
    return opened


def _announce(door: CommandContext, world: Environment, addresses: dict[str, str]) -> None:
    """Where everything is. A link that signs in is shown at a terminal only, and only until somebody has signed in:
    elsewhere what is printed is kept in a log, which others read."""
    names = ("desk", "site", "drill", "drill_site", "own_pages")
    lines = [f"{door.say('at_' + name)}  {addresses[name]}" for name in names]
    first = _first_administrator(door, world)
    link = None
    if sys.stdout.isatty() and not accounts.has_anyone_signed_in(world.people):
        link = (
            f"{addresses['desk']}/sign-in/link/{accounts.create_sign_in_link(world.people, first.id, now=door.now())}"
        )
    how = [door.say("at_link"), f"  {link}"] if link else [door.say("at_sign_in", login=first.login)]
    door.put({**addresses, "link": link, "pid": os.getpid()}, [*lines, *how])
    sys.stdout.flush()


def _first_administrator(door: CommandContext, world: Environment) -> Person:
    """The first administrator, made where nobody has an account yet."""
    known = accounts.all_accounts(world.people)
    for person in known:
        if person.role == Role.ADMINISTRATOR:
            return person
    name = door.say("first_person")
    return accounts.add_account(world.people, "desk", name, role=Role.ADMINISTRATOR, language="", now=door.now())


def _public(counter: SignupContext, door: CommandContext, listening: socket.socket) -> Listening:
    """The subscribers' own pages on this port, while it is entered."""
    here = door.settings
    app = create_app(counter, clock=door.clock, secure=here.secrets.get("STATUSPAGE_SECURE") == "1")
    return Listening(Behind(app, here.proxies), listening, Limits(LARGEST_FORM))  # type: ignore[arg-type]


@verb(
    "public",
    Flag(["--host"], default="127.0.0.1"),
    Flag(["--port"], type=click.IntRange(0, 65_535), default=PORTS["public_port"], show_default=True),
)
def public(door: CommandContext, host: str, port: int) -> None:
    """Serves the subscribers' own pages alone, with their books and the content and nothing else."""
    logging_setup.configure(door.settings)
    stop = stopping()
    _warn_of_strangers(door, host)
    asked = _once_there(door, stop, lambda: build_signup_context(door.settings, now=door.now()))
    with _public(asked, door, _open(door, host, port)) as served:
        said = {"own_pages": served.address, "pid": os.getpid()}
        door.put(said, [f"{door.say('at_own_pages')}  {served.address}"])
        sys.stdout.flush()
        stop.wait()


@verb("worker", Flag(["--wait"], is_flag=True))
def worker(door: CommandContext, wait: bool) -> None:
    """Works through the queue without serving anything."""
    stop = stopping()
    world = _once_there(door, stop, door.world)
    logging_setup.configure(door.settings)
    say = lambda: click.echo(door.say("working"), err=True)  # noqa: E731
    run.following_content(world, clock=door.clock, stop=stop)
    if not delivery.run(world, clock=door.clock, stop=stop, wait=wait, begun=say):
        raise Refusal(door.say("worked_already", process=delivery.holder(world.worker_lock)))


def stopping() -> Event:
    """An event that is set when somebody asks this process to stop."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


VERBS = {found.name: found for found in (serve, public, worker)}
