"""People who asked to be told: how many they are, one of them, whole lists."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, Verbs, verb
from statuspage.cli.input_files import read_bytes
from statuspage.domain import About, HowMuch
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers import COLUMNS, NoBooks, Taken, Wrong, admin, import_export

ADDRESS = click.Argument(["address"], metavar="ADDRESS")
FILE = click.Argument(["file"], metavar="FILE|-")
OUT = click.Argument(["file"], metavar="FILE|-", type=click.Path(dir_okay=False, allow_dash=True))
BY = Flag(["--by"], default="")

LARGEST_LIST = 100_000_000
"""Bytes of a list, which has about a hundred for each person."""


def _world(door: CommandContext) -> Environment:
    world = door.world()
    try:
        admin.books(world)
    except NoBooks:
        raise Refusal(door.say("subscribers_none")) from None
    return world


@verb("list", click.Argument(["address"], metavar="ADDRESS", default=""), group="subscribers")
def list_subscribers(door: CommandContext, address: str) -> None:
    """How many there are, or what is kept under one address."""
    world = _world(door)
    if address:
        found = [import_export.subscriber_json(one) for one in admin.at(world, address)]
        lines = ["  ".join(value for value in one.values() if value) for one in found]
        door.put(found, lines or [door.say("subscribers_not_there")])
        return
    counted = admin.counts(world)
    rows = [
        {"kind": str(one.kind), "language": one.language, "standing": str(one.standing), "count": one.count}
        for one in counted
    ]
    said = [f"{r['kind']:<9}{r['language']:<10}{r['standing']:<14}{r['count']:>8}" for r in rows]
    door.put(rows, [*said, door.say("subscribers_told", count=admin.told_count(counted))])


@verb(
    "add",
    ADDRESS,
    Flag(["--lang"], default=""),
    Flag(["--service", "services"], multiple=True, metavar="ID", label="subscribers-service"),
    Flag(
        ["--about"],
        default=About.EVERYTHING.value,
        type=click.Choice([one.value for one in About]),
        label="subscribers-about",
    ),
    Flag(["--how-much"], default=HowMuch.ALL.value, type=click.Choice([one.value for one in HowMuch])),
    Flag(["--who"], default="", label="consent-who"),
    Flag(["--when"], default="", label="consent-when"),
    Flag(["--how"], default="", label="consent-how"),
    BY,
    group="subscribers",
)
def add_subscriber(
    door: CommandContext,
    address: str,
    lang: str,
    services: tuple[str, ...],
    about: str,
    how_much: str,
    who: str,
    when: str,
    how: str,
    by: str,
) -> None:
    """One person, with proof of consent as in a list."""
    world = _world(door)
    row = (address, lang or world.catalog.leading.language, ";".join(services), about, how_much, who, when, how)
    text = io.StringIO()
    csv.writer(text).writerows((COLUMNS, row))
    _print_wrong_rows(door, admin.take_over(world, text.getvalue(), by=person(by), now=door.now()))


@verb("remove", ADDRESS, BY, group="subscribers")
def remove(door: CommandContext, address: str, by: str) -> None:
    """Forgets an address for good."""
    count = admin.erase(_world(door), address, by=person(by), now=door.now())
    door.put({"erased": count}, [door.say("subscribers_erased", count=count)])


@verb("import", FILE, BY, group="subscribers")
def take_over(door: CommandContext, file: str, by: str) -> None:
    """Takes over a list with proof of consent."""
    text = read_bytes(file, LARGEST_LIST).decode("utf-8", "replace")
    _print_wrong_rows(door, admin.take_over(_world(door), text, by=person(by), now=door.now()))


@verb("export", OUT, BY, group="subscribers")
def hand_out(door: CommandContext, file: str, by: str) -> None:
    """Writes the whole list, readable by its owner alone."""
    world, now = _world(door), door.now()
    lines = admin.hand_out(world, by=person(by), now=now)
    if file == "-":
        text = "".join(lines)
        door.put(list(csv.DictReader(io.StringIO(text))), text.splitlines())
        return
    try:
        count = import_export.write_list(lines, Path(file)) - 1
    except OSError as error:
        raise Refusal(door.say("subscribers_unwritable", file=file, reason=error.strerror)) from None
    door.put({"file": file, "rows": count}, [door.say("subscribers_written", count=count, file=file)])


def _print_wrong_rows(door: CommandContext, taken: Taken) -> None:
    if taken.faults:
        said = [_sentence(door, wrong) for wrong in taken.faults]
        plain = [
            {"line": w.line, "column": w.column, "message": line} for w, line in zip(taken.faults, said, strict=True)
        ]
        raise Refusal(*said, door.say("subscribers_nothing_taken"), reasons={"faults": plain})
    answer = {"added": taken.added, "known": taken.known, "left_out": taken.left_out}
    door.put(answer, [door.say("subscribers_taken", **answer)])


def _sentence(door: CommandContext, wrong: Wrong) -> str:
    where = door.say("subscribers_line", line=wrong.line)
    return where + door.say(f"list_{wrong.key}", column=wrong.column, value=wrong.value)


VERBS: dict[str, click.Command] = {
    "subscribers": Verbs("subscribers", dict.fromkeys(["list", "add", "remove", "import", "export"], "subscribers")),
    "list": list_subscribers,
    "add": add_subscriber,
    "remove": remove,
    "import": take_over,
    "export": hand_out,
}
