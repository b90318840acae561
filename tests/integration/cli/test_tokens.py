"""Tokens on the command line: added for an account, listed, ended."""

from __future__ import annotations

import pytest

from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


def test_a_token_is_printed_once_listed_without_its_secret_and_ended(cli: Cli) -> None:
    assert cli("account", "add", "bot", "--role", "reporter").code == 0
    made = cli("token", "add", "bot", "--name", "当番ボット", "--days", "30", "--json").json
    assert made["token"].startswith("spt_")
    (listed,) = cli("token", "list", "--json").json
    assert (listed["name"], listed["scope"], listed["environment"]) == ("当番ボット", "propose", "live")
    assert "token" not in listed
    assert cli("token", "end", made["id"]).code == 0
    assert cli("token", "list", "--json").json == []
    assert cli("token", "end", made["id"]).code != 0
