"""What a command works with: instance, content, language, clock."""

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
from statuspage.cli.messages import Messages, messages_in, terminal_language

if TYPE_CHECKING:
    from statuspage.storage.engine import RowChanges
    from statuspage.usecases.audit_log import Actor
    from statuspage.usecases.drills import LiveStatus
    from statuspage.usecases.environment import Environment

ENVIRONMENT_VARIABLE = "STATUSPAGE_ENVIRONMENT"

LIVE_STATUS_KEY = "statuspage.real"
"""Records that a command has warned of live incidents, however often it opens its environment."""


ENVIRONMENT_KEY = "statuspage.environment"
"""Where a command stores the environment that it has opened, for its error messages."""


CHANGES_KEY = "statuspage.changes"
"""Where a command stores what it changes in the databases, for the audit log."""


class NotAnInstance(Exception):
    """There is no instance in this folder."""


@dataclass(frozen=True)
class CommandContext:
    """The flags and variables of one command; the settings are read on first use."""

    environ: Mapping[str, str]
    home: str
    content: str
    as_json: bool
    messages: Messages
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def from_flags(
        cls, environ: Mapping[str, str], *, home: object, content: object, as_json: object
    ) -> CommandContext:
        """The context for these flags."""
        messages = messages_in(terminal_language(environ))
        if environ.get(ENVIRONMENT_VARIABLE) == "drill":
            messages = messages.of_drill()
        if home and str(home) != environ.get("STATUSPAGE_HOME"):
            messages = messages.at_home(str(home))
        return cls(environ, str(home or ""), str(content or ""), bool(as_json), messages)

    @property
    def is_drill(self) -> bool:
        """Whether this process is a drill's."""
        return self.environ.get(ENVIRONMENT_VARIABLE) == "drill"

    @property
    def settings(self) -> settings.Settings:
        """The settings of the instance. Raises NoInstance, Unreadable."""
        return settings.read_settings(self.environ, home=self.home, content=self.content)

    def open_env(self, *, warn: bool = True) -> Environment:
        """The environment of this process, ready to use. Prints errors in the current content in red."""
        from statuspage.storage.engine import start_collecting
        from statuspage.usecases import logging_setup
        from statuspage.usecases.bootstrap import drill_environment, live_environment
        from statuspage.usecases.environment import restore_guard

        instance_settings = self.settings
        logging_setup.keep_no_log(instance_settings)
        if not instance_settings.content.is_dir() and not instance_settings.home.is_dir():
            raise NotAnInstance(instance_settings.home)
        if self.is_drill:
            drill_options = {
                "database": instance_settings.databases.drill,
                "accounts": instance_settings.databases.accounts,
            }
            drill_options |= {"desk": instance_settings.desk_addresses.get("drill", "")}
            env = drill_environment(
                instance_settings.home,
                instance_settings.content,
                now=self.now(),
                address=instance_settings.drill_address,
                **drill_options,
            )
        else:
            env = live_environment(instance_settings, now=self.now())
        for database in (env.databases.environment, env.databases.accounts):
            click.get_current_context().call_on_close(database.close)
        if env.secret_store is not None:
            click.get_current_context().call_on_close(env.secret_store.close)
        click.get_current_context().meta[ENVIRONMENT_KEY] = env
        if click.get_current_context().info_name not in NOT_BY_A_PERSON:
            click.get_current_context().meta[CHANGES_KEY] = start_collecting()
        self.warn_of_faults(env)
        if env.content.template_errors:
            click.secho(self.text("templates_left_out", count=len(env.content.template_errors)), fg="red", err=True)
        if warn and restore_guard.held_since(env.databases.environment):
            click.secho(self.text("send_hold"), fg="red", err=True)
        self._warn_of_live_incidents(env)
        return env

    @property
    def opened_env(self) -> Environment | None:
        """The environment that this command has opened; None if it has not."""
        context = click.get_current_context(silent=True)
        env: Environment | None = context.meta.get(ENVIRONMENT_KEY) if context else None
        return env

    def warn_of_faults(self, env: Environment) -> None:
        """Prints in red that the current content is not in use as it is."""
        if env.content.errors:
            click.secho(self.text("content_outdated", count=len(env.content.errors)), fg="red", err=True)

    def _warn_of_live_incidents(self, env: Environment) -> None:
        """Warns whoever runs a drill, once, of live incidents, or that their state is unknown."""
        if env.live_status_path is None:  # This is the live environment.
            return
        from statuspage.usecases import drills

        live, meta = drills.live_status(env.live_status_path, now=self.now()), click.get_current_context().meta
        if meta.setdefault(LIVE_STATUS_KEY, live) is not live or not (live.open_items or not live.is_known):
            return
        is_running = drills.running_drill(env.databases.environment) is not None
        for line in self._live_incident_lines(live, live_unknown=is_running and not live.is_known):
            click.secho(line, fg="red", err=True)
        if is_running and live.open_items:
            click.secho(self.text("live_suspend_hint"), fg="red", err=True)

    def _live_incident_lines(self, live: LiveStatus, *, live_unknown: bool) -> Iterator[str]:
        for key, items in (("live_alert_open", live.alerts), ("live_incident_open", live.incidents)):
            for item in items:
                minutes = max(int((self.now() - item.opened).total_seconds()) // 60, 0)
                yield self.text(key, title=item.title_in(self.messages.language) or item.id, minutes=minutes)
        if live.unacknowledged > len(live.alerts):
            yield self.text("live_alerts_more", count=live.unacknowledged - len(live.alerts))
        if live_unknown:
            yield self.text("live_unknown")

    def now(self) -> datetime:
        """The current time: aware, UTC."""
        return self.clock()

    def text(self, key: str, **slots: object) -> str:
        """A message of the command line."""
        return self.messages.label(f"cli.{key}", **slots)

    def print_result(self, value: object, lines: Iterable[str]) -> None:
        """Prints the result: JSON for programs, lines for people."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                click.echo(line)


def actor_name(name: str) -> str:
    """The actor: the name given by the flag, else the user of this machine."""
    if name:
        from statuspage.domain import escape_control_characters

        return escape_control_characters(name)
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def terminal_actor(name: str = "") -> Actor:
    """The actor for the audit log: the name given by the flag, else the user of this machine."""
    from statuspage.usecases.audit_log import COMMAND_LINE, Actor

    return Actor(name=actor_name(name), origin=COMMAND_LINE)


NOT_BY_A_PERSON = ("serve", "worker", "signup")
"""Commands that work until they are stopped: what they change is somebody else's doing."""


def record_command(command: CommandContext, name: str, options: Mapping[str, object]) -> None:
    """Records the command, by its words, if it changed something and recorded nothing itself. Says so in red if that
    cannot be written now: what was done is done."""
    changes: RowChanges | None = click.get_current_context().meta.pop(CHANGES_KEY, None)
    env = command.opened_env
    if changes is None or env is None or not changes.lack_a_line:
        return
    from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
    from statuspage.usecases import audit_log

    try:
        audit_log.record_changes(
            env.databases.accounts,
            f"command.{name.replace(' ', '.')}",
            changes,
            by=terminal_actor(str(options.get("by") or "")),
            now=command.now(),
            **({} if env.name == "live" else {"environment": env.name}),
        )
    except (DatabaseBusy, DatabaseBroken):
        click.secho(command.text("unrecorded"), fg="red", err=True)


def enter_drill_process(args: Sequence[str]) -> None:
    """Runs the same command in a drill process, whose environment has no credentials.

    Returns only if this process already is one.
    """
    drill_environ = settings.drill_environ(os.environ)
    if not settings.is_drill_environ(os.environ):
        _reexecute(args, drill_environ)


def _reexecute(args: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-P", "-m", "statuspage", *args], dict(environ))  # noqa: S606 - ourselves
