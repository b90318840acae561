"""A bad night on the desk, made with its own use cases: everything that can wait for attention does so at once."""

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
from tests.support.typed import typed_input

LATE_SIGNAL = "Checkout p95 latency above 4 s for 10 min (payment-gateway, eu-west-1, pod checkout-7f9c6d5b8-x2lqv)"


@dataclass(frozen=True)
class Situation:
    """The ids of its main items: an incident with answers, one with an overdue update, a pending notice."""

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
        """Every page that shows a part of it to a viewer."""
        incidents = (self.answered, self.late, self.held, self.work)
        receipts = f"/incidents/{self.answered}/notices/{self.first}"
        return (
            "/",
            *(f"/incidents/{one}" for one in incidents),
            receipts,
            f"/incidents/{self.held}/approvals/{self.pending}",
        )


def waits_for_entry(catalog: Catalog) -> Catalog:
    """The same company, with approval required for notices about doors."""
    return replace(
        catalog,
        incident_types={
            **catalog.incident_types,
            "entry": replace(catalog.incident_types["entry"], needs_approval=True),
        },
    )


def bad_night(env: Environment, now: datetime) -> Situation:
    """Alerts of two monitors, one in a group; two incidents, one overdue; fact requests, an approval, maintenance."""
    answered, first, number = _booking(env, now - timedelta(minutes=50))
    late = _payment(env, now - timedelta(minutes=75))
    held, pending = _entry(env, now - timedelta(minutes=6))
    work = _planned(env, now - timedelta(days=1), begins=now + timedelta(days=3))
    return Situation(
        _alerts(env, now),
        answered,
        late,
        first,
        held,
        pending,
        fact_requests.request_token(env, answered, number),
        work,
    )


def _arrives(env: Environment, source: str, title: str, at: datetime, **labels: str) -> Alert:
    return alerts.receive_alerts(env, [MonitorAlert(source, title, title, "", labels, at)], now=at)[0]


def _alerts(env: Environment, now: datetime) -> str:
    first = _arrives(env, "grafana", "アプリの起動に失敗（iOS）", now - timedelta(minutes=4), service="mobile-app")
    more = _arrives(env, "grafana", "Push notifications: queue age 12 min", now - timedelta(minutes=3), service="push")
    if not more.group_lead:
        alerts.group(env, more.id, first.id, actor="佐藤", now=now - timedelta(minutes=2))
    _arrives(env, "zabbix", LATE_SIGNAL, now - timedelta(minutes=2), service="elsewhere")
    return first.id


def _publish(
    env: Environment, notice_input: NoticeInput, notice: NoticeKind, target: notices.NoticeTarget, now: datetime
) -> Published | AwaitingApproval:
    seen = notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=now)
    published = notices.publish_notice(env, notice_input, seen.token, actor="佐藤", now=now)
    assert isinstance(published, Published | AwaitingApproval), (seen.problems, published)
    return published


def _booking(env: Environment, at: datetime) -> tuple[str, int, int]:
    """Two notices; engineers have answered one of two requests; a checklist item is ticked."""
    alert = _arrives(env, "alertmanager", "予約の応答エラーが増えています（38%）", at, service="booking-api")
    incident = alerts.confirm(env, alert.id, actor="佐藤", now=at + timedelta(minutes=1)).id
    number = fact_requests.ask_engineers(
        env, incident, actor="佐藤", now=at + timedelta(minutes=2), recipient="インフラ当番（#ops-night）"
    )
    target = notices.open_notice_form(env.databases.environment, incident, actor="佐藤", now=at + timedelta(minutes=2))
    assert target is not None
    first = typed_input(incident_type="booking", start="about:5m", estimate="unknown", next_update="30m")
    published = _publish(env, first, NoticeKind.FIRST, target, at + timedelta(minutes=4))
    assert isinstance(published, Published)
    notice_input = typed_input(start="about:10m", estimate="120m", services=("booking:partial",))
    line = "DBのフェイルオーバー中です"
    asked = fact_requests.record_answer(
        env,
        incident,
        notice_input,
        actor="山田",
        now=at + timedelta(minutes=9),
        text=line,
        language="ja",
        request_sequence=number,
    )
    assert asked == ()
    fact_requests.ask_engineers(
        env, incident, actor="佐藤", now=at + timedelta(minutes=12), recipient="データベース担当"
    )
    checklists.tick_item(env, incident, 1, done=True, language="ja", actor="佐藤", now=at + timedelta(minutes=13))
    add_note(env, incident, "窓口3店舗に電話済み。別府店は折り返し待ち。", actor="佐藤", now=at + timedelta(minutes=20))
    target = notices.open_notice_form(env.databases.environment, incident, actor="佐藤", now=at + timedelta(minutes=30))
    assert target is not None
    again = typed_input(incident_type="booking", start="about:35m", estimate="90m", next_update="60m")
    _publish(env, again, NoticeKind.UPDATE, target, at + timedelta(minutes=30))
    return incident, published.sequence, number


def _payment(env: Environment, at: datetime) -> str:
    """One notice; the promised update is overdue by half an hour."""
    target = notices.new_incident_target(env, now=at)
    published = _publish(
        env,
        typed_input(incident_type="payment", start="10m", estimate="30m", next_update="30m"),
        NoticeKind.FIRST,
        target,
        at,
    )
    return published.incident_id


def _entry(env: Environment, at: datetime) -> tuple[str, int]:
    """A notice written and submitted, waiting for a second person."""
    target = notices.new_incident_target(env, now=at)
    notice_input = typed_input(incident_type="entry", start="5m", answers={"exit": "free"})
    published = _publish(env, notice_input, NoticeKind.FIRST, target, at)
    assert isinstance(published, AwaitingApproval), published
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, published.incident_id)
    assert incident is not None
    return published.incident_id, approval.open_approval_requests(incident)[0].sequence


def _planned(env: Environment, at: datetime, *, begins: datetime) -> str:
    target = notices.new_incident_target(env, now=at)
    notice_input = typed_input(
        incident_type="maintenance", services=("booking", "fees"), begins=f"{begins:%m/%d} 02:00", ends="2h"
    )
    return _publish(env, notice_input, NoticeKind.ANNOUNCED, target, at).incident_id
