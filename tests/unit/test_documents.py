"""The documents name tests, files and headings that exist."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from statuspage.cli.framework import COMMAND_MODULES, CliGroup
from tests.support.documents import (
    broken_links,
    documents,
    listed_commands,
    missing_paths,
    missing_tests,
    named_tests,
)

PAGES = documents()


def test_the_fault_reference_names_a_test_for_its_faults() -> None:
    assert len(named_tests("reference/faults.md")) > 30


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_document_names_exists(page: str) -> None:
    assert missing_tests(page) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith(("architecture", "decisions/"))])
def test_every_module_that_a_document_names_exists(page: str) -> None:
    assert missing_paths(page) == []


def test_the_reference_lists_every_command_and_no_other() -> None:
    assert listed_commands("reference/command-line.md") == set(_commands(CliGroup("statuspage", COMMAND_MODULES), ""))


def _commands(group: click.Group, prefix: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"
