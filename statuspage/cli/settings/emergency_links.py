"""Emergency links: one-time sign-in links on paper, for when the identity provider is down."""

from __future__ import annotations

from datetime import timedelta

import click

from statuspage import serialization
from statuspage.cli.accounts import LOGIN, find_account
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.show import clock_of
from statuspage.usecases import instance
from statuspage.usecases.identity import emergency_links


@cli_command(
    "emergency-link",
    LOGIN,
    Flag(
        ["--count"],
        type=click.IntRange(1, emergency_links.MAX_LINKS),
        default=2,
        show_default=True,
        label="emergency-link-count",
    ),
    Flag(
        ["--days"],
        type=click.IntRange(1, emergency_links.VALID_FOR_DAYS[1]),
        default=emergency_links.VALID_FOR_DAYS[0],
        show_default=True,
        label="emergency-link-days",
    ),
    group="account",
)
def create_links(command: CommandContext, login: str, count: int, days: int) -> None:
    """Makes emergency links and prints their codes once."""
    env, now = command.open_env(), command.now()
    account = find_account(command, env.databases.accounts, login)
    made = emergency_links.create(
        env.databases.accounts, account.id, count=count, days=days, by=terminal_actor(), now=now
    )
    base = command.settings.desk_addresses.get("live") or instance.served_addresses(command.settings.home).get("desk")
    address = f"{base or ''}/sign-in/emergency"
    until = clock_of(command, env.site.catalog).format_date(now + timedelta(days=days), now=now)
    lines = [command.text("emergency_link_sheet", name=account.name, address=address, day=until)]
    lines += [f"  {link.number:>4}  {link.code}" for link in made]
    rows = [{"number": link.number, "code": link.code} for link in made]
    command.print_result({"login": account.login, "address": address, "links": rows}, lines)
    if not command.as_json:
        click.echo(command.text("emergency_link_once"), err=True)


@cli_command("emergency-links", group="account")
def list_links(command: CommandContext) -> None:
    """Lists emergency links with their state; never their codes."""
    env, now = command.open_env(), command.now()
    clock = clock_of(command, env.site.catalog)
    rows, lines = [], []
    for link in emergency_links.list_links(env.databases.accounts):
        state = link.state(now)
        at = {"used": link.used_at, "revoked": link.revoked_at}.get(state) or link.expires
        row = {"number": link.number, "name": link.person, "state": state, "at": serialization.to_json_value(at)}
        rows.append({**row, "from": link.used_from})
        text = command.text(f"emergency_link_{state}", time=clock.format_day_time(at))
        lines.append(f"{link.number:>4}  {text}  {link.person}")
    command.print_result(rows, lines or [command.text("no_emergency_links")])


@cli_command(
    "revoke-emergency-link",
    click.Argument(["number"], metavar="NUMBER", type=click.IntRange(1, 2**31 - 1)),
    group="account",
)
def revoke_link(command: CommandContext, number: int) -> None:
    """Makes an unused emergency link void."""
    env = command.open_env()
    if not emergency_links.revoke(env.databases.accounts, number, by=terminal_actor(), now=command.now()):
        raise Refusal(command.text("no_emergency_link", number=number))
    command.print_result({"number": number}, [command.text("emergency_link_void", number=number)])


COMMANDS = {command.name: command for command in (create_links, list_links, revoke_link)}
