"""Where a notice has got to: each destination's way from sent to seen, and what to do where it is stuck."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from statuspage.domain import SITE, Delivery, DeliveryStatus, Incident, NoticeText, RecordedNotice, first_standing
from statuspage.storage import deliveries
from statuspage.usecases.delivery import admin
from statuspage.usecases.incidents import NotNow
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents import leftover_messages
from statuspage.web.desk.incidents.pages import found, meanwhile, next_acts
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.panels import response_clock
from statuspage.web.desk.panels.maintenance import Act as Next
from statuspage.web.desk.receipts import delivery_status, messages
from statuspage.web.desk.receipts.delivery_status import Row
from statuspage.web.desk.translations import Translator, mine

pages = Blueprint("receipts", __name__)


@pages.get("/incidents/<incident_id>/notices/<int:sequence>")
def show_receipts(incident_id: str, sequence: int) -> str:
    """The receipts of one notice."""
    incident = found(incident_id)
    notice = next((n for n in incident.notices if n.sequence == sequence), None)
    if notice is None:
        abort(404)
    with request_context.world().store.read() as tx:
        owed = deliveries.of_notice(tx, incident_id, sequence)
    return _receipts_page(incident, notice, owed)


@pages.post("/deliveries/<int:delivery_id>")
def act(delivery_id: int) -> Response:
    """A person sends again, or says what they saw on the other side."""
    world, did = request_context.world(), request.form.get("do", "")
    with world.store.read() as tx:
        delivery = deliveries.find_delivery(tx, delivery_id)
    if delivery is None:
        abort(404)
    try:
        match did:
            case "again" | "not_there":
                admin.send_again(world, delivery_id, now=request_context.now())
            case "there":
                admin.mark_seen(world, delivery_id, now=request_context.now())
            case _:
                raise BadRequest
        flash(request_context.voice().t(f"receipts.did_{did}"))
    except NotNow as error:
        flash(request_context.voice().label(f"problem.{error.code}"))
    return redirect(url_for("receipts.show_receipts", incident_id=delivery.incident, sequence=delivery.sequence), 303)


def _receipts_page(incident: Incident, notice: RecordedNotice, owed: tuple[Delivery, ...]) -> str:
    world, voice, now = request_context.world(), request_context.voice(), request_context.now()
    words = mine(notice.notice.words, voice)
    left = {one.id for one in leftover_messages.messages(world, incident.id, voice)}
    rows = [_warned(row, left, voice) for delivery in owed for row in _rows(delivery, notice, voice)]
    rows.sort(key=lambda row: _WORST.index(row.look) if row.look in _WORST else len(_WORST))
    headline = _receipts_headline(rows, words, voice)
    rows += [*_copies(voice), *messages.away(notice, voice)]
    when = voice.seconds(notice.recorded)
    return render_template(
        "receipts.html",
        here="home",
        incident_id=incident.id,
        acts_above=False,
        drill_since=request_context.drill_since(),
        headline=headline,
        what=voice.t("receipts.what", title=words.headline.rstrip("。."), time=when, name=notice.notice.by),
        clock=response_clock.of(incident, voice, now) if _on_the_clock(incident, notice) else None,
        sums=_sums(rows, voice),
        receipts=rows,
        moving=any(delivery.end in (DeliveryStatus.WAITING, DeliveryStatus.SENDING) for delivery in owed),
        promise=response_clock.promise(incident, voice, now),
        next_acts=[*next_acts(incident, voice)[:2], _story(incident, voice)],
        meanwhile=meanwhile(incident, voice),
    )


_WORST = ("down", "part", "")


def _on_the_clock(incident: Incident, notice: RecordedNotice) -> bool:
    return notice.sequence == (first_standing(incident) or incident.notices[0]).sequence and not incident.maintenance


def _receipts_headline(rows: list[Row], words: NoticeText, voice: Translator) -> str:
    site = [row for row in rows if row.icon in ("page", "rss")]
    if site and all(row.look == "ok" for row in site):
        return voice.t("receipts.published", label=words.label)
    stuck = any(row.look in ("down", "part") for row in site)
    key = "receipts.stuck" if stuck else "receipts.publishing"
    return voice.t(key, label=words.label)


def _sums(rows: list[Row], voice: Translator) -> list[dict[str, object]]:
    counts = {look: sum(1 for row in rows if row.look == look) for look in ("ok", "", "part", "down")}
    return [
        {"look": look, "label": voice.t(f"receipts.sum_{look or 'wait'}"), "count": count}
        for look, count in counts.items()
        if count
    ]


def _story(incident: Incident, voice: Translator) -> Next:
    return Next(voice.t("receipts.story"), url_for("incident.show_incident", incident_id=incident.id))


def _rows(delivery: Delivery, notice: RecordedNotice, voice: Translator) -> list[Row]:
    if delivery.channel == SITE:
        return [_site(delivery, "page", voice), _site(delivery, "feed", voice)]
    return [messages.row(delivery, notice, voice)]


def _site(delivery: Delivery, part: str, voice: Translator) -> Row:
    seen = delivery.receipt.seen
    languages = request_context.world().catalog.languages
    times = [seen[f"{part}.{each}"] for each in languages if f"{part}.{each}" in seen]
    checked = max(times) if len(times) == len(languages) else None
    look = "ok" if checked else "part" if delivery.end is DeliveryStatus.SENT else delivery_status.look_of(delivery)
    stages = ((delivery.queued, "queued"), (seen.get("written"), "written"), (checked, "checked"))
    state, lines = _site_state(delivery, part, bool(checked), voice)
    return Row(
        id=delivery.id,
        look=look,
        icon="page" if part == "page" else "rss",
        name=voice.t(f"receipts.{part}"),
        account="",
        hops=delivery_status.hops(voice, *stages, look),
        state=state,
        lines=lines,
        acts=delivery_status.acts(delivery, voice) if part == "page" and not checked else [],
        links=_links(delivery.incident, part, voice) if checked else [],
    )


def _site_state(delivery: Delivery, part: str, checked: bool, voice: Translator) -> tuple[str, list[str]]:
    """Written is not yet readable: that is only said once it was read from outside."""
    if checked:
        return voice.t("receipts.checked"), [voice.t(f"receipts.{part}_checked")]
    if delivery.end is DeliveryStatus.SENT:
        return voice.t("receipts.written"), [voice.t("receipts.written_text")]
    return delivery_status.state(delivery, voice), delivery_status.lines(delivery, voice)


def _links(incident: str, part: str, voice: Translator) -> list[dict[str, str]]:
    address, own = request_context.world().address, voice.language
    if not address:
        return []
    path = f"{own}/incidents/{incident}/" if part == "page" else f"{own}/feed.atom"
    return [{"href": f"{address}/{path}", "label": voice.t("receipts.open")}]


def _warned(row: Row, left: Collection[int], voice: Translator) -> Row:
    """What was removed here is still read there."""
    return replace(row, look="part", lines=[voice.t("receipts.redacted"), *row.lines]) if row.id in left else row


def _copies(voice: Translator) -> list[Row]:
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
        for way in channel_picker.targets(request_context.world(), voice)
    ]


_LOOKS = {"ok": "ok", "part": "part", "unk": ""}
"""How a copy of the page looks here: what is only on its way waits."""
