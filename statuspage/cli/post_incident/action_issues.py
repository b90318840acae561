"""The issue of an action item: asked for and made at once."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import cli_command
from statuspage.domain import ActionIssue
from statuspage.usecases import action_items
from statuspage.usecases.action_items import NoSuchActionItem


@cli_command("issue", click.Argument(["number"], metavar="NUMBER", type=int), actor_flag(), group="action")
def create_issue(command: CommandContext, number: int, by: str) -> None:
    """Makes an issue of an action item; what fails is tried again by the worker."""
    env = command.open_env()
    try:
        issue = action_items.issues.request_issue(env, number, actor=terminal_actor(by), now=command.now())
    except NoSuchActionItem as error:
        raise Refusal(command.text("no_action_item"), code=WRONG_USE) from error
    action_items.issues.advance_issues(env, now=command.now())
    issue = action_items.issues.issue_of(env, number) or issue
    line = (
        command.text("action_issue_made", number=number, url=issue.url)
        if issue.url
        else command.text("action_issue_waits", number=number, why=_reason(command, issue))
    )
    command.print_result(serialization.to_json_value(issue), [line])


def _reason(command: CommandContext, issue: ActionIssue) -> str:
    """Why it is not there yet, as the desk says it."""
    key = action_items.issues.reason_key(issue)
    return command.messages.label(f"desk.actions.{key}", repository=issue.repository, detail=issue.detail)


COMMANDS = {command.name: command for command in (create_issue,)}
