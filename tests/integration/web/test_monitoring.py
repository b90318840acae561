"""Health check and metrics, and which proxies' client addresses are trusted."""

from __future__ import annotations

import json
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from statuspage import settings
from statuspage.domain.retry import ChannelHealth
from statuspage.storage import alerts, channel_health, stats
from statuspage.usecases import delivery, health, metrics
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.request_context import Intake
from statuspage.web.server import run
from tests.support.desk import (
    Clock,
    alert_arrives,
    alertmanager,
    clock,
    desk_of,
    drill_environment_in,
    env,
    person_in,
    signed_in,
)
from tests.support.desk_pages import FIRST
from tests.support.playing import until

__all__ = ["clock", "env"]

TOKEN = {"Authorization": "Bearer let me see"}


def seen(env: Environment, clock: Clock) -> None:
    """Records that a worker is running."""
    with env.databases.environment.begin() as tx:
        stats.record_heartbeat(tx, "1-worker", clock())


def samples(text: str) -> dict[str, Any]:
    """Every value by name and labels, as Prometheus' own library reads them."""
    families = text_string_to_metric_families(text)
    return {
        s.name.removeprefix("statuspage_") + "".join(f" {v}" for v in s.labels.values()): s.value
        for family in families
        for s in family.samples
    }


# health


def test_nobody_signs_in_to_ask_how_the_program_fares(env: Environment, clock: Clock) -> None:
    seen(env, clock)
    clock.later(seconds=12)
    answer = desk_of(env, clock).test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"status": "ok", "database": "ok", "worker_heartbeat_age_seconds": 12.0, "content": "ok", "send_hold": False},
    )


def test_without_a_worker_it_is_not_well(env: Environment, clock: Clock) -> None:
    client = desk_of(env, clock).test_client()
    assert client.get("/healthz").status_code == 503
    assert client.get("/healthz").get_json()["worker_heartbeat_age_seconds"] is None
    seen(env, clock)
    assert client.get("/healthz").status_code == 200
    clock.later(seconds=health.WORKER_TIMEOUT.total_seconds() + 1)
    assert client.get("/healthz").get_json()["status"] == "unhealthy"


def test_a_database_that_is_gone_is_said_even_when_nobody_can_sign_in(
    env: Environment, clock: Clock, tmp_path: Path
) -> None:
    client = desk_of(env, clock).test_client()
    for name, store in (("environment.db", env.databases.environment), ("accounts.db", env.databases.accounts)):
        store.close()
        (tmp_path / name).write_bytes(b"no database any more" * 500)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "unavailable")
    assert client.get("/metrics").status_code == 503
    assert client.get("/readyz").get_json() == {"status": "not ready", "database": "unavailable", "disk": "ok"}
    assert client.get("/livez").status_code == 200


def test_a_worker_leaves_a_sign_and_old_ones_are_forgotten(env: Environment, clock: Clock) -> None:
    seen(env, clock)
    clock.later(days=2)
    stop = Event()
    worker = Thread(target=delivery.run, args=(env,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    try:
        assert until(lambda: health.check_health(env, now=clock()).is_healthy)
    finally:
        stop.set()
        worker.join()
    with env.databases.environment.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM worker_heartbeat").scalar_one() == 1


def test_a_drill_desk_says_the_same_of_its_own_worker(tmp_path: Path, clock: Clock) -> None:
    drill = drill_environment_in(tmp_path)
    client = desk_of(drill, clock).test_client()
    assert client.get("/healthz").status_code == 503
    seen(drill, clock)
    assert client.get("/healthz").status_code == 200
    assert samples(client.get("/metrics").text)["drill_running"] == 0


def test_who_balances_load_asks_whether_this_process_can_serve_not_whether_a_worker_lives(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk_of(env, clock).test_client()
    assert client.get("/healthz").status_code == 503, "there is no worker"
    assert client.get("/livez").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "database": "ok", "disk": "ok"}
    monkeypatch.setattr(health, "MIN_FREE_BYTES", 10**18)
    full = client.get("/readyz")
    assert (full.status_code, full.get_json()["disk"]) == (503, "full or read-only")
    assert client.get("/livez").status_code == 200


# figures


def test_the_figures_come_from_the_database(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock)
    alert_arrives(browser)
    browser.open("/incidents/new").send(FIRST)
    browser.send()
    seen(env, clock)
    clock.later(minutes=3)
    with env.databases.environment.begin() as tx:
        channel_health.save_health(
            tx, ChannelHealth("x-ja", 3, clock(), clock() + timedelta(minutes=1), clock(), "away", "no route")
        )
    samples_found = samples(metrics.render_metrics(env, now=clock()))
    assert samples_found["queue_deliveries site waiting"] == 1
    assert samples_found["queue_oldest_waiting_seconds"] == 180
    assert samples_found["open_incidents"] == 1
    assert samples_found["channel_paused x-ja"] == 1
    assert samples_found["last_publish_timestamp_seconds"] == (clock() - timedelta(minutes=3)).timestamp()
    assert samples_found["worker_heartbeat_timestamp_seconds"] == samples_found["last_publish_timestamp_seconds"]
    assert (samples_found["send_hold"], samples_found["content_errors"], samples_found["drill_running"]) == (0, 0, 0)


def test_messages_requests_and_delays_are_counted(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock, believes=Intake({"": "open sesame"}))
    client = browser.app.test_client()
    right, wrong = {"Authorization": "Bearer open sesame"}, {"Authorization": "Bearer guess"}
    raw = alertmanager(clock())
    for headers in (right, right, wrong):
        client.post("/intake/alertmanager", data=raw, headers=headers)
    client.post("/intake/alertmanager", data=b"{}", headers=right)
    client.post("/intake/made-up", data=raw)
    client.post("/intake/alertmanager/heartbeat/tokyo", data=raw, headers=right)
    client.get("/nowhere/at/all")
    clock.later(seconds=90)
    found = samples(client.get("/metrics").text)
    assert found["intake_taken_total alertmanager"] == 3
    assert found["intake_refused_total secret alertmanager"] == 1
    assert found["intake_refused_total unreadable alertmanager"] == 1
    assert found["intake_refused_total unknown "] == 1
    assert found["monitor_heartbeat_age_seconds tokyo alertmanager"] == 90
    assert found["http_requests_total POST /intake/<source> 401"] == 1
    assert found["http_requests_total GET unknown 303"] == 1
    assert not any("made-up" in name or "nowhere" in name for name in found)
    browser.open("/incidents/new").send(FIRST)
    browser.send()
    assert samples(client.get("/metrics").text)["alert_to_notice_seconds_count"] == 0, "nobody had an alert"


def test_a_histogram_counts_each_delay_once() -> None:
    family = metrics._histogram("x", "Text.", (1, 5), [0.5, 1.0, 3.0, 9.0])
    counts = {s.labels.get("le", s.name): s.value for s in family.samples}
    assert counts == {"1.0": 2, "5.0": 3, "+Inf": 4, "statuspage_x_count": 4, "statuspage_x_sum": 13.5}


def test_figures_of_an_empty_database_are_whole_too(env: Environment, clock: Clock) -> None:
    samples_found = samples(metrics.render_metrics(env, now=clock()))
    assert samples_found["queue_oldest_waiting_seconds"] == 0
    assert samples_found["last_publish_timestamp_seconds"] == 0
    assert samples_found["alerts waiting"] == 0


def test_with_a_token_only_who_has_it_reads_the_figures(env: Environment, clock: Clock) -> None:
    client = desk_of(env, clock, metrics_token="let me see").test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer guess"}).status_code == 404
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asks", "header", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("10.1.2.3", {"X-Forwarded-For": "127.0.0.1"}, 404),
    ],
)
def test_without_a_token_only_this_machine_reads_the_figures(
    env: Environment, clock: Clock, asks: str, header: dict[str, str], status: int
) -> None:
    behind = run.desk_application(env, clock=clock, desk_access=run.DeskAccess(proxies=(ip_network("10.0.0.0/8"),)))
    answer = Client(behind).get("/metrics", headers=header, environ_base={"REMOTE_ADDR": asks})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("evil.example", 404), ("", 404)],
)
def test_a_page_that_rebinds_its_name_to_this_machine_reads_no_figures(
    env: Environment, clock: Clock, host: str, status: int
) -> None:
    answer = desk_of(env, clock).test_client().get("/metrics", headers={"Host": host})
    assert answer.status_code == status


# monitors that are not heard


def test_a_monitor_that_is_refused_is_on_the_desk_until_it_is_heard(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock, language="en", believes=Intake({"": "open sesame"}))
    client, raw = browser.app.test_client(), alertmanager(clock())
    assert "Monitors that are not heard" not in browser.open("/").text
    for _ in range(3):
        client.post("/intake/alertmanager", data=raw, headers={"Authorization": "Bearer guess"})
        clock.later(seconds=10)
    page = browser.open("/").text
    assert "Alertmanager: its messages are refused" in page
    assert "The secret or signature is missing or wrong. 3 ×" in page
    assert "from 127.0.0.1" in page
    client.post("/intake/alertmanager", data=raw, headers={"Authorization": "Bearer open sesame"})
    assert "Monitors that are not heard" not in browser.open("/").text


def test_strangers_at_addresses_that_do_not_exist_are_no_monitor(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock, language="en")
    browser.app.test_client().post("/intake/wp-login", data=b"{}")
    assert "Monitors that are not heard" not in browser.open("/").text


def test_a_heartbeat_that_stays_away_is_on_the_desk_until_it_comes_or_nobody_expects_it(
    env: Environment, clock: Clock
) -> None:
    person_in(env, language="en", password="", role=Role.ADMINISTRATOR)
    browser = signed_in(env, clock)
    client = browser.app.test_client()
    beat = "/intake/alertmanager/heartbeat/tokyo"
    assert client.post(beat, data=b"anything").get_json() == {"heartbeat": "ok"}
    clock.later(minutes=5)
    assert "no heartbeat" not in browser.open("/").text
    clock.later(seconds=1)
    assert "Alertmanager tokyo: no heartbeat since" in browser.open("/").text
    client.post(beat)
    assert "no heartbeat" not in browser.open("/").text
    clock.later(minutes=6)
    browser.open("/").send(action="/monitors/heartbeats/end")
    assert "This heartbeat is no longer expected." in browser.text
    assert "no heartbeat" not in browser.text


def test_a_heartbeat_needs_the_secret_and_rings_nobody(env: Environment, clock: Clock) -> None:
    client = desk_of(env, clock, believes=Intake({"": "open sesame"})).test_client()
    raw = alertmanager(clock())
    assert client.post("/intake/alertmanager/heartbeat", data=raw).status_code == 401
    right = {"Authorization": "Bearer open sesame"}
    assert client.post("/intake/alertmanager/heartbeat", data=raw, headers=right).status_code == 200
    assert client.post("/intake/alertmanager/heartbeat/a b", data=raw, headers=right).status_code == 400
    answers = [
        client.post(f"/intake/alertmanager/heartbeat/n{number}", headers=right).status_code for number in range(60)
    ]
    assert (answers.count(200), answers.count(409)) == (49, 11)
    with env.databases.environment.read() as tx:
        assert alerts.latest_alerts(tx, 10) == ()


def test_every_response_has_an_id_of_its_own_and_the_log_has_it(
    env: Environment, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    client = desk_of(env, clock, believes=Intake({"": "open sesame"})).test_client()
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answers = [client.post("/intake/alertmanager", data=b"x") for _ in range(200)]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == 200
    assert [(line["event"], line["reason"], line["count"]) for line in lines] == [("alert refused", "secret", 1)]
    assert lines[0]["request_id"] == ids[0]
    clock.later(minutes=1)
    with structlog.testing.capture_logs() as lines:
        client.post("/intake/alertmanager", data=b"x")
        right = {"Authorization": "Bearer open sesame"}
        client.post("/intake/alertmanager", data=alertmanager(clock()), headers=right)
    assert [line["event"] for line in lines] == ["alert refused", "alerts accepted again", "alerts received"]
    assert lines[0]["count"] == 200


# what the monitor says


def test_description_runbook_and_annotations_of_an_alert_are_on_its_page(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock, language="en")
    message = json.loads(alertmanager(clock()))
    message["alerts"][0]["annotations"] = {
        "summary": "Bookings fail",
        "description": "38 % of requests answer 500.",
        "runbook_url": "https://wiki.example.com/booking",
        "dashboard": "<b>Bookings</b>",
        "playbook": "javascript:alert(1)",
    }
    answer = browser.app.test_client().post("/intake/alertmanager", json=message)
    page = browser.open(f"/alerts/{answer.get_json()['alerts'][0]['id']}").text
    assert "38 % of requests answer 500." in page
    assert '<a href="https://wiki.example.com/booking" rel="noreferrer">Runbook</a>' in page
    assert "&lt;b&gt;Bookings&lt;/b&gt;" in page
    assert 'href="javascript' not in page
    message["alerts"][0]["annotations"]["runbook_url"] = "javascript:alert(1)"
    browser.app.test_client().post("/intake/alertmanager", json=message)
    page = browser.open(browser.path).text
    assert 'href="javascript' not in page
    assert ">Runbook</a>" not in page


# trusted proxies


def asks(env: Environment, clock: Clock, sender: str, **headers: str) -> str:
    """The address recorded for a failed sign-in."""
    proxies = (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    desk = run.desk_application(env, clock=clock, desk_access=run.DeskAccess(proxies=proxies))
    browser = Client(desk)
    by_name = {name.replace("_", "-"): value for name, value in headers.items()}
    browser.get("/sign-in/link/none", environ_base={"REMOTE_ADDR": sender}, headers=by_name)
    page = browser.get("/sign-in", environ_base={"REMOTE_ADDR": sender}, headers=by_name)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "login": "nobody", "password": "wrong words here"}
    assert browser.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": sender}, headers=by_name).status_code
    with env.databases.accounts.read() as tx:
        (key,) = tx.exec_driver_sql("SELECT key FROM throttle WHERE key LIKE 'address:%'").scalars()
    return str(key).removeprefix("address:")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sender", "message", "taken"),
    [
        ("10.0.0.9", "192.0.2.7", "192.0.2.7"),
        ("::1", "2001:db8::7", "2001:db8::"),
        ("10.0.0.9", "203.0.113.1, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.9", "203.0.113.1, 192.0.2.7, 10.0.0.8", "192.0.2.7"),
        ("198.51.100.4", "192.0.2.7", "198.51.100.4"),
        ("10.0.0.9", "", "10.0.0.9"),
    ],
)
def test_an_address_counts_only_where_a_server_of_ours_says_it(
    env: Environment, clock: Clock, sender: str, message: str, taken: str
) -> None:
    assert asks(env, clock, sender, X_Forwarded_For=message) == taken


@pytest.mark.slow
def test_other_headers_of_that_kind_are_believed_of_nobody(env: Environment, clock: Clock) -> None:
    others = {"X_Real_IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    assert asks(env, clock, "10.0.0.9", **others) == "10.0.0.9"


def test_a_setting_that_is_no_network_is_refused_in_one_sentence(tmp_path: Path) -> None:
    here = settings.read_settings({"STATUSPAGE_PROXIES": "127.0.0.1, 10.0.0.0/8"}, home=str(tmp_path))
    assert [str(network) for network in here.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8"]
    here = settings.read_settings({"STATUSPAGE_PROXIES": "nginx"}, home=str(tmp_path))
    with pytest.raises(settings.Unreadable, match="STATUSPAGE_PROXIES"):
        run.read_desk_access(here, intake=Intake({}), environment="live")


def test_each_desk_knows_where_the_other_is_read_from_outside(tmp_path: Path) -> None:
    settings_given = {
        "STATUSPAGE_DESK_ADDRESS": "https://desk.example/",
        "STATUSPAGE_DRILL_DESK_ADDRESS": "https://d.example",
    }
    here = settings.read_settings(settings_given, home=str(tmp_path))
    assert here.desk_addresses == {"live": "https://desk.example", "drill": "https://d.example"}
    assert settings.is_drill_environ({**settings_given, "STATUSPAGE_ENVIRONMENT": "drill"})
