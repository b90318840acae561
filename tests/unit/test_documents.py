"""Tests, files and headings named in the documents exist."""

from __future__ import annotations

import pytest

from statuspage.cli.command_table import all_paths
from tests.support.documents import (
    broken_links,
    documents,
    missing_paths,
    missing_tests,
    named_commands,
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


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_document_names_exists(page: str) -> None:
    assert [words for words in named_commands(page) if not _is_command(words)] == []


def test_the_commands_of_the_documents_are_found() -> None:
    assert sum(len(named_commands(page)) for page in PAGES) > 100


def _is_command(words: tuple[str, ...]) -> bool:
    named = [path for path in all_paths() if path[0] == words[0]]
    return any(len(path) == 1 or len(words) == 1 or path[1] == words[1] for path in named)
