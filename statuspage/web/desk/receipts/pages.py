"""The receipts of a notice: each destination's stages from sent to read back, and actions where it is stuck."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from statuspage.domain import SITE, Delivery, DeliveryStatus, Incident, NoticeText, RecordedNotice, first_standing
from statuspage.storage import deliveries
from statuspage.usecases.delivery import admin
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents import leftover_messages
from statuspage.web.desk.incidents.pages import handover_texts, next_actions
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.panels import response_clock
from statuspage.web.desk.panels.maintenance import NextAction
from statuspage.web.desk.receipts import delivery_status, messages
from statuspage.web.desk.receipts.delivery_status import ReceiptRow
from statuspage.web.desk.translations import Translator, text_for_reader

pages = Blueprint("receipts", __name__)


@pages.get("/incidents/<incident_id>/notices/<int:sequence>")
def show_receipts(incident_id: str, sequence: int) -> str:
    """Shows the receipts of one notice."""
    incident = request_context.incident_or_404(incident_id)
    notice = next((n for n in incident.notices if n.sequence == sequence), None)
    if notice is None:
        abort(404)
    with request_context.env().databases.environment.read() as tx:
        notice_deliveries = deliveries.deliveries_of_notice(tx, incident_id, sequence)
    return _receipts_page(incident, notice, notice_deliveries)


@pages.post("/deliveries/<int:delivery_id>")
def act_on_delivery(delivery_id: int) -> Response:
    """Sends again, or records what a person saw on the other side."""
    env, action = request_context.env(), request.form.get("do", "")
    with env.databases.environment.read() as tx:
        delivery = deliveries.find_delivery(tx, delivery_id)
    if delivery is None:
        abort(404)
    try:
        match action:
            case "retry" | "not_delivered":
                admin.retry_delivery(env.databases.environment, delivery_id, now=request_context.now())
            case "delivered":
                admin.mark_delivered(env.databases.environment, delivery_id, now=request_context.now())
            case _:
                raise BadRequest
        flash(request_context.translator().t(f"receipts.did_{action}"))
    except ActionRefused as error:
        flash(request_context.translator().label(f"problem.{error.code}"))
    return redirect(url_for("receipts.show_receipts", incident_id=delivery.incident, sequence=delivery.sequence), 303)


def _receipts_page(incident: Incident, notice: RecordedNotice, notice_deliveries: tuple[Delivery, ...]) -> str:
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    notice_text = text_for_reader(notice.notice.texts, translator)
    leftover_ids = {message.id for message in leftover_messages.leftover_messages(env, incident.id, translator)}
    rows = [
        _with_redaction_warning(row, leftover_ids, translator)
        for delivery in notice_deliveries
        for row in _receipt_rows(delivery, notice, translator)
    ]
    rows.sort(key=lambda row: _TONE_ORDER.index(row.tone) if row.tone in _TONE_ORDER else len(_TONE_ORDER))
    headline = _receipts_headline(rows, notice_text, translator)
    rows += [*_host_copy_rows(translator), *messages.unconnected_rows(notice, translator)]
    time_text = translator.clock_seconds(notice.recorded)
    return render_template(
        "receipts.html",
        section="home",
        incident_id=incident.id,
        shows_actions_above=False,
        drill_since=request_context.drill_start(),
        headline=headline,
        what=translator.t(
            "receipts.what", title=notice_text.headline.rstrip("。."), time=time_text, name=notice.notice.actor
        ),
        clock=response_clock.incident_clock(incident, translator, now) if _on_the_clock(incident, notice) else None,
        tone_counts=_tone_counts(rows, translator),
        receipts=rows,
        is_sending=any(
            delivery.status in (DeliveryStatus.WAITING, DeliveryStatus.SENDING) for delivery in notice_deliveries
        ),
        promise=response_clock.promise_view(incident, translator, now),
        next_actions=[*next_actions(incident, translator)[:2], _story_link(incident, translator)],
        handover=handover_texts(incident, translator),
    )


_TONE_ORDER = ("down", "part", "")


def _on_the_clock(incident: Incident, notice: RecordedNotice) -> bool:
    return notice.sequence == (first_standing(incident) or incident.notices[0]).sequence and not incident.is_maintenance


def _receipts_headline(rows: list[ReceiptRow], notice_text: NoticeText, translator: Translator) -> str:
    site = [row for row in rows if row.icon in ("page", "rss")]
    if site and all(row.tone == "ok" for row in site):
        return translator.t("receipts.published", label=notice_text.label)
    stuck = any(row.tone in ("down", "part") for row in site)
    key = "receipts.stuck" if stuck else "receipts.publishing"
    return translator.t(key, label=notice_text.label)


def _tone_counts(rows: list[ReceiptRow], translator: Translator) -> list[dict[str, object]]:
    counts = {tone: sum(1 for row in rows if row.tone == tone) for tone in ("ok", "", "part", "down")}
    return [
        {"tone": tone, "label": translator.t(f"receipts.sum_{tone or 'wait'}"), "count": count}
        for tone, count in counts.items()
        if count
    ]


def _story_link(incident: Incident, translator: Translator) -> NextAction:
    return NextAction(translator.t("receipts.timeline"), url_for("incidents.show_incident", incident_id=incident.id))


def _receipt_rows(delivery: Delivery, notice: RecordedNotice, translator: Translator) -> list[ReceiptRow]:
    if delivery.channel == SITE:
        return [_site_row(delivery, "page", translator), _site_row(delivery, "feed", translator)]
    return [messages.receipt_row(delivery, notice, translator)]


def _site_row(delivery: Delivery, part: str, translator: Translator) -> ReceiptRow:
    seen_times = delivery.receipt.checked_at
    languages = request_context.env().site.catalog.languages
    times = [seen_times[f"{part}.{language}"] for language in languages if f"{part}.{language}" in seen_times]
    checked = max(times) if len(times) == len(languages) else None
    tone = (
        "ok"
        if checked
        else "part"
        if delivery.status is DeliveryStatus.DELIVERED
        else delivery_status.delivery_tone(delivery)
    )
    stages = ((delivery.queued_at, "queued"), (seen_times.get("written"), "written"), (checked, "checked"))
    state, lines = _site_state(delivery, part, bool(checked), translator)
    return ReceiptRow(
        id=delivery.id,
        tone=tone,
        icon="page" if part == "page" else "rss",
        name=translator.t(f"receipts.{part}"),
        account="",
        hops=delivery_status.delivery_hops(translator, *stages, tone),
        state=state,
        lines=lines,
        actions=delivery_status.delivery_actions(delivery, translator) if part == "page" and not checked else [],
        links=_links(delivery.incident, part, translator) if checked else [],
    )


def _site_state(delivery: Delivery, part: str, checked: bool, translator: Translator) -> tuple[str, list[str]]:
    """The state of a page or feed. *Written* does not mean readable: that is shown only once it was read back."""
    if checked:
        return translator.t("receipts.checked"), [translator.t(f"receipts.{part}_checked")]
    if delivery.status is DeliveryStatus.DELIVERED:
        return translator.t("receipts.written"), [translator.t("receipts.written_text")]
    return delivery_status.state_text(delivery, translator), delivery_status.status_lines(delivery, translator)


def _links(incident: str, part: str, translator: Translator) -> list[dict[str, str]]:
    address, language = request_context.env().site.address, translator.language
    if not address:
        return []
    path = f"{language}/incidents/{incident}/" if part == "page" else f"{language}/feed.atom"
    return [{"href": f"{address}/{path}", "label": translator.t("receipts.open")}]


def _with_redaction_warning(row: ReceiptRow, leftover_ids: Collection[int], translator: Translator) -> ReceiptRow:
    """The row with a warning that redacted text can still be read there."""
    return (
        replace(row, tone="part", lines=[translator.t("receipts.redacted"), *row.lines])
        if row.id in leftover_ids
        else row
    )


def _host_copy_rows(translator: Translator) -> list[ReceiptRow]:
    """The hosts of the page."""
    return [
        ReceiptRow(
            id=0,
            tone=_COPY_TONES[channel_row.tone],
            icon="page",
            name=channel_row.name,
            account="",
            hops=[],
            state=channel_row.state,
            lines=[channel_row.text],
        )
        for channel_row in channel_picker.host_rows(request_context.env(), translator)
    ]


_COPY_TONES = {"ok": "ok", "part": "part", "unk": ""}
"""The mark for a host; a running upload counts as waiting."""
