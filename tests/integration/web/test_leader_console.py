"""A led drill on the desk: set up, led from the console, seen by participants, scheduled for a secret time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.storage import alerts, incidents
from statuspage.usecases import accounts, delivery, drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import NOW, PASSWORD, Browser, Clock, clock, drill_environment_in, person_in, signed_in
from tests.support.times import at

__all__ = ["clock"]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def leader(drill: Environment, clock: Clock) -> Browser:
    """The leader, who starts the drill."""
    return signed_in(drill, clock)


def player(drill: Environment, clock: Clock) -> Browser:
    """Somebody else on call."""
    person_in(drill, "kimura", "木村")
    return signed_in(drill, clock, login="kimura")


def begun(drill: Environment, clock: Clock, **more: str) -> Browser:
    browser = leader(drill, clock).open("/drills")
    assert "desk." not in browser.text.partition("<main")[2], "every label has its words"
    browser.send({"scenario": "booking-phone", "when": "now", **more})
    assert browser.path == "/drills/console", browser.words
    return browser


def test_a_led_drill_goes_to_its_console_with_what_only_the_leader_knows(drill: Environment, clock: Clock):
    browser = begun(drill, clock, excluded="鈴木、高橋", **{"role-engineer": "木村"})
    assert "故障、という想定です" in browser.words
    assert "期待する対応" in browser.words
    assert "鈴木" in browser.words and "木村" in browser.words
    delivery_of_notice = drills.inject_status(drill.databases.environment)
    assert delivery_of_notice.drill.excluded_people == ("鈴木", "高橋")
    assert [fed.inject.id for fed in delivery_of_notice.fired] == ["alert"]


@pytest.mark.slow
def test_the_line_shows_the_stages_that_the_players_have_reached(drill: Environment, clock: Clock):
    browser = begun(drill, clock)
    assert not browser.open("/drills/console").tree.xpath("//*[@class='track']"), "nobody has confirmed the alert"
    clock.later(minutes=4)
    player(drill, clock).open("/").send(do="write")
    clock.later(minutes=1)
    (track,) = browser.open("/drills/console").tree.xpath("//*[@class='track']")
    assert "確認 4:00" in track.get("aria-label")
    assert "目標 10:00" in track.get("aria-label")


@pytest.mark.slow
def test_players_see_neither_the_console_nor_what_the_leader_knows(drill: Environment, clock: Clock):
    begun(drill, clock)
    browser = player(drill, clock)
    assert browser.open("/drills/console").page.status_code == 403
    assert browser.open("/drills/scenarios/booking-phone.csv").page.status_code == 403
    id = drills.inject_status(drill.databases.environment).drill.id
    for form in ("", ".md", ".csv", ".json"):
        assert browser.open(f"/drills/{id}{form}").page.status_code == 403, "the card says what is still to come"
    for path in ("/", "/drills", "/drills/inbox", "/incidents/new"):
        words = browser.open(path).text
        for secret in ("故障、という想定です", "期待する対応", "待ってもらうよう伝え", "進行役の画面"):
            assert secret not in words, (path, secret)
    assert not browser.open("/drills").tree.xpath("//form[@action='/drills/end']")
    token = browser.tree.xpath("//input[@name='csrf_token']")[0].get("value")
    browser.post("/drills/end", {"csrf_token": token})
    assert drills.running_drill(drill.databases.environment) is not None


@pytest.mark.slow
def test_what_is_fed_in_stands_on_every_page_of_players_in_the_frame_of_the_drill(drill: Environment, clock: Clock):
    browser = begun(drill, clock)
    browser.open("/drills/console").send(do="fire:2")
    for path in ("/", "/incidents/new", "/drills/inbox", "/drills/inbox/newest"):
        assert "もう一度押しても大丈夫ですか" in player(drill, clock).open(path).text, path
    clock.later(minutes=11)
    assert "もう一度押しても" not in player(drill, clock).open("/").text
    assert "もう一度押しても" in player(drill, clock).open("/drills/inbox").words


def test_a_leader_feeds_in_leaves_out_pauses_goes_on_and_notes(drill: Environment, clock: Clock):
    browser = begun(drill, clock)
    browser.open("/drills/console").send(do="skip:3")
    browser.open("/drills/console").send(do="pause")
    assert "一時停止中" in browser.words
    clock.later(minutes=5)
    browser.open("/drills/console").send(do="resume")
    browser.open("/drills/console").send({"note": "電話を取る人がいない"}, do="note")
    assert "電話を取る人がいない" in browser.words
    delivery_of_notice = drills.inject_status(drill.databases.environment)
    assert delivery_of_notice.script[2].state.value == "skipped"
    assert delivery_of_notice.script[1].delay.total_seconds() == 300
    assert delivery_of_notice.observations[0].actor == "佐藤"


def test_a_note_that_cannot_be_kept_is_not_lost(drill: Environment, clock: Clock):
    browser = begun(drill, clock)
    browser.open("/drills/console").send({"note": "これは訓練ではありません。電話が鳴った"}, do="note")
    assert browser.page.status_code == 422
    assert "電話が鳴った" in browser.tree.xpath("//textarea")[0].text
    assert browser.tree.xpath("//textarea[@aria-invalid='true']")


@pytest.mark.slow
def test_the_worker_feeds_in_what_is_due_and_ends_the_drill(drill: Environment, clock: Clock):
    begun(drill, clock)
    clock.later(minutes=4)
    drills.advance_drill(drill, now=clock())
    assert "もう一度押しても" in player(drill, clock).open("/").text
    clock.later(minutes=30)
    drills.advance_drill(drill, now=clock())
    assert drills.running_drill(drill.databases.environment) is None
    with drill.databases.environment.read() as tx:
        assert alerts.open_alerts(tx) == ()
    assert delivery.drain(drill, clock=clock)


@pytest.mark.slow
def test_a_secret_minute_is_seen_by_its_leader_alone(drill: Environment, clock: Clock):
    browser = leader(drill, clock).open("/drills")
    browser.send({"scenario": "booking-phone", "when": "secret", "from": "13:00", "to": "17:00", "announce": "1"})
    (one,) = drills.upcoming_rehearsals(drill.databases.environment)
    minute = one.starts_at.astimezone(at("13:00").tzinfo)
    local = f"{(minute.hour + 9) % 24}:{minute.minute:02}"
    assert "開始時刻は非公開" in browser.open("/drills").words
    assert re.search(rf"(?<!\d){local}(?!\d)", browser.words)
    other = player(drill, clock).open("/drills")
    assert "障害対応の訓練" in other.words
    listed = other.tree.xpath("//section[@aria-labelledby='h-plan']")[0].text_content()
    assert "レッスンを予約できない" not in listed
    assert "開始時刻は非公開" not in listed
    if one.starts_at not in one.window:
        assert not re.search(rf"(?<!\d){local}(?!\d)", other.words)
    assert "優先し、訓練を中止してください" in other.words
    assert b"BEGIN:VEVENT" in other.open("/drills/calendar.ics").page.data


@pytest.mark.slow
def test_a_drill_nobody_was_told_of_is_seen_by_its_leader_alone_and_cancelled_by_nobody_else(
    drill: Environment, clock: Clock
):
    leader(drill, clock).open("/drills").send(
        {"scenario": "booking-phone", "when": "at", "from": "14:00", "announce": ""}
    )
    (one,) = drills.upcoming_rehearsals(drill.databases.environment)
    assert not one.is_announced
    other = player(drill, clock).open("/drills")
    assert "予定している訓練" not in other.words
    assert b"BEGIN:VEVENT" not in other.open("/drills/calendar.ics").page.data
    mine = leader(drill, clock).open("/drills")
    mine.send(action=f"/drills/planned/{one.id}")
    assert drills.upcoming_rehearsals(drill.databases.environment) == ()


def test_a_time_that_cannot_be_read_stays_in_its_field(drill: Environment, clock: Clock):
    browser = leader(drill, clock).open("/drills")
    browser.send({"scenario": "booking-phone", "when": "secret", "from": "25:99", "to": "17:00"})
    assert browser.page.status_code == 422
    assert browser.fields()["from"] == ["25:99"]
    assert "これからの日時" in browser.words


@pytest.mark.slow
def test_a_lead_takes_the_event_list_and_sees_no_console_of_another(drill: Environment, clock: Clock):
    begun(drill, clock)
    accounts.add_account(
        drill.databases.accounts, "mori", "森", role=Role.LEAD, language="ja", password=PASSWORD, now=NOW
    )
    browser = signed_in(replace(drill), clock, login="mori")
    assert browser.open("/drills/console").page.status_code == 403
    listed = browser.open("/drills/scenarios/booking-phone.csv").page.get_data(as_text=True)
    assert listed.removeprefix("\ufeff").startswith("number,time,from,to,method,subject,message,expected action")


@pytest.mark.slow
def test_the_tutorial_is_played_alone_by_what_the_screen_says(drill: Environment, clock: Clock):
    """Reads only the screen: the newest guide names the next press, which must be possible."""
    browser = leader(drill, clock).open("/drills").send({"scenario": "tutorial", "when": "now"})
    assert browser.path == "/"
    assert "段階0" in guide(drill, clock)
    clock.later(seconds=40)
    browser.open("/").send(do="write")
    assert "段階1" in guide(drill, clock)
    clock.later(seconds=60)
    browser.send(do="publish")
    with drill.databases.environment.begin() as tx:  # as the worker records it once the page was read back
        (incident,) = incidents.open_incidents(tx)
        read = TimelineEvent(EventKind.READABLE, text=str(incident.notices[0].sequence))
        incidents.append_entry(tx, incident.id, read, happened=clock(), recorded=clock())
    assert "段階2" in guide(drill, clock)
    assert "予約できるようになりました" in browser.open("/").text
    (opens,) = browser.open("/").tree.xpath("//ul[contains(@class, 'open')]//a[contains(@class, 'whole')]/@href")
    links = browser.open(opens).tree.xpath("//main//a[contains(@class, 'btn')]")
    link = next(a.get("href") for a in links if a.text_content().strip().startswith("復旧をお知らせ"))
    clock.later(seconds=60)
    browser.open(link).send({"ended": "now", "do": "publish"})
    assert "段階3" in guide(drill, clock), browser.words
    browser.open("/drills").send(action="/drills/end")
    assert drills.running_drill(drill.databases.environment) is None
    assert "1分42秒" in browser.words


def guide(drill: Environment, clock: Clock) -> str:
    """What the banner on every page says to do next, after the worker has checked."""
    drills.advance_drill(drill, now=clock.later(seconds=1))
    (strip,) = leader(drill, clock).open("/").tree.xpath("//div[contains(@class,'is-guide')]")
    return str(strip.text_content())


@pytest.mark.slow
def test_what_is_meant_for_the_leader_alone_is_not_shown_to_players(drill: Environment, clock: Clock):
    leader(drill, clock).open("/drills").send({"scenario": "disk-full", "when": "now"})
    assert "ディスクをいっぱいにしてください" in leader(drill, clock).open("/drills/console").words
    for path in ("/", "/drills/inbox", "/drills"):
        assert "ディスク" not in player(drill, clock).open(path).text, path
