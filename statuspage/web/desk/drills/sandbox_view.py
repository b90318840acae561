"""The sandbox page: each notice of a drill on each channel, and each staff notification, as recipients would see it."""

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
from statuspage.web.desk.drills import sandbox_message
from statuspage.web.desk.drills.sandbox_message import SandboxMessage
from statuspage.web.desk.notice_form.preview import front_mark
from statuspage.web.desk.panels import on_call
from statuspage.web.desk.translations import Translator, text_for_reader

pages = Blueprint("sandbox", __name__)

NEWEST_MESSAGES = 20
"""The maximum number of notices shown."""

NEWEST_NOTIFICATIONS = 60
"""The maximum number of staff notifications shown, counted for each channel."""


@dataclass(frozen=True, slots=True)
class PagePreview:
    """A notice on the public page. ``tone`` is the mark of the front page, ``link`` its page."""

    tone: str
    words: NoticeText
    link: str


@dataclass(frozen=True, slots=True)
class WallEntry:
    """One entry: a notice on its page and in its messages, or a staff notification; ``names`` are those it notifies."""

    at: datetime
    time: str
    label: str
    messages: list[SandboxMessage]
    names: str = ""
    page: PagePreview | None = None


@pages.get("/drills/sandbox")
def show_sandbox() -> str:
    """Shows what would have been sent, newest first."""
    env, translator = request_context.env(), request_context.translator()
    with env.databases.environment.read() as tx:
        notices = incidents.latest_notices(tx, NEWEST_MESSAGES)
        by_notice = {
            (incident.id, notice.sequence): deliveries.deliveries_of_notice(tx, incident.id, notice.sequence)
            for incident, notice in notices
        }
        notifications = staff_notifications.newest_notifications(tx, NEWEST_NOTIFICATIONS)
    entries = [
        _notice_entry(incident.id, notice, by_notice[incident.id, notice.sequence], translator)
        for incident, notice in notices
    ]
    entries += [_notification_entry(group, translator) for group in _grouped_notifications(notifications)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return render_template(
        "sandbox.html",
        section="drills",
        entries=entries,
        address=env.site.address,
        drill_since=request_context.drill_start(),
    )


def _notice_entry(
    incident_id: str, notice: RecordedNotice, notice_deliveries: tuple[Delivery, ...], translator: Translator
) -> WallEntry:
    notice_text, address = text_for_reader(notice.notice.texts, translator), request_context.env().site.address
    return WallEntry(
        at=notice.recorded,
        time=translator.times.format_day_time(notice.recorded),
        label=notice_text.label,
        messages=[
            sandbox_message.notice_message(delivery, translator)
            for delivery in notice_deliveries
            if delivery.channel != SITE
        ],
        page=PagePreview(
            tone=front_mark(notice.notice.facts, notice.notice.notice),
            words=notice_text,
            link=f"{address}/{notice_text.language}/incidents/{incident_id}/" if address else "",
        ),
    )


def _grouped_notifications(notifications: Sequence[StaffNotification]) -> Iterator[list[StaffNotification]]:
    """Groups notifications sent through several channels; cancelled ones reached nobody and are left out."""
    reached = [notification for notification in notifications if notification.status is not DeliveryStatus.SUPERSEDED]
    for _, group in groupby(
        reached, key=lambda notification: notification.key.removesuffix(f".{notification.channel}")
    ):
        yield sorted(group, key=lambda notification: notification.id)


def _notification_entry(notifications: list[StaffNotification], translator: Translator) -> WallEntry:
    queued_at = on_call.queued_at(notifications[0])
    return WallEntry(
        at=queued_at,
        time=translator.times.format_day_time(queued_at),
        label=translator.t(f"drills.sandbox_{_LABELS.get(notifications[0].trigger, 'reminder')}"),
        messages=[sandbox_message.notification_message(notification, translator) for notification in notifications],
        names=translator.format_list(notifications[0].recipients),
    )


_LABELS = {
    NotificationReason.ESCALATION: "escalation",
    NotificationReason.BRIEFING: "briefing",
    NotificationReason.FACTS_REQUESTED: "fact_request",
}
