"""Action items of incidents and drills: list, add, change, done, drop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import click

from statuspage import serialization
from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.show import clock_of
from statuspage.domain import ActionItem, ActionPriority, ActionState
from statuspage.usecases import action_items
from statuspage.usecases.action_items import ActionConflict, ActionInput, NoSuchActionItem, NoSuchSubject
from statuspage.usecases.environment import Environment

NUMBER = click.Argument(["number"], metavar="NUMBER", type=int)

LATE, ALL = "late", "all"

STATES = [ActionState.OPEN.value, LATE, ActionState.DONE.value, ActionState.DROPPED.value, ALL]

PRIORITIES = [priority.value for priority in ActionPriority]


def _item_flags(*, is_new: bool) -> list[click.Parameter]:
    """The flags of an item; in a change, what is not given stays."""
    return [
        Flag(["--owner"], default=None, metavar="NAME", label="action-owner"),
        Flag(
            ["--priority"],
            type=Choice(PRIORITIES),
            default=ActionPriority.NORMAL.value if is_new else None,
            label="action-priority",
        ),
        Flag(["--until"], type=click.DateTime(["%Y-%m-%d"]), metavar="2026-12-31", label="action-until"),
        Flag(["--link"], default=None, metavar="URL", label="action-link"),
    ]


@cli_command(
    "list",
    Flag(["--state"], type=Choice(STATES), default=ActionState.OPEN.value, label="action-state"),
    Flag(["--of", "subject"], default="", metavar="ID", label="action-subject"),
    group="action",
)
def list_items(command: CommandContext, state: str, subject: str) -> None:
    """Lists action items of incidents and drills, those that are due first come first."""
    env = command.open_env()
    listed = list(_listed(command, env, state, subject))
    incidents_by_item = {id: list(found.incident_ids) for id, found in action_items.recurrences(env, listed).items()}
    command.print_result(
        [{**serialization.to_json_value(item), "returned": incidents_by_item.get(item.id, [])} for item in listed],
        [_item_line(command, env, item, incidents_by_item.get(item.id, [])) for item in listed]
        or [command.text("no_action_items")],
    )


def _listed(command: CommandContext, env: Environment, state: str, subject: str) -> Iterable[ActionItem]:
    today = clock_of(command, env.site.catalog).local_date(command.now())
    items = action_items.items_of(env, subject) if subject else action_items.all_items(env)
    if state == LATE:
        return (item for item in items if item.is_late(today))
    return (item for item in items if state in (ALL, item.state))


@cli_command(
    "add",
    click.Argument(["subject"], metavar="ID"),
    click.Argument(["text"], metavar="TEXT"),
    *_item_flags(is_new=True),
    actor_flag(),
    group="action",
)
def add_item(command: CommandContext, subject: str, text: str, by: str, **typed: Any) -> None:
    """Adds an action item to an incident, or to a drill (``--drill``)."""
    env, item_input = command.open_env(), _typed_input(ActionInput(text), typed)
    _save(
        command,
        lambda: action_items.add_item(env, subject, item_input, actor=terminal_actor(by), now=command.now()),
    )


@cli_command(
    "change",
    NUMBER,
    Flag(["--text"], default=None, metavar="TEXT", label="action-text"),
    *_item_flags(is_new=False),
    actor_flag(),
    group="action",
)
def change_item(command: CommandContext, number: int, by: str, **typed: Any) -> None:
    """Changes an action item; what is not given stays."""
    env = command.open_env()

    def change() -> ActionItem:
        item = action_items.find_item(env, number)
        due = item.due.isoformat() if item.due else ""
        present = ActionInput(item.text, item.owner, item.priority, due, item.link)
        changed = _typed_input(present, typed)
        return action_items.change_item(
            env, number, changed, version=item.version, actor=terminal_actor(by), now=command.now()
        )

    _save(command, change)


@cli_command("done", NUMBER, actor_flag(), group="action")
def finish_item(command: CommandContext, number: int, by: str) -> None:
    """Records that an action item is done."""
    _close(command, number, by, action_items.finish_item)


@cli_command(
    "drop",
    NUMBER,
    Flag(["--reason"], required=True, metavar="TEXT", label="action-reason"),
    actor_flag(),
    group="action",
)
def drop_item(command: CommandContext, number: int, reason: str, by: str) -> None:
    """Drops an action item, with a reason."""
    _close(command, number, by, lambda env, id, **details: action_items.drop_item(env, id, reason, **details))


@cli_command("reopen", NUMBER, actor_flag(), group="action")
def reopen_item(command: CommandContext, number: int, by: str) -> None:
    """Takes up a done or dropped action item again."""
    _close(command, number, by, action_items.reopen_item)


def say_recurrences(command: CommandContext, env: Environment, incident_id: str) -> None:
    """Says in red which open action items are about the cause of this incident, if it is over."""
    for item in action_items.open_items_of_cause(env, incident_id):
        text = command.text("action_came_back", number=item.id, text=item.text, owner=item.owner or "-")
        click.secho(text, fg="red", err=True)


def _close(command: CommandContext, number: int, by: str, close: Callable[..., ActionItem]) -> None:
    env = command.open_env()

    def close_current() -> ActionItem:
        version = action_items.find_item(env, number).version
        return close(env, number, version=version, actor=terminal_actor(by), now=command.now())

    _save(command, close_current)


def _typed_input(present: ActionInput, typed: dict[str, Any]) -> ActionInput:
    """The present item with what was typed."""
    until = typed.get("until")
    values = {
        "text": typed.get("text"),
        "owner": typed["owner"],
        "priority": typed["priority"],
        "due": until.date().isoformat() if isinstance(until, datetime) else None,
        "link": typed["link"],
    }
    kept = {name: getattr(present, name) if value is None else value for name, value in values.items()}
    return ActionInput(**kept)


def _save(command: CommandContext, change: Callable[[], ActionItem]) -> None:
    try:
        item = change()
    except NoSuchActionItem as error:
        raise Refusal(command.text("no_action_item"), code=WRONG_USE) from error
    except NoSuchSubject as error:
        raise Refusal(command.text("no_action_subject"), code=WRONG_USE) from error
    except ActionConflict as error:
        raise Refusal(command.text("action_conflict")) from error
    command.print_result(
        serialization.to_json_value(item), [command.text("action_saved", number=item.id, text=item.text)]
    )


def _item_line(command: CommandContext, env: Environment, item: ActionItem, later_incidents: list[str]) -> str:
    clock, label = clock_of(command, env.site.catalog), command.messages.label
    parts = (
        label(f"desk.actions.priority.{item.priority}"),
        item.owner,
        label("desk.scorecard.due", day=clock.format_short_date(item.due)) if item.due else "",
        label(f"desk.actions.state.{item.state}"),
        item.reason,
        item.link,
        f"{item.environment}/{item.subject}",
        command.text("action_returned", ids=", ".join(later_incidents)) if later_incidents else "",
    )
    return "  ".join((f"{item.id:>4}", item.text, *filter(None, parts)))


COMMANDS = {
    command.name: command for command in (list_items, add_item, change_item, finish_item, drop_item, reopen_item)
}
