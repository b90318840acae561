"""Accounts of the desk: passwords, one-time links, sessions."""

from __future__ import annotations

import sys

import click

from statuspage import serialization
from statuspage.cli.columns import align
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import Refusal, known_values
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.show import clock_of
from statuspage.domain import escape_control_characters
from statuspage.rendering.wording import Clock
from statuspage.storage.accounts import Account, Session
from statuspage.storage.engine import Database
from statuspage.usecases import account_administration, accounts
from statuspage.usecases.accounts import Role

LOGIN = click.Argument(["login"], metavar="LOGIN")


def _account_json(account: Account) -> dict[str, object]:
    return {"login": account.login, "name": account.name, "role": str(account.role), "language": account.language}


def find_account(command: CommandContext, accounts_db: Database, login: str) -> Account:
    """The account with this login. Raises Refusal."""
    account = accounts.find_by_login(accounts_db, login)
    if account is None:
        known = [account.login for account in accounts.all_accounts(accounts_db)]
        raise Refusal(f"{command.text('no_account', login=login)} {known_values(command, login, known)}".rstrip())
    return account


@cli_command("list", group="account")
def list_accounts(command: CommandContext) -> None:
    """Lists all accounts."""
    all_accounts = accounts.all_accounts(command.open_env().databases.accounts)
    lines = align([(account.login, account.role, account.name) for account in all_accounts])
    command.print_result([_account_json(account) for account in all_accounts], lines or [command.text("no_accounts")])


@cli_command(
    "add",
    LOGIN,
    Flag(["--name"], default="", label="person-name"),
    Flag(["--role"], default=Role.REPORTER.value, type=Choice([role.value for role in Role])),
    Flag(["--lang"], default=""),
    group="account",
)
def add_account(command: CommandContext, login: str, name: str, role: str, lang: str) -> None:
    """Creates an account; without a password, its owner signs in with one-time links."""
    env = command.open_env()
    account = accounts.add_account(
        env.databases.accounts,
        login,
        name or login,
        role=Role(role),
        language=escape_control_characters(lang),
        by=terminal_actor(),
        now=command.now(),
    )
    command.print_result(_account_json(account), [command.text("account_added", login=account.login)])


@cli_command("link", LOGIN, group="account")
def create_link(command: CommandContext, login: str) -> None:
    """Creates a sign-in link that works once and expires soon."""
    from statuspage.usecases import instance

    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    desk = instance.served_addresses(env.home).get("desk")
    if desk is None:
        raise Refusal(command.text("no_desk"))
    token = accounts.create_sign_in_link(env.databases.accounts, account.id, by=terminal_actor(), now=command.now())
    address = f"{desk}/sign-in/link/{token}"
    command.print_result({"login": account.login, "link": address}, [address])
    if not command.as_json:
        click.echo(command.text("link_valid"), err=True)


@cli_command("password", LOGIN, group="account")
def set_password(command: CommandContext, login: str) -> None:
    """Sets a password, prompted for twice or read from standard input."""
    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    if sys.stdin.isatty():
        new_password = click.prompt(command.text("password_prompt"), hide_input=True, confirmation_prompt=True)
    else:
        new_password = sys.stdin.readline().rstrip("\r\n")
    words = [pack.site for pack in env.site.catalog.packs.values()]
    accounts.set_password(
        env.databases.accounts, account.id, new_password, words=words, by=terminal_actor(), now=command.now()
    )
    command.print_result({"login": account.login}, [command.text("password_set", login=account.login)])


@cli_command("reset-second-factor", LOGIN, group="account")
def reset_second_factor(command: CommandContext, login: str) -> None:
    """Removes the second factors of an account whose owner lost them."""
    from statuspage.usecases import second_factor

    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    second_factor.reset(env.databases.accounts, env.secret_store, account, by=terminal_actor(), now=command.now())
    command.print_result({"login": account.login}, [command.text("second_factor_reset", login=account.login)])


@cli_command("disable", LOGIN, group="account")
def disable_account(command: CommandContext, login: str) -> None:
    """Disables an account: its sessions end at once, and it cannot sign in any more."""
    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    account_administration.disable(env.databases.accounts, account.id, by=terminal_actor(), now=command.now())
    command.print_result({"login": account.login}, [command.text("account_disabled", login=account.login)])


@cli_command("enable", LOGIN, group="account")
def enable_account(command: CommandContext, login: str) -> None:
    """Enables a disabled account."""
    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    account_administration.enable(env.databases.accounts, account.id, by=terminal_actor(), now=command.now())
    command.print_result({"login": account.login}, [command.text("account_enabled", login=account.login)])


@cli_command(
    "role",
    LOGIN,
    click.Argument(["role"], metavar="ROLE", type=Choice([role.value for role in Role])),
    group="account",
)
def set_role(command: CommandContext, login: str, role: str) -> None:
    """Changes an account's role; also used to appoint an administrator if the last one is lost."""
    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    account_administration.change_role(
        env.databases.accounts, account.id, Role(role), by=terminal_actor(), now=command.now()
    )
    command.print_result(
        {"login": account.login, "role": role}, [command.text("account_role", login=account.login, role=role)]
    )


@cli_command("sessions", group="account")
def list_sessions(command: CommandContext) -> None:
    """Shows who is signed in, since when, and when they were last active."""
    env = command.open_env()
    open_sessions = [
        (session, account)
        for account in accounts.all_accounts(env.databases.accounts)
        for _, session in accounts.list_sessions(env.databases.accounts, account.id, now=command.now())
    ]
    clock = clock_of(command, env.site.catalog)
    rows = [
        {
            **_account_json(account),
            "signed_in_at": serialization.to_json_value(session.created),
            "last_seen_at": serialization.to_json_value(session.last_seen),
        }
        for session, account in open_sessions
    ]
    lines = align([_session_cells(clock, session, account) for session, account in open_sessions])
    command.print_result(rows, lines or [command.text("no_sessions")])


def _session_cells(clock: Clock, session: Session, account: Account) -> tuple[str, ...]:
    since, last_seen = clock.format_day_time(session.created), clock.format_day_time(session.last_seen)
    return account.login, f"{since} – {last_seen}", account.name


@cli_command("sign-out", LOGIN, group="account")
def sign_out_account(command: CommandContext, login: str) -> None:
    """Ends all sessions of an account, which can sign in again."""
    env = command.open_env()
    account = find_account(command, env.databases.accounts, login)
    ended_count = accounts.sign_out_everywhere(
        env.databases.accounts, account.id, by=terminal_actor(), now=command.now()
    )
    command.print_result(
        {"login": account.login, "ended_sessions": ended_count},
        [command.text("sessions_ended", login=account.login, count=ended_count)],
    )


COMMANDS = {
    command.name: command
    for command in (
        list_accounts,
        add_account,
        create_link,
        set_password,
        reset_second_factor,
        disable_account,
        enable_account,
        set_role,
        list_sessions,
        sign_out_account,
    )
}
