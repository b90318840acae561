"""Maintenance: plan, change, start, extend, finish, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import CliCommand, cli_command
from statuspage.cli.notices.prefill import AFTERWARDS, FACTS, WINDOW_FIELDS, apply_flags, fact_flags
from statuspage.cli.notices.publish import load_incident, open_form_for, publish_notice
from statuspage.cli.notices.sending import open_for_sending, pop_send_options, send_flags
from statuspage.domain import MAINTENANCE, NoticeInput, NoticeKind, notice_input_from_facts
from statuspage.usecases import notices

ID = click.Argument(["incident"], metavar="ID")

_UNPLANNED = tuple(name for name in FACTS if name not in ("services", "workarounds"))


@cli_command(
    "announce",
    click.Argument(["incident"], metavar="[ID]", required=False),
    *fact_flags(*_UNPLANNED, *AFTERWARDS),
    *send_flags("--channel"),
    group="maintenance",
)
def plan_maintenance(command: CommandContext, incident: str | None, **options: object) -> int:
    """Announces maintenance; with an ID, changes the plan."""
    if incident:
        return _publish_followup(command, incident, NoticeKind.ANNOUNCED, options)
    env = open_for_sending(command, options)
    sending = pop_send_options(env, command, options)
    notice_input = replace(apply_flags(NoticeInput(services=()), options), incident_type=MAINTENANCE)
    return publish_notice(
        command, env, notice_input, NoticeKind.ANNOUNCED, notices.new_incident_target(env, now=command.now()), sending
    )


def _publish_followup(command: CommandContext, incident: str, notice: NoticeKind, options: Mapping[str, object]) -> int:
    """Publishes a notice about existing maintenance; facts without a flag stay as announced."""
    env, flags = open_for_sending(command, options), dict(options)
    sending = pop_send_options(env, command, flags)
    target = open_form_for(command, env.databases.environment, incident, sending.actor)
    facts = load_incident(env.databases.environment, incident).current_facts
    base = notice_input_from_facts(facts, command.now()) if facts else NoticeInput()
    notice_input = apply_flags(replace(base, start=None), flags)
    return publish_notice(command, env, notice_input, notice, target, sending)


def _maintenance_command(name: str, notice: NoticeKind, *fact_flag_names: str) -> CliCommand:
    """A command for existing maintenance, with the flags of these facts."""
    left_out = [flag for flag in (*FACTS, *WINDOW_FIELDS, *AFTERWARDS) if flag not in fact_flag_names]
    channel = "--channel" if "ends" in fact_flag_names else "--to"

    @cli_command(name, ID, *fact_flags(*left_out), *send_flags(channel), group="maintenance")
    def follow(command: CommandContext, incident: str, **options: object) -> int:
        return _publish_followup(command, incident, notice, options)

    return follow


start_maintenance = _maintenance_command("start", NoticeKind.STARTED, "start", "workarounds")
extend_maintenance = _maintenance_command("extend", NoticeKind.EXTENDED, "ends", "workarounds")
finish_maintenance = _maintenance_command("finish", NoticeKind.FINISHED, "ended")
cancel_maintenance = _maintenance_command("cancel", NoticeKind.CANCELLED)

COMMANDS = {
    command.name: command
    for command in (plan_maintenance, start_maintenance, extend_maintenance, finish_maintenance, cancel_maintenance)
}
