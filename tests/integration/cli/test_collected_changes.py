"""Which commands collect what they change, so that the audit log gets a line."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from statuspage.cli.context import CHANGES_KEY, CommandContext
from statuspage.storage.engine import stop_collecting
from tests.support.instance import home, made_instance

__all__ = ["home", "made_instance"]


@pytest.mark.parametrize(("name", "collects"), [("show", True), ("worker", False)])
def test_a_command_that_works_until_it_is_stopped_collects_nothing(home: Path, name: str, collects: bool) -> None:
    with click.Context(click.Command(name), info_name=name) as context:
        CommandContext.from_flags({}, home=home, content="", as_json=False).open_env()
        assert (CHANGES_KEY in context.meta) is collects
        stop_collecting()
