"""The sandbox wall: each notice of a drill on each channel, and each word to colleagues, as its reader would have met
it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, render_template

from statuspage.domain import (
    SITE,
    Delivery,
    DeliveryStatus,
    NoticeText,
    NotificationReason,
    RecordedNotice,
    StaffNotification,
)
from statuspage.storage import deliveries, incidents, staff_notifications
from statuspage.web.desk import request_context
from statuspage.web.desk.drills import sandbox_message as sent
from statuspage.web.desk.drills.sandbox_message import Sent
from statuspage.web.desk.notice_form.preview import front_mark
from statuspage.web.desk.panels import on_call
from statuspage.web.desk.translations import Translator, mine

pages = Blueprint("wall", __name__)

NEWEST_MESSAGES = 20
"""Notices on the wall."""

CALLS = 60
"""Words to colleagues on the wall, each way counted by itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """A notice on the public page. ``look`` is the front page's mark, ``link`` where it stands."""

    tone: str
    words: NoticeText
    link: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was said, as it was met: a notice on its page and in its messages, or a word to colleagues, whose
    ``names`` are called by it."""

    at: datetime
    time: str
    label: str
    messages: list[Sent]
    names: str = ""
    page: Page | None = None


@pages.get("/drills/wall")
def show_sandbox() -> str:
    """What the readers would have seen, the newest first."""
    env, translator = request_context.world(), request_context.voice()
    with env.database.read() as tx:
        notices = incidents.notices(tx, NEWEST_MESSAGES)
        by_notice = {(incident.id, notice.sequence): deliveries.of_notice(tx, incident.id, notice.sequence) for incident, notice in notices}
        notifications = staff_notifications.newest_notifications(tx, CALLS)
    entries = [_seen(incident.id, notice, by_notice[incident.id, notice.sequence], translator) for incident, notice in notices]
    entries += [_called(group, translator) for group in _grouped_notifications(notifications)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return render_template(
        "wall.html", here="drills", seen=entries, address=env.address, drill_since=request_context.drill_since()
    )


def _seen(incident_id: str, notice: RecordedNotice, notice_deliveries: tuple[Delivery, ...], translator: Translator) -> Seen:
    notice_text, address = mine(notice.notice.words, translator), request_context.world().address
    return Seen(
        at=notice.recorded,
        time=translator.times.format_day_time(notice.recorded),
        label=notice_text.label,
        messages=[sent.of_notice(delivery, translator) for delivery in notice_deliveries if delivery.channel != SITE],
        page=Page(
            tone=front_mark(notice.notice.facts, notice.notice.notice, request_context.world().catalog),
            words=notice_text,
            link=f"{address}/{notice_text.language}/incidents/{incident_id}/" if address else "",
        ),
    )


def _grouped_notifications(notifications: Sequence[StaffNotification]) -> Iterator[list[StaffNotification]]:
    """What went by several ways is one word; what was called off reached nobody."""
    reached = [notification for notification in notifications if notification.status is not DeliveryStatus.SUPERSEDED]
    for _, group in groupby(reached, key=lambda notification: notification.key.removesuffix(f".{notification.channel}")):
        yield sorted(group, key=lambda notification: notification.id)


def _called(notifications: list[StaffNotification], translator: Translator) -> Seen:
    queued_at = on_call.queued(notifications[0])
    return Seen(
        at=queued_at,
        time=translator.times.format_day_time(queued_at),
        label=translator.t(f"drills.wall_{_LABELS.get(notifications[0].trigger, 'reminded')}"),
        messages=[sent.of_call(notification, translator) for notification in notifications],
        names=translator.format_list(notifications[0].recipients),
    )


_LABELS = {NotificationReason.ESCALATION: "called", NotificationReason.BRIEFING: "told", NotificationReason.FACTS_REQUESTED: "asked"}
