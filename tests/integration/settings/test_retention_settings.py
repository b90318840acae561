"""Retention on the desk: periods are kept in the file, checked beside their fields, and recorded."""

from __future__ import annotations

import tomllib
from types import SimpleNamespace
from typing import Any

import pytest

from statuspage.content.loading.follow_up import read_retention
from statuspage.content.loading.table_reader import Table
from statuspage.usecases import audit_log, retention
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, as_role, clock, desk_of
from tests.support.settings import content_file, env

__all__ = ["clock", "env"]


@pytest.fixture
def administrator(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock))


def test_a_period_is_kept_in_the_file_and_in_the_audit_log(env: Environment, administrator: Browser):
    administrator.open("/settings/retention").send(audit_log="730", alerts="90")
    assert administrator.page.status_code == 200
    assert tomllib.loads(content_file(env, "site.toml").read_text("utf-8"))["retention"] == {
        "audit_log": 730,
        "alerts": 90,
    }
    (row, *_) = audit_log.list_actions(env.databases.accounts, 1).rows
    assert (row["action"], row["before"], row["after"]) == (
        "retention.changed",
        {"audit_log": 1095, "alerts": 365},
        {"audit_log": 730, "alerts": 90},
    )


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "36501", "", "x", "٣"])
def test_what_is_no_period_is_refused_beside_its_field(env: Environment, administrator: Browser, typed: str):
    before = content_file(env, "site.toml").read_bytes()
    administrator.open("/settings/retention").send(drafts=typed)
    assert administrator.page.status_code == 422
    assert administrator.tree.xpath("//input[@name='drafts'][@aria-invalid='true']")
    assert content_file(env, "site.toml").read_bytes() == before


@pytest.mark.parametrize(("kind", "fewest"), [("staff_notifications", 30), ("unconfirmed_subscribers", 4)])
def test_what_is_needed_longer_is_not_deleted_earlier(
    env: Environment, administrator: Browser, kind: str, fewest: int
) -> None:
    administrator.open("/settings/retention").send({kind: str(fewest - 1)})
    assert administrator.page.status_code == 422
    assert administrator.tree.xpath(f"//input[@name='{kind}'][@aria-invalid='true'][@min='{fewest}']")
    assert f"{fewest} to 36,500" in administrator.words
    source: Any = SimpleNamespace(is_readable=True, error_at=lambda path, message: (path, message))
    table = Table(source, [], ("retention",), {kind: fewest - 1})
    read_retention(table)
    assert [path for path, _ in table.errors] == [("retention", kind)]
    administrator.open("/settings/retention").send({kind: str(fewest)})
    assert administrator.page.status_code == 200


def test_the_page_says_when_it_last_looked_and_what_it_removed(env: Environment, administrator: Browser, clock: Clock):
    assert "Has not run yet." in administrator.open("/settings/retention").words
    retention.delete_outdated(env, now=clock())
    assert administrator.open("/settings/retention").words.count("0 deleted.") == 7
    assert "desk." not in administrator.words
