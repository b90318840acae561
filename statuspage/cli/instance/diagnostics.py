"""Checks the instance and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import REFUSED
from statuspage.cli.framework import cli_command

if TYPE_CHECKING:
    from statuspage.usecases.diagnostics import Finding

REASON_PREFIXES = {
    "database": ("doctor.reason", "desk.error.database"),
    "host": ("host.reason",),
    "unready": ("desk.channels.problem",),
    "sign_up": ("doctor.email_settings",),
}
"""Prefixes of the labels for a finding's ``reason``, if that is a key and not another system's message."""


@cli_command("doctor")
def run_doctor(command: CommandContext) -> int:
    """Shows what is wrong, why it matters, and what to do; exit code 1 if something must be fixed."""
    from statuspage.usecases import diagnostics, logging_setup
    from statuspage.usecases.diagnostics import Level

    settings = command.settings
    if not settings.content.is_dir() or not settings.home.is_dir():
        raise NotAnInstance(settings.home)
    logging_setup.keep_no_log(settings)
    findings = []
    for finding in diagnostics.examine_instance(settings, command.environ, command.clock):
        findings.append(finding)
        if not command.as_json:
            _print_finding(command, finding)
    wrong_count = sum(item.level is Level.PROBLEM for item in findings)
    summary = command.text("doctor_problems", count=wrong_count) if wrong_count else command.text("doctor_ok")
    command.print_result(
        {"problems": wrong_count, "findings": [_finding_json(command, item) for item in findings]}, ["", summary]
    )
    return REFUSED if wrong_count else 0


def _print_finding(command: CommandContext, finding: Finding) -> None:
    texts = _finding_text(command, finding)
    level = command.messages.label(f"doctor.level.{finding.level}")
    click.secho(f"{level:<6} {texts['message']}", fg="red" if finding.level == "problem" else None)
    for part in ("reason", "action"):
        if texts.get(part):
            click.echo(f"       {'→ ' if part == 'action' else ''}{texts[part]}")


def _finding_json(command: CommandContext, finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "level": str(finding.level),
        "details": dict(finding.slots),
        **_finding_text(command, finding),
    }


def _finding_text(command: CommandContext, finding: Finding) -> dict[str, str]:
    """What was found; for problems also why it matters and what to do."""
    slots = {**finding.slots, "reason": _finding_reason(command, finding)}
    if finding.level == "unknown":
        subject = command.messages.label(f"doctor.about.{finding.code}", **slots)
        return {
            "message": command.messages.label(
                "doctor.unknown", about=subject, why=_why_it_matters(command, finding)
            ).rstrip()
        }
    if finding.level == "ok":
        return {"message": command.messages.label(f"doctor.{finding.code}.ok", **slots)}
    keys = {"message": "found", "reason": "why", "action": "do"}
    return {
        part: command.messages.label(f"doctor.{finding.code}.{key}", **slots).rstrip() for part, key in keys.items()
    }


def _why_it_matters(command: CommandContext, finding: Finding) -> str:
    reason = finding.slots.get("why", "")
    return (
        command.messages.label(f"doctor.reason.{reason}")
        if command.messages.has_label(f"doctor.reason.{reason}")
        else reason
    )


def _finding_reason(command: CommandContext, finding: Finding) -> str:
    code = finding.slots.get("reason", "")
    for prefix in REASON_PREFIXES.get(finding.code, ()):
        if command.messages.has_label(f"{prefix}.{code}"):
            return f"{command.messages.label(f'{prefix}.{code}')} {finding.slots.get('detail', '')}".rstrip()
    return code


COMMANDS: dict[str, click.Command] = {"doctor": run_doctor}
