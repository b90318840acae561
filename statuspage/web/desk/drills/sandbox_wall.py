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

    look: str
    words: NoticeText
    link: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was said, as it was met: a notice on its page and in its messages, or a word to colleagues, whose
    ``names`` are called by it."""

    at: datetime
    time: str
    label: str
    sent: list[Sent]
    names: str = ""
    page: Page | None = None


@pages.get("/drills/wall")
def show_sandbox() -> str:
    """What the readers would have seen, the newest first."""
    world, voice = request_context.world(), request_context.voice()
    with world.store.read() as tx:
        told = incidents.notices(tx, NEWEST_MESSAGES)
        owed = {(i.id, n.sequence): deliveries.of_notice(tx, i.id, n.sequence) for i, n in told}
        made = staff_notifications.newest_notifications(tx, CALLS)
    seen = [_seen(i.id, n, owed[i.id, n.sequence], voice) for i, n in told]
    seen += [_called(ways, voice) for ways in _grouped_notifications(made)]
    seen.sort(key=lambda one: one.at, reverse=True)
    return render_template(
        "wall.html", here="drills", seen=seen, address=world.address, drill_since=request_context.drill_since()
    )


def _seen(incident: str, notice: RecordedNotice, owed: tuple[Delivery, ...], voice: Translator) -> Seen:
    words, address = mine(notice.notice.words, voice), request_context.world().address
    return Seen(
        at=notice.recorded,
        time=voice.times.day_clock(notice.recorded),
        label=words.label,
        sent=[sent.of_notice(d, voice) for d in owed if d.channel != SITE],
        page=Page(
            look=front_mark(notice.notice.facts, notice.notice.notice, request_context.world().catalog),
            words=words,
            link=f"{address}/{words.language}/incidents/{incident}/" if address else "",
        ),
    )


def _grouped_notifications(made: Sequence[StaffNotification]) -> Iterator[list[StaffNotification]]:
    """What went by several ways is one word; what was called off reached nobody."""
    reached = [one for one in made if one.end is not DeliveryStatus.SUPERSEDED]
    for _, alike in groupby(reached, key=lambda one: one.key.removesuffix(f".{one.way}")):
        yield sorted(alike, key=lambda one: one.id)


def _called(ways: list[StaffNotification], voice: Translator) -> Seen:
    at = on_call.queued(ways[0])
    return Seen(
        at=at,
        time=voice.times.day_clock(at),
        label=voice.t(f"drills.wall_{_LABELS.get(ways[0].cause, 'reminded')}"),
        sent=[sent.of_call(one, voice) for one in ways],
        names=voice.listed(ways[0].who),
    )


_LABELS = {NotificationReason.CLIMB: "called", NotificationReason.TOLD: "told", NotificationReason.ASKED: "asked"}
