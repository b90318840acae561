"""A second person's approval from the command line: what waits, yes, no, or in need without one."""

from __future__ import annotations

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.framework import Flag, verb
from statuspage.cli.notices import agree, deliver, load, texts_of
from statuspage.domain import Pending, approval
from statuspage.usecases import notices
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NotNow
from statuspage.usecases.notices import approvals as verbs


@verb(
    "approve",
    click.Argument(["incident"], metavar="ID"),
    Flag(["--refuse"], is_flag=True),
    Flag(["--alone"], is_flag=True),
    Flag(["--reason"], default="", label="approval-reason"),
    Flag(["--yes"], is_flag=True),
    by(),
)
def approve(command: CommandContext, incident: str, refuse: bool, alone: bool, reason: str, yes: bool, by: str) -> int:
    """Shows the words that wait, asks, and lets them go out exactly as they are."""
    env, actor = command.open_env(), person(by)
    pending = _newest(env, incident)
    if refuse:
        verbs.refuse(env, incident, pending.sequence, actor=actor, reason=reason, now=command.now())
        command.print_result({"incident": incident, "refused": pending.sequence}, [command.text("approval_refused", by=pending.actor)])
        return 0
    agree(command, _waiting_lines(pending), command.text(f"publish_{env.name}"), yes=yes)
    published = _decided(command, env, incident, pending, alone=alone, reason=reason, actor=actor)
    shared_status.write_status(env, now=command.now())
    return deliver(command, env, published.incident_id, published.sequence, texts=texts_of(pending.pending_approval.notice.words))


def _decided(
    command: CommandContext, env: Environment, incident: str, pending: Pending, *, alone: bool, reason: str, actor: str
) -> notices.Published:
    if alone:
        return verbs.go_alone(env, incident, pending.sequence, actor=actor, reason=reason, now=command.now())
    return verbs.approve(env, incident, pending.sequence, actor=actor, now=command.now())


def _newest(env: Environment, incident_id: str) -> Pending:
    waiting = approval.open_now(load(env, incident_id))
    if not waiting:
        raise NotNow("approval.none")
    return waiting[-1]


def _waiting_lines(pending: Pending) -> list[str]:
    texts = pending.pending_approval.notice.words.values()
    return [line for text in texts for line in (f"{text.language}  {text.headline}", text.media["page"].body, "")]


VERBS = {"approve": approve}
