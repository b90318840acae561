"""Exports the audit log for programs that keep or watch it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import Flag, cli_command
from statuspage.usecases import audit_log
from statuspage.usecases.accounts import find_by_login
from statuspage.usecases.environment import Environment

DAY = click.DateTime(["%Y-%m-%d"])


@cli_command(
    "export",
    Flag(["--person"], default="", metavar="LOGIN", label="audit-person"),
    Flag(["--action"], default="", metavar="ACTION", label="audit-action"),
    Flag(["--target"], default="", metavar="TEXT", label="audit-target"),
    Flag(["--since"], type=DAY, metavar="2026-01-31", label="audit-since"),
    Flag(["--until"], type=DAY, metavar="2026-12-31", label="audit-until"),
    Flag(["--after"], type=click.IntRange(min=0), default=0, metavar="ID", label="audit-after"),
    group="audit",
)
def export_audit_log(
    command: CommandContext,
    person: str,
    action: str,
    target: str,
    since: datetime | None,
    until: datetime | None,
    after: int,
) -> None:
    """Prints the audit log, oldest first, one JSON object on each line."""
    env = command.open_env()
    zone = ZoneInfo(env.site.catalog.site.zone)
    wanted = audit_log.LogFilter(
        person=_person(env, person),
        action=action,
        target=target,
        since=since.replace(tzinfo=zone) if since else None,
        until=(until + timedelta(days=1)).replace(tzinfo=zone) if until else None,
    )
    for line in audit_log.export_lines(env.databases.accounts, wanted, after=after):
        click.echo(line, nl=False)


def _person(env: Environment, login: str) -> str:
    """The account with this login; else the name as it stands in the log."""
    account = find_by_login(env.databases.accounts, login) if login else None
    return account.id if account else login


COMMANDS = {"export": export_audit_log}
