"""Planned work: planned and changed, started, extended, finished, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import Verb, verb
from statuspage.cli.notices.prefill import FACTS, WINDOW_FIELDS, fact_flags, typed_over
from statuspage.cli.notices.publish import begun, load, sending_flags, taken_sending, tell
from statuspage.domain import MAINTENANCE, NoticeInput, NoticeKind, from_facts
from statuspage.usecases import notices

ID = click.Argument(["incident"], metavar="ID")

_UNPLANNED = tuple(name for name in FACTS if name not in ("service", "workaround"))


@verb(
    "plan",
    click.Argument(["incident"], metavar="[ID]", required=False),
    *fact_flags(*_UNPLANNED),
    *sending_flags("--channel"),
)
def plan(door: CommandContext, incident: str | None, **given: object) -> int:
    """Announces planned work; with an ID, changes a plan."""
    if incident:
        return _tell(door, incident, NoticeKind.ANNOUNCED, given)
    world = door.world()
    sending = taken_sending(world, door, given)
    typed = replace(typed_over(NoticeInput(services=()), given), kind=MAINTENANCE)
    return tell(door, world, typed, NoticeKind.ANNOUNCED, notices.new_incident_target(world, now=door.now()), sending)


def _tell(door: CommandContext, incident: str, notice: NoticeKind, given: Mapping[str, object]) -> int:
    """A notice of work on record; what no flag says stays as announced."""
    world, flags = door.world(), dict(given)
    sending = taken_sending(world, door, flags)
    place = begun(door, world, incident, sending.by)
    told = load(world, incident).standing
    base = from_facts(told, door.now()) if told else NoticeInput()
    typed = typed_over(replace(base, since=""), flags)
    return tell(door, world, typed, notice, place, sending)


def _maintenance_command(name: str, notice: NoticeKind, *asked: str) -> Verb:
    """A verb for work on record, with the flags of these facts."""
    left_out = [one for one in (*FACTS, *WINDOW_FIELDS) if one not in asked]
    channel = "--channel" if "ends" in asked else "--to"

    @verb(name, ID, *fact_flags(*left_out), *sending_flags(channel))
    def follow(door: CommandContext, incident: str, **given: object) -> int:
        return _tell(door, incident, notice, given)

    return follow


start_maintenance = _maintenance_command("start", NoticeKind.STARTED, "since", "workaround")
extend = _maintenance_command("extend", NoticeKind.EXTENDED, "ends", "workaround")
finish = _maintenance_command("finish", NoticeKind.FINISHED, "ended")
cancel = _maintenance_command("cancel", NoticeKind.CANCELLED)

VERBS = {found.name: found for found in (plan, start_maintenance, extend, finish, cancel)}
