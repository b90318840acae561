"""The drill desk: its pages, the marks on every screen, what readers see, and the report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage import serialization
from statuspage.domain.response_times import ResponseClock
from statuspage.storage import incidents
from statuspage.usecases import drills
from statuspage.usecases.drill_figures import IncidentReport
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.drills.waterfall_chart import scale
from tests.support.desk import Browser, Clock, clock, drill_environment_in, signed_in, work
from tests.support.environments import with_changes

__all__ = ["clock"]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def drill(tmp_path: Path, static_server: Callable[[Path], str]) -> Iterator[Environment]:
    """A drill environment whose page is served."""
    plain = drill_environment_in(tmp_path)
    env = with_changes(plain, address=static_server(plain.site_folder.current))
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def begun(drill: Environment, clock: Clock) -> Browser:
    browser = signed_in(drill, clock).open("/drills")
    browser.send({"title": "予約の情報を保管する機器が故障", "incident_type": "booking"})
    assert browser.path == "/"
    return browser


def publish_report(drill: Environment, clock: Clock, browser: Browser) -> Browser:
    clock.later(minutes=2)
    browser.open("/").send(do="write")
    clock.later(minutes=1)
    browser.send({"estimate_minutes": "40", "do": "publish"})
    work(drill, clock)
    return browser


@pytest.mark.slow
def test_a_drill_begins_with_an_alert_that_its_rule_recognises(drill: Environment, clock: Clock):
    browser = begun(drill, clock)
    assert "予約の情報を保管する機器が故障" in browser.words
    (address, *_) = browser.tree.xpath("//ul[contains(@class, 'alerts')]//form/@action")
    assert "提案：予約（レッスン予約、予約の管理）" in browser.open(address).words
    browser.open("/")


@pytest.mark.slow
def test_every_screen_of_a_drill_is_marked(drill: Environment, clock: Clock):
    browser = publish_report(drill, clock, begun(drill, clock))
    with drill.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    paths = ["/", "/incidents/new", "/drills", "/drills/sandbox", browser.path, f"/incidents/{incident.id}"]
    for path in [*paths, f"/incidents/{incident.id}/notices/new/update", "/nothing"]:
        tree = browser.open(path).tree
        assert tree.xpath("//body[@class='drill']")
        assert tree.xpath("//title")[0].text.startswith("【訓練】")
        assert tree.xpath("//*[@class='dframe']")
        assert all(e.getparent().get("class").startswith(("mini", "post")) for e in tree.xpath("//*[@class='dmark']"))
        assert "訓練" in tree.xpath("//aside[@class='dbar']")[0].text_content()
    assert browser.open(f"/incidents/{incident.id}").tree.xpath("//*[@class='mini bare down']/*[@class='dmark']")
    update = browser.open(f"/incidents/{incident.id}/notices/new/update")
    assert "訓練として公開" in update.tree.xpath("//button[@id='publish']")[0].text_content()


@pytest.mark.slow
def test_the_sandbox_shows_page_feed_and_posts_as_their_readers_see_them(drill: Environment, clock: Clock):
    browser = publish_report(drill, clock, begun(drill, clock)).open("/drills/sandbox")
    posts = [p.text_content() for p in browser.tree.xpath("//div[@class='post']")]
    sent = [json.loads(p.read_text("utf-8")) for p in sorted((drill.home / "outbox").glob("*/*.json"))]
    assert len(sent) == 2
    for record in sent:
        assert any(record["message"]["text"] in post for post in posts)
    assert all("【訓練】" in post or "[DRILL]" in post for post in posts)


@pytest.mark.slow
def test_the_report_says_how_long_it_took_and_where_the_time_went(drill: Environment, clock: Clock):
    browser = publish_report(drill, clock, begun(drill, clock)).open("/drills")
    browser.send(action="/drills/end")
    assert "アラートから3分で、第一報を公開しました" in browser.words
    assert "目標（10分）以内に公開できました" in browser.words
    assert "最も時間がかかったのは" in browser.words
    rows = [" ".join(row.text_content().split()) for row in browser.tree.xpath("//table//tbody/tr")]
    assert any(row.replace(" ", "").startswith("アラートの確認") for row in rows)
    assert any("3分" in row and "10分" in row for row in rows)
    assert "佐藤" not in "".join(rows), "stages, not people"
    assert browser.tree.xpath("//blockquote")


def test_a_scale_reaches_past_what_it_took_and_shows_the_goal_where_it_is_near():
    def ends(took: int, goal: int = 600) -> str:
        report = IncidentReport(
            "i", (), (), None, timedelta(seconds=took), ResponseClock(datetime(2026, 7, 4, tzinfo=UTC), "alert")
        )
        return scale(report, timedelta(seconds=goal))[-1]

    assert [ends(took) for took in (0, 4, 100, 240, 700)] == ["0:05", "0:05", "2:30", "10", "15"]


@pytest.mark.slow
def test_a_drill_without_a_notice_says_so(drill: Environment, clock: Clock):
    browser = begun(drill, clock).open("/drills")
    browser.send(action="/drills/end")
    assert "まだ公開されていません" in browser.words


def test_a_drill_waits_while_something_real_is_open(drill: Environment, clock: Clock):
    assert drill.live_status_path is not None
    real = shared_status.StatusSummary(
        clock(), open_incidents=(shared_status.OpenItem("abcdefghijkl", clock(), {"en": "Real"}),)
    )
    drill.live_status_path.write_text(json.dumps(serialization.to_json_value(real)))
    browser = signed_in(drill, clock).open("/drills").send({"title": "想定", "incident_type": "booking"})
    assert browser.page.status_code == 409
    assert browser.fields()["title"] == ["想定"]
    assert "本番で対応中のものがあります" in browser.words
    browser.send({"title": "想定", "incident_type": "booking", "knows_live": "abcdefghijkl"})
    running = drills.running_drill(drill.databases.environment)
    assert running is not None and running.note["live_known"][0]["items"] == ["abcdefghijkl"]


@pytest.mark.parametrize("title", ["", "x" * 121, "a\u202eb"])
def test_what_a_drill_imagines_is_checked(drill: Environment, clock: Clock, title: str):
    browser = signed_in(drill, clock).open("/drills").send({"scenario": "", "title": title, "incident_type": "booking"})
    assert browser.page.status_code == 422
    assert browser.tree.xpath("//input[@aria-invalid='true']")


def test_the_live_desk_has_no_drill_room(drill: Environment, clock: Clock, tmp_path: Path):
    live = replace(drill, name="live", home=tmp_path)
    assert signed_in(live, clock).open("/drills").page.status_code == 404
    assert timedelta(minutes=10) == drill.site.catalog.site.notice_goal


@pytest.mark.slow
def test_while_a_drill_runs_home_and_receipts_say_so_and_a_post_opens_the_sandbox(drill: Environment, clock: Clock):
    browser = publish_report(drill, clock, begun(drill, clock))
    for path in ("/", browser.path):
        (strip,) = browser.open(path).tree.xpath("//form[@class='drill-strip']")
        assert "訓練中" in strip.text_content()
        assert strip.get("action") == "/drills/end"
    opened = [a.get("href") for a in browser.tree.xpath("//ul[@class='sent']//a")]
    assert "/drills/sandbox" in opened
    assert not [href for href in opened if ".invalid" in href]
    assert "$" not in browser.open("/").words


@pytest.mark.slow
def test_something_real_is_seen_on_every_page_of_a_drill_and_breaks_it_off(drill: Environment, clock: Clock):
    browser = begun(drill, clock)
    assert "本番で障害が発生しています" not in browser.text
    real = shared_status.StatusSummary(
        clock(), (shared_status.OpenItem("k3m9p2q7x4ab", clock(), {"ja": "入館できません"}),)
    )
    assert drill.live_status_path is not None
    drill.live_status_path.write_text(json.dumps(serialization.to_json_value(real)), "utf-8")
    for path in ("/", "/drills", "/incidents/new", "/drills/live-banner"):
        assert "本番で障害が発生しています" in browser.open(path).text, path
        assert "入館できません" in browser.text
    (form,) = browser.tree.xpath("//form[@action='/drills/suspend']")
    (key,) = form.xpath(".//button/@aria-keyshortcuts")
    assert key == "Escape"
    token = form.xpath(".//input[@name='csrf_token']/@value")[0]
    assert browser.post("/drills/suspend", {"csrf_token": token}).status_code == 303
    (kept,) = drills.all_drills(drill.databases.environment)
    assert (kept.is_suspended, kept.ended) == (True, clock())
    assert not browser.open("/").tree.xpath("//form[@action='/drills/suspend']")
