"""A second person's approval from the command line: what waits, yes, no, or in need without one."""

from __future__ import annotations

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.framework import Flag, verb
from statuspage.cli.notices import agree, deliver, load, texts_of
from statuspage.domain import Pending, approval
from statuspage.usecases import notices
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NotNow
from statuspage.usecases.notices import approvals as verbs


@verb(
    "approve",
    click.Argument(["incident"], metavar="ID"),
    Flag(["--refuse"], is_flag=True),
    Flag(["--alone"], is_flag=True),
    Flag(["--reason"], default="", label="approval-reason"),
    Flag(["--yes"], is_flag=True),
    by(),
)
def approve(door: CommandContext, incident: str, refuse: bool, alone: bool, reason: str, yes: bool, by: str) -> int:
    """Shows the words that wait, asks, and lets them go out exactly as they are."""
    world, who = door.world(), person(by)
    found = _newest(world, incident)
    if refuse:
        verbs.refuse(world, incident, found.number, by=who, reason=reason, now=door.now())
        door.put({"incident": incident, "refused": found.number}, [door.say("approval_refused", by=found.by)])
        return 0
    agree(door, _waiting_lines(found), door.say(f"publish_{world.name}"), yes=yes)
    done = _decided(door, world, incident, found, alone=alone, reason=reason, by=who)
    shared_status.write_status(world, now=door.now())
    return deliver(door, world, done.incident, done.sequence, words=texts_of(found.waiting.notice.words))


def _decided(
    door: CommandContext, world: Environment, incident: str, found: Pending, *, alone: bool, reason: str, by: str
) -> notices.Published:
    if alone:
        return verbs.go_alone(world, incident, found.number, by=by, reason=reason, now=door.now())
    return verbs.approve(world, incident, found.number, by=by, now=door.now())


def _newest(world: Environment, incident_id: str) -> Pending:
    waiting = approval.open_now(load(world, incident_id))
    if not waiting:
        raise NotNow("approval.none")
    return waiting[-1]


def _waiting_lines(found: Pending) -> list[str]:
    words = found.waiting.notice.words.values()
    return [line for each in words for line in (f"{each.language}  {each.headline}", each.media["page"].body, "")]


VERBS = {"approve": approve}
