"""Alerts that belong together, as the first page shows them; and topics of Amazon SNS that ask to be let in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from statuspage.domain import Alert, Incident
from statuspage.integrations.monitors import sns
from statuspage.storage import alerts
from statuspage.storage.alerts import AlertGroupSummary
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert, group, sns_topics, ungroup
from statuspage.usecases.incidents import NoSuchIncident, NotNow
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator, mine

pages = Blueprint("lines", __name__)

LISTED = 6
"""Alerts of a line that are named, at most; the newest ones."""

NAMED = 21
"""Lines that one may be put together with, at most."""


@dataclass(frozen=True, slots=True)
class Member:
    """An alert of a line besides its first one."""

    id: str
    title: str
    time: str


@dataclass(frozen=True, slots=True)
class Together:
    """What belongs to an alert, and what it may be put together with: ``places`` are pairs of id and title."""

    more: str
    firing: str
    newest: str
    members: tuple[Member, ...]
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A topic of Amazon SNS that waits for somebody to let it in."""

    arn: str
    text: str


def together(
    tx: Connection, waiting: Sequence[Alert], opened: Sequence[Incident], voice: Translator
) -> Mapping[str, Together]:
    """What belongs to each of these alerts."""
    counted = alerts.joined(tx, [one.id for one in waiting])
    into = _incidents(opened, voice)
    return {one.id: _together(tx, one, counted.get(one.id), waiting, into, voice) for one in waiting}


def _together(
    tx: Connection,
    alert: Alert,
    line: AlertGroupSummary | None,
    waiting: Sequence[Alert],
    into: Sequence[tuple[str, str]],
    voice: Translator,
) -> Together:
    others = [(one.id, _alert_name(one, voice)) for one in waiting[:NAMED] if one.id != alert.id]
    members = alerts.of_line(tx, alert.id, LISTED) if line else ()
    firing = line.firing if line and alert.signal.ends_at else 0
    return Together(
        more=voice.tn("line.more", line.count) if line else "",
        firing=voice.tn("line.firing", firing) if firing else "",
        newest=voice.t("line.newest", count=LISTED) if line and line.count > LISTED else "",
        members=tuple(Member(one.id, one.signal.title, voice.seconds(one.received)) for one in members),
        places=(*others, *into),
    )


def _alert_name(alert: Alert, voice: Translator) -> str:
    return f"{voice.times.clock(alert.received)} {alert.signal.title}"


def _incidents(opened: Sequence[Incident], voice: Translator) -> tuple[tuple[str, str], ...]:
    told = [one for one in opened if one.latest and not one.maintenance]
    return tuple((one.id, mine(one.notices[-1].notice.words, voice).title) for one in told)


def source_of(alert: Alert, voice: Translator) -> str:
    """What the alert's monitor is called."""
    return monitor_name(alert.signal.source, voice)


def monitor_name(source: str, voice: Translator) -> str:
    """What a monitor is called: by a label where the program knows it, else by the house's own name for it."""
    key = f"desk.source.{source}"
    return voice.label(key) if key in voice.book.labels else source


def asking(voice: Translator) -> tuple[Asking, ...]:
    """The topics that wait, where there is anybody to ask about them."""
    if request_context.desk().intake.amazon is None:
        return ()
    return tuple(
        Asking(one.arn, voice.t("topic.text", time=voice.times.clock(one.asked)))
        for one in sns_topics.asking(request_context.world())
    )


@pages.post("/alerts/<alert_id>/line")
def line(alert_id: str) -> Response:
    """Puts an alert together with another one or an incident, or takes it out of its line."""
    by, now, world, voice = (
        request_context.who().name,
        request_context.now(),
        request_context.world(),
        request_context.voice(),
    )
    try:
        if request.form.get("do") == "part":
            ungroup(world, alert_id, by=by, now=now)
            flash(voice.t("line.parted"))
        else:
            group(world, alert_id, request.form.get("to", ""), by=by, now=now)
            flash(voice.t("line.joined"))
    except (NoSuchAlert, NoSuchIncident):
        raise NotFound from None
    except AlreadySettled:
        flash(voice.t("home.settled"))
    except NotNow as wrong:
        flash(voice.label(f"problem.{wrong.code}"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/topics")
def topic() -> Response:
    """Lets a topic of Amazon SNS in, or turns it away."""
    amazon = request_context.desk().intake.amazon
    if amazon is None:
        abort(404)
    flash(request_context.voice().t(f"topic.{_decided(amazon, request.form.get('arn', ''))}"))
    return redirect(url_for("home.show_home"), 303)


def _decided(amazon: sns.Amazon, arn: str) -> str:
    by, now, world = request_context.who().name, request_context.now(), request_context.world()
    try:
        if request.form.get("do") == "let_in":
            sns_topics.let_in(world, amazon, arn, by=by, now=now)
            return "done"
        sns_topics.turn_away(world, arn, by=by, now=now)
    except sns_topics.NoSuchTopic:
        return "gone"
    except (sns.Unanswered, sns.Unproven):
        return "failed"
    return "away"
