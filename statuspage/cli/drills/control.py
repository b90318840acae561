"""A running drill: fire and skip injects, pause, resume, record observations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.drills.scorecard import drill_json
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.storage.drill_injects import DrillInject
from statuspage.usecases import drills
from statuspage.usecases.environment import Environment

T = TypeVar("T")

INJECT_NUMBER = click.Argument(["which"], metavar="N|next")
BY = Flag(["--by"], default="")
KNOWS_LIVE = Flag(["--knows-live"], is_flag=True)


@cli_command("inject", click.Argument(["which"], metavar="[N|next]", required=False), BY, KNOWS_LIVE, group="drill")
def fire_inject(command: CommandContext, which: str | None, by: str, knows_live: bool) -> None:
    """Fires an inject at once; without a number, shows the script."""
    env = command.open_env()
    if which is None:
        status = _or_refusal(command, lambda: drills.inject_status(env.databases.environment))
        command.print_result(
            [_inject_json(fed, command) for fed in status.script], [_inject_line(fed, command) for fed in status.script]
        )
        return
    _go_on(command, env, by, knows_live=knows_live)
    fed = _or_refusal(command, lambda: drills.fire_inject(env, which, actor=actor_name(by), now=command.now()))
    command.print_result(_inject_json(fed, command), [command.text("inject_fired", line=_inject_line(fed, command))])


@cli_command("skip", INJECT_NUMBER, BY, group="drill")
def skip_inject(command: CommandContext, which: str, by: str) -> None:
    """Skips an inject."""
    env = command.open_env()
    fed = _or_refusal(
        command, lambda: drills.skip_inject(env.databases.environment, which, actor=actor_name(by), now=command.now())
    )
    command.print_result(_inject_json(fed, command), [command.text("inject_skipped", line=_inject_line(fed, command))])


@cli_command("pause", group="drill")
def pause_drill(command: CommandContext) -> None:
    """Pauses the drill."""
    env = command.open_env()
    drill = _or_refusal(command, lambda: drills.pause_drill(env.databases.environment, now=command.now()))
    command.print_result(drill_json(drill), [command.text("drill_paused")])


@cli_command("resume", BY, KNOWS_LIVE, group="drill")
def resume_drill(command: CommandContext, by: str, knows_live: bool) -> None:
    """Resumes the drill; what is still to come is delayed by the length of the pause."""
    env = command.open_env()
    _go_on(command, env, by, knows_live=knows_live)
    drill = _or_refusal(command, lambda: drills.resume_drill(env, now=command.now()))
    command.print_result(drill_json(drill), [command.text("drill_resumed")])


@cli_command(
    "observe",
    click.Argument(["text"], metavar="TEXT"),
    Flag(["--id", "drill_id"], default="", metavar="ID", label="drill-id"),
    BY,
    group="drill",
)
def record_observation(command: CommandContext, text: str, drill_id: str, by: str) -> None:
    """Records what somebody observed, with the time: in the running drill or, if none is running, after the last."""
    env = command.open_env()
    if not drill_id and drills.running_drill(env.databases.environment) is None:
        drill_id = next((drill.id for drill in drills.all_drills(env.databases.environment)), "")
    observation = _or_refusal(
        command,
        lambda: drills.add_observation(env, text, drill_id=drill_id, actor=actor_name(by), now=command.now()),
    )
    command.print_result(serialization.to_json_value(observation), [command.text("observed")])


def _go_on(command: CommandContext, env: Environment, by: str, *, knows_live: bool) -> None:
    """Records that the leader knows what is open in live."""
    if knows_live:
        known = drills.live_status(env.live_status_path, now=command.now()).handled_ids
        _or_refusal(command, lambda: drills.go_on(env, known, actor=actor_name(by), now=command.now()))


def _or_refusal(command: CommandContext, work: Callable[[], T]) -> T:
    """The result of ``work``; errors become a refusal with a message."""
    try:
        return work()
    except drills.NoSuchDrill as error:
        raise Refusal(command.text("no_running_drill")) from error
    except drills.NoSuchInject as error:
        raise Refusal(command.text("no_inject")) from error
    except drills.LiveIncident as error:
        raise Refusal(command.text("live_first")) from error
    except drills.InjectSettled as error:
        raise Refusal(command.text("inject_settled", line=_inject_line(error.record, command))) from error
    except drills.InvalidNote as error:
        raise Refusal(command.text("no_observation")) from error
    except drills.ForbiddenPhraseError as error:
        raise Refusal(command.messages.label("problem.text.denies", text=error.phrase)) from error


def _inject_json(fed: DrillInject, command: CommandContext) -> dict[str, object]:
    language = command.messages.language
    return {
        "number": fed.number,
        "id": fed.inject.id,
        "kind": fed.inject.kind.value,
        "state": fed.state.value,
        "planned_at": serialization.to_json_value(fed.planned_at),
        "fired_at": serialization.to_json_value(fed.fired_at),
        "actor": fed.actor,
        "alert": fed.alert or None,
        "subject": drills.script_text(fed.inject.subject, language),
        "text": drills.script_text(fed.inject.text, language),
        "expected": drills.script_text(fed.inject.expected_action, language),
    }


def _inject_line(fed: DrillInject, command: CommandContext) -> str:
    """Number, time, text and state of an inject."""
    offset = fed.inject.at
    minute = (
        f"{int(offset.total_seconds() // 60)}:00"
        if offset is not None
        else command.messages.label("desk.console.manual")
    )
    state = command.messages.label(f"desk.console.{fed.state.value}")
    return f"{fed.number:>2}  {minute:>6}  {state}  {drills.script_text(fed.inject.subject, command.messages.language)}"


COMMANDS = {
    command.name: command for command in (fire_inject, skip_inject, pause_drill, resume_drill, record_observation)
}
