"""A bad night on the desk, made with its own verbs: everything that can wait for somebody waits at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import approval
from statuspage.domain.alert import Alert, MonitorAlert
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import NoticeKind
from statuspage.domain.notice_input import NoticeInput
from statuspage.storage import incidents
from statuspage.usecases import alerts, notices
from statuspage.usecases.alerts import checklists
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import add_note
from statuspage.usecases.notices.results import AwaitingApproval, Published
from statuspage.usecases.on_call import fact_requests

LATE_SIGNAL = "Checkout p95 latency above 4 s for 10 min (payment-gateway, eu-west-1, pod checkout-7f9c6d5b8-x2lqv)"


@dataclass(frozen=True)
class Situation:
    """The ids of what is in the middle: an incident with answers, one whose update is late, a notice that waits."""

    alert: str
    answered: str
    late: str
    first: int
    held: str
    pending: int
    link: str
    work: str

    @property
    def paths(self) -> tuple[str, ...]:
        """Every screen that shows something of it to somebody who only reads."""
        told = (self.answered, self.late, self.held, self.work)
        receipts = f"/incidents/{self.answered}/notices/{self.first}"
        return ("/", *(f"/incidents/{one}" for one in told), receipts, f"/incidents/{self.held}/approve/{self.pending}")


def waits_for_doors(catalog: Catalog) -> Catalog:
    """The same company, in which notices about doors wait for a second person."""
    return replace(
        catalog,
        incident_types={
            **catalog.incident_types,
            "entry": replace(catalog.incident_types["entry"], needs_approval=True),
        },
    )


def bad_night(world: Environment, now: datetime) -> Situation:
    """Alerts of two monitors, one of them with a joined line; two incidents, one late; questions, an approval, work."""
    answered, first, number = _booking(world, now - timedelta(minutes=50))
    late = _payment(world, now - timedelta(minutes=75))
    held, pending = _door(world, now - timedelta(minutes=6))
    work = _planned(world, now - timedelta(days=1), begins=now + timedelta(days=3))
    return Situation(
        _alerts(world, now),
        answered,
        late,
        first,
        held,
        pending,
        fact_requests.request_token(world, answered, number),
        work,
    )


def _arrives(world: Environment, source: str, title: str, at: datetime, **labels: str) -> Alert:
    return alerts.receive_alerts(world, [MonitorAlert(source, title, title, "", labels, at)], now=at)[0]


def _alerts(world: Environment, now: datetime) -> str:
    first = _arrives(world, "grafana", "アプリの起動に失敗（iOS）", now - timedelta(minutes=4), service="mobile-app")
    more = _arrives(
        world, "grafana", "Push notifications: queue age 12 min", now - timedelta(minutes=3), service="push"
    )
    if not more.group_lead:
        alerts.group(world, more.id, first.id, actor="佐藤", now=now - timedelta(minutes=2))
    _arrives(world, "zabbix", LATE_SIGNAL, now - timedelta(minutes=2), service="elsewhere")
    return first.id


def _told(
    world: Environment, typed: NoticeInput, notice: NoticeKind, place: notices.NoticeTarget, now: datetime
) -> Published | AwaitingApproval:
    seen = notices.preview_notice(world, typed, notice_kind=notice, target=place, now=now)
    done = notices.publish_notice(world, typed, seen.token, actor="佐藤", now=now)
    assert isinstance(done, Published | AwaitingApproval), (seen.problems, done)
    return done


def _booking(world: Environment, at: datetime) -> tuple[str, int, int]:
    """Told twice; engineers answered one question and owe another; a point of the runbook is ticked off."""
    alert = _arrives(world, "alertmanager", "予約の応答エラーが増えています（38%）", at, service="booking-api")
    incident = alerts.confirm(world, alert.id, actor="佐藤", now=at + timedelta(minutes=1)).id
    number = fact_requests.ask_engineers(
        world, incident, actor="佐藤", now=at + timedelta(minutes=2), recipient="インフラ当番（#ops-night）"
    )
    place = notices.open_notice_form(world, incident, actor="佐藤", now=at + timedelta(minutes=2))
    assert place is not None
    first = NoticeInput(incident_type="booking", start="about:5m", estimate="unknown", next_update="30m")
    told = _told(world, first, NoticeKind.FIRST, place, at + timedelta(minutes=4))
    assert isinstance(told, Published)
    said = NoticeInput(start="about:10m", estimate="120m", services=("booking:partial",))
    line = "DBのフェイルオーバー中です"
    asked = fact_requests.record_answer(
        world,
        incident,
        said,
        actor="山田",
        now=at + timedelta(minutes=9),
        text=line,
        language="ja",
        request_sequence=number,
    )
    assert asked == ()
    fact_requests.ask_engineers(
        world, incident, actor="佐藤", now=at + timedelta(minutes=12), recipient="データベース担当"
    )
    checklists.tick_item(world, incident, 1, done=True, language="ja", actor="佐藤", now=at + timedelta(minutes=13))
    add_note(
        world, incident, "窓口3店舗に電話済み。別府店は折り返し待ち。", actor="佐藤", now=at + timedelta(minutes=20)
    )
    place = notices.open_notice_form(world, incident, actor="佐藤", now=at + timedelta(minutes=30))
    assert place is not None
    again = NoticeInput(incident_type="booking", start="about:35m", estimate="90m", next_update="60m")
    _told(world, again, NoticeKind.UPDATE, place, at + timedelta(minutes=30))
    return incident, told.sequence, number


def _payment(world: Environment, at: datetime) -> str:
    """Told once, and the promised update is late by half an hour."""
    place = notices.new_incident_target(world, now=at)
    told = _told(
        world,
        NoticeInput(incident_type="payment", start="10m", estimate="30m", next_update="30m"),
        NoticeKind.FIRST,
        place,
        at,
    )
    return told.incident_id


def _door(world: Environment, at: datetime) -> tuple[str, int]:
    """Written and pressed; it waits for a second person."""
    place = notices.new_incident_target(world, now=at)
    typed = NoticeInput(incident_type="entry", start="5m", answers={"exit": "free"})
    told = _told(world, typed, NoticeKind.FIRST, place, at)
    assert isinstance(told, AwaitingApproval), told
    with world.database.read() as tx:
        found = incidents.load_incident(tx, told.incident_id)
    assert found is not None
    return told.incident_id, approval.open_approval_requests(found)[0].sequence


def _planned(world: Environment, at: datetime, *, begins: datetime) -> str:
    place = notices.new_incident_target(world, now=at)
    typed = NoticeInput(
        incident_type="maintenance", services=("booking", "fees"), begins=f"{begins:%m/%d} 02:00", ends="2h"
    )
    return _told(world, typed, NoticeKind.ANNOUNCED, place, at).incident_id
