"""Lets every command that changes something leave a line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CHANGES_KEY, CommandContext, terminal_actor

if TYPE_CHECKING:
    from statuspage.storage.engine import RowChanges

NOT_BY_A_PERSON = ("serve", "worker", "signup")
"""Commands that work until they are stopped: what they change is somebody else's doing."""


def record_command(command: CommandContext, name: str, options: Mapping[str, object]) -> None:
    """Records the command, by its words, if it changed something and recorded nothing itself."""
    changes: RowChanges | None = click.get_current_context().meta.pop(CHANGES_KEY, None)
    env = command.opened_env
    if changes is None or env is None or name in NOT_BY_A_PERSON or not changes.lack_a_line:
        return
    from statuspage.usecases import audit_log

    audit_log.record_changes(
        env.databases.accounts,
        f"command.{name.replace(' ', '.')}",
        changes,
        by=terminal_actor(str(options.get("by") or "")),
        now=command.now(),
        **({} if env.name == "live" else {"environment": env.name}),
    )
