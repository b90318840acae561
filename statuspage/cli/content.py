"""What the program's own content has that this house lacks: shown, and taken over one by one."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from statuspage import bundled, serialization
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, Verbs, verb
from statuspage.content.upgrade import ContentKey, MissingContent, Own, at, chosen
from statuspage.usecases.content import upgrade

KEYS = click.Argument(["keys"], metavar="[KEY]...", nargs=-1)
LONGEST_LINE = 160
"""Characters of a text that are shown."""


@verb("diff", KEYS, Flag(["--own"], is_flag=True, label="content-own"), group="content")
def diff(door: CommandContext, keys: tuple[str, ...], own: bool) -> None:
    """What there is to take over; with --own also where the house says something else."""
    house = _house(door)
    found = _chosen(door, upgrade.lacking(house), keys)
    differs = upgrade.own_words(house) if own else ()
    plain = {
        "new": [_missing_json(new) for new in found],
        **({"own": serialization.to_json_value(_own(differs))} if own else {}),
    }
    door.put(plain, [*_difference_lines(door, found), *(line for one in differs for line in _differing(one))])


@verb(
    "take",
    KEYS,
    Flag(["--all", "everything"], is_flag=True, label="content-all"),
    Flag(["--dry-run"], is_flag=True),
    group="content",
)
def take_content(door: CommandContext, keys: tuple[str, ...], everything: bool, dry_run: bool) -> None:
    """Takes over these; with --all whatever the program asks for. Not a word of the house's own is changed."""
    if bool(keys) == everything:
        raise Refusal(door.say("content_which"), code=WRONG_USE)
    house = _house(door)
    lacking = upgrade.lacking(house)
    found = tuple(new for new in lacking if new.needed) if everything else _chosen(door, lacking, keys)
    try:
        files = () if dry_run else upgrade.take_over(house, found)
    except upgrade.NotPossible as error:
        raise Refusal(door.say("content_by_hand", file=error)) from None
    done = door.say("content_would" if dry_run else "content_taken", count=len(found), files=", ".join(files))
    lines = [f"  {new.name}" for new in found]
    plain = {"taken": [] if dry_run else [new.name for new in found], "files": list(files)}
    if dry_run:
        plain["would"] = [new.name for new in found]
    door.put(plain, [*lines, done] if found else [door.say("content_same")])


def _house(door: CommandContext) -> Path:
    here = door.settings
    if not here.content.is_dir():
        raise NotAnInstance(here.home)
    return here.content


def _chosen(
    door: CommandContext, lacking: tuple[MissingContent, ...], keys: tuple[str, ...]
) -> tuple[MissingContent, ...]:
    if not keys:
        return lacking
    found, unknown = chosen(lacking, keys)
    if unknown:
        raise Refusal(door.say("content_unknown", keys=", ".join(unknown)))
    return found


def _missing_json(new: MissingContent) -> dict[str, object]:
    places = [
        {"file": place.file, "key": ".".join(map(str, place.key)), "text": _excerpt(place)} for place in new.places
    ]
    return {"key": new.name, "needed": new.needed, "places": places}


def _excerpt(place: ContentKey) -> str:
    """What it says, in a line; "" for a whole file."""
    if not place.key:
        return ""
    table = tomllib.loads((bundled.folder("content") / place.file).read_text("utf-8"))
    value = at(table, place.key)
    if isinstance(value, dict):
        value = next((value[key] for key in ("text", "label", "name") if isinstance(value.get(key), str)), value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"


def _difference_lines(door: CommandContext, found: tuple[MissingContent, ...]) -> Iterator[str]:
    if not found:
        yield door.say("content_same")
        return
    for needed, heading in ((True, "content_needed"), (False, "content_offered")):
        some = [new for new in found if new.needed is needed]
        if some:
            yield door.say(heading, count=len(some))
        for new in some:
            yield f"  {new.name}"
            yield from (f"      {place.language or place.file}: {_excerpt(place)}" for place in new.places if place.key)
    yield door.say("content_how")


def _own(differs: tuple[Own, ...]) -> list[dict[str, object]]:
    return [{"file": o.place.file, "key": ".".join(map(str, o.place.key)), "house": _as_text(o.ours)} for o in differs]


def _differing(one: Own) -> Iterator[str]:
    yield f"{one.place.file}: {'.'.join(map(str, one.place.key))}"
    yield f"  - {_as_text(one.theirs)}"
    yield f"  + {_as_text(one.ours)}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


VERBS: dict[str, click.Command] = {
    "content": Verbs("content", dict.fromkeys(["diff", "take"], "content")),
    "diff": diff,
    "take": take_content,
}
