"""Targets of the figures and the repository of issues, as read from ``site.toml``."""

from __future__ import annotations

from typing import Any

import pytest

from statuspage.content.loading.follow_up import read_issues, read_retention, read_targets
from statuspage.content.loading.table_reader import Table
from statuspage.content.loading.toml_source import TomlSource
from statuspage.domain import IssueRepository, Retention, Targets


def table(**values: Any) -> Table:
    return Table(TomlSource("site.toml"), [], (), values)


def test_targets_are_optional_whole_numbers():
    assert read_targets(table()) == Targets()
    assert read_targets(table(major_minutes=0, promises_percent=95)) == Targets(0, 95)


@pytest.mark.parametrize(
    "values",
    [
        {"major_minutes": -1},
        {"major_minutes": 1.5},
        {"promises_percent": 101},
        {"promises_percent": "95"},
        {"minutes": 1},
    ],
)
def test_a_target_that_cannot_be_one_is_an_error(values: dict[str, Any]):
    wrong = table(**values)
    read_targets(wrong)
    assert len(wrong.errors) == 1


def test_a_repository_has_an_owner_and_a_name():
    assert read_issues(table()) is None
    assert read_issues(table(github="acme/ops", labels=["incident"])) == IssueRepository("acme/ops", ("incident",))


@pytest.mark.parametrize(
    "name", ["acme", "acme/..", "acme/ops/issues", "../ops", "acme/ops?x=1", "https://github.com/a/b"]
)
def test_nothing_in_its_name_leads_elsewhere(name: str):
    wrong = table(github=name)
    assert read_issues(wrong) is None
    assert len(wrong.errors) == 1


def test_periods_are_whole_days_and_what_is_not_said_is_the_default():
    assert read_retention(table()) == Retention()
    assert read_retention(table(audit_log=10, drafts=1)) == Retention(audit_log=10, drafts=1)
    for wrong in ({"drafts": 0}, {"drafts": 36_501}, {"alerts": 1.5}, {"letters": 3}):
        given = table(**wrong)
        read_retention(given)
        assert len(given.errors) == 1, wrong
