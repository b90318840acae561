"""The sandbox wall: each notice of a drill on each channel, as its reader would have met it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from statuspage.channels import TYPES
from statuspage.channels.sandbox import Sandbox
from statuspage.deliveries import SITE, Delivery
from statuspage.facts import Words
from statuspage.store import deliveries, incidents
from statuspage.timeline import RecordedNotice
from statuspage.web import here, letters, ways
from statuspage.web.messages import ICONS
from statuspage.web.showing import front_mark
from statuspage.web.voice import Voice, mine

pages = Blueprint("wall", __name__)

NEWEST = 20
"""Notices on the wall."""

SAID = ("title", "header", "text", "status", "content", "description", "body", "name", "value")
"""Keys under which a message of a chat holds what its readers read."""

LETTERS = ("mail",)
CHATS = (
    "slack",
    "slack-webhook",
    "teams",
    "discord",
    "mattermost",
    "google_chat",
    "webhook",
    "apprise",
)
"""Types of channels that are read as a letter, and in a chat; all others are read as posts."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it lies in the sandbox. ``look`` is letter, chat or post; ``lines`` what its reader reads;
    ``letter`` where the whole of a letter is looked at."""

    look: str
    icon: str
    name: str
    account: str
    language: str
    state: str
    subject: str
    lines: list[str]
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One notice as its readers met it: page, feed and messages."""

    time: str
    label: str
    look: str
    words: Words
    sent: list[Sent]
    link: str


@pages.get("/drills/wall")
def show() -> str:
    """What the readers would have seen, the newest first."""
    world, voice = here.world(), here.voice()
    with world.store.read() as tx:
        told = incidents.notices(tx, NEWEST)
        owed = {(i.id, n.sequence): deliveries.of_notice(tx, i.id, n.sequence) for i, n in told}
    seen = [_seen(i.id, n, owed[i.id, n.sequence], voice) for i, n in told]
    return render_template("wall.html", here="drills", seen=seen, address=world.address, drill_since=here.drill_since())


def _seen(incident: str, notice: RecordedNotice, owed: tuple[Delivery, ...], voice: Voice) -> Seen:
    words = mine(notice.notice.words, voice)
    address = here.world().address
    return Seen(
        time=voice.times.day_clock(notice.recorded),
        label=words.label,
        look=front_mark(notice.notice.facts, notice.notice.notice, here.world().catalog),
        words=words,
        sent=[_sent(d, voice) for d in owed if d.channel != SITE],
        link=f"{address}/{words.language}/incidents/{incident}/" if address else "",
    )


def _sent(delivery: Delivery, voice: Voice) -> Sent:
    """The message that the sandbox holds; what is still on its way is shown as it was frozen."""
    name, account = ways.named(here.world(), delivery.channel, voice)
    channel = here.world().channels.get(delivery.channel)
    message: Mapping[str, Any] = channel.written(delivery) if isinstance(channel, Sandbox) else {}
    kind = channel.spec.type if channel else ""
    look = "letter" if kind in LETTERS else "chat" if kind in CHATS else "post"
    state = voice.t(f"receipts.end_{delivery.end}")
    subject = delivery.payload.get("subject", "") if look == "letter" else ""
    lines = _read(kind, message) if message else [delivery.payload.get("text", "")]
    icon = ICONS.get(kind, "say")
    return Sent(look, icon, name, account, delivery.language, state, subject, lines, letters.address(delivery))


def _read(kind: str, message: Mapping[str, Any]) -> list[str]:
    """As its reader reads it: the type says so itself where a service has signs of its own."""
    reads = TYPES[kind].reads if kind in TYPES else None
    return [reads(message)] if reads else list(dict.fromkeys(_said(message)))


def _said(value: object, key: str = "text") -> Iterator[str]:
    """Every text of a message that its readers read, in the order in which it stands there."""
    match value:
        case str():
            if key in SAID and value.strip():
                yield value
        case Mapping():
            for name, inner in value.items():
                yield from _said(inner, str(name))
        case list() | tuple():
            for inner in value:
                yield from _said(inner, key)
