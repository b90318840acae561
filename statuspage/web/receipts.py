"""Where a notice has got to: each destination's way from sent to seen, and what to do where it is stuck."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from statuspage.deliveries import SITE, Delivery, End
from statuspage.desk import queue
from statuspage.desk.incidents import NotNow
from statuspage.facts import Words
from statuspage.store import deliveries
from statuspage.timeline import Incident, RecordedNotice
from statuspage.web import clocks, here, left_there, ways
from statuspage.web.incident import found, meanwhile, next_acts
from statuspage.web.planning import Act as Next
from statuspage.web.voice import Voice, mine

pages = Blueprint("receipts", __name__)


@dataclass(frozen=True, slots=True)
class Hop:
    """One stage of the way: its time once reached."""

    label: str
    time: str
    look: str


@dataclass(frozen=True, slots=True)
class Act:
    """A button beside a delivery."""

    do: str
    label: str
    go: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A destination: how it stands, in marks, words and times."""

    id: int
    look: str
    icon: str
    name: str
    account: str
    hops: list[Hop]
    state: str
    lines: list[str]
    language: str = ""
    text: str = ""
    acts: list[Act] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)


@pages.get("/incidents/<incident_id>/notices/<int:sequence>")
def show(incident_id: str, sequence: int) -> str:
    """The receipts of one notice."""
    incident = found(incident_id)
    notice = next((n for n in incident.notices if n.sequence == sequence), None)
    if notice is None:
        abort(404)
    with here.world().store.read() as tx:
        owed = deliveries.of_notice(tx, incident_id, sequence)
    return _page(incident, notice, owed)


@pages.post("/deliveries/<int:delivery_id>")
def act(delivery_id: int) -> Response:
    """A person sends again, or says what they saw on the other side."""
    world, did = here.world(), request.form.get("do", "")
    with world.store.read() as tx:
        delivery = deliveries.get(tx, delivery_id)
    if delivery is None:
        abort(404)
    try:
        match did:
            case "again" | "not_there":
                queue.send_again(world, delivery_id, now=here.now())
            case "there":
                queue.mark_seen(world, delivery_id, now=here.now())
            case _:
                raise BadRequest
        flash(here.voice().t(f"receipts.did_{did}"))
    except NotNow as error:
        flash(here.voice().label(f"problem.{error.code}"))
    return redirect(url_for("receipts.show", incident_id=delivery.incident, sequence=delivery.sequence), 303)


def _page(incident: Incident, notice: RecordedNotice, owed: tuple[Delivery, ...]) -> str:
    world, voice, now = here.world(), here.voice(), here.now()
    words = mine(notice.notice.words, voice)
    left = {one.id for one in left_there.messages(world, incident.id, voice)}
    rows = [_warned(row, left, voice) for delivery in owed for row in _rows(delivery, notice, voice)]
    rows.sort(key=lambda row: _WORST.index(row.look) if row.look in _WORST else len(_WORST))
    headline = _headline(rows, words, voice)
    rows += [*_copies(voice), *_away(notice, voice)]
    when = voice.seconds(notice.recorded)
    return render_template(
        "receipts.html",
        here="home",
        incident_id=incident.id,
        acts_above=False,
        drill_since=here.drill_since(),
        headline=headline,
        what=voice.t("receipts.what", title=words.headline.rstrip("。."), time=when, name=notice.notice.by),
        clock=clocks.clock(incident, world.catalog.site.goal, voice, now) if _on_the_clock(incident, notice) else None,
        sums=_sums(rows, voice),
        receipts=rows,
        moving=any(delivery.end in (End.WAITING, End.SENDING) for delivery in owed),
        promise=clocks.promise(incident, voice, now),
        next_acts=[*next_acts(incident, voice)[:2], _story(incident, voice)],
        meanwhile=meanwhile(incident, voice),
    )


_WORST = ("down", "part", "")


def _on_the_clock(incident: Incident, notice: RecordedNotice) -> bool:
    return notice.sequence == incident.notices[0].sequence and not incident.maintenance


def _headline(rows: list[Row], words: Words, voice: Voice) -> str:
    site = [row for row in rows if row.icon in ("page", "rss")]
    if site and all(row.look == "ok" for row in site):
        return voice.t("receipts.published", label=words.label)
    stuck = any(row.look in ("down", "part") for row in site)
    key = "receipts.stuck" if stuck else "receipts.publishing"
    return voice.t(key, label=words.label)


def _sums(rows: list[Row], voice: Voice) -> list[dict[str, object]]:
    counts = {look: sum(1 for row in rows if row.look == look) for look in ("ok", "", "part", "down")}
    return [
        {"look": look, "label": voice.t(f"receipts.sum_{look or 'wait'}"), "count": count}
        for look, count in counts.items()
        if count
    ]


def _story(incident: Incident, voice: Voice) -> Next:
    return Next(voice.t("receipts.story"), url_for("incident.show", incident_id=incident.id))


def _rows(delivery: Delivery, notice: RecordedNotice, voice: Voice) -> list[Row]:
    if delivery.channel == SITE:
        return [_site(delivery, "page", voice), _site(delivery, "feed", voice)]
    return [_post(delivery, notice, voice)]


def _site(delivery: Delivery, part: str, voice: Voice) -> Row:
    seen = delivery.receipt.seen
    languages = here.world().catalog.languages
    times = [seen[f"{part}.{each}"] for each in languages if f"{part}.{each}" in seen]
    checked = max(times) if len(times) == len(languages) else None
    look = "ok" if checked else "part" if delivery.end is End.SENT else _look(delivery)
    hops = _hops(voice, (delivery.queued, "queued"), (seen.get("written"), "written"), (checked, "checked"), look)
    state, lines = _site_state(delivery, part, bool(checked), voice)
    return Row(
        id=delivery.id,
        look=look,
        icon="page" if part == "page" else "rss",
        name=voice.t(f"receipts.{part}"),
        account="",
        hops=hops,
        state=state,
        lines=lines,
        acts=_acts(delivery, voice) if part == "page" and not checked else [],
        links=_links(delivery.incident, part, voice) if checked else [],
    )


def _site_state(delivery: Delivery, part: str, checked: bool, voice: Voice) -> tuple[str, list[str]]:
    """Written is not yet readable: that is only said once it was read from outside."""
    if checked:
        return voice.t("receipts.checked"), [voice.t(f"receipts.{part}_checked")]
    if delivery.end is End.SENT:
        return voice.t("receipts.written"), [voice.t("receipts.written_text")]
    return _state(delivery, voice), _lines(delivery, voice)


def _links(incident: str, part: str, voice: Voice) -> list[dict[str, str]]:
    address, own = here.world().address, voice.language
    if not address:
        return []
    path = f"{own}/incidents/{incident}/" if part == "page" else f"{own}/feed.atom"
    return [{"href": f"{address}/{path}", "label": voice.t("receipts.open")}]


def _warned(row: Row, left: Collection[int], voice: Voice) -> Row:
    """What was removed here is still read there."""
    return replace(row, look="part", lines=[voice.t("receipts.redacted"), *row.lines]) if row.id in left else row


def _post(delivery: Delivery, notice: RecordedNotice, voice: Voice) -> Row:
    name, account = ways.named(here.world(), delivery.channel, voice)
    done = delivery.end is End.SENT
    look = "ok" if done else _look(delivery)
    posted = delivery.receipt.seen.get("posted") or (delivery.finished if done else None)
    hops = _hops(voice, _first_hop(delivery), (posted, "posted"), (None, ""), look)
    lines = [voice.label(f"receipt.note.{delivery.receipt.note}")] if delivery.receipt.note else []
    link = [{"href": at, "label": voice.t("receipts.open")}] if (at := left_there.address(delivery)) else []
    return Row(
        id=delivery.id,
        look=look,
        icon="x" if name == voice.t("type.x") else "page",
        name=name,
        account=account,
        hops=hops,
        state=voice.t("receipts.posted_state") if done else _state(delivery, voice),
        lines=lines if done else _lines(delivery, voice),
        language=delivery.language,
        text=_said(delivery, notice) if not done else "",
        acts=_acts(delivery, voice),
        links=link,
    )


def _first_hop(delivery: Delivery) -> tuple[datetime | None, str]:
    """What was done with it so far: sent, tried in vain, or only queued."""
    if delivery.started is None:
        return delivery.queued, "queued"
    return delivery.started, "sent" if delivery.end in (End.SENT, End.SENDING) else "tried"


def _away(notice: RecordedNotice, voice: Voice) -> list[Row]:
    """Channels that would carry it and are not connected."""
    found = ways.unready(here.world(), voice, notice.notice.notice)
    return [
        Row(id=0, look="off", icon="x", name=way.name, account=way.account, hops=[], state=way.state, lines=[])
        for way in found
    ]


def _copies(voice: Voice) -> list[Row]:
    """The places the page is carried to."""
    return [
        Row(
            id=0,
            look=_LOOKS[way.look],
            icon="page",
            name=way.name,
            account="",
            hops=[],
            state=way.state,
            lines=[way.text],
        )
        for way in ways.targets(here.world(), voice)
    ]


_LOOKS = {"ok": "ok", "part": "part", "unk": ""}
"""How a copy of the page looks here: what is only on its way waits."""


def _said(delivery: Delivery, notice: RecordedNotice) -> str:
    spec = here.world().catalog.channels.get(delivery.channel)
    words = notice.notice.words.get(delivery.language)
    text = words.media.get(spec.medium) if spec and words else None
    return delivery.payload.get("text") or (text.body if text else "")


_CALM = ("", deliveries.AFTER_SITE)
"""Reasons for waiting that are no failure."""


def _look(delivery: Delivery) -> str:
    if delivery.end is End.REFUSED:
        return "down"
    if delivery.end is End.LOOK:
        return "part"
    failed = delivery.end is End.WAITING and delivery.attempts > 0 and delivery.reason not in _CALM
    return "down" if failed else "ok" if delivery.end is End.SENT else ""


def _hops(
    voice: Voice,
    sent: tuple[datetime | None, str],
    out: tuple[datetime | None, str],
    seen: tuple[datetime | None, str],
    look: str,
) -> list[Hop]:
    stages = [stage for stage in (sent, out, seen) if stage[1]]
    reached = [at is not None for at, _ in stages]
    hops = []
    for n, (at, label) in enumerate(stages):
        done = reached[n]
        broken = not done and look == "down" and reached[n - 1]
        ahead = "" if n + 1 < len(stages) and reached[n + 1] else " to-wait"
        mark = ("last" if n == len(stages) - 1 else "") if done else "bad" if broken else "wait"
        hops.append(Hop(voice.t(f"receipts.hop_{label}"), voice.seconds(at) if at else "", (mark + ahead).strip()))
    return hops


def _state(delivery: Delivery, voice: Voice) -> str:
    failed = delivery.end is End.WAITING and _look(delivery) == "down"
    return voice.t("receipts.end_failing" if failed else f"receipts.end_{delivery.end}")


def _lines(delivery: Delivery, voice: Voice) -> list[str]:
    lines = [voice.label(f"receipt.reason.{delivery.why}")] if delivery.why else []
    if delivery.end is End.WAITING and delivery.due and delivery.attempts:
        lines.append(voice.t("receipts.due", time=voice.seconds(delivery.due)))
    if delivery.end in (End.REFUSED, End.LOOK) or _look(delivery) == "down":
        lines.append(voice.t("receipts.kept"))
    return [*lines, delivery.detail[:300]] if delivery.detail else lines


def _acts(delivery: Delivery, voice: Voice) -> list[Act]:
    match delivery.end:
        case End.REFUSED:
            return [Act("again", voice.t("receipts.again"), go=True)]
        case End.WAITING if delivery.attempts:
            return [Act("again", voice.t("receipts.again_now"), go=True)]
        case End.LOOK:
            return [Act("there", voice.t("receipts.there")), Act("not_there", voice.t("receipts.not_there"))]
    return []
