"""Two days on the desk: a storm of three incidents and six alerts, and a calm one with incidents that are over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.facts import NoticeKind
from statuspage.domain.notice_input import NoticeInput
from statuspage.usecases import alerts, notices
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices.results import Published
from tests.support.typed import typed_input

INCIDENTS = (
    (32, {"incident_type": "messages", "start": "about:45m", "next_update": "30m"}),
    (9, {"incident_type": "login", "start": "16m", "next_update": "30m"}),
    (2, {"incident_type": "booking", "start": "about:38m", "estimate": "60m", "next_update": "30m"}),
)
"""Minutes ago, and what was published: one promise is two minutes late."""

ALERTS = (
    (3, "gate-controller", "gate-controller: 14 of 52 gates offline", "gate-controller"),
    (3, "booking-api", "予約APIの応答エラーが40%を超えています（5分間）", "booking-api"),
    (2, "checkout", "checkout: PSP timeouts 31 %", "payment-gateway"),
    (2, "auth-api", "auth-api: p99 latency 8.4 s", "auth-api"),
    (2, "mailer", "mailer: queue depth 48211", "mailer"),
    (1, "reports-db", "reports-db: disk 97 %", "elsewhere"),
)
"""Minutes ago, monitor's id, its text, and the service it names."""


def storm(env: Environment, now: datetime) -> tuple[str, ...]:
    """Publishes the incidents and receives the alerts. The ids of the incidents, the late one first."""
    ids = tuple(publish_first(env, now - timedelta(minutes=minutes), **what) for minutes, what in INCIDENTS)
    for minutes, id, title, service in ALERTS:
        at = now - timedelta(minutes=minutes)
        alert = MonitorAlert("alertmanager", id, title, "", {"service": service, "severity": "critical"}, at)
        alerts.receive_alerts(env, [alert], now=at)
    return ids


def calm(env: Environment, now: datetime, count: int = 8) -> tuple[str, ...]:
    """Incidents that are over and fully told, and maintenance in three days. The ids of the incidents, the oldest
    first."""
    types = ("booking", "messages", "login", "slow", "payment")
    ids = []
    for number in range(count):
        at = now - timedelta(days=3 * (count - number), minutes=7 * number)
        what, length = types[number % len(types)], 25 + 9 * number
        id = publish_first(env, at, incident_type=what, start="9m", next_update="30m")
        questions = env.site.catalog.incident_types[what].questions
        answers = {question.id: question.answers[0] for question in questions}
        end = {"incident_type": what, "start": f"{9 + length}m", "ended": "now", "answers": answers}
        publish_next(env, id, NoticeKind.RESOLVED, at + timedelta(minutes=length), **end)
        ids.append(id)
    plan(env, now - timedelta(days=1), begins=now + timedelta(days=3))
    return tuple(ids)


def publish_first(env: Environment, at: datetime, **texts: Any) -> str:
    """A first report at this time; the id of its incident."""
    target = notices.new_incident_target(env, now=at)
    return _publish(env, typed_input(**texts), NoticeKind.FIRST, target, at)


def publish_next(env: Environment, incident: str, notice: NoticeKind, at: datetime, **texts: Any) -> None:
    """A further notice at this time."""
    target = notices.open_notice_form(env.databases.environment, incident, actor="佐藤", now=at)
    assert target is not None
    _publish(env, typed_input(**texts), notice, target, at)


def plan(env: Environment, at: datetime, *, begins: datetime) -> str:
    """Maintenance of two hours, announced at this time."""
    what = {"incident_type": "maintenance", "services": ("booking", "fees"), "begins": f"{begins:%m/%d} 02:00"}
    target = notices.new_incident_target(env, now=at)
    return _publish(env, typed_input(**what, ends="2h"), NoticeKind.ANNOUNCED, target, at)


def _publish(
    env: Environment, typed: NoticeInput, notice: NoticeKind, target: notices.NoticeTarget, at: datetime
) -> str:
    seen = notices.preview_notice(env, typed, notice_kind=notice, target=target, now=at)
    published = notices.publish_notice(env, typed, seen.token, actor="佐藤", now=at)
    assert isinstance(published, Published), (seen.problems, published)
    return published.incident_id
