"""The alert intake: whom it trusts, what it stores, and how its responses make a monitor retry."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from statuspage.domain.alert import JsonMapping
from statuspage.integrations.monitors import authentication
from statuspage.integrations.monitors.registry import SOURCES
from statuspage.integrations.monitors.sns import SnsVerifier
from statuspage.settings import SharedSecret, drill_environ, read_settings
from statuspage.storage import alerts, inbound_messages
from statuspage.storage.engine.database import Database
from statuspage.storage.inbound_messages import TopicState, list_topics
from statuspage.usecases import accounts, new_company
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.logging_setup import secret_values
from statuspage.web.desk.request_context import Intake
from statuspage.web.server import run
from tests.support import monitor_payloads
from tests.support.desk import Browser, Clock, desk_of, drill_environment_in, env
from tests.support.environments import with_changes
from tests.support.fakes.amazon import CERTIFICATE, HOST, Sns, key_and_certificate, sns_server
from tests.support.instance import Cli, cli, home
from tests.support.monitor_pairs import PAIRS, own
from tests.support.monitor_payloads import Json, body
from tests.support.times import at

__all__ = ["cli", "env", "home"]

SECRET = "open sesame"
NOW = datetime(2026, 7, 4, 3, 0, tzinfo=UTC)
BACKUP = JsonMapping("backup", id="items.0.check.id", title="items.0.check.name")


@pytest.fixture
def clock() -> Clock:
    """At three in the morning, when it broke."""
    return Clock(NOW)


@pytest.fixture(scope="module")
def amazon() -> Iterator[Sns]:
    """The fake Amazon SNS."""
    with sns_server() as found:
        yield found


def stored(env: Environment) -> list[str]:
    with env.databases.environment.read() as tx:
        return [one.monitor_alert.title for one in alerts.latest_alerts(tx, 100)]


def post(app: Flask, source: str, raw: bytes, key: str = "", **headers: str) -> TestResponse:
    by_name = {name.replace("_", "-"): value for name, value in headers.items()}
    where = f"/intake/{source}?key={key}" if key else f"/intake/{source}"
    return app.test_client().post(where, data=raw, headers=by_name)


def basic(secret: str) -> str:
    return f"Basic {b64encode(f'monitor:{secret}'.encode()).decode()}"


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"cloudwatch", "alertmanager"}))
def test_a_secret_is_carried_as_token_password_or_in_its_header(env: Environment, clock: Clock, source: str) -> None:
    raw = body(next(firing for name, firing, _, _ in PAIRS.values() if name == source))
    app = desk_of(env, clock, believes=Intake({"": SECRET}))
    for wrong in ({}, {"Authorization": "Bearer open"}, {"Authorization": basic("x")}, {"X-Statuspage-Secret": "x"}):
        answer = post(app, source, raw, **wrong)
        assert (answer.status_code, answer.json) == (401, {"error": "The secret is missing or wrong."})
    assert stored(env) == []
    headers = ({"Authorization": f"bearer {SECRET}"}, {"Authorization": basic(SECRET)}, {"X-Statuspage-Secret": SECRET})
    assert [post(app, source, raw, **right).status_code for right in headers] == [200, 200, 200]
    assert len(stored(env)) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sender", "header", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
        ("10.0.0.9", {"X-Forwarded-For": "127.0.0.1"}, 401),
    ],
)
def test_without_a_secret_only_a_program_on_this_machine_is_heard(
    env: Environment, clock: Clock, sender: str, header: dict[str, str], status: int
) -> None:
    desk = run.desk_application(env, clock=clock, desk_access=run.DeskAccess(proxies=(ip_network("10.0.0.0/8"),)))
    answer = Client(desk).post(
        "/intake/zabbix", data=body(PAIRS["Zabbix"][1]), headers=header, environ_base={"REMOTE_ADDR": sender}
    )
    assert answer.status_code == status, answer.text
    assert len(stored(env)) == (status == 200)


def test_init_makes_a_secret_that_monitors_need_and_a_drill_never_sees(tmp_path: Path) -> None:
    made = tmp_path / "made"
    new_company.create_demo(made)
    file = made / "intake-secret"
    secret = file.read_text("ascii").strip()
    assert (len(secret), file.stat().st_mode & 0o777) == (64, 0o600)
    assert read_settings({}, home=str(made)).intake_secrets == {"": secret}
    assert secret in secret_values(read_settings({}, home=str(made))), "it is kept out of the log"
    own_secret = {"STATUSPAGE_INTAKE_SECRET": "our own"}
    assert read_settings(own_secret, home=str(made)).intake_secrets == {"": "our own"}
    assert secret not in read_settings(drill_environ({}), home=str(made)).secrets.values()


FOREIGN = (
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("secrets", [{}, {"": SECRET}], ids=["no secret", "a secret"])
def test_a_page_that_a_colleague_has_open_sends_no_alert(
    env: Environment, clock: Clock, secrets: dict[str, str]
) -> None:
    app, raw, proof = (
        desk_of(env, clock, believes=Intake(secrets)),
        body(monitor_payloads.zabbix()),
        f"Bearer {SECRET}",
    )
    for headers in FOREIGN:
        answer = post(app, "zabbix", raw, **headers, Authorization=proof, Content_Type="text/plain")
        assert (headers, answer.status_code) == (headers, 403)
        assert answer.json == {"error": "A web page may not send alerts. Nothing was stored."}
    assert stored(env) == []
    assert post(app, "zabbix", raw, Authorization=proof).status_code == 200


def test_without_a_secret_not_even_a_page_under_the_desks_own_name_sends_an_alert(
    env: Environment, clock: Clock
) -> None:
    """DNS rebinding: an attacker's name that resolves to this machine makes its page look like one of ours."""
    rebound = {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}
    assert post(desk_of(env, clock), "zabbix", body(monitor_payloads.zabbix()), **rebound).status_code == 403
    assert stored(env) == []


def test_each_monitor_can_have_a_secret_of_its_own_and_another_without_one_is_taken_from_this_machine_only(
    env: Environment, clock: Clock
) -> None:
    app = desk_of(env, clock, believes=Intake({"zabbix": "its own", "": SECRET}))
    zabbix = body(monitor_payloads.zabbix())
    assert post(app, "zabbix", zabbix, Authorization=f"Bearer {SECRET}").status_code == 401
    assert post(app, "zabbix", zabbix, Authorization="Bearer its own").status_code == 200
    some = desk_of(env, clock, believes=Intake({"zabbix": "its own"}))
    datadog, elsewhere = body(monitor_payloads.datadog()), {"REMOTE_ADDR": "192.0.2.7"}
    assert post(some, "zabbix", zabbix).status_code == 401
    assert Client(some).post("/intake/datadog", data=datadog, environ_base=elsewhere).status_code == 401
    assert post(some, "datadog", datadog).status_code == 200


def test_a_signature_with_no_secret_at_all_proves_nothing(env: Environment, clock: Clock) -> None:
    app, raw = desk_of(env, clock, believes=Intake({"zabbix": "its own"})), body(monitor_payloads.grafana())
    headers = {"X-Grafana-Alerting-Signature": hmac.digest(b"", raw, "sha256").hex()}
    answer = Client(app).post("/intake/grafana", data=raw, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert (answer.status_code, stored(env)) == (401, [])
    with pytest.raises(authentication.AuthenticationFailed):
        authentication.authenticate(
            authentication.IncomingRequest(raw, {name.lower(): value for name, value in headers.items()}),
            "", authentication.check_grafana, secret_in_url=True, now=NOW,
        )  # fmt: skip


def test_only_who_cannot_send_a_header_may_put_the_secret_into_the_address(env: Environment, clock: Clock) -> None:
    app = desk_of(env, clock, believes=Intake({"": SECRET}))
    assert post(app, "mackerel", body(monitor_payloads.mackerel()), SECRET).status_code == 200
    assert post(app, "datadog", body(monitor_payloads.datadog()), SECRET).status_code == 401


def hexed(content: bytes, secret: str = SECRET) -> str:
    return hmac.digest(secret.encode(), content, "sha256").hex()


def test_grafanas_signature_is_over_the_bytes_and_where_it_is_dated_holds_five_minutes(
    env: Environment, clock: Clock
) -> None:
    app = desk_of(env, clock, believes=Intake({"grafana": SECRET}))
    raw = body(monitor_payloads.grafana())
    assert post(app, "grafana", raw, X_Grafana_Alerting_Signature=hexed(raw)).status_code == 200
    wrong = post(app, "grafana", raw + b" ", X_Grafana_Alerting_Signature=hexed(raw))
    assert (wrong.status_code, wrong.json) == (
        401,
        {"error": "The signature does not fit the message and the secret."},
    )
    other = body(monitor_payloads.grafana(fingerprint="ff"))
    for minutes, status in ((6, 401), (-6, 401), (4, 200)):
        stamp = str(int((NOW - timedelta(minutes=minutes)).timestamp()))
        headers = {
            "X_Grafana_Alerting_Timestamp": stamp,
            "X_Grafana_Alerting_Signature": hexed(f"{stamp}:".encode() + other),
        }
        assert post(app, "grafana", other, **headers).status_code == status
        headers.pop("X_Grafana_Alerting_Timestamp")
        assert post(app, "grafana", other, **headers).status_code == 401, "the time cannot be left out"
    assert len(stored(env)) == 2


def test_pagerduty_may_sign_with_two_secrets_while_one_is_replaced(env: Environment, clock: Clock) -> None:
    app = desk_of(env, clock, believes=Intake({"pagerduty": SECRET}))
    raw = body(monitor_payloads.pagerduty())
    both = f"v1={hexed(raw, 'older')}, v1={hexed(raw)}"
    assert post(app, "pagerduty", raw, X_PagerDuty_Signature=f"v1={hexed(raw, 'older')}").status_code == 401
    assert post(app, "pagerduty", raw, X_PagerDuty_Signature=f"v0={hexed(raw)}").status_code == 401
    assert post(app, "pagerduty", raw, X_PagerDuty_Signature=both).status_code == 200


def test_sentry_signs_with_the_secret_of_its_integration(env: Environment, clock: Clock) -> None:
    app = desk_of(env, clock, believes=Intake({"sentry": SECRET}))
    raw = body(monitor_payloads.sentry_metric())
    assert post(app, "sentry", raw, Sentry_Hook_Signature=hexed(raw, "other")).status_code == 401
    assert post(app, "sentry", raw, Sentry_Hook_Signature=hexed(raw)).status_code == 200


def standard(raw: bytes, at: datetime = NOW, id: str = "msg_1") -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    made = hmac.digest(SECRET.encode(), b".".join((id.encode(), stamp.encode(), raw)), "sha256")
    signature = f"v1,xxxx v1,{b64encode(made).decode()}"
    return {"Webhook_Id": id, "Webhook_Timestamp": stamp, "Webhook_Signature": signature}


def test_a_program_of_the_company_may_sign_as_standard_webhooks_has_it(env: Environment, clock: Clock) -> None:
    mine = with_changes(env, catalog=replace(env.site.catalog, json_mappings={"backup": BACKUP}))
    app = desk_of(mine, clock, believes=Intake({"backup": SECRET}))
    raw = body(own())
    assert post(app, "backup", raw + b" ", **standard(raw)).status_code == 401
    late = post(app, "backup", raw, **standard(raw, NOW - timedelta(minutes=6)))
    assert late.json == {"error": "The signature is older than five minutes, or the clocks differ."}
    assert post(app, "backup", raw, **standard(raw)).status_code == 200
    assert stored(env) == ["Bookings fail"]


def test_a_message_sent_again_is_answered_with_200_and_changes_nothing(env: Environment, clock: Clock) -> None:
    mine = with_changes(
        env,
        catalog=replace(
            env.site.catalog, json_mappings={"backup": replace(BACKUP, state="s", resolved_values=("ok",))}
        ),
    )
    app = desk_of(mine, clock, believes=Intake({"backup": SECRET}))
    firing, over = body(own()), body({**own(), "s": "ok"})
    assert len(post(app, "backup", firing, **standard(firing)).json["alerts"]) == 1
    clock.later(minutes=1)
    post(app, "backup", over, **standard(over, clock.now, "msg_2"))
    clock.later(minutes=1)
    again = post(app, "backup", firing, **standard(firing))
    assert (again.status_code, again.json) == (200, {"alerts": []})
    assert len(stored(env)) == 1, "whoever listened cannot make it break again"


def test_what_was_heard_is_remembered_for_a_week(env: Environment) -> None:
    with env.databases.environment.begin() as tx:
        assert inbound_messages.record_message(tx, "sentry", "a", NOW)
        assert inbound_messages.record_message(tx, "sentry", "b", NOW + timedelta(days=7))
        assert not inbound_messages.record_message(tx, "sentry", "a", NOW + timedelta(days=7))


def test_every_proof_is_compared_in_constant_time(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the constant-time comparison says no, nothing else may accept the request."""
    app, raw = desk_of(env, clock, believes=Intake({"": SECRET})), body(monitor_payloads.zabbix())
    monkeypatch.setattr("statuspage.integrations.monitors.authentication.hmac.compare_digest", lambda *_: False)
    for source, headers in (
        ("zabbix", {"Authorization": f"Bearer {SECRET}"}),
        ("zabbix", {"Authorization": basic(SECRET)}),
        ("zabbix", {"X_Statuspage_Secret": SECRET}),
        ("grafana", {"X_Grafana_Alerting_Signature": hexed(raw)}),
        ("pagerduty", {"X_PagerDuty_Signature": f"v1={hexed(raw)}"}),
        ("sentry", {"Sentry_Hook_Signature": hexed(raw)}),
    ):
        assert post(app, source, raw, **headers).status_code == 401, (source, headers)


def test_an_old_message_of_what_is_over_ends_nothing_that_began_since(env: Environment, clock: Clock) -> None:
    app = desk_of(env, clock)
    reopened = monitor_payloads.pagerduty("incident.reopened", "2026-07-04T03:15:00Z")
    over = monitor_payloads.pagerduty("incident.resolved", monitor_payloads.ENDED)
    clock.later(minutes=30)
    for message in (monitor_payloads.pagerduty(), over, reopened, over, monitor_payloads.pagerduty()):
        assert post(app, "pagerduty", body(message)).status_code == 200
    with env.databases.environment.read() as tx:
        assert [one.monitor_alert.ended_at for one in alerts.latest_alerts(tx, 9)] in (
            [None, datetime(2026, 7, 4, 3, 10, tzinfo=UTC)],
            [datetime(2026, 7, 4, 3, 10, tzinfo=UTC), None],
        )


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"cloudwatch"}))
def test_what_cannot_be_read_is_400_and_leaves_nothing(env: Environment, clock: Clock, source: str) -> None:
    answer = post(desk_of(env, clock), source, b"{}")
    assert answer.status_code == 400
    assert answer.json["error"]
    assert stored(env) == []


@pytest.mark.slow
def test_while_the_database_is_busy_a_monitor_is_told_to_send_it_again(env: Environment, clock: Clock) -> None:
    app = desk_of(env, clock)
    with env.databases.environment.begin():
        answer = post(app, "zabbix", body(monitor_payloads.zabbix()))
    assert (answer.status_code, answer.json) == (503, {"error": "Nothing was stored. Send it again."})
    assert post(app, "zabbix", body(monitor_payloads.zabbix())).status_code == 200


def test_a_drill_takes_every_source_by_its_own_secret_and_asks_nobody(env: Environment, clock: Clock) -> None:
    drill = drill_environment_in(env.home)
    app = desk_of(drill, clock, believes=Intake({"": "for the drill"}))
    for source, firing, _, _ in PAIRS.values():
        if source in SOURCES:
            assert post(app, source, body(firing)).status_code == 401
            assert post(app, source, body(firing), Authorization="Bearer for the drill").status_code == 200
    asks = {"Type": "SubscriptionConfirmation", "Token": "abc"}
    answer = post(
        app, "cloudwatch", body(monitor_payloads.notification("", **asks)), Authorization="Bearer for the drill"
    )
    assert answer.json == {"alerts": []}
    with drill.databases.environment.read() as tx:
        assert list_topics(tx) == ()
    drill.databases.environment.close()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


PROOFS = ("Authorization", "X-PagerDuty-Signature", "Sentry-Hook-Signature", "X-Grafana-Alerting-Signature")
PRINTED = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANYTHING, st.sampled_from(sorted(SOURCES)), st.dictionaries(st.sampled_from(PROOFS), PRINTED))
def test_whatever_comes_is_never_our_mistake(
    env: Environment, clock: Clock, anything: Any, source: str, headers: dict[str, str]
) -> None:
    for believes in (Intake(amazon=SnsVerifier(lambda _: b"")), Intake({"": SECRET}, SnsVerifier(lambda _: b""))):
        app = desk_of(env, clock, believes=believes)
        answer = app.test_client().post(f"/intake/{source}", data=json.dumps(anything).encode(), headers=headers)
        assert answer.status_code in (200, 400, 401, 403)


# Amazon


def signed_desk(env: Environment, clock: Clock, amazon: Sns, secrets: dict[str, str] | None = None) -> Flask:
    amazon.asked.clear()
    amazon.answers = 200
    return desk_of(env, clock, believes=Intake(secrets or {}, SnsVerifier(amazon.fetch)))


def confirmation(topic: str = monitor_payloads.TOPIC) -> Json:
    """What SNS sends when somebody subscribes our address."""
    return {
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "2336412f37fb687f5d51e6e2425e",
        "TopicArn": topic,
        "Message": f"You have chosen to subscribe to the topic {topic}.",
        "SubscribeURL": "http://169.254.169.254/latest/meta-data/",
        "Timestamp": "2026-07-04T02:59:00.000Z",
    }


def decider(env: Environment, clock: Clock, app: Flask, role: Role = Role.ADMINISTRATOR) -> Browser:
    """A user on the home page of this desk."""
    mine = accounts.add_account(env.databases.accounts, "nakamura", "中村", role=role, language="en", now=clock())
    link = accounts.create_sign_in_link(env.databases.accounts, mine.id, now=clock())
    return Browser(app).open(f"/sign-in/link/{link}").send().open("/")


def decided(browser: Browser, do: str = "confirm") -> str:
    """What the desk says after a button was pressed."""
    return browser.send({"do": do}, action="/sns-topics").text


def test_a_topic_sends_only_after_somebody_let_it_in_and_no_address_of_its_own_is_asked(
    env: Environment, clock: Clock, amazon: Sns
) -> None:
    app = signed_desk(env, clock, amazon)
    alarm = body(amazon.sign(monitor_payloads.cloudwatch(), "1"))
    stranger = post(app, "cloudwatch", alarm)
    assert (stranger.status_code, amazon.asked) == (403, [])
    assert post(app, "cloudwatch", body(amazon.sign(confirmation()))).status_code == 200
    assert amazon.asked == [CERTIFICATE]
    assert post(app, "cloudwatch", alarm).status_code == 403
    assert "The topic is allowed." in decided(decider(env, clock, app))
    (topic_confirmation,) = amazon.confirmed
    assert topic_confirmation == {
        "Action": ["ConfirmSubscription"],
        "TopicArn": [monitor_payloads.TOPIC],
        "Token": ["2336412f37fb687f5d51e6e2425e"],
    }
    assert post(app, "cloudwatch", alarm).status_code == 200
    assert stored(env) == ["booking-5xx"]
    assert post(app, "cloudwatch", alarm).json == {"alerts": []}
    with env.databases.environment.read() as tx:
        (topic,) = list_topics(tx)
    assert (topic.state, topic.actor, topic.token) == (TopicState.APPROVED, "中村", "")


def test_a_topic_that_was_turned_away_stays_outside(env: Environment, clock: Clock, amazon: Sns) -> None:
    app = signed_desk(env, clock, amazon)
    post(app, "cloudwatch", body(amazon.sign(confirmation())))
    page = decider(env, clock, app)
    assert "is rejected" in decided(page, "reject")
    assert post(app, "cloudwatch", body(amazon.sign(confirmation()))).status_code == 200
    assert amazon.confirmed == []
    assert page.open("/").tree.xpath("//form[@action='/sns-topics']") == []
    assert post(app, "cloudwatch", body(amazon.sign(monitor_payloads.cloudwatch()))).status_code == 403


@pytest.mark.slow
def test_on_the_command_line_a_topic_is_seen_and_let_in(
    cli: Cli, home: Path, amazon: Sns, monkeypatch: pytest.MonkeyPatch
) -> None:
    amazon.asked.clear()
    amazon.answers = 200
    monkeypatch.setattr("statuspage.integrations.monitors.SnsVerifier", lambda: SnsVerifier(amazon.fetch))
    store = Database.for_environment(f"sqlite:///{home / 'environment.db'}")
    with store.begin() as tx:
        for arn in (monitor_payloads.TOPIC, f"{monitor_payloads.TOPIC}-of-others"):
            inbound_messages.request_topic(tx, arn, "2336412f37fb687f5d51e6e2425e", at("11:58"))
    assert [one["topic"] for one in cli("alert", "topic", "--json").json] == [
        monitor_payloads.TOPIC,
        f"{monitor_payloads.TOPIC}-of-others",
    ]
    assert cli("alert", "topic", monitor_payloads.TOPIC, "--json", "--by", "中村").json == {
        "topic": monitor_payloads.TOPIC,
        "state": "approved",
    }
    assert "is rejected" in cli("alert", "topic", f"{monitor_payloads.TOPIC}-of-others", "--refuse").out
    assert cli("alert", "topic").out == "No topic is waiting for approval.\n"
    assert [topic_confirmation["TopicArn"] for topic_confirmation in amazon.confirmed] == [[monitor_payloads.TOPIC]]
    refused = cli("alert", "topic", monitor_payloads.TOPIC)
    assert (refused.code, refused.err) == (1, f"No topic of this name is waiting: {monitor_payloads.TOPIC}\n")
    with store.read() as tx:
        assert next(one.actor for one in list_topics(tx)) == "中村"
    store.close()


def test_who_may_not_decide_is_told_who_may(env: Environment, clock: Clock, amazon: Sns) -> None:
    app = signed_desk(env, clock, amazon)
    post(app, "cloudwatch", body(amazon.sign(confirmation())))
    page = decider(env, clock, app, Role.REPORTER)
    assert "An administrator decides." in page.words
    assert page.tree.xpath("//form[@action='/sns-topics']") == []
    token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
    assert (
        page.post("/sns-topics", {"arn": monitor_payloads.TOPIC, "do": "confirm", "csrf_token": token}).status_code
        == 403
    )
    assert amazon.confirmed == []


def test_when_amazon_does_not_answer_the_topic_goes_on_waiting(env: Environment, clock: Clock, amazon: Sns) -> None:
    app = signed_desk(env, clock, amazon)
    post(app, "cloudwatch", body(amazon.sign(confirmation())))
    page = decider(env, clock, app)
    for answer in (500, 302):
        amazon.answers = answer
        assert "Amazon did not confirm the subscription." in decided(page)
    amazon.answers = 200
    assert "The topic is allowed." in decided(page)


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.ap-northeast-1.amazonaws.com" + CERTIFICATE,
        "https://sns.us-east-1.amazonaws.com" + CERTIFICATE,
        "https://sns.ap-northeast-1.amazonaws.com.evil.example" + CERTIFICATE,
        "https://evil.example/sns.ap-northeast-1.amazonaws.com" + CERTIFICATE,
        "https://sns.ap-northeast-1.amazonaws.com@evil.example" + CERTIFICATE,
        "https://sns.ap-northeast-1.amazonaws.com:8443" + CERTIFICATE,
        "https://sns.ap-northeast-1.amazonaws.com/../evil.pem",
        "https://sns.ap-northeast-1.amazonaws.com" + CERTIFICATE + "?x",
        "https://169.254.169.254/latest" + CERTIFICATE,
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_from_anywhere_else_is_not_even_asked_for(
    env: Environment, clock: Clock, amazon: Sns, address: str
) -> None:
    app = signed_desk(env, clock, amazon)
    answer = post(app, "cloudwatch", body({**amazon.sign(confirmation()), "SigningCertURL": address}))
    assert (answer.status_code, amazon.asked) == (401, [])
    assert "SigningCertURL" in answer.json["error"]


@pytest.mark.parametrize("topic", ["", "arn:aws:sns:evil.example/:123456789012:x", "arn:aws:s3:::x", "x" * 401])
def test_a_topic_that_is_none_leads_nowhere(env: Environment, clock: Clock, amazon: Sns, topic: str) -> None:
    app = signed_desk(env, clock, amazon)
    assert post(app, "cloudwatch", body(amazon.sign(confirmation(topic)))).status_code in (400, 401)
    assert amazon.asked == []


def test_whatever_is_changed_after_amazon_signed_it_is_refused(env: Environment, clock: Clock, amazon: Sns) -> None:
    app = signed_desk(env, clock, amazon)
    good = amazon.sign(confirmation())
    for name in ("Message", "MessageId", "SubscribeURL", "Token", "Signature", "SignatureVersion"):
        assert post(app, "cloudwatch", body({**good, name: "AAAA"})).status_code == 401
    assert post(app, "cloudwatch", body({**good, "Type": "Notification"})).status_code == 403
    assert post(app, "cloudwatch", body({**good, "Type": "Other"})).status_code == 401
    with env.databases.environment.read() as tx:
        assert list_topics(tx) == ()


def test_a_message_of_yesterday_is_refused(env: Environment, clock: Clock, amazon: Sns) -> None:
    app = signed_desk(env, clock, amazon)
    clock.later(minutes=62)
    answer = post(app, "cloudwatch", body(amazon.sign(confirmation())))
    assert answer.json == {"error": "Timestamp: this is too old, or the clocks differ."}


def test_another_key_or_an_old_certificate_proves_nothing(env: Environment, clock: Clock, amazon: Sns) -> None:
    key, _ = key_and_certificate()
    app = signed_desk(env, clock, amazon)
    forged = Sns(key, amazon.certificate).sign(confirmation())
    assert post(app, "cloudwatch", body(forged)).status_code == 401
    _, old = key_and_certificate(until=datetime(2021, 1, 1, tzinfo=UTC))
    stale = desk_of(env, clock, believes=Intake(amazon=SnsVerifier(lambda _: old)))
    assert "not valid now" in post(stale, "cloudwatch", body(amazon.sign(confirmation()))).json["error"]


def test_while_the_certificate_cannot_be_had_amazon_is_told_to_send_it_again(
    env: Environment, clock: Clock, amazon: Sns
) -> None:
    app = signed_desk(env, clock, amazon)
    amazon.answers = 503
    assert post(app, "cloudwatch", body(amazon.sign(confirmation()))).status_code == 503
    amazon.answers = 200
    assert post(app, "cloudwatch", body(amazon.sign(confirmation()))).status_code == 200
    assert amazon.asked == [CERTIFICATE, CERTIFICATE]
    post(app, "cloudwatch", body(amazon.sign(confirmation())))
    assert amazon.asked == [CERTIFICATE, CERTIFICATE], "a certificate is asked for once"


def test_who_floods_us_with_certificates_does_not_make_us_flood_amazon(
    env: Environment, clock: Clock, amazon: Sns
) -> None:
    app = signed_desk(env, clock, amazon)
    good = amazon.sign(confirmation())
    for number in range(20):
        made = f"{HOST}/SimpleNotificationService-{number:032x}.pem"
        assert post(app, "cloudwatch", body({**good, "SigningCertURL": made})).status_code in (401, 503)
    assert len(amazon.asked) == 10
    clock.later(minutes=2)
    assert post(app, "cloudwatch", body(good)).status_code == 200


def test_without_any_secret_amazon_alone_still_has_to_prove_itself(env: Environment, clock: Clock, amazon: Sns) -> None:
    app = signed_desk(env, clock, amazon)
    assert post(app, "cloudwatch", body(monitor_payloads.cloudwatch())).status_code == 403
    tried = signed_desk(env, clock, amazon, {"": SECRET})
    by_hand = post(tried, "cloudwatch", body(monitor_payloads.cloudwatch()), Authorization=f"Bearer {SECRET}")
    assert by_hand.status_code == 200, "somebody with our own secret may try it out"
    assert amazon.asked == []


def test_each_secret_is_known_by_its_monitors_name_and_a_drills_is_none_of_them(tmp_path: Path) -> None:
    by_name = {"STATUSPAGE_INTAKE_SECRET": "a", "STATUSPAGE_INTAKE_MY_OWN_SECRET": "b"}
    by_name["STATUSPAGE_INTAKE_SENTRY_SECRET"] = ""
    drills = {"STATUSPAGE_DRILL_INTAKE_SECRET": "c"}
    assert read_settings({**by_name, **drills}, home=str(tmp_path)).intake_secrets == {"": "a", "my-own": "b"}
    assert read_settings(drills, home=str(tmp_path)).drill_intake_secrets == {"": "c"}
    with pytest.raises(SharedSecret):
        _ = read_settings({**by_name, "STATUSPAGE_DRILL_INTAKE_SECRET": "b"}, home=str(tmp_path)).intake_secrets
    shown = drill_environ({**by_name, **drills, "STATUSPAGE_DATABASE_URL": "x"})
    assert shown == {**drills, "STATUSPAGE_ENVIRONMENT": "drill"}
