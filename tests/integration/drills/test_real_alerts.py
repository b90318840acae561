"""A live alert takes precedence over a drill: it is on every screen, the drill stops, and one press leads to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.facts import NoticeKind
from statuspage.storage.drill_injects import InjectState
from statuspage.usecases import alerts, audit_log, drills, incidents, instance, notices
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment import shared_status
from statuspage.usecases.on_call import escalation, fact_requests
from tests.support.desk import Browser as Reader
from tests.support.desk import person_in, signed_in, until, working
from tests.support.instance import home
from tests.support.playing import Player
from tests.support.real_alerts import LIVE_DESK, TITLE, Both
from tests.support.real_alerts import both as both
from tests.support.typed import typed_input

__all__ = ["home"]


def test_the_drill_hears_at_once_of_an_alert_and_of_whatever_becomes_of_it(both: Both):
    first, second = both.alert("gate"), both.alert("mail", "予約メールが遅い")
    assert both.named() == [first.id, second.id]
    assert [one.title_in("ja") for one in both.status().alerts] == [TITLE, "予約メールが遅い"]
    alerts.group(both.live, second.id, first.id, actor="佐藤", now=both.clock())
    assert both.named() == [first.id]
    alerts.ungroup(both.live, second.id, actor="佐藤", now=both.clock())
    assert both.named() == [first.id, second.id]
    alerts.acknowledge(both.live, first.id, actor="佐藤", now=both.clock())
    alerts.false_alarm(both.live, second.id, actor="佐藤", now=both.clock())
    assert (both.named(), both.status().unacknowledged) == ([], 0)
    third = both.alert("third")
    incident = alerts.confirm(both.live, third.id, actor="佐藤", now=both.clock()).id
    assert both.named() == []
    assert [(one.id, one.title_in("en")) for one in both.status().incidents] == [(incident, TITLE)]


def test_of_a_storm_the_oldest_are_named_and_the_others_counted(both: Both):
    taken = [both.alert(f"gate-{number}", f"{TITLE} {number}") for number in range(shared_status.ALERTS_SHOWN + 3)]
    assert both.named() == [one.id for one in taken[: shared_status.ALERTS_SHOWN]]
    assert both.status().unacknowledged == len(taken)


def test_live_writes_down_what_is_needed_and_nothing_of_a_person(both: Both):
    alert = both.alert()
    path = both.live.home / "summary.json"
    answer = json.loads(path.read_text("utf-8"))
    assert answer["oldest_alerts"] == [{"id": alert.id, "opened": "2026-07-04T01:00:01Z", "titles": {"und": TITLE}}]
    assert answer["desk_url"] == LIVE_DESK
    assert "hanako" not in path.read_text("utf-8") and "090" not in path.read_text("utf-8")


def test_what_another_machine_has_stored_is_told_by_the_worker(both: Both):
    before = (both.live.home / "summary.json").read_bytes()
    alert = both.alert()
    (both.live.home / "summary.json").write_bytes(before)
    assert both.named() == []
    with working(both.live, both.clock):
        until(lambda: both.named() == [alert.id])


def test_while_an_alert_is_untaken_nothing_starts_resumes_or_is_fed_in_by_hand_either(both: Both):
    alert = both.alert()
    with pytest.raises(drills.LiveIncident) as refused:
        both.begin()
    assert [one.id for one in refused.value.open_items] == [alert.id]
    alerts.acknowledge(both.live, alert.id, actor="佐藤", now=both.clock())
    assert [one.id for one in both.status().handled] == [alert.id]
    with pytest.raises(drills.LiveIncident):
        both.begin()
    both.begin(knows_live=True)
    drills.pause_drill(both.drill.databases.environment, now=both.clock())
    second = both.alert("mail")
    acts: list[Callable[[], object]] = [
        lambda: drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock()),
        lambda: drills.resume_drill(both.drill, now=both.clock()),
    ]
    for act in acts:
        with pytest.raises(drills.LiveIncident):
            act()
    both.open(second)
    for act in acts:
        with pytest.raises(drills.LiveIncident):
            act()
    assert {fed.state for fed in drills.inject_status(both.drill.databases.environment).script} == {InjectState.PLANNED}
    assert (
        drills.skip_inject(both.drill.databases.environment, "next", actor="佐藤", now=both.clock()).state
        is InjectState.SKIPPED
    )


def test_a_leader_who_knows_of_it_goes_on_until_something_else_opens(both: Both):
    both.begin()
    incident = both.open(both.alert())
    with pytest.raises(drills.LiveIncident):
        drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock())
    drills.advance_drill(both.drill, now=both.clock.later(minutes=1))
    assert drills.inject_status(both.drill.databases.environment).fired == ()
    both.go_on()
    drills.advance_drill(both.drill, now=both.clock())
    fired = len(drills.inject_status(both.drill.databases.environment).fired)
    assert fired
    running = drills.running_drill(both.drill.databases.environment)
    assert running is not None
    (known,) = running.note["live_known"]
    assert (known["actor"], known["items"]) == ("佐藤", [incident])
    waiting = both.alert("mail", "予約メールが遅い")
    with pytest.raises(drills.LiveIncident):
        both.go_on()
    alerts.acknowledge(both.live, waiting.id, actor="佐藤", now=both.clock())
    with pytest.raises(drills.LiveIncident):
        drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock())
    both.go_on()
    drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock())


def test_a_tick_holds_for_what_its_leader_had_read_and_not_for_what_opened_meanwhile(both: Both):
    both.begin()
    read = both.open(both.alert())
    meanwhile = both.open(both.alert("mail", "予約メールが遅い"))
    with pytest.raises(drills.LiveIncident) as refused:
        both.go_on(read)
    assert {item.id for item in refused.value.open_items} == {read, meanwhile}
    with pytest.raises(drills.LiveIncident):
        drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock())
    both.go_on(read, meanwhile)
    drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock())


def test_what_flaps_belongs_to_the_incident_that_the_leader_knows_of(both: Both):
    both.begin()
    both.open(both.alert())
    both.go_on()
    both.alert("gate-again")
    assert both.named() == []
    drills.fire_inject(both.drill, "next", actor="佐藤", now=both.clock())


@pytest.mark.slow
def test_the_leader_ticks_it_on_the_banner_and_players_read_that_it_goes_on(both: Both):
    both.begin()
    leader = signed_in(both.drill, both.clock, siblings={"live": LIVE_DESK})
    incident = both.open(both.alert())
    page = leader.open("/drills/console")
    (tick,) = page.tree.xpath("//*[@id='live-banner']//input[@name='knows_live']")
    assert tick.get("required") is not None
    assert page.tree.xpath(f"//*[@id='live-banner']//a[contains(@class, 'lg')][@href='{LIVE_DESK}/']")
    assert page.tree.xpath("//button[@value='fire:1']")[0].get("disabled") is not None
    token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
    assert leader.post("/drills/console", {"csrf_token": token, "do": "go_on"}).status_code == 400
    assert tick.get("value") == incident
    leader.post("/drills/console", {"csrf_token": token, "do": "go_on", "knows_live": tick.get("value")})
    page = leader.open("/drills/console")
    assert page.tree.xpath("//button[@value='fire:1']")[0].get("disabled") is None
    assert "本番の状況を把握したうえで" in page.text and incident in page.text
    person_in(both.drill, "kimura", "木村")
    player = signed_in(both.drill, both.clock, "kimura", siblings={"live": LIVE_DESK})
    assert not player.open("/").tree.xpath("//input[@name='knows_live']")


@pytest.mark.slow
def test_an_administrator_ends_a_drill_or_hands_it_over_without_seeing_its_script(both: Both):
    both.begin()
    person_in(both.drill, "chief", "鈴木", role=Role.ADMINISTRATOR, password="")
    chief = signed_in(both.drill, both.clock, "chief")
    assert chief.open("/drills/console").page.status_code == 403
    running = drills.running_drill(both.drill.databases.environment)
    assert running is not None
    assert chief.open(f"/drills/{running.id}").page.status_code == 403
    page = chief.open("/drills")
    assert "期待する対応" not in page.text and page.tree.xpath("//form[@action='/drills/end']")
    person_in(both.drill, "kimura", "木村", role=Role.LEAD)
    kimura = signed_in(both.drill, both.clock, "kimura")
    assert kimura.open("/drills/console").page.status_code == 403, "another leader's script"
    token = chief.open("/drills").tree.xpath("//input[@name='csrf_token']/@value")[0]
    chief.post("/drills/lead", {"csrf_token": token, "login": "kimura"})
    assert kimura.open("/drills/console").page.status_code == 200
    chief.post("/drills/end", {"csrf_token": token})
    assert drills.running_drill(both.drill.databases.environment) is None
    recorded = audit_log.list_actions(both.drill.databases.accounts, 10).rows
    assert [(row["action"], row["detail"].get("to")) for row in recorded if row["action"].startswith("drill.")] == [
        ("drill.ended", None),
        ("drill.lead_changed", "木村"),
    ]
    assert "進行役を交代" in chief.open("/audit-log").words


@pytest.mark.slow
def test_while_an_alert_is_untaken_nothing_comes_by_itself_and_a_planned_drill_waits(both: Both):
    both.begin()
    alert = both.alert()
    drills.advance_drill(both.drill, now=both.clock.later(minutes=2))
    assert drills.inject_status(both.drill.databases.environment).fired == ()
    drills.end_drill(both.drill, now=both.clock())
    asks = drills.RehearsalRequest("booking-phone", "予約できない", "中村", "ja")
    window = (both.clock(), both.clock.later(minutes=5))
    drills.plan_rehearsals(both.drill, asks, [window], chance=lambda: 0, now=window[0])
    drills.advance_drill(both.drill, now=both.clock())
    assert drills.running_drill(both.drill.databases.environment) is None
    alerts.watch(both.live, alert.id, actor="佐藤", now=both.clock())
    drills.advance_drill(both.drill, now=both.clock())
    assert drills.running_drill(both.drill.databases.environment) is not None


@pytest.mark.slow
def test_the_leaders_buttons_are_refused_with_the_reason(both: Both):
    both.begin()
    leader = signed_in(both.drill, both.clock, siblings={"live": LIVE_DESK})
    (fire,) = leader.open("/drills/console").tree.xpath("//button[@value='fire:2']")
    assert fire.get("disabled") is None
    token = leader.tree.xpath("//input[@name='csrf_token']/@value")[0]
    both.alert()
    response = leader.post("/drills/console", {"csrf_token": token, "do": "fire:2"}, follow_redirects=True)
    assert "本番の対応を優先してください" in response.get_data(as_text=True)
    assert drills.inject_status(both.drill.databases.environment).fired == ()
    (fire,) = leader.open("/drills/console").tree.xpath("//button[@value='fire:2']")
    assert fire.get("disabled") is not None
    assert signed_in(both.drill, both.clock).open("/drills/live-banner").text.count(TITLE) == 1


NO_SCREEN = {
    "static": "a file of ours",
    "stylesheet.send_stylesheet": "a file of ours",
    "monitoring.health": "for programs",
    "monitoring.metrics": "for programs",
    "monitoring.liveness": "for programs",
    "monitoring.readiness": "for programs",
    "sign_in.show_sign_in": "nobody is signed in yet",
    "sign_in.show_link": "nobody is signed in yet",
    "drill_inbox.newest_banner": "a piece of a page",
    "email_preview.show_email": "a letter as its reader's program shows it",
    "leader_console.download_injects": "a file to take away",
    "scorecard.download": "a file to take away",
    "drill_setup.calendar": "a file to take away",
    "incident_lists.export_incidents": "a file to take away",
    "figures.download": "a file to take away",
    "retrospectives.download": "a file to take away",
    "incident_reports.download": "a file to take away",
    "audit_log.export": "a file to take away",
}
"""Addresses of the drill desk that are not screens."""

NOTHING_THERE = ("approvals.show_approval", "incident_reports.show_report", "provider_sign_in.come_back")
"""Screens of what this drill has none of."""


def screens(reader: Reader, words: Mapping[str, object]) -> Mapping[str, str]:
    """Every GET address of the desk by name; ``words`` fill the placeholders."""
    urls = reader.app.url_map.bind("desk.example")
    rules = [rule for rule in urls.map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint not in NO_SCREEN]
    return {rule.endpoint: urls.build(rule.endpoint, {name: words[name] for name in rule.arguments}) for rule in rules}


def first_report(both: Both) -> notices.Published:
    """A first report published in the drill."""
    target, notice_input = (
        notices.new_incident_target(both.drill, now=both.clock()),
        typed_input(incident_type="slow", start="about:09:50"),
    )
    preview = notices.preview_notice(
        both.drill, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=both.clock()
    )
    published = notices.publish_notice(both.drill, notice_input, preview.token, actor="佐藤", now=both.clock())
    assert isinstance(published, notices.Published)
    return published


@pytest.mark.slow
def test_it_is_on_every_screen_and_none_says_that_all_is_well(both: Both):
    begun, reported = both.begin(), first_report(both)
    number = fact_requests.ask_engineers(both.drill, reported.incident_id, actor="佐藤", now=both.clock())
    signal = MonitorAlert("alertmanager", "desk", "訓練の信号", "", {}, both.clock())
    played = alerts.receive_alerts(both.drill, [signal], now=both.clock())[0]
    words = {
        "incident_id": reported.incident_id,
        "alert_id": played.id,
        "sequence": reported.sequence,
        "notice": "update",
        "number": number,
        "drill_id": begun.drill.id,
        "subject": begun.drill.id,
        "version": 1,
        "language": "ja",
        "token": fact_requests.request_token(both.drill, reported.incident_id, number),
    }
    person_in(both.drill, "chief", "鈴木", role=Role.ADMINISTRATOR, password="")
    drills.hand_over(both.drill.databases.environment, "鈴木", actor="佐藤", now=both.clock())
    chief = signed_in(both.drill, both.clock, "chief", siblings={"live": LIVE_DESK})
    incident = both.open(both.alert("door", "本物：扉が開かない"))
    both.alert()
    addresses = screens(chief, words)
    assert len(addresses) > 20
    for name, address in addresses.items():
        page = chief.open(address)
        assert page.page.status_code == (404 if name in NOTHING_THERE else 200), address
        for text in (TITLE, "本物：扉が開かない", f'href="{LIVE_DESK}/"', f'href="{LIVE_DESK}/incidents/{incident}"'):
            assert text in page.text, (address, text)
        assert not re.search(
            "対応中のインシデントはありません|対応中のインシデントもありません|All clear", page.text
        ), address
    stranger = Reader(chief.app)
    assert TITLE in stranger.open(addresses["fact_answers.show_questions"]).text
    assert TITLE in stranger.open(addresses["fact_answers.live_banner"]).text
    assert TITLE not in stranger.open("/").text
    waiting = both.named()[0]
    alerts.acknowledge(both.live, waiting, actor="佐藤", now=both.clock())
    assert "担当者が確認しています" in chief.open("/").text
    alerts.false_alarm(both.live, waiting, actor="佐藤", now=both.clock())
    incidents.close_incident(both.live.databases.environment, incident, actor="佐藤", now=both.clock())
    shared_status.write_status(both.live, now=both.clock())
    assert not chief.open("/").tree.xpath("//*[@id='live-banner']/*")


def test_a_summary_that_is_gone_broken_or_old_of_a_live_that_runs_is_no_all_clear(both: Both):
    path = both.live.home / "summary.json"
    player = signed_in(both.drill, both.clock, siblings={"live": LIVE_DESK})
    assert both.status().is_known
    assert "本番の状況を取得できません" not in player.open("/").text
    both.clock.later(minutes=3)
    assert both.status().is_known, "no live desk is served: nothing is missing"
    with instance.announce_addresses(both.live.home, {"desk": LIVE_DESK}):
        assert not both.status().is_known
        assert "本番の状況を取得できません" in player.open("/").text
        assert both.begin().is_live_unknown
    for harm in (lambda: path.write_text("{", "utf-8"), path.unlink):
        harm()
        assert not both.status().is_known
        assert "本番の状況を取得できません" in player.open("/").text
        assert "本番の状況を取得できません" in player.open("/drills/live-banner").text


def test_an_alert_in_an_old_summary_still_stands(both: Both):
    alert = both.alert()
    both.clock.later(minutes=3)
    with instance.announce_addresses(both.live.home, {"desk": LIVE_DESK}):
        assert (both.named(), both.status().is_known) == ([alert.id], False)
        shown = signed_in(both.drill, both.clock).open("/drills/live-banner").text
        assert TITLE in shown and "2分以上" in shown


def begin_with_alert(both: Both) -> drills.Begun:
    """A drill whose alert fires at once."""
    signal = MonitorAlert("alertmanager", "booking", "【訓練】予約", "", {"service": "booking"}, both.clock())
    goal = timedelta(minutes=10)
    return drills.start_drill(both.drill, title="予約", leader="佐藤", goal=goal, signals=[signal], now=both.clock())


@pytest.mark.slow
def test_no_quiet_goes_from_one_drill_to_the_next_or_into_live(both: Both):
    for _ in range(2):
        begun = begin_with_alert(both)
        assert escalation.run_escalation(both.drill, now=both.clock()) == 1
        alerts.acknowledge(both.drill, begun.drill.alert, actor="佐藤", now=both.clock.later(minutes=1))
        drills.end_drill(both.drill, now=both.clock.later(minutes=1))
        both.clock.later(minutes=1)
    both.alert()
    assert escalation.run_escalation(both.live, now=both.clock()) == 1


def test_what_was_called_about_before_a_drill_keeps_nothing_in_it_quiet(both: Both):
    left = MonitorAlert("alertmanager", "left", "【訓練】", "", {"service": "left"}, both.clock())
    alerts.receive_alerts(both.drill, [left], now=both.clock())
    assert [escalation.run_escalation(both.drill, now=both.clock.later(minutes=minutes)) for minutes in (0, 5, 5, 5)][
        -1
    ] == 0
    begin_with_alert(both)
    assert escalation.run_escalation(both.drill, now=both.clock()) == 1


@pytest.mark.system
def test_the_command_line_says_what_is_real_once_and_how_to_break_off_only_while_a_drill_runs(home: Path):
    player = Player(home)
    body = (home / "content" / "sample_alert.json").read_bytes()
    alert = player.ask("alert", "receive", "alertmanager", "-", stdin=body)[0]["alert"]
    calm = player.run("drill", "list")
    assert calm.err.count("A real alert has not been acknowledged") == 1
    assert "drill suspend" not in calm.err
    refused = player.run("drill", "start")
    assert (refused.code, refused.err.count("A real alert has not been acknowledged for")) == (1, 1)
    assert "when it has" in refused.err
    player.ask("alert", "dismiss", alert)
    player.ask("drill", "start", "booking-phone")
    player.ask("alert", "receive", "alertmanager", "-", stdin=body.replace(b"5ef77f1f", b"0f0f0f0f"))
    result = player.run("drill", "inject", "next")
    assert (result.code, "A real alert or incident comes first" in result.err) == (1, True)
    assert result.err.count("To suspend the drill: statuspage drill suspend") == 1
