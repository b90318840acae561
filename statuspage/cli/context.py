"""What a verb is given at the door: where, as whom, in which language, at what time."""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import click

from statuspage import settings
from statuspage.cli import messages as speech
from statuspage.domain import escape_control_characters

if TYPE_CHECKING:
    from statuspage.usecases.drills import LiveStatus
    from statuspage.usecases.environment import Environment

WORLD = "STATUSPAGE_WORLD"

REAL = "statuspage.real"
"""Where a command keeps that it has said what really goes on, however often it asks for its world."""


class NotAnInstance(Exception):
    """There is no instance in this folder."""


@dataclass(frozen=True)
class CommandContext:
    """Where a command came in. ``asked`` says what was asked for; the settings are read when first needed."""

    environ: Mapping[str, str]
    home: str
    content: str
    as_json: bool
    speech: speech.Messages
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def of(cls, environ: Mapping[str, str], *, home: object, content: object, as_json: object) -> CommandContext:
        """The door for these flags."""
        words = speech.messages_in(speech.language(environ))
        return cls(environ, str(home or ""), str(content or ""), bool(as_json), words)

    @property
    def drill(self) -> bool:
        """Whether this process is a drill's."""
        return self.environ.get(WORLD) == "drill"

    @property
    def settings(self) -> settings.Settings:
        """Where the instance lies. Raises NoInstance, Unreadable."""
        return settings.read_settings(self.environ, home=self.home, content=self.content)

    def world(self, *, warn: bool = True) -> Environment:
        """The world this process works in, ready to be used. Says in red what is wrong with today's content."""
        from statuspage.usecases import logging_setup
        from statuspage.usecases.bootstrap import drill_world, live_world
        from statuspage.usecases.environment import restore_guard

        here = self.settings
        logging_setup.configure(here, level=logging_setup.QUIET)
        if not here.content.is_dir() and not here.home.is_dir():
            raise NotAnInstance(here.home)
        if self.drill:
            own = {"database": here.databases.drill, "accounts": here.databases.people}
            own |= {"desk": here.desks.get("drill", "")}
            found = drill_world(here.home, here.content, now=self.now(), address=here.drill_address, **own)
        else:
            found = live_world(here, now=self.now())
        for books in (found.store, found.people):
            click.get_current_context().call_on_close(books.close)
        self.warn_of_faults(found)
        if found.undressed:
            click.secho(self.say("templates_left_out", count=len(found.undressed)), fg="red", err=True)
        if warn and restore_guard.since(found):
            click.secho(self.say("on_hold"), fg="red", err=True)
        self._warn_of_real(found)
        return found

    def warn_of_faults(self, world: Environment) -> None:
        """Says in red that today's content is not in use; each of its faults where nothing else has passed before."""
        if world.by_hand:
            from statuspage.cli.errors import of_faults

            for line in (*of_faults(self, world.faults).sentences[:-1], self.say("content_none")):
                click.secho(line, fg="red", err=True)
        elif world.faults:
            click.secho(self.say("content_old", count=len(world.faults)), fg="red", err=True)

    def _warn_of_real(self, world: Environment) -> None:
        """Whoever rehearses hears at once, and once, that something real is going on, or that nobody can tell."""
        from statuspage.usecases import drills

        live, said = drills.live_status(world, now=self.now()), click.get_current_context().meta
        if said.setdefault(REAL, live) is not live or not (live.going_on or not live.known):
            return
        runs = drills.running(world) is not None
        for line in self._real(live, blind=runs and not live.known):
            click.secho(line, fg="red", err=True)
        if runs and live.going_on:
            click.secho(self.say("drill_real_suspend"), fg="red", err=True)

    def _real(self, live: LiveStatus, *, blind: bool) -> Iterator[str]:
        for key, some in (("drill_real_alert", live.alerts), ("drill_real", live.incidents)):
            for one in some:
                minutes = max(int((self.now() - one.opened).total_seconds()) // 60, 0)
                yield self.say(key, title=one.title(self.speech.language) or one.id, minutes=minutes)
        if live.untaken > len(live.alerts):
            yield self.say("drill_real_more", count=live.untaken - len(live.alerts))
        if blind:
            yield self.say("drill_blind")

    def now(self) -> datetime:
        """Our clock: aware, UTC."""
        return self.clock()

    def say(self, key: str, **slots: object) -> str:
        """A sentence of the command line."""
        return self.speech.say(f"cli.{key}", **slots)

    def put(self, value: object, lines: Iterable[str]) -> None:
        """The answer: JSON for programs, lines for people."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                click.echo(line)


def person(by: str) -> str:
    """Who does it: the name given by flag, else the account on this machine."""
    if by:
        return escape_control_characters(by)
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def into_drill(args: Sequence[str]) -> None:
    """Goes on in a process of the drill world: the same program and arguments, an environment without credentials.

    Returns only where this process is already such a one.
    """
    clean = settings.drill_environ(os.environ)
    if not settings.is_clean(os.environ):
        _run_again(args, clean)


def _run_again(args: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-P", "-m", "statuspage", *args], dict(environ))  # noqa: S606
