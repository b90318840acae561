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
def plan(command: CommandContext, incident: str | None, **options: object) -> int:
    """Announces planned work; with an ID, changes a plan."""
    if incident:
        return _tell(command, incident, NoticeKind.ANNOUNCED, options)
    env = command.open_env()
    sending = taken_sending(env, command, options)
    notice_input = replace(typed_over(NoticeInput(services=()), options), incident_type=MAINTENANCE)
    return tell(command, env, notice_input, NoticeKind.ANNOUNCED, notices.new_incident_target(env, now=command.now()), sending)


def _tell(command: CommandContext, incident: str, notice: NoticeKind, options: Mapping[str, object]) -> int:
    """A notice of work on record; what no flag says stays as announced."""
    env, flags = command.open_env(), dict(options)
    sending = taken_sending(env, command, flags)
    target = begun(command, env, incident, sending.actor)
    facts = load(env, incident).current_facts
    base = from_facts(facts, command.now()) if facts else NoticeInput()
    notice_input = typed_over(replace(base, start=""), flags)
    return tell(command, env, notice_input, notice, target, sending)


def _maintenance_command(name: str, notice: NoticeKind, *fact_flag_names: str) -> Verb:
    """A verb for work on record, with the flags of these facts."""
    left_out = [flag for flag in (*FACTS, *WINDOW_FIELDS) if flag not in fact_flag_names]
    channel = "--channel" if "ends" in fact_flag_names else "--to"

    @verb(name, ID, *fact_flags(*left_out), *sending_flags(channel))
    def follow(command: CommandContext, incident: str, **options: object) -> int:
        return _tell(command, incident, notice, options)

    return follow


start_maintenance = _maintenance_command("start", NoticeKind.STARTED, "since", "workaround")
extend = _maintenance_command("extend", NoticeKind.EXTENDED, "ends", "workaround")
finish = _maintenance_command("finish", NoticeKind.FINISHED, "ended")
cancel = _maintenance_command("cancel", NoticeKind.CANCELLED)

VERBS = {command.name: command for command in (plan, start_maintenance, extend, finish, cancel)}
