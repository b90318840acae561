"""Issues of action items: made once whatever happens in between, followed, and never for a drill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from statuspage.domain import ActionIssue, ActionState, IssueQuestion, IssueState, issue_question
from statuspage.integrations.issues import GitHubIssues
from statuspage.storage import send_hold
from statuspage.storage.audit_log import Actor
from statuspage.usecases import action_items, audit_log
from statuspage.usecases.action_items import ActionInput
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.redaction import redact
from tests.integration.usecases.test_action_items import FIRST, OVER, keep
from tests.support.desk import env
from tests.support.fakes.github_server import Server, github_server
from tests.support.issue_tracker import with_tracker
from tests.support.times import at

__all__ = ["env"]

pytestmark = pytest.mark.usefixtures("database")

NOW = at("14:00")
AYA = {"actor": Actor(name="彩"), "now": NOW}


@pytest.fixture
def github() -> Iterator[Server]:
    with github_server() as server:
        server.clock = lambda: NOW
        yield server


@pytest.fixture
def tracked(env: Environment, github: Server) -> Environment:
    """An environment with a tracker, an incident that is over, and an action item."""
    keep(env, FIRST, OVER)
    tracked = with_tracker(env, github)
    action_items.add_item(tracked, FIRST, ActionInput("予備へ切り替える", "渡辺 健", due="2026-07-31"), **AYA)
    return tracked


def asked(env: Environment, now: datetime = NOW) -> ActionIssue:
    return action_items.issues.request_issue(env, 1, actor=Actor(name="彩"), now=now)


def after(env: Environment, **later: float) -> ActionIssue:
    """The issue after a turn of the worker at that time."""
    action_items.issues.advance_issues(env, now=NOW + timedelta(**later))
    issue = action_items.issues.issue_of(env, 1)
    assert issue is not None
    return issue


def test_an_item_becomes_an_issue_with_its_words_and_gets_its_link(tracked: Environment, github: Server):
    asked(tracked)
    issue = after(tracked)
    (body,) = [one.body for one in github.received]
    assert (body["title"], body["labels"]) == ("予備へ切り替える", ["incident"])
    assert "渡辺 健" in body["body"] and FIRST in body["body"] and issue.marker in body["body"]
    assert (issue.state, issue.number) == (IssueState.OPEN, 1)
    assert action_items.find_item(tracked, 1).link == issue.url == github.issues[0]["html_url"]


def test_asking_again_and_working_again_makes_no_second_one(tracked: Environment, github: Server):
    asked(tracked)
    after(tracked)
    asked(tracked)
    for hours in (1, 2, 3):
        after(tracked, hours=hours)
    assert len(github.issues) == 1


class KilledError(Exception):
    """The process ends."""


def test_killed_between_creating_and_recording_the_issue_is_found_and_not_made_again(
    tracked: Environment, github: Server, monkeypatch: pytest.MonkeyPatch
):
    asked(tracked)

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(action_items.issues, "_settle_made", killed)
        action_items.issues.advance_issues(tracked, now=NOW)
    assert len(github.issues) == 1
    assert after(tracked, minutes=1).number == 0, "the lease of the dead worker still holds"
    assert after(tracked, minutes=6).number == 1
    assert len(github.issues) == 1


@pytest.mark.parametrize("fault", ["drop", "hang", "empty", "503"])
def test_an_attempt_of_unknown_end_is_looked_for_before_it_is_repeated(
    tracked: Environment, github: Server, fault: str
):
    github.next(fault)
    asked(tracked)
    failed = after(tracked)
    assert failed.state is IssueState.WANTED and failed.reason
    assert after(tracked, minutes=5).number == 1
    assert len(github.issues) == 1


def test_a_rate_limit_is_waited_for(tracked: Environment, github: Server):
    github.next("403-secondary")
    asked(tracked)
    assert after(tracked).reason == "rate_limited"
    assert after(tracked, seconds=44).number == 0
    assert after(tracked, seconds=46).number == 1


@pytest.mark.parametrize("fault", ["404", "410", "422"])
def test_what_only_a_person_can_solve_is_tried_again_when_somebody_asks(
    tracked: Environment, github: Server, fault: str
):
    github.next(fault)
    asked(tracked)
    assert after(tracked).next_at is None
    assert after(tracked, days=2).number == 0
    asked(tracked, NOW + timedelta(days=2))
    assert after(tracked, days=2).number == 1


def test_a_token_that_is_not_valid_is_tried_every_half_hour(tracked: Environment, github: Server):
    tokens, github.tokens = github.tokens, set()
    asked(tracked)
    assert after(tracked).reason == "credentials"
    github.tokens = tokens
    assert after(tracked, minutes=29).number == 0
    assert after(tracked, minutes=31).number == 1


def test_asking_again_during_an_attempt_starts_no_second_one(
    tracked: Environment, github: Server, monkeypatch: pytest.MonkeyPatch
):
    asked(tracked)
    create = GitHubIssues.create

    def slow(self: GitHubIssues, *args: object, **more: object) -> object:
        asked(tracked)
        assert action_items.issues.advance_issues(tracked, now=NOW) == 0
        return create(self, *args, **more)

    monkeypatch.setattr(GitHubIssues, "create", slow)
    after(tracked)
    assert len(github.issues) == 1


def question(env: Environment, issue: ActionIssue) -> IssueQuestion | None:
    return issue_question(action_items.find_item(env, 1), issue)


def test_a_closed_issue_asks_for_done_and_one_that_is_opened_again_asks_to_open_the_item(
    tracked: Environment, github: Server
):
    asked(tracked)
    assert question(tracked, after(tracked)) is None
    github.close(1)
    assert question(tracked, after(tracked, minutes=9)) is None, "it is looked at every ten minutes"
    assert question(tracked, after(tracked, minutes=11)) is IssueQuestion.DONE
    item = action_items.find_item(tracked, 1)
    assert item.state is ActionState.OPEN, "a person decides"
    action_items.finish_item(tracked, 1, version=item.version, **AYA)
    assert question(tracked, after(tracked, minutes=22)) is None
    github.close(1, state="open")
    assert question(tracked, after(tracked, minutes=33)) is IssueQuestion.REOPEN
    action_items.reopen_item(tracked, 1, version=item.version + 1, **AYA)
    assert question(tracked, after(tracked, minutes=44)) is None


def test_an_item_done_before_its_issue_is_closed_asks_nothing(tracked: Environment):
    asked(tracked)
    issue = after(tracked)
    action_items.finish_item(tracked, 1, version=action_items.find_item(tracked, 1).version, **AYA)
    assert question(tracked, issue) is question(tracked, after(tracked, hours=1)) is None


def test_a_deleted_issue_is_missing(tracked: Environment, github: Server):
    asked(tracked)
    after(tracked)
    github.delete(1)
    assert after(tracked, hours=1).state is IssueState.MISSING


def test_the_issue_of_an_item_done_long_ago_is_no_longer_looked_at_until_it_is_opened_again(tracked: Environment):
    asked(tracked)
    after(tracked)
    item = action_items.finish_item(tracked, 1, version=action_items.find_item(tracked, 1).version, **AYA)
    assert after(tracked, days=91).next_at is None
    later = NOW + timedelta(days=92)
    action_items.reopen_item(tracked, 1, version=item.version, actor=Actor(name="彩"), now=later)
    assert after(tracked, days=92).next_at == later + timedelta(minutes=10)


def test_an_outage_of_the_tracker_does_not_forget_what_was_seen(tracked: Environment, github: Server):
    asked(tracked)
    after(tracked)
    github.tokens.clear()
    failed = after(tracked, hours=1)
    assert (failed.state, failed.reason) == (IssueState.OPEN, "credentials")


def test_during_a_send_hold_nothing_is_made(tracked: Environment, github: Server):
    with tracked.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, NOW)
    asked(tracked)
    assert after(tracked).number == 0
    assert github.requests == []


def test_a_drill_makes_no_issue_and_its_items_become_none(tracked: Environment, github: Server):
    rehearsed = replace(tracked, name="drill")
    with pytest.raises(ActionRefused) as refused:
        action_items.issues.request_issue(rehearsed, 1, actor=Actor(name="彩"), now=NOW)
    assert refused.value.code == "action.issue_of_drill"
    without = replace(rehearsed, content=replace(tracked.content, senders=replace(tracked.senders, issues=None)))
    with pytest.raises(ActionRefused):
        action_items.issues.request_issue(without, 1, actor=Actor(name="彩"), now=NOW)
    asked(tracked)
    assert (
        action_items.issues.advance_issues(without, now=NOW)
        == action_items.issues.advance_issues(rehearsed, now=NOW)
        == 0
    )
    assert github.requests == []


def test_an_item_with_a_link_or_that_is_closed_becomes_no_issue(tracked: Environment):
    item = action_items.find_item(tracked, 1)
    typed = ActionInput(item.text, link="https://tracker.example/7")
    changed = action_items.change_item(tracked, 1, typed, version=item.version, **AYA)
    with pytest.raises(ActionRefused) as refused:
        asked(tracked)
    assert refused.value.code == "action.has_issue"
    action_items.finish_item(tracked, 1, version=changed.version, **AYA)
    with pytest.raises(ActionRefused):
        asked(tracked)


def test_what_was_redacted_meanwhile_is_not_in_the_issue(tracked: Environment, github: Server):
    item = action_items.find_item(tracked, 1)
    typed = ActionInput("山田花子さまへ電話する", "山田花子")
    action_items.change_item(tracked, 1, typed, version=item.version, **AYA)
    asked(tracked)
    redact.redact_text(tracked, FIRST, "山田花子", reason="本人の依頼", actor="管理者", now=NOW)
    after(tracked)
    assert "山田" not in str(github.issues)


def test_who_asked_and_what_was_made_are_in_the_audit_log(tracked: Environment):
    asked(tracked)
    after(tracked)
    logged = [row["action"] for row in audit_log.list_actions(tracked.databases.accounts, 2).rows]
    assert logged == ["action_item.issue_created", "action_item.issue_requested"]
