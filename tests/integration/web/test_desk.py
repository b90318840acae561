"""Around the form: alerts on the home page, receipts, an incident's timeline, errors, and the alert intake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.domain.alert import AlertState
from statuspage.domain.catalog import Catalog, ContentError
from statuspage.domain.incident import Incident, InternalNote
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.storage import alerts, deliveries, incidents
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk import permissions
from statuspage.web.desk.alerts import webhooks
from statuspage.web.desk.request_context import Intake
from statuspage.web.desk.translations import translator_for
from tests.support.desk import (
    Browser,
    Clock,
    alert_arrives,
    alertmanager,
    clock,
    desk_of,
    env,
    environment_in,
    signed_in,
    until,
    work,
    working,
)
from tests.support.desk_pages import FIRST
from tests.support.environments import with_changes
from tests.support.fakes.x_server import Account, Server, x_server
from tests.support.times import at

__all__ = ["clock", "env"]


pytestmark = pytest.mark.usefixtures("database")


def waiting(env: Environment) -> list[AlertState]:
    with env.databases.environment.read() as tx:
        return [alert.state for alert in alerts.open_alerts(tx)]


def only_incident(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    return incident


def test_an_alert_is_answered_once_it_is_stored(env: Environment, clock: Clock):
    browser = Browser(desk_of(env, clock))
    answer = alert_arrives(browser)
    assert answer.status_code == 200
    assert answer.get_json()["alerts"][0]["state"] == "waiting"
    assert waiting(env) == [AlertState.WAITING]


def test_the_same_alert_twice_is_one(env: Environment, clock: Clock):
    browser = Browser(desk_of(env, clock))
    one, two = alert_arrives(browser), alert_arrives(browser)
    assert one.get_json() == two.get_json()
    assert len(waiting(env)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"version": "3"}', "予約".encode("shift_jis")])
def test_a_wrong_message_is_refused_with_the_reason_and_stores_nothing(env: Environment, clock: Clock, body: bytes):
    client = desk_of(env, clock).test_client()
    answer = client.post("/intake/alertmanager", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert len(answer.get_json()["error"]) > 10
    assert waiting(env) == []


def test_a_message_past_all_measure_is_refused_unread(env: Environment, clock: Clock):
    client = desk_of(env, clock).test_client()
    body = b" " * (webhooks.MAX_BODY + 1)
    assert client.post("/intake/alertmanager", data=body).status_code == 413
    assert waiting(env) == []


def test_an_unknown_monitor_is_told_which_are_known(env: Environment, clock: Clock):
    answer = desk_of(env, clock).test_client().post("/intake/crystal-ball", data=b"{}")
    assert answer.status_code == 404
    assert "alertmanager" in answer.get_json()["error"]


def test_with_a_secret_set_only_who_knows_it_is_heard(env: Environment, clock: Clock):
    client = desk_of(env, clock, believes=Intake({"": "open sesame"})).test_client()
    for header in ({}, {"Authorization": "Bearer wrong"}):
        assert client.post("/intake/alertmanager", data=alertmanager(at("11:55")), headers=header).status_code == 401
    headers = {"Authorization": "Bearer open sesame"}
    assert client.post("/intake/alertmanager", data=alertmanager(at("11:55")), headers=headers).status_code == 200


@pytest.mark.slow
def test_while_the_database_is_busy_the_monitor_is_asked_to_repeat(env: Environment, clock: Clock):
    client = desk_of(env, clock).test_client()
    with env.databases.environment.begin():
        answer = client.post("/intake/alertmanager", data=alertmanager(at("11:55")))
    assert answer.status_code == 503
    assert waiting(env) == []
    assert client.post("/intake/alertmanager", data=alertmanager(at("11:55"))).status_code == 200


@pytest.mark.slow
def test_while_the_database_is_busy_nothing_typed_is_lost(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    with env.databases.environment.begin():
        browser.send({**FIRST, "extra-ja": "大切な文"})
    assert browser.page.status_code == 503
    assert "入力内容は残っています" in browser.words
    assert browser.send().path.endswith("/notices/5")
    assert "大切な文" in browser.open(f"/incidents/{only_incident(env).id}").words


def test_a_waiting_alert_shows_what_it_proposes(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    clock.later(seconds=134)
    words = browser.open("/").words
    assert "9分予約？予約の応答エラーが増えています" in words
    (alert,) = browser.tree.xpath("//a[starts-with(@href, '/alerts/')]/@href")
    assert "提案：予約（レッスン予約、予約の管理）" in browser.open(alert).words


def test_an_alert_is_seen_watched_or_a_false_alarm_without_an_incident(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    assert "確認：佐藤さん" in browser.open("/").send(do="acknowledge").words
    assert "経過観察中のアラート 1件" in browser.send(do="watch").words
    assert waiting(env) == [AlertState.WATCHING]
    assert "現在、対応中のインシデントはありません" in browser.send(do="false_alarm").words
    with env.databases.environment.read() as tx:
        assert incidents.open_incidents(tx) == ()


@pytest.mark.slow
def test_an_alert_settled_by_a_colleague_is_said_to_be(env: Environment, clock: Clock):
    one, other = signed_in(env, clock), signed_in(env, clock, "kim", "Kim", "en")
    alert_arrives(one)
    one.open("/")
    other.open("/")
    one.send(do="false_alarm")
    assert "already been handled" in other.send(do="write").text


def test_a_confirmed_trouble_nobody_was_told_of_stays_in_sight(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    browser.open("/").send(do="write")
    assert "第一報は未公開です" in browser.open("/").words
    incident = f"/incidents/{only_incident(env).id}"
    browser.open(incident).send(action=f"{incident}/close")
    assert "現在、対応中のインシデントはありません" in browser.words


def test_a_broken_promise_is_the_headline(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    clock.later(minutes=34, seconds=24)
    words = browser.open("/").words
    assert "4分超過 12:32までに続報を公開する約束です" in words


def test_faults_in_todays_content_are_said_in_red_and_publishing_goes_on(env: Environment, clock: Clock):
    broken = with_changes(
        env, errors=(ContentError("ja/phrases.toml", 12, "opening.first", "The slot {x} is unknown."),)
    )
    browser = signed_in(broken, clock)
    (warning,) = browser.tree.xpath("//div[contains(@class, 'warn')]")
    assert "ja/phrases.toml:12" in warning.text_content()
    browser.open("/incidents/new").send(FIRST)
    assert only_incident(env).latest is not None


@pytest.fixture
def x() -> Iterator[Server]:
    with x_server() as server:
        yield server


@pytest.fixture
def connected(
    tmp_path: Path, catalog: Catalog, x: Server, static_server: Callable[[Path], str]
) -> Iterator[Environment]:
    """An environment whose page is served, with its Japanese account on a server of our own."""
    environ = {**Account().environ("x-ja"), "STATUSPAGE_X_API": x.address}
    plain = environment_in(tmp_path, catalog, environ=environ)
    env = with_changes(plain, address=static_server(plain.site_folder.current))
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.mark.slow
def test_a_notice_has_a_receipt_for_each_destination(connected: Environment, clock: Clock, x: Server):
    browser = signed_in(connected, clock).open("/incidents/new").send(FIRST)
    assert browser.tree.xpath("//main[@data-poll]")
    assert "公開しています（2件中0件が完了）" in browser.words
    work(connected, clock)
    words = browser.open(browser.path).words
    assert "すべての配信先で読めます（2/2）" in words
    assert not browser.tree.xpath("//main[@data-poll]")
    assert len(x.posts) == 1
    assert browser.tree.xpath("//a[contains(@href, '/ja/incidents/')]")


@pytest.mark.slow
def test_each_message_is_shown_as_its_reader_sees_it_with_its_price_and_to_be_copied(
    connected: Environment, clock: Clock, x: Server
):
    browser = signed_in(connected, clock).open("/incidents/new").send(FIRST)
    work(connected, clock)
    browser.open(browser.path)
    shown = {
        row.xpath("string(.//summary//span[@class='dim'])"): row.xpath(".//*[@data-text]")[0].text_content()
        for row in browser.tree.xpath("//ul[@class='sent']/li[.//*[@data-text]]")
    }
    notice = only_incident(connected).notices[-1].notice
    assert shown == {"@fitline_jp": x.posts[0].text, "@fitline_en": notice.texts["en"].media["x"].body}
    assert "$0.20" in browser.words
    row = "//li[details/summary[contains(., '@fitline_jp')]]"
    (link,) = browser.tree.xpath(f"{row}//*[@data-text]/a/@href")
    assert link in x.posts[0].text
    assert len(browser.tree.xpath("//button[@data-copy and ancestor::ul[@class='sent']]")) == 2


@pytest.mark.slow
def test_a_left_out_account_gets_nothing(connected: Environment, clock: Clock, x: Server):
    signed_in(connected, clock).open("/incidents/new").send({**FIRST, "channel": None})
    work(connected, clock)
    assert x.posts == []


@pytest.mark.slow
def test_a_quiet_notice_goes_to_the_page_and_the_feeds_alone(connected: Environment, clock: Clock, x: Server):
    signed_in(connected, clock).open("/incidents/new").send({**FIRST, "page_only": "1"})
    work(connected, clock)
    assert x.posts == []
    assert only_incident(connected).latest is not None


@pytest.mark.slow
def test_a_refused_post_keeps_its_words_and_can_be_sent_again(connected: Environment, clock: Clock, x: Server):
    browser = signed_in(connected, clock).open("/incidents/new")
    x.next("403")
    browser.send(FIRST)
    work(connected, clock)
    browser.open(browser.path)
    assert "2件中1件で読めます。1件は対応が必要です。" in browser.words
    assert "文面は保存されています" in browser.words
    (again,) = browser.tree.xpath("//form[starts-with(@action, '/deliveries/')]")
    browser.send({"do": "retry"}, action=again.get("action"))
    assert "送信待ち" in browser.words
    with working(connected, clock):
        until(lambda: "（2/2）" in browser.open(browser.path).words)
    assert len(x.posts) == 1


def test_a_delivery_that_needs_a_person_is_named_until_it_is_settled(connected: Environment, clock: Clock):
    browser = signed_in(connected, clock).open("/incidents/new").send(FIRST)
    incident, receipts = only_incident(connected), browser.path
    places = ("/", "/incidents", f"/incidents/{incident.id}")
    assert not any("要対応の配信" in browser.open(place).words for place in places)
    with connected.databases.environment.begin() as tx:
        claimed = deliveries.claim_delivery(tx, "w", clock.later(seconds=16), channel="x-ja")
        assert claimed is not None
        deliveries.recover_abandoned(tx, "w", (), clock())
    for place in places:
        assert "要対応の配信 1件" in browser.open(place).words, place
        assert browser.tree.xpath("//main//a[contains(., '要対応の配信')]/@href") == [receipts], place
    browser.open(receipts).send({"do": "delivered"}, action=f"/deliveries/{claimed.id}")
    assert not any("要対応の配信" in browser.open(place).words for place in places)


def test_a_post_that_may_be_out_is_looked_for_by_a_person(connected: Environment, clock: Clock, x: Server):
    browser = signed_in(connected, clock).open("/incidents/new").send(FIRST)
    incident = only_incident(connected)
    with connected.databases.environment.begin() as tx:
        (delivery,) = [
            d for d in deliveries.deliveries_of_notice(tx, incident.id, incident.latest_sequence) if d.channel == "x-ja"
        ]
        claimed = deliveries.claim_delivery(tx, "w", clock.later(seconds=16), channel="x-ja")
        assert claimed is not None
        deliveries.recover_abandoned(tx, "w", (), clock())
    browser.open(browser.path)
    assert "要確認" in browser.words
    browser.send({"do": "delivered"}, action=f"/deliveries/{delivery.id}")
    with connected.databases.environment.read() as tx:
        found = deliveries.find_delivery(tx, delivery.id)
    assert found is not None
    assert found.status is DeliveryStatus.DELIVERED


@pytest.mark.slow
def test_a_page_that_cannot_be_read_back_stops_no_clock(tmp_path: Path, catalog: Catalog, clock: Clock):
    env = environment_in(tmp_path, catalog)
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    work(env, clock)
    clock.later(seconds=61)
    browser.open(browser.path)
    assert "すべての配信先で読めます" not in browser.words
    assert "入力開始から1分1秒（目標10分）" in browser.words


def test_colleagues_are_told_with_one_press(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    incident = only_incident(env)
    browser.send(action=f"/incidents/{incident.id}/colleagues-told")
    notes = [r.entry for r in only_incident(env).entries if isinstance(r.entry, InternalNote)]
    assert len(notes) == 1
    assert "予約" in notes[0].text
    assert "12:02に連絡済み" in browser.words


def test_the_story_has_every_entry_and_says_what_can_be_done(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    browser.open("/").send(do="write").send(do="publish")
    incident = only_incident(env)
    browser.open(f"/incidents/{incident.id}")
    for word in ("検知", "アラートを確認", "障害と判断", "入力開始", "承認", "第一報"):
        assert word in browser.words
    acts = [
        a.text_content()
        for a in browser.tree.xpath("//main//div[contains(@class, 'strip')]/a[contains(@href, '/notices/new/')]")
    ]
    assert acts[:2] == ["続報を作成 N", "復旧をお知らせ"]


def test_a_note_is_for_colleagues_and_checked_like_all_text(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    path = f"/incidents/{only_incident(env).id}"
    browser.open(path)
    for text, message in (
        ("", "メモを入力してください"),
        ("a\x00b", "使用できない文字"),
        ("x" * 100_000, "100000文字"),
    ):
        browser.send({"text": text}, action=f"{path}/note")
        assert browser.page.status_code == 422
        assert message in browser.words
    browser.send({"text": "<i>DBを再起動中</i>"}, action=f"{path}/note")
    assert "<i>DBを再起動中</i>" in browser.words


def test_what_broke_again_is_reopened_and_customers_hear_with_the_next_notice(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    id = only_incident(env).id
    clock.later(minutes=30)
    browser.open(f"/incidents/{id}/notices/new/resolved").send({"ended": "5m", "do": "publish"})
    clock.later(minutes=10)
    browser.open(f"/incidents/{id}").send(action=f"/incidents/{id}/reopen")
    assert browser.path == f"/incidents/{id}/notices/new/update"
    assert only_incident(env).is_reopened


def test_what_is_not_there_is_said_in_the_readers_language(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/nothing")
    assert browser.page.status_code == 404
    assert "Page not found" in browser.words


def test_a_mistake_of_ours_shows_no_traceback(env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "statuspage.web.desk.permissions.MINIMUM_ROLES", {**permissions.MINIMUM_ROLES, "broken": Role.VIEWER}
    )
    app = desk_of(env, clock)
    app.add_url_rule("/broken", "broken", lambda: 1 // 0)
    client = app.test_client()
    client.set_cookie("desk-language", "en")
    browser = signed_in(env, clock)
    cookie = browser.client.get_cookie("desk")
    client.set_cookie("desk", cookie.value)
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.get_data(as_text=True)
    assert "エラーが発生しました" in answer.get_data(as_text=True)


def test_a_form_past_all_measure_is_refused_kindly(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new").send({**FIRST, "extra-ja": "あ" * 400_000})
    assert browser.page.status_code == 413
    assert "長すぎ" in browser.words


def test_every_label_a_template_names_is_there_in_every_language(catalog: Catalog):
    named: set[str] = set()
    for path in (bundled.folder("templates") / "desk").glob("*.html"):
        text = path.read_text("utf-8")
        named |= set(re.findall(r"""\bt\(["']([a-z0-9_.]+[a-z0-9_])["']""", text))
        named |= {f"{key}.{n}" for key in re.findall(r"""\btn\(["']([a-z0-9_.]+)["']""", text) for n in ("one", "many")}
    for path in Path(permissions.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        named |= set(re.findall(r'\bt\("([a-z0-9_.]+)"', text))
        named |= {f"{key}.{n}" for key in re.findall(r'\btn\("([a-z0-9_.]+)"', text) for n in ("one", "many")}
    assert len(named) > 150
    for language in catalog.languages:
        voice = translator_for(catalog, language)
        assert [key for key in sorted(named) if f"desk.{key}" not in voice.pack.labels] == []


@pytest.mark.slow
def test_nothing_a_person_reads_is_a_bare_key(env: Environment, clock: Clock):
    for language, login, service in (("ja", "sato", "booking-api"), ("en", "kim", "gate-7")):
        browser = signed_in(env, clock, login, login, language)
        alert_arrives(browser, fingerprint=login, service=service)
        pages = [browser.open("/").text, browser.send(do="write").text, browser.send({"do": "preview"}).text]
        pages.append(browser.send({"do": "publish"}).text)
        work(env, clock)
        pages.append(browser.open(browser.path).text)
        incident_url = browser.path.rpartition("/notices/")[0]
        pages.append(browser.open(incident_url).text)
        for notice in ("update", "partly_restored", "monitoring", "resolved", "correction", "withdrawal"):
            pages.append(browser.open(f"{incident_url}/notices/new/{notice}").text)
        for page in pages:
            assert re.findall(r"(?:desk|receipt|problem)\.[a-z_]+\.[a-z_.]+", page) == []


@pytest.mark.slow
def test_a_channel_that_needs_a_person_says_so_on_the_home_page_and_is_tried_again_with_one_press(
    connected: Environment, clock: Clock, x: Server
):
    good, x.state.accounts = x.state.accounts, ()
    browser = signed_in(connected, clock).open("/incidents/new").send(FIRST)
    work(connected, clock)
    clock.later(seconds=16)
    work(connected, clock)
    browser.open("/")
    assert "要対応" in browser.text
    assert "設定を修正して" in browser.words
    x.state.accounts = good
    browser.send(action="/channels/x-ja/resume")
    assert "再試行します" in browser.text
    with working(connected, clock):
        until(lambda: len(x.posts) == 1)
    assert browser.post("/channels/telegraph/resume").status_code == 400
