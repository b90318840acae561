"""Long-running processes: the servers of an instance, or only its worker."""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.instance.database_wait import DATABASE_WAIT, wait_for_databases
from statuspage.cli.instance.first_run import command_at, welcoming
from statuspage.integrations.monitors import SnsVerifier
from statuspage.storage.engine import Database
from statuspage.usecases import accounts, delivery, drills, first_run, instance, logging_setup
from statuspage.usecases.bootstrap import build_signup_context, drill_environment, live_environment, signup_context_of
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.subscribers import SignupContext
from statuspage.web.desk import Intake, TrustedProxies
from statuspage.web.server import (
    DrillProcess,
    Limits,
    Listeners,
    NoPort,
    ServerThread,
    address_of,
    is_loopback,
    open_listener,
    port_of,
    run,
)
from statuspage.web.signup import MAX_FORM, create_app

PORTS = {"port": 8000, "site_port": 8001, "drill_port": 8002, "drill_site_port": 8003, "signup_port": 8004}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The requested address and ports, how many seconds to wait for the databases (None: for as long as it takes),
    and whether the drill is somebody else's to serve."""

    host: str
    ports: dict[str, int]
    database_wait: float | None = None
    no_drill: bool = False


@cli_command(
    "serve",
    Flag(["--host"], default="127.0.0.1", metavar="ADDRESS"),
    *(
        Flag(
            [f"--{name.replace('_', '-')}"],
            type=click.IntRange(0, 65_535),
            default=port,
            show_default=True,
            metavar="PORT",
        )
        for name, port in PORTS.items()
    ),
    Flag(["--no-drill"], is_flag=True),
    DATABASE_WAIT,
    Flag(["--desk-fd"], type=int, hidden=True),
    Flag(["--site-fd"], type=int, hidden=True),
    Flag(["--live-desk"], default="", hidden=True),
)
def serve(
    command: CommandContext,
    host: str,
    no_drill: bool,
    database_wait: float | None,
    desk_fd: int | None,
    site_fd: int | None,
    live_desk: str,
    **ports: int,
) -> None:
    """Serves the desk, the public site and the drill, and works through the queue."""
    options = ServeOptions(host, ports, database_wait, no_drill)
    stop = stop_on_signal()
    _warn_without_proxy(command, host)
    if desk_fd is not None and site_fd is not None:
        run.stop_with_parent(stop)
        _serve_drill(command, options, run.inherited_listeners(desk_fd, site_fd), live_desk, stop)
    elif command.is_drill:
        sockets = _bind_sockets(command, options, "drill_port", "drill_site_port")
        live_desk = live_desk or instance.served_addresses(command.settings.home).get("desk", "")
        _serve_drill(command, options, sockets, live_desk, stop, print_addresses=True)
    else:
        _serve_both(command, options, stop)


def _serve_both(command: CommandContext, options: ServeOptions, stop: Event) -> None:
    settings = command.settings
    logging_setup.configure_logging(settings)
    _refuse_if_served(command)
    desk = _bind_port(command, options.host, options.ports["port"])
    if not first_run.is_first_run(settings):
        _run_live(*_open_live(command, options, desk, stop), stop)
        return
    address = settings.desk_addresses.get("live", address_of(desk))
    with welcoming(command, desk, address, stop) as home:
        opened = _open_live(command_at(command, home), options, desk, stop) if home else None
    if opened:
        _run_live(*opened, stop)


@dataclass(frozen=True, slots=True)
class LiveServers:
    """The live environment, ready to be served: sockets, the drill's process (None: served elsewhere), addresses."""

    env: Environment
    sockets: Listeners
    drill_process: DrillProcess | None
    signup_listener: socket.socket
    addresses: dict[str, str]
    siblings: dict[str, str]


def _open_live(
    command: CommandContext, options: ServeOptions, desk: socket.socket, stop: Event
) -> tuple[CommandContext, LiveServers]:
    """Opens the environment and all sockets but the desk's, starts the drill, and writes the page meanwhile."""
    settings = command.settings
    sockets = Listeners(desk, _bind_port(command, options.host, options.ports["site_port"]))
    drill_sockets = None if options.no_drill else _bind_sockets(command, options, "drill_port", "drill_site_port")
    drill_addresses = drill_sockets.addresses if drill_sockets else _addresses_elsewhere(options)
    siblings = {"live": sockets.addresses["desk"], "drill": drill_addresses["desk"], **settings.desk_addresses}
    addresses = {"drill": siblings["drill"], "drill_site": drill_addresses["site"], **sockets.addresses}
    addresses["desk"] = siblings["live"]
    signup_listener = _bind_port(command, options.host, options.ports["signup_port"])
    signup_address = addresses["signup"] = address_of(signup_listener)
    site_addresses = {"address": sockets.addresses["site"], "signup_url": signup_address}
    env = wait_for_databases(
        command,
        stop,
        lambda: live_environment(settings, now=command.now(), **site_addresses),
        options.database_wait,
    )
    _print_warnings(command, env)
    drill_process = None
    if drill_sockets:
        drill_process = DrillProcess(settings, drill_sockets, live_desk=siblings["live"], environ=command.environ)
    _publish_first_pages(command, env)
    sockets = replace(sockets, more_addresses={"signup": signup_address})
    return command, LiveServers(env, sockets, drill_process, signup_listener, addresses, siblings)


def _run_live(command: CommandContext, live: LiveServers, stop: Event) -> None:
    """Serves everything until the program is stopped."""
    settings, env = command.settings, live.env
    intake = Intake(settings.intake_secrets, SnsVerifier())
    desk_access = run.read_desk_access(
        settings, settings.desk_addresses.get("live", ""), intake=intake, environment=env.name
    )
    with ExitStack() as stack:
        stack.enter_context(logging_setup.log_lifetime("serve", env.name))
        stack.enter_context(_listen_for_signup(signup_context_of(env), command, live.signup_listener))
        if live.drill_process:
            stack.callback(live.drill_process.stop)
        stack.enter_context(
            run.serving(
                env, live.sockets, clock=command.clock, stop=stop, siblings=live.siblings, desk_access=desk_access
            )
        )
        _print_addresses(command, env.databases.accounts, live.addresses)
        on_lost = partial(click.secho, command.text("drill_lost"), fg="red", err=True)
        run.wait_for_stop(env, stop, clock=command.clock, drill_process=live.drill_process, on_lost=on_lost)


def _serve_drill(
    command: CommandContext,
    options: ServeOptions,
    sockets: Listeners,
    live_desk: str,
    stop: Event,
    *,
    print_addresses: bool = False,
) -> None:
    settings = command.settings
    logging_setup.configure_logging(settings)
    desk_address = settings.desk_addresses.get("drill", "")
    open_env = partial(_open_drill, command, sockets.addresses["site"])
    env = wait_for_databases(command, stop, open_env, options.database_wait)
    siblings = (
        {"drill": sockets.addresses["desk"]} | ({"live": live_desk} if live_desk else {}) | settings.desk_addresses
    )
    reach = run.read_desk_access(
        settings, desk_address, intake=Intake(settings.drill_intake_secrets), environment=env.name
    )
    _print_warnings(command, env)
    _publish_first_pages(command, env)
    with (
        logging_setup.log_lifetime("serve", env.name),
        run.serving(env, sockets, clock=command.clock, stop=stop, siblings=siblings, desk_access=reach),
    ):
        if print_addresses:
            command.print_result(
                sockets.addresses, [f"{command.text('at_' + name)}  {url}" for name, url in sockets.addresses.items()]
            )
        run.wait_for_stop(env, stop, clock=command.clock, drill_process=None, on_lost=lambda: None)


def _open_drill(command: CommandContext, site_address: str) -> Environment:
    """Opens the drill environment; ``site_address`` is where this program serves its page."""
    settings = command.settings
    return drill_environment(
        settings.home,
        settings.content,
        now=command.now(),
        address=settings.drill_address or site_address,
        database=settings.databases.drill,
        accounts=settings.databases.accounts,
        desk=settings.desk_addresses.get("drill", ""),
    )


def _print_warnings(command: CommandContext, env: Environment) -> None:
    """Prints problems that do not prevent serving."""
    if restore_guard.held_since(env.databases.environment):
        click.secho(command.text("send_hold"), fg="red", err=True)
    command.warn_of_faults(env)
    run.write_summary(env, command.now())


def _publish_first_pages(command: CommandContext, env: Environment) -> None:
    if reason := run.publish_first_pages(env, now=command.now()):
        click.secho(command.text("unwritable", reason=reason), fg="red", err=True)


def _warn_without_proxy(command: CommandContext, host: str) -> None:
    """Warns if other machines can reach these ports and no reverse proxy is configured."""
    if not is_loopback(host) and not command.settings.trusted_proxies:
        click.secho(command.text("no_proxy", host=host), fg="red", err=True)


def _refuse_if_served(command: CommandContext) -> None:
    if addresses := instance.served_addresses(command.settings.home):
        raise Refusal(command.text("served_already", address=addresses.get("desk", "")))


def _bind_sockets(command: CommandContext, options: ServeOptions, desk: str, site: str) -> Listeners:
    return Listeners(
        _bind_port(command, options.host, options.ports[desk]), _bind_port(command, options.host, options.ports[site])
    )


def _addresses_elsewhere(options: ServeOptions) -> dict[str, str]:
    """Where ``serve --drill`` serves the drill with the same address and ports."""
    ports = {"desk": options.ports["drill_port"], "site": options.ports["drill_site_port"]}
    return {name: f"http://{options.host}:{port}" for name, port in ports.items()}


def _bind_port(command: CommandContext, host: str, port: int) -> socket.socket:
    try:
        listener = open_listener(host, port)
    except NoPort as error:
        raise Refusal(str(error)) from error
    if port and port_of(listener) != port:
        click.echo(command.text("port_taken", port=port, instead=port_of(listener)), err=True)
    return listener


def _print_addresses(command: CommandContext, accounts_db: Database, addresses: dict[str, str]) -> None:
    """Prints all addresses. A sign-in link is printed only at a terminal, and only until somebody has signed in: other
    output may be logged and read by others."""
    names = ("desk", "site", "drill", "drill_site", "signup")
    lines = [f"{command.text('at_' + name)}  {addresses[name]}" for name in names]
    administrator = first_run.first_administrator(accounts_db, name=command.text("first_account"), now=command.now())
    link = None
    if sys.stdout.isatty() and not accounts.has_anyone_signed_in(accounts_db):
        token = accounts.create_sign_in_link(accounts_db, administrator.id, now=command.now())
        link = f"{addresses['desk']}/sign-in/link/{token}"
    sign_in_lines = (
        [command.text("at_link"), f"  {link}"] if link else [command.text("at_sign_in", login=administrator.login)]
    )
    command.print_result({**addresses, "link": link, "pid": os.getpid()}, [*lines, *sign_in_lines])
    sys.stdout.flush()


def _listen_for_signup(signup: SignupContext, command: CommandContext, listener: socket.socket) -> ServerThread:
    """Serves the subscriber pages on this port during the block."""
    settings = command.settings
    app = create_app(signup, clock=command.clock, secure=settings.secrets.get("STATUSPAGE_SECURE") == "1")
    return ServerThread(TrustedProxies(app, settings.trusted_proxies), listener, Limits(MAX_FORM))


@cli_command(
    "signup",
    Flag(["--host"], default="127.0.0.1", metavar="ADDRESS"),
    Flag(
        ["--port"],
        type=click.IntRange(0, 65_535),
        default=PORTS["signup_port"],
        show_default=True,
        metavar="PORT",
        label="signup-port",
    ),
    DATABASE_WAIT,
)
def serve_signup(command: CommandContext, host: str, port: int, database_wait: float | None) -> None:
    """Serves only the subscriber pages, with access to nothing but their database and the content."""
    logging_setup.configure_logging(command.settings)
    stop = stop_on_signal()
    _warn_without_proxy(command, host)
    signup = wait_for_databases(
        command, stop, lambda: build_signup_context(command.settings, now=command.now()), database_wait
    )
    with (
        logging_setup.log_lifetime("signup", "live"),
        _listen_for_signup(signup, command, _bind_port(command, host, port)) as server,
    ):
        result = {"signup": server.address, "pid": os.getpid()}
        command.print_result(result, [f"{command.text('at_signup')}  {server.address}"])
        sys.stdout.flush()
        stop.wait()


@cli_command("worker", Flag(["--wait"], is_flag=True), DATABASE_WAIT)
def run_worker(command: CommandContext, wait: bool, database_wait: float | None) -> None:
    """Works through the queue without serving anything."""
    stop = stop_on_signal()
    env = wait_for_databases(command, stop, command.open_env, database_wait)
    logging_setup.configure_logging(command.settings)
    print_started = partial(click.echo, command.text("worker_running"), err=True)
    run.follow_content(env, clock=command.clock, stop=stop)
    with logging_setup.log_lifetime("worker", env.name):
        was_worker = delivery.run(
            env, clock=command.clock, stop=stop, wait=wait, on_start=print_started, watch=drills.ClockWatch()
        )
    if not was_worker:
        raise Refusal(command.text("worker_already_running", process=delivery.lock_holder(env.worker_lock)))


def stop_on_signal() -> Event:
    """An event that is set when this process is asked to stop."""
    stop = Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    return stop


COMMANDS = {command.name: command for command in (serve, serve_signup, run_worker)}
