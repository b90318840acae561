"""Emergency links from the command line: made, listed without their codes, revoked."""

from __future__ import annotations

from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]


def test_emergency_links_are_made_listed_and_revoked(cli: Cli) -> None:
    cli("account", "add", "sato", "--name", "佐藤")
    made = cli("account", "emergency-link", "sato", "--count", "2", "--days", "30", "--json").json
    assert [link["number"] for link in made["links"]] == [1, 2]
    assert made["address"].endswith("/sign-in/emergency")
    assert cli("account", "revoke-emergency-link", "2").code == 0
    assert cli("account", "revoke-emergency-link", "2").code == 1
    listed = cli("account", "emergency-links", "--json")
    assert [(row["number"], row["name"], row["state"]) for row in listed.json] == [
        (2, "佐藤", "revoked"), (1, "佐藤", "valid"),
    ]  # fmt: skip
    assert all(link["code"] not in listed.out for link in made["links"])
    text = cli("account", "emergency-link", "sato", "--count", "1")
    assert "佐藤" in text.out


def test_a_link_needs_an_account_and_a_number_that_exist(cli: Cli) -> None:
    assert cli("account", "emergency-link", "nobody").code == 1
    assert cli("account", "revoke-emergency-link", "7").code == 1
