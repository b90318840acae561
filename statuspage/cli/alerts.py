"""Alerts from the command line: handed in, acknowledged, confirmed, called false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_bytes
from statuspage.domain import escape_control_characters
from statuspage.usecases import alerts

if TYPE_CHECKING:
    from statuspage.domain import MonitorAlert
    from statuspage.usecases.environment import Environment

ALERT_ID = click.Argument(["alert"], metavar="ID")


def by() -> Flag:
    """Who does it, where it is not the account on this machine."""
    return Flag(["--by"], default="", metavar="NAME")


def read_signals(door: CommandContext, world: Environment, source: str, body: bytes) -> Sequence[MonitorAlert]:
    """The alerts in what this monitor would have sent. Refuses a monitor that is none, and a message that is none."""
    from statuspage.integrations.monitors import Unreadable, monitors

    known = monitors(world.catalog.mapped)
    if source not in known:
        raise Refusal(door.say("no_source", source=escape_control_characters(source), known=", ".join(known)))
    try:
        return known[source].read(body, door.now())
    except Unreadable as error:
        raise Refusal(door.say("unreadable_alert", reason=error)) from error


@verb("alert", click.Argument(["source"]), click.Argument(["file"], metavar="FILE|-"))
def alert(door: CommandContext, source: str, file: str) -> None:
    """Takes in what a monitor would have sent."""
    world = door.world()
    signals = read_signals(door, world, source, read_bytes(file))
    if door.drill:
        _refuse_denials(door, world, signals)
    taken = alerts.receive(world, signals, now=door.now())
    plain = [{"alert": a.id, "incident": a.incident or None, "state": a.state.value} for a in taken]
    door.put(plain, (f"{a.id}  {door.say('alert_' + a.state)}  {a.signal.title}" for a in taken))


def _refuse_denials(door: CommandContext, world: Environment, signals: Sequence[MonitorAlert]) -> None:
    from statuspage.usecases import drills

    try:
        drills.refuse_denials(world, *drills.texts_of(signals))
    except drills.ForbiddenPhraseError as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error


@verb("ack", ALERT_ID, by())
def ack(door: CommandContext, alert: str, by: str) -> None:
    """Somebody has it."""
    found = alerts.acknowledge(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": found.incident or None}, [door.say("acknowledged", alert=found.id)])


@verb("confirm", ALERT_ID, by())
def confirm_alert(door: CommandContext, alert: str, by: str) -> None:
    """It is real: opens an incident, whose clock began with the alert."""
    from statuspage.usecases.environment import shared_status

    world = door.world()
    incident = alerts.confirm(world, alert, by=person(by), now=door.now())
    shared_status.write_status(world, now=door.now())
    door.put({"alert": alert, "incident": incident.id}, [door.say("confirmed", incident=incident.id)])


@verb("false-alarm", ALERT_ID, by())
def false_alarm(door: CommandContext, alert: str, by: str) -> None:
    """Nothing is wrong: closes the alert without an incident."""
    found = alerts.false_alarm(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": None}, [door.say("false_alarm", alert=found.id)])


@verb("keep-watch", ALERT_ID, by())
def keep_watch(door: CommandContext, alert: str, by: str) -> None:
    """Not sure yet: somebody keeps an eye on the alert."""
    found = alerts.watch(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": None}, [door.say("watched", alert=found.id)])


@verb("join", ALERT_ID, click.Argument(["to"], metavar="ID"), by())
def join(door: CommandContext, alert: str, to: str, by: str) -> None:
    """The alert belongs to another one, or to an incident."""
    found = alerts.group(door.world(), alert, to, by=person(by), now=door.now())
    plain = {"alert": found.id, "incident": found.incident or None}
    door.put(plain, [door.say("joined_to", alert=found.incident or found.id)])


@verb("apart", ALERT_ID, by())
def apart(door: CommandContext, alert: str, by: str) -> None:
    """The alert does not belong to its line."""
    found = alerts.ungroup(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": found.incident or None}, [door.say("parted", alert=found.id)])


VERBS = {found.name: found for found in (alert, ack, confirm_alert, false_alarm, keep_watch, join, apart)}
