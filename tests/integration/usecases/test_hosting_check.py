"""That the page is hosted apart is said only where the check could see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.usecases import hosting_check
from statuspage.usecases.diagnostics import shared_infrastructure
from statuspage.usecases.diagnostics.findings import Finding, ok_finding, problem_finding, unknown_finding

PAGE, APP, API = "https://status.example", "app.example.com", "api.example.com:8443"


def all_ok(*hosts: str) -> list[Finding]:
    return [ok_finding(f"shared_{aspect}", host=host) for host in hosts for aspect in ("network", "provider")]


def test_other_networks_and_providers_than_all_of_the_product_are_apart() -> None:
    assert shared_infrastructure.is_apart(all_ok("app.example.com", "api.example.com"), (APP, API))


@pytest.mark.parametrize(
    "finding",
    [
        problem_finding("shared_network", host="api.example.com", same="203.0.113.0/24"),
        unknown_finding("shared_provider", host="api.example.com", why="no answer"),
    ],
)
def test_what_is_shared_or_could_not_be_seen_is_not_apart(finding: Finding) -> None:
    others = [
        one for one in all_ok("app.example.com", "api.example.com") if one.code != finding.code or APP in str(one)
    ]
    assert not shared_infrastructure.is_apart([*others, finding], (APP, API))


def test_without_hosts_of_the_product_nothing_was_seen(tmp_path: Path) -> None:
    assert not shared_infrastructure.is_apart([], ())
    hosting_check.save_check(tmp_path, PAGE, (), is_apart=True)
    assert not hosting_check.is_seen_apart(tmp_path, PAGE, ())


def test_the_note_counts_for_this_address_and_these_hosts_until_the_next_check(tmp_path: Path) -> None:
    assert not hosting_check.is_seen_apart(tmp_path, PAGE, (APP,))
    hosting_check.save_check(tmp_path, PAGE, (APP,), is_apart=True)
    assert hosting_check.is_seen_apart(tmp_path, PAGE, (APP,))
    assert not hosting_check.is_seen_apart(tmp_path, "https://elsewhere.example", (APP,))
    assert not hosting_check.is_seen_apart(tmp_path, PAGE, (APP, API))
    hosting_check.save_check(tmp_path, PAGE, (APP,), is_apart=False)
    assert not hosting_check.is_seen_apart(tmp_path, PAGE, (APP,))
    (tmp_path / hosting_check.FILE).write_text("{", "utf-8")
    assert not hosting_check.is_seen_apart(tmp_path, PAGE, (APP,))
