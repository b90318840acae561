"""Secrets that are entered on the desk: their names, and the key that encrypts them."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, NotAnInstance, terminal_actor
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import cli_command
from statuspage.usecases.bootstrap import open_accounts
from statuspage.usecases.secret_store import NoSecretStore, SecretStore, new_key


@cli_command("list", group="secrets")
def list_secrets(command: CommandContext) -> None:
    """Lists the kept secrets without their values."""
    store = _open_store(command)
    kept = store.list_kept().values()
    rows = [
        {
            "name": secret.name,
            "changed_at": serialization.to_json_value(secret.changed_at),
            "changed_by": secret.changed_by,
            "readable": secret.is_readable,
            "set_outside": store.is_set_outside(secret.name),
        }
        for secret in kept
    ]
    lines = [
        f"{row['name']}  {row['changed_at']}  {row['changed_by']}  {_state(command, row)}".rstrip() for row in rows
    ]
    command.print_result(rows, lines or [command.text("secrets_none")])


def _state(command: CommandContext, row: dict[str, object]) -> str:
    if row["set_outside"]:
        return command.text("secret_outside")
    return "" if row["readable"] else command.text("secret_unreadable")


@cli_command("rotate", group="secrets")
def rotate_key(command: CommandContext) -> None:
    """Encrypts all kept secrets with the newest key."""
    store = _open_store(command)
    accounts = open_accounts(command.settings)
    click.get_current_context().call_on_close(accounts.close)
    has_secrets = bool(store.list_kept())
    try:
        count = store.rotate(accounts, by=terminal_actor(), now=command.now())
    except NoSecretStore as error:
        raise Refusal(command.text(f"secrets_{error.code}")) from None
    outside = bool(command.settings.secrets.get("STATUSPAGE_SECRET_KEY"))
    rotated = command.text("secrets_rotated_outside" if outside else "secrets_rotated", count=count)
    command.print_result({"rotated": count}, [rotated if has_secrets else command.text("secrets_none")])


@cli_command("new-key", group="secrets")
def print_new_key(command: CommandContext) -> None:
    """Prints a new key for STATUSPAGE_SECRET_KEY."""
    key = new_key()
    command.print_result({"key": key}, [key])


def _open_store(command: CommandContext) -> SecretStore:
    if command.is_drill:
        raise Refusal(command.text("secrets_drill"))
    settings = command.settings
    if not settings.home.is_dir():
        raise NotAnInstance(settings.home)
    store = SecretStore(settings)
    click.get_current_context().call_on_close(store.close)
    return store


COMMANDS = {"list": list_secrets, "rotate": rotate_key, "new-key": print_new_key}
