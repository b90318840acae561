"""Alerts from the command line: handed in, acknowledged, confirmed, called false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import Door, person
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_bytes
from statuspage.domain.validation import readable
from statuspage.usecases import alerts

if TYPE_CHECKING:
    from statuspage.domain.alert import Signal
    from statuspage.usecases.environment.model import World

ID = click.Argument(["alert"], metavar="ID")


def by() -> Flag:
    """Who does it, where it is not the account on this machine."""
    return Flag(["--by"], default="", metavar="NAME")


def read_signals(door: Door, world: World, source: str, body: bytes) -> Sequence[Signal]:
    """The alerts in what this monitor would have sent. Refuses a monitor that is none, and a message that is none."""
    from statuspage.integrations.monitors import Unreadable, monitors

    known = monitors(world.catalog.mapped)
    if source not in known:
        raise Refusal(door.say("no_source", source=readable(source), known=", ".join(known)))
    try:
        return known[source].read(body, door.now())
    except Unreadable as error:
        raise Refusal(door.say("unreadable_alert", reason=error)) from error


@verb("alert", click.Argument(["source"]), click.Argument(["file"], metavar="FILE|-"))
def alert(door: Door, source: str, file: str) -> None:
    """Takes in what a monitor would have sent."""
    world = door.world()
    signals = read_signals(door, world, source, read_bytes(file))
    if door.drill:
        _refuse_denials(door, world, signals)
    taken = alerts.take(world, signals, now=door.now())
    plain = [{"alert": a.id, "incident": a.incident or None, "state": a.state.value} for a in taken]
    door.put(plain, (f"{a.id}  {door.say('alert_' + a.state)}  {a.signal.title}" for a in taken))


def _refuse_denials(door: Door, world: World, signals: Sequence[Signal]) -> None:
    from statuspage.usecases import drills

    try:
        drills.refuse_denials(world, *drills.texts_of(signals))
    except drills.Denies as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error


@verb("ack", ID, by())
def ack(door: Door, alert: str, by: str) -> None:
    """Somebody has it."""
    found = alerts.acknowledge(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": found.incident or None}, [door.say("acknowledged", alert=found.id)])


@verb("confirm", ID, by())
def confirm(door: Door, alert: str, by: str) -> None:
    """It is real: opens an incident, whose clock began with the alert."""
    from statuspage.usecases.environment import shared_status

    world = door.world()
    incident = alerts.confirm(world, alert, by=person(by), now=door.now())
    shared_status.write(world, now=door.now())
    door.put({"alert": alert, "incident": incident.id}, [door.say("confirmed", incident=incident.id)])


@verb("false-alarm", ID, by())
def false_alarm(door: Door, alert: str, by: str) -> None:
    """Nothing is wrong: closes the alert without an incident."""
    found = alerts.false_alarm(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": None}, [door.say("false_alarm", alert=found.id)])


@verb("keep-watch", ID, by())
def keep_watch(door: Door, alert: str, by: str) -> None:
    """Not sure yet: somebody keeps an eye on the alert."""
    found = alerts.watch(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": None}, [door.say("watched", alert=found.id)])


@verb("join", ID, click.Argument(["to"], metavar="ID"), by())
def join(door: Door, alert: str, to: str, by: str) -> None:
    """The alert belongs to another one, or to an incident."""
    found = alerts.join(door.world(), alert, to, by=person(by), now=door.now())
    plain = {"alert": found.id, "incident": found.incident or None}
    door.put(plain, [door.say("joined_to", alert=found.incident or found.id)])


@verb("apart", ID, by())
def apart(door: Door, alert: str, by: str) -> None:
    """The alert does not belong to its line."""
    found = alerts.part(door.world(), alert, by=person(by), now=door.now())
    door.put({"alert": found.id, "incident": found.incident or None}, [door.say("parted", alert=found.id)])


VERBS = {found.name: found for found in (alert, ack, confirm, false_alarm, keep_watch, join, apart)}
