"""The subscriber page for leads: counts, one address, lists. Errors are shown at once, and nothing is lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from statuspage.domain.subscription import SubscriberStatus, SubscriberType
from statuspage.storage import subscribers
from statuspage.storage.tables.subscribers import bulk_send
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.subscribers import admin
from tests.support.bulk_sends import subscribe
from tests.support.desk import Browser, Clock, as_role, clock, desk_of, drill_environment_in, env, signed_in
from tests.support.subscriber_lists import WRONG
from tests.support.subscriber_lists import lead as lead
from tests.support.subscribers import databases_of

__all__ = ["clock", "env"]


LIST = (
    "address,consent_who,consent_when,consent_how\n"
    "a@fitline.example,Counter staff,2026-04-01,paper form\n"
    "b@fitline.example,Counter staff,2026-04-02,paper form\n"
)


def test_a_lead_sees_how_many_subscribers_there_are_by_type_language_and_status(
    env: Environment, clock: Clock, lead: Browser
) -> None:
    subscribe(databases_of(env), ["a@fitline.example", "b@fitline.example"], language="ja")
    subscribe(
        databases_of(env),
        ["https://hooks.example/"],
        language="en",
        subscriber_type=SubscriberType.WEBHOOK,
        contact="c@fitline.example",
    )
    with databases_of(env).begin() as tx:
        subscribers.suppress_address(tx, SubscriberType.EMAIL, "b@fitline.example", "bounced", at=clock())
    lead.open("/settings/subscribers")
    assert "現在の宛先は2件です。" in lead.text
    assert "メール、日本語<small>送信対象外 1</small></p><b>1</b>" in lead.text
    assert "Webhook、English</p><b>1</b>" in lead.text
    assert 'href="/settings/subscribers"' in lead.open("/settings").text


def test_subscribers_are_counted_by_service(env: Environment, clock: Clock, lead: Browser) -> None:
    subscribe(databases_of(env), ["a@fitline.example"], services=["booking", "login"])
    subscribe(databases_of(env), ["b@fitline.example"], services=["booking"])
    subscribe(databases_of(env), ["c@fitline.example"])
    assert admin.service_counts(env) == {"": 1, "booking": 2, "login": 1}
    lead.open("/settings/subscribers")
    assert "サービスごと" in lead.words
    assert "</p><b>2</b>" in lead.text


def test_a_list_is_checked_before_it_is_imported_and_stays_in_its_field(
    env: Environment, clock: Clock, lead: Browser
) -> None:
    lead.open("/settings/subscribers").send(do="check", list=LIST)
    assert "新規2件" in lead.words
    assert lead.tree.xpath("//textarea[@name='list']")[0].text.split() == LIST.split()
    assert admin.subscriber_counts(env) == ()
    lead.send(do="check", list=WRONG)
    assert lead.page.status_code == 422
    assert admin.subscriber_counts(env) == ()


def test_how_far_a_notice_has_got_stands_there_while_it_goes_out(env: Environment, clock: Clock, lead: Browser) -> None:
    place = {"incident": "2026-0731", "sequence": 1, "channel": "mail-all", "language": "ja", "kind": "email"}
    far = {"started_at": clock(), "last_subscriber": 9, "start_after": 0, "position": 4, "owner": "", "total": 8}
    far |= {"processed": 4, "delivered": 3}
    with databases_of(env).begin() as tx:
        tx.execute(insert(bulk_send).values(**place, **far))
    lead.open("/settings/subscribers")
    assert "送信中のお知らせ" in lead.text
    assert 'href="/incidents/2026-0731"' in lead.text
    assert "50" in lead.words.partition("2026-0731")[2]
    with databases_of(env).begin() as tx:
        tx.execute(update(bulk_send).values(ended_at=clock()))
    assert "2026-0731" not in lead.open("/settings/subscribers").text


@pytest.mark.slow
def test_one_address_is_looked_up_and_erased_for_good(env: Environment, clock: Clock, lead: Browser) -> None:
    subscribe(databases_of(env), ["a@fitline.example"], services=["booking"])
    subscribe(
        databases_of(env),
        ["https://hooks.example/"],
        subscriber_type=SubscriberType.WEBHOOK,
        contact="a@fitline.example",
        secret="w",
    )
    lead.open("/settings/subscribers").send(do="find", address="nobody")
    assert lead.page.status_code == 422
    assert "name@example.com" in lead.text
    assert 'value="nobody"' in lead.text
    lead.open("/settings/subscribers").send(do="find", address="z@fitline.example")
    assert "このアドレスの記録はありません。" in lead.text
    lead.open("/settings/subscribers").send(do="find", address="A@fitline.example")
    assert "https://hooks.example/" in lead.text
    assert "レッスン予約" in lead.text
    lead.send(do="erase")
    assert "2件を完全に削除しました。" in lead.text
    assert admin.find_by_address(env.databases.subscribers, "a@fitline.example") == ()
    with databases_of(env).read() as tx:
        assert subscribers.find_suppression(tx, SubscriberType.EMAIL, "a@fitline.example") is not None
    assert "購読者を削除" in as_role(env, clock, Role.ADMINISTRATOR).open("/audit-log").text


def test_everything_wrong_with_a_list_is_said_at_once_and_the_list_stays(env: Environment, lead: Browser) -> None:
    lead.open("/settings/subscribers").send(do="import", list=WRONG)
    assert lead.page.status_code == 422
    for message in (
        "2行目：「2199-01-01」",
        "3行目：「consent_who」が空",
        "3行目：「nobody」",
        "4行目：「&lt;b&gt;」",
    ):
        assert message in lead.text
    assert "1件も追加していません。" in lead.text
    assert "nobody,,2026-04-02" in lead.text
    assert admin.subscriber_counts(env) == ()


def test_a_list_is_taken_over_and_handed_out_again(env: Environment, lead: Browser) -> None:
    lead.open("/settings/subscribers").send(do="import", list=LIST)
    assert "2件を追加しました。" in lead.text
    lead.open("/settings/subscribers").send(do="export")
    assert lead.page.mimetype == "text/csv"
    assert "attachment" in lead.page.headers["Content-Disposition"]
    assert lead.page.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(lead.text)))
    assert [(row["address"], row["standing"]) for row in rows] == [
        ("a@fitline.example", SubscriberStatus.ACTIVE),
        ("b@fitline.example", SubscriberStatus.ACTIVE),
    ]


@pytest.mark.slow
def test_who_only_reports_is_not_let_in_and_a_drill_has_no_such_page(
    env: Environment, clock: Clock, tmp_path: Path
) -> None:
    reporter = signed_in(env, clock)
    assert "/settings/subscribers" not in reporter.open("/").text
    assert reporter.open("/settings/subscribers").page.status_code == 403
    (tmp_path / "other").mkdir()
    drill = drill_environment_in(tmp_path / "other")
    assert as_role(drill, clock, Role.LEAD, desk_of(drill, clock)).open("/settings/subscribers").page.status_code == 404
