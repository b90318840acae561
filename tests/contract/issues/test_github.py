"""Issues at GitHub, against a server on loopback that speaks its REST API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from statuspage.integrations.channels import CredentialsInvalid, DeliveryUnknown, Refused, Timeouts, Unreachable, Unsent
from statuspage.integrations.issues import GitHubIssues, is_safe_api
from tests.support.fakes.github_server import REPOSITORY, TOKEN, Server, github_server
from tests.support.times import at

HURRIED = Timeouts(connect=1.0, read=0.5, total=1.0)
NOW = at("12:00")


@pytest.fixture
def server() -> Iterator[Server]:
    with github_server() as server:
        server.clock = lambda: NOW
        yield server


@pytest.fixture
def github(server: Server) -> GitHubIssues:
    return GitHubIssues(TOKEN, server.address, HURRIED)


def test_an_issue_is_made_with_its_labels_and_found_by_its_marker(server: Server, github: GitHubIssues):
    made = github.create(REPOSITORY, "予備へ切り替える", "text <!-- marker-1 -->", ("incident",))
    assert (made.number, made.is_open) == (1, True)
    assert server.received[0].body["labels"] == ["incident"]
    assert github.find(REPOSITORY, "marker-1", since=NOW) == made
    assert github.find(REPOSITORY, "marker-2", since=NOW) is None
    assert github.find(REPOSITORY, "marker-1", since=NOW + timedelta(hours=2)) is None


def test_it_is_found_behind_many_others_and_pull_requests_are_none(server: Server, github: GitHubIssues):
    for number in range(25):
        server.add(f"other {number}")
    server.add("copied", "marker-1", pull_request={})
    wanted, _ = server.add("wanted", "marker-1"), server.add("later", "marker-1")
    found = github.find(REPOSITORY, "marker-1", since=NOW)
    assert found is not None
    assert found.number == wanted["number"] == 27


def test_pages_larger_than_any_response_are_read_one_by_one(server: Server, github: GitHubIssues):
    for number in range(12):
        server.add(f"long {number}", "x" * 60_000)
    wanted = server.add("wanted", "marker-1")
    found = github.find(REPOSITORY, "marker-1", since=NOW)
    assert found is not None
    assert found.number == wanted["number"]


def test_an_issue_is_seen_open_closed_and_gone(server: Server, github: GitHubIssues):
    made = github.create(REPOSITORY, "a", "b")
    server.close(made.number)
    closed = github.look_up(REPOSITORY, made.number)
    assert closed is not None and not closed.is_open
    server.delete(made.number)
    assert github.look_up(REPOSITORY, made.number) is None


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("401", CredentialsInvalid, "credentials"),
        ("403", CredentialsInvalid, "credentials"),
        ("403-secondary", Unreachable, "rate_limited"),
        ("403-limit", Unreachable, "rate_limited"),
        ("403-silent", Unreachable, "rate_limited"),
        ("429-after", Unreachable, "rate_limited"),
        ("404", Refused, "no_destination"),
        ("redirect", Refused, "no_destination"),
        ("410", Refused, "refused"),
        ("422", Refused, "refused"),
        ("500", Unreachable, "channel_down"),
        ("503-html", Unreachable, "channel_down"),
        ("drop", DeliveryUnknown, "no_response"),
        ("hang", DeliveryUnknown, "no_response"),
    ],
)
def test_each_refusal_has_its_reason(
    server: Server, github: GitHubIssues, fault: str, error: type[Unsent], reason: str
):
    server.next(fault)
    with pytest.raises(error) as raised:
        github.create(REPOSITORY, "a", "b")
    assert (type(raised.value), raised.value.reason) == (error, reason)
    assert TOKEN not in str(raised.value)


def test_a_rate_limit_says_how_long_to_wait(server: Server, github: GitHubIssues):
    waits = []
    for fault in ("403-secondary", "403-silent"):
        server.next(fault)
        with pytest.raises(Unreachable) as raised:
            github.create(REPOSITORY, "a", "b")
        waits.append(raised.value.wait.seconds)
    assert waits == [45, 60]


@pytest.mark.parametrize("fault", ["html", "empty", "list", "no-id"])
def test_an_answer_that_is_no_issue_leaves_it_unknown(server: Server, github: GitHubIssues, fault: str):
    server.next(fault)
    with pytest.raises(DeliveryUnknown):
        github.create(REPOSITORY, "a", "b")
    assert len(server.issues) == 1


def test_another_token_is_refused(server: Server):
    with pytest.raises(CredentialsInvalid):
        GitHubIssues("wrong", server.address, HURRIED).look_up(REPOSITORY, 1)


@pytest.mark.parametrize(
    ("api", "is_safe"),
    [
        ("https://api.github.com", True),
        ("https://git.acme.example/api/v3", True),
        ("http://127.0.0.1:9000", True),
        ("http://git.acme.example/api/v3", False),
        ("ftp://127.0.0.1", False),
        ("api.github.com", False),
    ],
)
def test_the_token_is_sent_only_encrypted_or_to_this_machine(api: str, is_safe: bool):
    assert is_safe_api(api) is is_safe
