"""A second person's approval: list what is pending, approve, refuse, or publish without one in an emergency."""

from __future__ import annotations

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.notices import bodies_by_language, confirm_or_refuse, deliver, load_incident
from statuspage.domain import ApprovalRequest, approval
from statuspage.usecases import notices
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.notices import approvals


@cli_command(
    "approve",
    click.Argument(["incident"], metavar="ID"),
    Flag(["--refuse"], is_flag=True),
    Flag(["--alone"], is_flag=True),
    Flag(["--reason"], default="", label="approval-reason"),
    Flag(["--yes"], is_flag=True),
    actor_flag(),
)
def decide_approval(
    command: CommandContext, incident: str, refuse: bool, alone: bool, reason: str, yes: bool, by: str
) -> int:
    """Shows the pending text, asks, and publishes it unchanged."""
    env, actor = command.open_env(), actor_name(by)
    pending = _newest_pending(env, incident)
    if refuse:
        approvals.refuse_approval(env, incident, pending.sequence, actor=actor, reason=reason, now=command.now())
        command.print_result(
            {"incident": incident, "rejected": pending.sequence}, [command.text("approval_refused", by=pending.actor)]
        )
        return 0
    confirm_or_refuse(command, _waiting_lines(pending), command.text(f"publish_{env.name}"), yes=yes)
    published = _publish_approved(command, env, incident, pending, alone=alone, reason=reason, actor=actor)
    shared_status.write_status(env, now=command.now())
    return deliver(
        command,
        env,
        published.incident_id,
        published.sequence,
        texts=bodies_by_language(pending.pending_approval.notice.texts),
    )


def _publish_approved(
    command: CommandContext,
    env: Environment,
    incident: str,
    pending: ApprovalRequest,
    *,
    alone: bool,
    reason: str,
    actor: str,
) -> notices.Published:
    if alone:
        return approvals.publish_without_approval(
            env, incident, pending.sequence, actor=actor, reason=reason, now=command.now()
        )
    return approvals.approve_notice(env, incident, pending.sequence, actor=actor, now=command.now())


def _newest_pending(env: Environment, incident_id: str) -> ApprovalRequest:
    waiting = approval.open_approval_requests(load_incident(env, incident_id))
    if not waiting:
        raise ActionRefused("approval.none")
    return waiting[-1]


def _waiting_lines(pending: ApprovalRequest) -> list[str]:
    texts = pending.pending_approval.notice.texts.values()
    return [line for text in texts for line in (f"{text.language}  {text.headline}", text.media["page"].body, "")]


COMMANDS = {"approve": decide_approval}
