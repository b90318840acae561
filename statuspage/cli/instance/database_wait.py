"""Waits at the start until the databases answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import Flag
from statuspage.storage.engine import DatabaseBroken
from statuspage.web.server import run

T = TypeVar("T")

DATABASE_WAIT = Flag(["--database-wait"], type=click.FloatRange(0), metavar="SECONDS")


def wait_for_databases(
    command: CommandContext, stop: Event, open_databases: Callable[[], T], max_seconds: float | None
) -> T:
    """Opens the databases, waiting until they answer; prints once that it waits.

    Raises DatabaseBroken if they refuse the login, or do not answer within ``max_seconds`` (None: waits on).
    """
    has_warned, deadline = False, math.inf if max_seconds is None else monotonic() + max_seconds
    while True:
        try:
            return open_databases()
        except DatabaseBroken as error:
            if error.code not in ("away", "cut") or monotonic() >= deadline:
                raise
        if not has_warned:
            click.echo(command.text("database_waiting"), err=True)
        has_warned = True
        if stop.wait(run.POLL_SECONDS):
            raise click.exceptions.Exit(0)
