"""The injects of a drill as participants see them: calls, posts, answers, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template

from statuspage.domain import InjectKind
from statuspage.storage.drill_injects import DrillInject
from statuspage.usecases import drills
from statuspage.usecases.drills import NoSuchDrill
from statuspage.web.desk import request_context
from statuspage.web.desk.drills.leader_console import without_drill_mark
from statuspage.web.desk.translations import Translator

pages = Blueprint("drill_inbox", __name__)

BANNER_FOR = timedelta(minutes=10)
"""How long an inject is shown on every page."""

SHOWN_ELSEWHERE = (InjectKind.ALERT,)
"""Injects that are shown elsewhere on the desk; at a table there is no elsewhere."""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One inject, shown as a message."""

    kind: str
    style: str
    sender: str
    to: str
    subject: str
    text: str
    time: str


@pages.get("/drills/inbox")
def show_inbox() -> str:
    """Shows all messages so far, newest first."""
    return render_template(
        "inbox.html",
        section="drills",
        messages=[_incoming_message(fed, request_context.translator()) for fed in _visible_injects()],
    )


@pages.get("/drills/inbox/newest")
def newest_banner() -> str:
    """The banner on every page of the drill."""
    return render_template("inbox_banner.html", inbox_messages=latest_messages())


def latest_messages() -> list[IncomingMessage]:
    """Recent messages: what to do next while that applies, else the newest of the last ten minutes."""
    fired = _visible_injects()
    guides = [fed for fed in fired if fed.inject.kind is InjectKind.GUIDE][:1]
    recent = [
        fed
        for fed in fired
        if fed.fired_at is not None and request_context.now() - fed.fired_at < BANNER_FOR and fed not in guides
    ]
    newest = [fed for fed in recent if fed.inject.kind is not InjectKind.GUIDE][:1]
    return [_incoming_message(fed, request_context.translator()) for fed in (*guides, *newest)]


def _visible_injects() -> list[DrillInject]:
    """Injects that participants may see, without those for the leader alone."""
    try:
        status = drills.inject_status(request_context.env().databases.environment)
    except NoSuchDrill:
        return []
    elsewhere = () if status.drill.is_tabletop else SHOWN_ELSEWHERE
    return [fed for fed in status.fired if fed.inject.kind not in elsewhere and fed.inject.recipient_role != "leader"]


def _incoming_message(fed: DrillInject, translator: Translator) -> IncomingMessage:
    inject = fed.inject
    return IncomingMessage(
        kind=translator.t(f"inject.{inject.kind.value}"),
        style=inject.kind.value,
        sender=drills.script_text(inject.sender, translator.language),
        to=translator.t(f"drill_role.{inject.recipient_role}"),
        subject=without_drill_mark(drills.script_text(inject.subject, translator.language), translator),
        text=without_drill_mark(drills.script_text(inject.text, translator.language), translator),
        time=translator.clock_seconds(fed.fired_at) if fed.fired_at else "",
    )
