"""Looks the instance over and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import REFUSED
from statuspage.cli.framework import verb

if TYPE_CHECKING:
    from statuspage.usecases.diagnostics import Finding

NAMED = {
    "books": ("doctor.reason", "desk.error.store"),
    "target": ("target.reason",),
    "unready": ("desk.ways.why",),
    "sign_up": ("doctor.mail_lacks",),
}
"""Where the words for a finding's ``reason`` stand, when it is a key and not what another machine said."""


@verb("doctor")
def doctor(door: CommandContext) -> int:
    """What is wrong, why that matters, and what to do; ends with 1 when anything has to be mended."""
    from statuspage.usecases import diagnostics as doctor
    from statuspage.usecases import logging_setup
    from statuspage.usecases.diagnostics import Level

    here = door.settings
    if not here.content.is_dir() or not here.home.is_dir():
        raise NotAnInstance(here.home)
    logging_setup.configure(here, level=logging_setup.QUIET)
    found = []
    for one in doctor.examined(here, door.environ, door.clock):
        found.append(one)
        if not door.as_json:
            _print(door, one)
    wrong = sum(one.level is Level.WRONG for one in found)
    summed = door.say("doctor_wrong", count=wrong) if wrong else door.say("doctor_well")
    door.put({"wrong": wrong, "findings": [_finding_json(door, one) for one in found]}, ["", summed])
    return REFUSED if wrong else 0


def _print(door: CommandContext, one: Finding) -> None:
    said = _finding_text(door, one)
    mark = door.speech.say(f"doctor.level.{one.level}")
    click.secho(f"{mark:<6} {said['what']}", fg="red" if one.level == "wrong" else None)
    for more in ("why", "do"):
        if said.get(more):
            click.echo(f"       {'→ ' if more == 'do' else ''}{said[more]}")


def _finding_json(door: CommandContext, one: Finding) -> dict[str, object]:
    return {"code": one.code, "level": str(one.level), "about": dict(one.slots), **_finding_text(door, one)}


def _finding_text(door: CommandContext, one: Finding) -> dict[str, str]:
    """What; and of what is not well, why it matters and what to do."""
    slots = {**one.slots, "reason": _finding_reason(door, one)}
    if one.level == "unknown":
        about = door.speech.say(f"doctor.about.{one.code}", **slots)
        return {"what": door.speech.say("doctor.unknown", about=about, why=_why_it_matters(door, one)).rstrip()}
    if one.level == "well":
        return {"what": door.speech.say(f"doctor.{one.code}.well", **slots)}
    keys = {"what": "found", "why": "why", "do": "do"}
    return {part: door.speech.say(f"doctor.{one.code}.{key}", **slots).rstrip() for part, key in keys.items()}


def _why_it_matters(door: CommandContext, one: Finding) -> str:
    why = one.slots.get("why", "")
    return door.speech.say(f"doctor.reason.{why}") if door.speech.has(f"doctor.reason.{why}") else why


def _finding_reason(door: CommandContext, one: Finding) -> str:
    code = one.slots.get("reason", "")
    for place in NAMED.get(one.code, ()):
        if door.speech.has(f"{place}.{code}"):
            return f"{door.speech.say(f'{place}.{code}')} {one.slots.get('detail', '')}".rstrip()
    return code


VERBS: dict[str, click.Command] = {"doctor": doctor}
