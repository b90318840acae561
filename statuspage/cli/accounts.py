"""Who may work on the desk: accounts, passwords, one-time links."""

from __future__ import annotations

import sys

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, Verbs, verb
from statuspage.cli.show import clock_of
from statuspage.domain import escape_control_characters
from statuspage.storage.accounts import Person
from statuspage.usecases import accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment import Environment

LOGIN = click.Argument(["login"], metavar="LOGIN")


def _account_json(person: Person) -> dict[str, object]:
    return {"login": person.login, "name": person.name, "role": str(person.role), "language": person.language}


def _account_of(door: CommandContext, world: Environment, login: str) -> Person:
    person = accounts.by_login(world.people, login)
    if person is None:
        raise Refusal(door.say("no_person", login=login))
    return person


@verb("list", group="people")
def list_accounts(door: CommandContext) -> None:
    """All accounts."""
    found = accounts.all_accounts(door.world().people)
    lines = [f"{p.login:<20}{p.role:<15}{p.name}" for p in found]
    door.put([_account_json(p) for p in found], lines or [door.say("nobody")])


@verb(
    "add",
    LOGIN,
    Flag(["--name"], default="", label="person-name"),
    Flag(["--role"], default=Role.REPORTER.value, type=click.Choice([role.value for role in Role])),
    Flag(["--lang"], default=""),
    group="people",
)
def add_account(door: CommandContext, login: str, name: str, role: str, lang: str) -> None:
    """A new account, entered by one-time links until it has a password."""
    world = door.world()
    made = accounts.add_account(
        world.people, login, name or login, role=Role(role), language=escape_control_characters(lang), now=door.now()
    )
    door.put(_account_json(made), [door.say("person_added", login=made.login)])


@verb("link", LOGIN, group="people")
def create_link(door: CommandContext, login: str) -> None:
    """A link that signs in once, and soon expires."""
    from statuspage.usecases import instance

    world = door.world()
    person = _account_of(door, world, login)
    desk = instance.served_at(world.home).get("desk")
    if desk is None:
        raise Refusal(door.say("no_desk"))
    address = f"{desk}/sign-in/link/{accounts.create_sign_in_link(world.people, person.id, now=door.now())}"
    door.put({"login": person.login, "link": address}, [address])


@verb("password", LOGIN, group="people")
def password(door: CommandContext, login: str) -> None:
    """A new password, asked for twice, or read from standard input."""
    world = door.world()
    person = _account_of(door, world, login)
    if sys.stdin.isatty():
        typed = click.prompt(door.say("password_prompt"), hide_input=True, confirmation_prompt=True)
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    accounts.set_password(world.people, person.id, typed, now=door.now())
    door.put({"login": person.login}, [door.say("password_set", login=person.login)])


@verb("disable", LOGIN, group="people")
def disable(door: CommandContext, login: str) -> None:
    """Ends an account: its sessions are over at once and it cannot sign in any more."""
    world = door.world()
    person = _account_of(door, world, login)
    accounts.disable(world.people, person.id, now=door.now())
    door.put({"login": person.login}, [door.say("person_disabled", login=person.login)])


@verb("enable", LOGIN, group="people")
def enable(door: CommandContext, login: str) -> None:
    """Lets an account in again that was ended."""
    world = door.world()
    person = _account_of(door, world, login)
    accounts.enable(world.people, person.id, now=door.now())
    door.put({"login": person.login}, [door.say("person_enabled", login=person.login)])


@verb(
    "role",
    LOGIN,
    click.Argument(["role"], metavar="ROLE", type=click.Choice([role.value for role in Role])),
    group="people",
)
def role(door: CommandContext, login: str, role: str) -> None:
    """What somebody may do from now on: so a house that lost its last administrator makes another one."""
    world = door.world()
    person = _account_of(door, world, login)
    accounts.promote(world.people, person.id, Role(role), by=person.id, now=door.now())
    door.put({"login": person.login, "role": role}, [door.say("person_role", login=person.login, role=role)])


@verb("sessions", group="people")
def sessions(door: CommandContext) -> None:
    """Who is signed in, since when, and when they last did something."""
    world = door.world()
    found = [
        (one, p)
        for p in accounts.all_accounts(world.people)
        for _, one in accounts.sessions(world.people, p.id, now=door.now())
    ]
    clock = clock_of(door, world.catalog)
    told = [
        {
            **_account_json(p),
            "since": serialization.to_json_value(s.created),
            "seen": serialization.to_json_value(s.seen),
        }
        for s, p in found
    ]
    lines = [f"{p.login:<20}{clock.day_clock(s.created)} – {clock.day_clock(s.seen)}   {p.name}" for s, p in found]
    door.put(told, lines or [door.say("no_sessions")])


@verb("sign-out", LOGIN, group="people")
def sign_out(door: CommandContext, login: str) -> None:
    """Ends every session of an account; it may sign in again."""
    world = door.world()
    person = _account_of(door, world, login)
    ended = accounts.sign_out_everywhere(world.people, person.id, now=door.now())
    door.put({"login": person.login, "ended": ended}, [door.say("sessions_ended", login=person.login, count=ended)])


NAMES = ["list", "add", "link", "password", "disable", "enable", "role", "sessions", "sign-out"]

VERBS: dict[str, click.Command] = {
    "people": Verbs("people", dict.fromkeys(NAMES, "accounts")),
    "list": list_accounts,
    "add": add_account,
    "link": create_link,
    "password": password,
    "disable": disable,
    "enable": enable,
    "role": role,
    "sessions": sessions,
    "sign-out": sign_out,
}
