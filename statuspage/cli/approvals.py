"""A second person's approval: approve, refuse, or publish without it in an emergency."""

from __future__ import annotations

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.notices import (
    bodies_by_language,
    confirm_or_refuse,
    deliver,
    load_incident,
    refuse_missing_channels,
    refuse_without_terminal,
)
from statuspage.domain import ApprovalRequest, approval
from statuspage.storage.engine import Database
from statuspage.usecases import notices
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.notices import approvals

ID = click.Argument(["incident"], metavar="ID")


@cli_command("approve", ID, Flag(["--yes"], is_flag=True), actor_flag(), group="approval")
def approve_notice(command: CommandContext, incident: str, yes: bool, by: str) -> int:
    """Shows the pending text, asks for confirmation, and publishes it unchanged."""
    refuse_without_terminal(command, yes=yes)
    env = command.open_env()
    pending = _confirm_pending(command, env, incident, yes=yes)
    published = approvals.approve_notice(env, incident, pending.sequence, actor=actor_name(by), now=command.now())
    return _deliver(command, env, published, pending)


@cli_command(
    "bypass",
    ID,
    Flag(["--reason"], default=""),
    Flag(["--yes"], is_flag=True),
    actor_flag(),
    group="approval",
)
def bypass_approval(command: CommandContext, incident: str, reason: str, yes: bool, by: str) -> int:
    """Publishes the pending text without a second person, in an emergency."""
    refuse_without_terminal(command, yes=yes)
    env = command.open_env()
    pending = _confirm_pending(command, env, incident, yes=yes)
    published = approvals.publish_without_approval(
        env, incident, pending.sequence, actor=actor_name(by), reason=reason, now=command.now()
    )
    return _deliver(command, env, published, pending)


@cli_command("refuse", ID, Flag(["--reason"], default=""), actor_flag(), group="approval")
def refuse_approval(command: CommandContext, incident: str, reason: str, by: str) -> None:
    """Refuses the pending text."""
    env = command.open_env()
    pending = _newest_pending(env.databases.environment, incident)
    approvals.refuse_approval(env, incident, pending.sequence, actor=actor_name(by), reason=reason, now=command.now())
    command.print_result(
        {"incident": incident, "rejected": pending.sequence}, [command.text("approval_refused", by=pending.actor)]
    )


def _confirm_pending(command: CommandContext, env: Environment, incident: str, *, yes: bool) -> ApprovalRequest:
    """The newest pending notice, after its text was shown and confirmed."""
    pending = _newest_pending(env.databases.environment, incident)
    if pending.pending_approval.channels is None:
        refuse_missing_channels(command, env, pending.pending_approval.notice.notice)
    confirm_or_refuse(command, _waiting_lines(pending), command.text(f"publish_{env.name}"), yes=yes)
    return pending


def _deliver(command: CommandContext, env: Environment, published: notices.Published, pending: ApprovalRequest) -> int:
    shared_status.write_status(env, now=command.now())
    texts = bodies_by_language(pending.pending_approval.notice.texts)
    return deliver(command, env, published.incident_id, published.sequence, texts=texts)


def _newest_pending(database: Database, incident_id: str) -> ApprovalRequest:
    waiting = approval.open_approval_requests(load_incident(database, incident_id))
    if not waiting:
        raise ActionRefused("approval.none")
    return waiting[-1]


def _waiting_lines(pending: ApprovalRequest) -> list[str]:
    texts = pending.pending_approval.notice.texts.values()
    return [line for text in texts for line in (f"{text.language}  {text.headline}", text.media["page"].body, "")]


COMMANDS = {command.name: command for command in (approve_notice, bypass_approval, refuse_approval)}
