"""A second person's approval: the text is published exactly as written, and nobody approves their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain import approval
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, Incident, TimelineEvent
from statuspage.domain.response_times import intervals
from statuspage.storage import deliveries, incidents
from statuspage.usecases import account_administration, accounts, notices
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, environment_in, person_in, signed_in
from tests.support.instance import Cli, cli, home
from tests.support.typed import typed_input

__all__ = ["cli", "clock", "home"]


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """An environment in which notices about doors need approval."""
    entry = replace(catalog.incident_types["entry"], needs_approval=True)
    env = environment_in(
        tmp_path,
        replace(catalog, incident_types={**catalog.incident_types, "entry": entry}),
        address="https://a.example",
    )
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def the_one(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        (found,) = incidents.open_incidents(tx)
    return found


@pytest.fixture
def writer(env: Environment, clock: Clock) -> Browser:
    """Sato has written about a door and submitted it."""
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send(incident_type="entry", start="5m")
    clock.later(minutes=1)
    return browser.send({"answer-exit": "free"}, do="publish")


def test_it_waits_and_nothing_goes_out_before_another_person_says_yes(writer: Browser, env: Environment, clock: Clock):
    stored = the_one(env)
    (held,) = approval.open_approval_requests(stored)
    assert writer.path == f"/incidents/{stored.id}/approvals/{held.sequence}"
    assert stored.latest is None
    with env.databases.environment.read() as tx:
        assert deliveries.deliveries_of_incident(tx, stored.id) == ()
    assert "承認して公開する" not in writer.words
    clock.later(minutes=4)
    other = signed_in(env, clock, login="tanaka", name="田中").open("/")
    assert "承認待ちのお知らせ" in other.words
    other.open(writer.path)
    words = held.pending_approval.notice.texts
    assert all(one.headline.replace("|", "") in other.words for one in words.values())
    other.send(do="approve")
    incident = the_one(env)
    assert incident.latest is not None
    assert incident.latest.notice == held.pending_approval.notice
    assert incident.latest.notice.actor == "佐藤"
    assert other.path == f"/incidents/{incident.id}/notices/{incident.latest.sequence}"
    steps = [(s.event, s.actor) for s in (r.entry for r in incident.entries) if isinstance(s, TimelineEvent)]
    assert steps[-3:] == [
        (EventKind.WORDS_READY, "佐藤"), (EventKind.APPROVAL_REQUESTED, "佐藤"), (EventKind.APPROVED, "田中"),
    ]  # fmt: skip
    cost = {one.stage: one.duration for one in intervals(incident)}
    assert cost["published"] >= timedelta(minutes=4)


def test_who_wrote_it_is_refused_however_it_is_sent(writer: Browser, env: Environment, clock: Clock):
    path = writer.path
    writer.send(do="approve")
    assert writer.page.status_code == 422
    assert "自分が作成したお知らせは承認できません" in writer.words
    writer.send(do="publish_alone", reason="急ぐため")
    assert writer.page.status_code == 403
    assert the_one(env).latest is None
    assert writer.open(path).page.status_code == 200


@pytest.mark.slow
def test_sent_back_with_a_reason_the_form_still_has_what_was_typed(writer: Browser, env: Environment, clock: Clock):
    other = signed_in(env, clock, login="tanaka", name="田中").open(writer.path)
    other.send(do="refuse", reason="")
    assert other.page.status_code == 422
    other.send(do="refuse", reason="時刻が違います")
    incident = the_one(env)
    assert incident.latest is None
    assert "時刻が違います" in writer.open(f"/incidents/{incident.id}").words
    writer.resume(f"/incidents/{incident.id}/notices/new/first")
    assert writer.fields()["incident_type"] == ["entry"]
    writer.send(start="15m")
    writer.send(do="publish")
    assert len(approval.open_approval_requests(the_one(env))) == 1


def test_a_lead_goes_without_a_second_person_for_a_reason_that_is_kept(writer: Browser, env: Environment, clock: Clock):
    mine = person_in(env)
    account_administration.change_role(env.databases.accounts, mine.id, Role.LEAD, by=accounts.NOBODY, now=clock())
    writer.open(writer.path).send(do="publish_alone", reason="")
    assert writer.page.status_code == 422
    writer.send(do="publish_alone", reason="夜間で、ほかに人がいないため")
    incident = the_one(env)
    assert incident.latest is not None
    alone = [
        s
        for s in (r.entry for r in incident.entries)
        if isinstance(s, TimelineEvent) and s.event is EventKind.PUBLISHED_WITHOUT_APPROVAL
    ]
    assert [(s.actor, s.text) for s in alone] == [("佐藤", "夜間で、ほかに人がいないため")]


def test_words_whose_time_has_passed_go_out_no_more(writer: Browser, env: Environment, clock: Clock):
    clock.later(hours=2)
    other = signed_in(env, clock, login="tanaka", name="田中").open(writer.path)
    assert "記載した時刻を過ぎた" in other.words
    assert other.tree.xpath("//button[@value='approve']") == []


def test_pressing_twice_hands_it_over_once(env: Environment, clock: Clock):
    notice_input, place = (
        typed_input(incident_type="entry", start="5m", answers={"exit": "free"}),
        notices.new_incident_target(env, now=clock()),
    )
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.FIRST, target=place, now=clock())
    got = [notices.publish_notice(env, notice_input, preview.token, actor="佐藤", now=clock()) for _ in range(2)]
    assert got[0] == got[1]
    assert isinstance(got[0], notices.AwaitingApproval)
    (one,) = approval.approval_requests(the_one(env))
    assert one.sequence == got[0].sequence


@pytest.mark.slow
def test_the_command_line_does_the_same(cli: Cli, home: Path):
    types_file = home / "content" / "incident_types.toml"
    text = types_file.read_text("utf-8")
    types_file.write_text(text.replace("[entry]\n", "[entry]\nneeds_approval = true\n"), "utf-8")
    result = cli(
        "report",
        "--incident-type",
        "entry",
        "--start",
        "5m",
        "--answer",
        "exit=free",
        "--by",
        "Sato",
        "--yes",
        "--json",
    )
    assert result.code == 0, result.err
    incident = result.json["incident"]
    own = cli("approval", "approve", incident, "--by", "sato", "--yes")
    assert own.code == 1
    assert "Another person must approve it" in own.err
    assert "Enter a reason" in cli("approval", "bypass", incident, "--by", "Sato", "--yes").err
    outcome = cli("approval", "approve", incident, "--by", "Tanaka", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["sequence"] > 0
    assert "Nothing is waiting" in cli("approval", "approve", incident, "--by", "Tanaka", "--yes").err
