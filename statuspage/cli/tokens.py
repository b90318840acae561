"""Tokens for the API: add, list, end."""

from __future__ import annotations

import click

from statuspage.cli.accounts import LOGIN, find_account
from statuspage.cli.columns import align
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.show import clock_of
from statuspage.serialization import to_json_value
from statuspage.storage.api import ApiToken
from statuspage.usecases.api import MAX_LIFETIME_DAYS, Scope, TokenRefused, tokens


@cli_command(
    "add",
    LOGIN,
    Flag(["--name"], required=True, metavar="NAME", label="token-name"),
    Flag(["--scope"], default=Scope.PROPOSE.value, type=Choice([scope.value for scope in Scope]), label="token-scope"),
    Flag(["--days"], default=90, type=click.IntRange(1, MAX_LIFETIME_DAYS), metavar="90", label="token-days"),
    group="token",
)
def add_token(command: CommandContext, login: str, name: str, scope: str, days: int) -> None:
    """Makes a token that acts for an account in one environment, and prints it once."""
    env = command.open_env()
    owner = find_account(command, env.databases.accounts, login)
    try:
        made = tokens.create_token(
            env.databases.accounts,
            owner,
            name,
            environment=env.name,
            scope=Scope(scope),
            days=days,
            by=terminal_actor(),
            now=command.now(),
        )
    except TokenRefused as refused:
        raise Refusal(command.messages.label(f"desk.tokens.refusal.{refused.reason}"), code=WRONG_USE) from None
    command.print_result({**_token_json(made.token), "token": made.secret}, [made.secret])
    if not command.as_json:
        click.echo(command.text("token_once"), err=True)


@cli_command("list", group="token")
def list_tokens(command: CommandContext) -> None:
    """Lists the tokens of this environment that nobody has ended."""
    env = command.open_env()
    listed = [token for token in tokens.list_tokens(env.databases.accounts) if token.environment == env.name]
    clock = clock_of(command, env.site.catalog)
    lines = align(
        [
            (token.id, token.owner.login, token.scope, clock.format_day_time(token.expires), token.name)
            for token in listed
        ]
    )
    command.print_result([_token_json(token) for token in listed], lines or [command.text("no_tokens")])


@cli_command("end", click.Argument(["token"], metavar="ID"), group="token")
def end_token(command: CommandContext, token: str) -> None:
    """Ends a token: it is refused at once."""
    database = command.open_env().databases.accounts
    if not tokens.end_token(database, token, by=terminal_actor(), now=command.now()):
        raise Refusal(command.messages.label("desk.tokens.gone"))
    command.print_result({"token": token}, [command.messages.label("desk.tokens.ended")])


def _token_json(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "login": token.owner.login,
        "environment": token.environment,
        "scope": token.scope,
        "created_at": to_json_value(token.created),
        "expires_at": to_json_value(token.expires),
        "last_used_at": to_json_value(token.last_used),
    }


COMMANDS = {command.name: command for command in (add_token, list_tokens, end_token)}
