"""Shows who is on call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.framework import cli_command
from statuspage.cli.show import clock_of
from statuspage.domain import Catalog

if TYPE_CHECKING:
    from statuspage.domain import Responder
    from statuspage.usecases.on_call import RosterStatus


@cli_command("show", group="on-call")
def show_on_call(command: CommandContext) -> None:
    """Shows who is on call now and next, and which staff channels cannot be used."""
    from statuspage.usecases.on_call import current_rosters

    env = command.open_env()
    rosters = current_rosters(env, now=command.now())
    lines = [line for roster in rosters for line in _roster_lines(command, env.site.catalog, roster)] or [
        command.text("on_call_no_roster")
    ]
    if env.senders.unready_staff_channels:
        lines.append(command.text("on_call_not_connected", ways=", ".join(env.senders.unready_staff_channels)))
    command.print_result(
        {
            "rosters": [_roster_json(roster) for roster in rosters],
            "not_connected": dict(env.senders.unready_staff_channels),
        },
        lines,
    )


def _roster_json(roster: RosterStatus) -> dict[str, object]:
    rota = roster.rota
    return {
        "id": roster.id,
        "now": _responders_json(rota.on_call),
        "ends_at": serialization.to_json_value(rota.on_call_until),
        "next": _responders_json(rota.next_on_call),
        "next_starts_at": serialization.to_json_value(rota.next_starts_at),
        "fetched_at": serialization.to_json_value(roster.fetched_at),
        "problem": roster.problem_code,
        "left_out": [responder.name for responder in roster.left_out],
    }


def _responders_json(responders: Sequence[Responder]) -> list[dict[str, str]]:
    return [
        {"id": responder.id, "name": responder.name, "phone": responder.phone, "email": responder.email}
        for responder in responders
    ]


def _roster_lines(command: CommandContext, catalog: Catalog, roster: RosterStatus) -> Iterator[str]:
    clock, rota = clock_of(command, catalog), roster.rota
    names = catalog.on_call.rosters[roster.id].names
    slots = {"roster": names.get(command.messages.language, roster.id), "names": _responder_names(rota.on_call)}
    if not rota.on_call:
        yield command.text("on_call_nobody", **slots)
    elif rota.on_call_until is None:
        yield command.text("on_call_now_open", **slots)
    else:
        yield command.text("on_call_now", **slots, until=clock.format_day_time(rota.on_call_until))
    if roster.left_out:
        names_left_out = ", ".join(responder.name for responder in roster.left_out)
        yield f"  {command.messages.label('desk.on_call.left_out')}: {names_left_out}"
    if rota.next_starts_at:
        begins = clock.format_day_time(rota.next_starts_at)
        yield f"  {command.text('on_call_next', names=_responder_names(rota.next_on_call), begins=begins)}"
    else:
        yield f"  {command.text('on_call_next_nobody')}"
    if roster.fetched_at:
        yield f"  {command.text('on_call_fetched', time=clock.format_day_time(roster.fetched_at))}"
    if roster.problem_code:
        yield f"  {command.messages.label(f'desk.on_call.roster_problem.{roster.problem_code}')}"


def _responder_names(responders: Sequence[Responder]) -> str:
    return ", ".join(f"{responder.name} {responder.phone}".strip() for responder in responders)


COMMANDS = {show_on_call.name: show_on_call}
