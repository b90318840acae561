"""First some of it works again, then all: what the desk proposes, and what every reader is told in the end."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from statuspage.domain.facts import Audience, NoticeKind
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, env, signed_in, work
from tests.support.instance import Cli, cli, home, publish_report
from tests.support.times import at

__all__ = ["cli", "clock", "env", "home"]

pytestmark = pytest.mark.usefixtures("database")

FIRST = {
    "incident_type": "booking", "start_at": "11:50", "audience": "all", "workaround": ["front-desk"],
    "answer-made": "valid", "do": "publish",
}  # fmt: skip


def only_incident(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        ((incident, _), *_) = incidents.latest_notices(tx, 1)
    return incident


def write(browser: Browser, incident: Incident, notice: str) -> Browser:
    return browser.open(f"/incidents/{incident.id}/notices/new/{notice}")


def back_first(env: Environment, clock: Clock) -> Browser:
    """Booking failed together with the club's lists, and recovered 40 minutes after the report."""
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    clock.later(minutes=40)
    return write(browser, only_incident(env), "partly_restored").send(
        {"service": ["desk-booking"], "next_update_at": "13:00", "do": "publish"}
    )


def text_of(browser: Browser, id: str) -> str:
    (box,) = browser.tree.xpath(f"//*[@id='{id}']")
    return " ".join(str(box.text_content()).split())


@pytest.mark.slow
def test_what_held_for_everybody_is_not_proposed_for_what_is_left_and_stands_beside_its_choices(
    env: Environment, clock: Clock
):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    write(browser, only_incident(env), "partly_restored")
    fields = browser.fields()
    assert (fields["audience"], fields.get("workaround"), fields["answer-made"]) == (["checking"], None, ["checking"])
    again = "Choose it again if it still applies to what is affected now."
    assert f"Last notice: Everyone. {again}" in text_of(browser, "f-audience")
    assert f"Last notice: Front desk or phone. {again}" in text_of(browser, "f-workaround")
    assert f"Last notice: Valid. {again}" in text_of(browser, "f-answer-made")
    assert "Last notice" not in write(browser, only_incident(env), "update").text


def test_the_notice_says_nothing_of_whom_it_hits_and_what_to_do_until_somebody_does(env: Environment, clock: Clock):
    back_first(env, clock)
    notice = only_incident(env).notices[-1].notice
    assert (notice.facts.audience, notice.facts.workarounds, notice.facts.answers) == (Audience(), (), {})
    assert notice.texts["en"].media["page"].body.splitlines() == [
        "You can book classes in the member app again as of 12:42 on Saturday 4 July (Japan Time).",
        "Booking lists in club admin are still slow to open.",
        "We do not know yet when it will be fixed.",
        "Next update by 13:00, even if nothing has changed.",
    ]


def test_what_is_chosen_again_is_said_again(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    write(browser, only_incident(env), "partly_restored").send(
        {
            "service": ["desk-booking"],
            "audience": "some",
            "workaround": ["phone"],
            "next_update_at": "13:00",
            "do": "publish",
        }
    )
    body = only_incident(env).notices[-1].notice.texts["en"].media["page"].body
    assert "Some people are affected." in body
    assert "phone" in body
    assert "front desk" not in body


def test_of_one_service_that_is_only_better_everything_said_of_it_still_holds(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new").send({**FIRST, "service": ["booking"]})
    fields = write(browser, only_incident(env), "partly_restored").fields()
    assert (fields["audience"], fields["workaround"], fields["answer-made"]) == (["all"], ["front-desk"], ["valid"])


def test_nothing_is_said_to_work_again_while_all_is_as_bad_as_before(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    write(browser, only_incident(env), "partly_restored").send({"do": "publish"})
    assert "Nothing works better than in the last notice." in browser.text
    assert len(only_incident(env).notices) == 1
    browser.send({"audience": "checking", "do": "publish"})
    assert "Nothing works better than in the last notice." in browser.text, "nobody is better off"
    browser.send({"state-booking": "degraded", "do": "publish"})
    assert only_incident(env).notices[-1].notice.notice is NoticeKind.PARTLY_RESTORED


def test_a_correction_keeps_the_promise_of_the_notice_it_corrects(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send(FIRST)
    promised = only_incident(env).notices[-1].notice.facts.next_update
    clock.later(minutes=3)
    write(browser, only_incident(env), "correction").send({"audience": "some", "do": "publish"})
    assert only_incident(env).notices[-1].notice.facts.next_update == promised


@pytest.mark.slow
def test_the_resolved_notice_tells_everything_on_page_feed_history_and_api(env: Environment, clock: Clock):
    browser = back_first(env, clock)
    clock.later(minutes=30)
    write(browser, only_incident(env), "resolved")
    assert browser.fields()["answer-made"] == ["valid"]
    browser.send({"ended_at": "13:05", "cause": "storage", "do": "publish"})
    work(env, clock)
    incident, site = only_incident(env), env.home / "site" / "current"
    published_and_closed = (
        "You can book classes in the member app again. Everything was fixed at 13:05",
        "Booking lists in club admin are opening as usual again.",
        "By 12:42, you could use class booking as usual again.",
        "All classes booked before the problem are valid.",
    )
    page = (site / f"en/incidents/{incident.id}/index.html").read_text("utf-8")
    assert re.search(r"<h1[^>]*>.*?</h1>", page, re.DOTALL)[0].count("You can book") == 1
    assert "What was affected" in page
    feed = (site / "en/feed.atom").read_text("utf-8")
    api: Any = json.loads((site / "api/v2/incidents.json").read_text("utf-8"))["incidents"][0]
    history = "".join(file.read_text("utf-8") for file in (site / "history").glob("*-1.json"))
    for text in (page, feed):
        assert [one for one in published_and_closed if one not in text] == []
    assert api["impact"] == "major"
    assert "レッスン予約は、12:42の時点で、いつもどおり" in api["incident_updates"][0]["body"]
    assert "By 12:42, you could use class booking as usual again." in history


def test_a_correction_of_what_is_over_opens_with_everything_and_says_no_more_than_was_changed(
    env: Environment, clock: Clock
):
    browser = back_first(env, clock)
    clock.later(minutes=30)
    write(browser, only_incident(env), "resolved").send({"ended_at": "13:05", "do": "publish"})
    write(browser, only_incident(env), "correction")
    assert browser.fields()["service"] == ["booking", "desk-booking"]
    assert browser.fields()["state-booking"] == ["major"]
    assert "nothing" in browser.send({"do": "publish"}).words.lower() or browser.page.status_code == 422
    browser.send({"cause": "storage", "do": "publish"})
    notice = only_incident(env).notices[-1].notice
    assert notice.notice is NoticeKind.CORRECTION
    body = notice.texts["en"].media["page"].body
    assert "We have corrected the cause." in body
    assert "By 12:42, you could use class booking as usual again." in body
    assert notice.texts["en"].headline == "You can book classes in the member app again; also fixed: Managing bookings."


def test_what_never_was_is_taken_back_even_after_the_end(env: Environment, clock: Clock):
    browser = back_first(env, clock)
    clock.later(minutes=30)
    write(browser, only_incident(env), "resolved").send({"ended_at": "13:05", "do": "publish"})
    write(browser, only_incident(env), "correction").send({"service": ["desk-booking"], "do": "publish"})
    notice = only_incident(env).notices[-1].notice
    assert notice.texts["en"].headline == "Booking lists in club admin are opening as usual again."
    assert [one.service for one in only_incident(env).impacts] == ["desk-booking"]


def test_what_came_back_starts_from_what_was_left_of_it(env: Environment, clock: Clock):
    browser = back_first(env, clock)
    clock.later(minutes=30)
    write(browser, only_incident(env), "resolved").send({"ended_at": "13:05", "do": "publish"})
    browser.open(f"/incidents/{only_incident(env).id}").send(action=f"/incidents/{only_incident(env).id}/reopen")
    assert write(browser, only_incident(env), "update").fields()["service"] == ["desk-booking"]


@pytest.mark.slow
def test_the_command_line_names_what_it_does_not_repeat(cli: Cli) -> None:
    incident = publish_report(cli, "--audience", "all", "--workaround", "front-desk", "--answer", "made=valid")[
        "incident"
    ]
    left = ("--service", "desk-booking:degraded", "--yes", "--json")
    result = cli("partial", incident, *left)
    assert result.code == 0, result.err
    assert result.err.splitlines()[0].endswith("add: --audience all --workaround front-desk --answer made=valid")
    page = result.json["texts"]["en"]["page"]
    assert [one for one in ("This affects", "front desk", "already booked", "checking who") if one in page] == []
    page = cli("update", incident, "--yes", "--json").json["texts"]["en"]["page"]
    assert [one for one in ("affected", "already booked") if one in page] == []
    result = cli("resolve", incident, "--ended", "now", "--yes", "--json")
    assert result.code == 0, result.err
    page = result.json["texts"]["en"]["page"]
    assert page.startswith("You can book classes in the member app again.")
    assert "Booking lists in club admin are opening as usual again." in page
    assert "All classes booked before the problem are valid." in page


@pytest.mark.slow
def test_what_is_given_by_flag_is_not_named_again(cli: Cli) -> None:
    incident = publish_report(cli, "--audience", "all", "--workaround", "front-desk")["incident"]
    left = ("--service", "desk-booking:degraded", "--audience", "some", "--workaround", "phone")
    result = cli("partial", incident, *left, "--yes", "--json")
    assert "Not repeated" not in result.err
    assert "Some people are affected." in result.json["texts"]["en"]["page"]


@pytest.mark.slow
def test_a_script_says_which_customers_the_rest_affects(cli: Cli) -> None:
    incident = publish_report(cli, "--audience", "shibuya")["incident"]
    left = ("--service", "desk-booking:degraded", "--yes")
    refused = cli("partial", incident, *left)
    assert refused.code == 2
    assert "--audience shibuya" in refused.err
    assert cli("partial", incident, *left, "--audience", "shibuya").code == 0


@pytest.mark.slow
def test_how_to_get_out_is_never_left_unsaid(cli: Cli) -> None:
    flags = ("--incident-type", "entry", "--service", "gate:major", "--service", "lock:major", "--answer", "exit=staff")
    result = cli("report", *flags, "--start", "about:20m", "--yes", "--json")
    assert result.code == 0, result.err
    result = cli("partial", result.json["incident"], "--service", "lock:major", "--yes", "--json")
    assert result.code == 0, result.err
    assert "cannot get out" in result.json["texts"]["en"]["page"]


def test_answers_that_were_left_out_are_taken_up_only_until_others_are_given(env: Environment, clock: Clock):
    browser = back_first(env, clock)
    write(browser, only_incident(env), "update").send(
        {"answer-made": "some-lost", "next_update_at": "13:20", "do": "publish"}
    )
    assert write(browser, only_incident(env), "resolved").fields()["answer-made"] == ["some-lost"]
    facts = only_incident(env).notices[0].notice.facts
    assert replace(facts, answers={}) != facts
    assert facts.start is not None and facts.start.at == at("11:50")
