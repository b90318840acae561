"""Questions still *checking* at the end: they stay on a list until answered, and the answer goes out as a follow-up."""

from __future__ import annotations

import pytest

from statuspage.domain import fact_request
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Incident
from statuspage.domain.response_times import time_to_notice
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import fact_requests
from tests.support.desk import Browser, Clock, clock, env, signed_in, work
from tests.support.instance import Cli, cli, home, publish_report
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["cli", "clock", "env", "home"]

FIRST = {"incident_type": "booking", "start": "5m", "do": "publish"}
PROMPT = "Are bookings made before still valid?"


def the_one(env: Environment) -> Incident:
    """The only published incident."""
    with env.databases.environment.read() as tx:
        (found,) = incidents.latest_incidents(tx, 2)
    return found


def write(browser: Browser, env: Environment, notice: str) -> Browser:
    return browser.open(f"/incidents/{the_one(env).id}/notices/new/{notice}")


@pytest.fixture
def over(env: Environment, clock: Clock) -> Browser:
    """Resolved; one question was answered, the other is still being checked."""
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    clock.now = at("12:40")
    write(browser, env, "resolved").send({"ended_at": "12:35", "answer-retry": "safe", "do": "publish"})
    return browser


def test_what_is_still_open_at_the_end_stays_on_the_list_until_it_is_answered(
    over: Browser, env: Environment, clock: Clock
):
    clock.later(days=40)
    over = signed_in(env, clock, "kim", "Kim", "en").open("/")
    assert PROMPT in over.words
    assert "Is it safe to try to book again?" not in over.words
    (link,) = over.tree.xpath("//section[@aria-labelledby='h-oq']//a[contains(@href, 'follow_up')]/@href")
    over.open(link).send({"answer-made": "valid", "do": "publish"})
    assert the_one(env).notices[-1].notice.notice is NoticeKind.FOLLOW_UP
    assert PROMPT not in over.open("/").words


def test_a_follow_up_says_only_what_is_new_in_every_language_and_medium(over: Browser, env: Environment, clock: Clock):
    clock.later(minutes=20)
    write(over, env, "follow_up").send({"answer-made": "some-lost", "extra-en": "We will call you.", "do": "publish"})
    notice = the_one(env).notices[-1].notice
    assert notice.texts["en"].label == "Follow-up"
    assert notice.texts["en"].media["page"].body.splitlines() == [
        "We can now say more about the problem of Saturday 4 July. You could not book classes in the member app.",
        "Some bookings were cancelled by mistake. Please check your bookings before you come.",
        "We will call you.",
    ]
    assert "予約済みのレッスンの一部が取り消されました。" in notice.texts["ja"].media["page"].body
    for notice_text in notice.texts.values():
        assert "もう一度" not in notice_text.media["page"].body
    rows = {row.key: " ".join(row.lines) for row in notice.texts["en"].rows}
    assert "cancelled by mistake" in rows["workaround"], "the page still gives all facts"


def test_a_follow_up_changes_nothing_else(over: Browser, env: Environment, clock: Clock):
    before = the_one(env)
    facts = before.public_facts
    clock.later(minutes=20)
    write(over, env, "follow_up").send({"answer-made": "valid", "start": "now", "cause": "machine", "do": "publish"})
    after = the_one(env)
    assert after.public_facts is not None and facts is not None
    assert after.public_facts.answers == {"retry": "safe", "made": "valid"}
    assert (after.public_facts.start, after.public_facts.cause) == (facts.start, facts.cause)
    assert (after.public_facts.ended_at, after.impacts) == (facts.ended_at, before.impacts)
    assert (after.is_over, after.status, after.state) == (before.is_over, before.status, before.state)
    assert time_to_notice(after) == time_to_notice(before)
    work(env, clock)
    page = (env.site_folder.current / f"en/incidents/{after.id}/index.html").read_text("utf-8")
    assert "All classes booked before the problem are valid." in page
    assert "We are checking whether classes already booked were affected." not in page.partition("route")[0]


@pytest.mark.parametrize(
    ("notice", "change", "field"),
    [("follow_up", {}, "f-answer-made"), ("follow_up", {"answer-made": "checking"}, "f-answer-made"),
     ("follow_up", {"answer-made": "eaten"}, "f-answer-made")],
)  # fmt: skip
def test_a_follow_up_needs_an_answer(over: Browser, env: Environment, notice: str, change: dict[str, str], field: str):
    write(over, env, notice).send({**change, "do": "publish"})
    assert over.page.status_code == 422
    assert over.tree.xpath(f"//*[@id='{field}']/p[@class='wrong']")
    assert len(the_one(env).notices) == 2


def test_there_is_no_follow_up_while_it_is_open_nor_after_a_withdrawal(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    for last in (NoticeKind.FIRST, NoticeKind.WITHDRAWAL):
        assert PROMPT not in browser.open("/").words
        write(browser, env, "follow_up").send({"answer-made": "valid", "do": "publish"})
        assert browser.page.status_code == 422, browser.words
        assert "write an update" in browser.words
        write(browser, env, "follow_up").send({"do": "discard"})
        assert the_one(env).notices[-1].notice.notice is last
        write(browser, env, "withdrawal").send({"do": "publish"})


def test_a_reopened_incident_asks_in_its_updates(over: Browser, env: Environment):
    over.open(f"/incidents/{the_one(env).id}").send(action=f"/incidents/{the_one(env).id}/reopen")
    assert PROMPT not in over.open("/").words


def test_engineers_can_answer_after_the_end_and_only_what_is_open(over: Browser, env: Environment, clock: Clock):
    incident = the_one(env)
    number = fact_requests.ask_engineers(env, incident.id, actor="Kim", now=clock())
    message = fact_requests.request_message(env, the_one(env), "Booking", "https://desk.example/x", "en")
    assert PROMPT in message
    assert "When did it start?" not in message
    phone = Browser(over.app).open(f"/facts/{fact_requests.request_token(env, incident.id, number)}")
    assert not phone.tree.xpath("//input[@name='start'] | //input[@name='answer-retry']")
    phone.send({"answer-made": "valid", "name": "Tanaka"})
    assert "An engineer has answered: Valid" in over.open("/").words
    write(over, env, "follow_up").send({"do": "take_facts"}).send({"do": "publish"})
    assert the_one(env).notices[-1].notice.facts.answers["made"] == "valid"
    assert phone.open(phone.path).page.status_code == 404, "nothing is open any more"


def test_what_an_engineer_says_of_the_end_is_shown_where_it_is_not_asked(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    clock.now = at("12:30")
    fact_requests.record_answer(env, the_one(env).id, typed_input(ended="12:25"), actor="Tanaka", now=clock())
    for notice in ("update", "partly_restored", "monitoring", "correction"):
        (panel,) = write(browser, env, notice).tree.xpath("//section[@id='fact-requests']")
        assert "12:25" in panel.text_content()
        assert panel.xpath(".//a[contains(@href, '/notices/new/resolved')]")
    write(browser, env, "resolved").send({"do": "take_facts"})
    assert browser.fields()["ended_at"] == ["12:25"]


def test_the_end_is_offered_to_a_correction_of_what_is_over(over: Browser, env: Environment, clock: Clock):
    fact_requests.record_answer(env, the_one(env).id, typed_input(ended="12:31"), actor="Tanaka", now=clock())
    write(over, env, "correction").send({"do": "take_facts"})
    assert over.fields()["ended_at"] == ["12:31"]
    assert fact_request.newest_answers(the_one(env)).keys() == {"ended"}


@pytest.mark.slow
def test_the_command_line_lists_and_publishes_what_was_open(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    assert cli("facts", "open", "--json").json == []
    assert cli("resolve", incident, "--ended", "now", "--answer", "retry=safe", "--yes").code == 0
    (row,) = cli("facts", "open", "--json").json
    assert (row["incident"], row["question"], row["answers"]) == (incident, "made", ["valid", "some-lost"])
    assert "Questions still open after the end: 1" in cli("show").out
    refused = cli("facts", "publish", incident, "--yes")
    assert (refused.code, "--answer" in refused.err) == (1, True)
    assert cli("facts", "publish", incident, "--answer", "retry=wait", "--yes").code == 1
    published = cli("facts", "publish", incident, "--answer", "made=valid", "--yes", "--json")
    assert published.code == 0, published.err
    assert cli("facts", "open", "--json").json == []
    assert "Questions still open" not in cli("show").out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "command", "flag"),
    [
        (["--estimate", "30m"], ["update"], "--estimate "),
        (["--answer", "made=valid"], ["resolve", "--ended", "now"], "--answer made=valid"),
        (["--start", "exact:10m"], ["correct", "--start", "noticed:9m"], "--start exact:"),
        (["--ended", "now"], ["update"], "statuspage resolve"),
    ],
)
def test_the_command_line_does_not_call_unknown_what_an_engineer_has_answered(
    cli: Cli, answer: list[str], command: list[str], flag: str
) -> None:
    incident = publish_report(cli)["incident"]
    assert cli("facts", "answer", incident, *answer, "--by", "Tanaka").code == 0
    notice, *flags = command
    refused = cli(notice, incident, *flags, "--yes")
    assert refused.code == 1
    assert "Tanaka" in refused.err and flag in refused.err
    assert len([e for e in cli("show", incident, "--json").json["entries"] if e["entry"]["type"] == "notice"]) == 1
    assert cli(notice, incident, *flags, "--ignore-answers", "--yes").code == 0


@pytest.mark.slow
def test_an_answer_that_was_taken_or_is_older_than_the_last_notice_is_no_obstacle(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    assert cli("facts", "answer", incident, "--answer", "made=valid", "--estimate", "30m", "--by", "Tanaka").code == 0
    assert cli("update", incident, "--answer", "made=valid", "--estimate", "40m", "--yes").code == 0
    assert cli("update", incident, "--estimate", "unknown", "--yes").code == 0
