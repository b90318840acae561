"""Carries the public page to its targets by hand, or says what would be carried."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import NOT_WRITTEN, Refusal, refuse_unset
from statuspage.cli.framework import Flag, verb
from statuspage.integrations.hosting import Difference, NotCarried
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.publishing import site_updates, sync

T = TypeVar("T")


@verb(
    "publish",
    Flag(["--target", "names"], multiple=True, metavar="NAME", label="target"),
    Flag(["--dry-run"], is_flag=True),
)
def publish(door: CommandContext, names: tuple[str, ...], dry_run: bool) -> int:
    """Compares every file at the targets with those here, and carries over what differs."""
    world = door.world(warn=False)
    if restore_guard.since(world):
        raise Refusal(door.say("on_hold"))
    refuse_unset(door, world)
    wanted = _wanted(door, world, names)
    if not world.target.ready:
        site_updates.build(world, now=door.now())
    return _looked(door, world, wanted) if dry_run else _print_synced(door, world, wanted)


def _wanted(door: CommandContext, world: Environment, names: tuple[str, ...]) -> list[str]:
    if not world.mirrors:
        raise Refusal(door.say("no_targets", folder=world.target.current))
    for name in names:
        if name not in world.mirrors:
            raise Refusal(door.say("no_target", target=name, known=", ".join(world.mirrors)))
    return list(names or world.mirrors)


def _looked(door: CommandContext, world: Environment, wanted: list[str]) -> int:
    found = _together(lambda name: _compared(world, name), wanted)
    plain = {name: _sync_json(one) for name, one in found.items()}
    door.put({"targets": plain}, [line for name, one in found.items() for line in _what(door, name, one)])
    return _code(one for one in plain.values())


def _compared(world: Environment, name: str) -> Difference | NotCarried:
    try:
        return sync.compare(world, name)
    except NotCarried as error:
        return error


def _sync_json(found: Difference | NotCarried) -> dict[str, object]:
    if isinstance(found, NotCarried):
        return {"code": found.code, "detail": found.detail}
    return dict(serialization.to_json_value(found))


def _what(door: CommandContext, name: str, found: Difference | NotCarried) -> list[str]:
    if isinstance(found, NotCarried):
        return [_wrong(door, name, found.code, found.detail)]
    counts = {"new": found.new, "changed": found.changed, "gone": found.gone}
    marked = [f"  {mark} {one}" for mark, key in (("+", "new"), ("~", "changed"), ("-", "gone")) for one in counts[key]]
    said = {key: len(some) for key, some in counts.items()}
    return [door.say("target_would" if marked else "target_same", target=name, **said), *marked]


def _print_synced(door: CommandContext, world: Environment, wanted: list[str]) -> int:
    found = _together(lambda name: sync.carry_everything(world, name, now=door.now()), wanted)
    plain = {name: serialization.to_json_value(one) for name, one in found.items()}
    lines = []
    for name, one in found.items():
        if one.code:
            lines.append(_wrong(door, name, one.code, one.detail))
        else:
            lines.append(door.say("target_busy" if one.busy else "target_carried", target=name, changed=one.changed))
    door.put({"targets": plain}, lines)
    return _code(plain.values())


def _wrong(door: CommandContext, name: str, code: str, detail: str) -> str:
    why = door.speech.say(f"target.reason.{code}")
    return f"{name}: {why} {detail}".rstrip()


def _code(found: Iterable[dict[str, object]]) -> int:
    return NOT_WRITTEN if any(one.get("code") for one in found) else 0


def _together(work: Callable[[str], T], names: list[str]) -> dict[str, T]:
    """All at once: no target waits for another."""
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(work, names), strict=True))


VERBS: dict[str, click.Command] = {"publish": publish}
