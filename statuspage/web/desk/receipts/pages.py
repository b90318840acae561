"""The receipts of a notice: each destination's stages from sent to read back, and actions where it is stuck."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from statuspage.domain import SITE, Delivery, DeliveryStatus, Incident, RecordedNotice, first_standing
from statuspage.storage import deliveries
from statuspage.usecases.delivery import admin
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents import leftover_messages
from statuspage.web.desk.incidents.incident_rows import incident_row
from statuspage.web.desk.incidents.page_content import handover_texts, next_actions
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.panels import response_clock
from statuspage.web.desk.receipts import delivery_status, messages
from statuspage.web.desk.receipts.delivery_status import ReceiptRow
from statuspage.web.desk.translations import Translator, short_title, text_for_reader

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
    rows += messages.unaddressed_rows(notice, translator)
    rows.sort(key=lambda row: _TONE_ORDER.index(row.tone) if row.tone in _TONE_ORDER else len(_TONE_ORDER))
    copies, unconnected = _host_copy_rows(translator), messages.unconnected_rows(notice, translator)
    every = [*rows, *copies]
    return render_template(
        "receipts.html",
        section="maintenance" if incident.is_maintenance else "incidents",
        incident_id=incident.id,
        of=incident_row(incident, translator, now),
        drill_since=request_context.drill_start(),
        headline=_receipts_headline(rows, translator),
        tone="ok" if all(row.tone == "ok" for row in rows) else "",
        label=notice_text.label,
        time=translator.clock_seconds(notice.recorded),
        actor=notice.notice.actor,
        title=short_title(notice_text),
        took=_time_to_report(incident, notice, translator),
        troubled=[row for row in every if row.tone in ("down", "part")],
        sent=[row for row in every if row.tone not in ("down", "part")],
        done_count=sum(row.tone == "ok" for row in rows),
        all_count=len(rows),
        unconnected=unconnected,
        is_sending=any(
            delivery.status in (DeliveryStatus.WAITING, DeliveryStatus.SENDING) for delivery in notice_deliveries
        ),
        promise=response_clock.promise_view(incident, translator, now),
        next_actions=next_actions(incident, translator)[:1],
        handover=handover_texts(incident, translator),
    )


_TONE_ORDER = ("down", "part", "")


def _time_to_report(incident: Incident, notice: RecordedNotice, translator: Translator) -> str:
    """How soon customers could read the first report, beside the goal; "" for all other notices."""
    if notice.sequence != (first_standing(incident) or incident.notices[0]).sequence or incident.is_maintenance:
        return ""
    clock = response_clock.incident_clock(incident, translator, request_context.now())
    key = "receipts.took_running" if clock.running else "receipts.took"
    return translator.t(key, label=clock.label, took=clock.took, goal=clock.goal)


def _receipts_headline(rows: list[ReceiptRow], translator: Translator) -> str:
    """Whether everyone can read it, and how many channels need a person."""
    done, stuck = sum(row.tone == "ok" for row in rows), sum(row.tone in ("down", "part") for row in rows)
    if stuck:
        counts = translator.t("receipts.read_on", done=done, all=len(rows))
        return translator.t("join_sentences").join([counts, translator.tn("receipts.need_you", stuck)])
    return translator.t("receipts.everyone" if done == len(rows) else "receipts.under_way", done=done, all=len(rows))


def _receipt_rows(delivery: Delivery, notice: RecordedNotice, translator: Translator) -> list[ReceiptRow]:
    if delivery.channel == SITE:
        return [_site_row(delivery, translator)]
    return [messages.receipt_row(delivery, notice, translator)]


def _site_row(delivery: Delivery, translator: Translator) -> ReceiptRow:
    """The page and its feeds in all languages: one row, done once every one of them was read back."""
    seen_times = delivery.receipt.checked_at
    languages = request_context.env().site.catalog.languages
    wanted = [f"{part}.{language}" for part in ("page", "feed") for language in languages]
    times = [seen_times[name] for name in wanted if name in seen_times]
    checked = max(times) if len(times) == len(wanted) else None
    tone = (
        "ok"
        if checked
        else "part"
        if delivery.status is DeliveryStatus.DELIVERED
        else delivery_status.delivery_tone(delivery)
    )
    stages = ((delivery.queued_at, "queued"), (seen_times.get("written"), "written"), (checked, "checked"))
    state, lines = _site_state(delivery, bool(checked), translator)
    return ReceiptRow(
        id=delivery.id,
        tone=tone,
        icon="page",
        name=translator.t("channels.page"),
        account=translator.tn("receipts.languages", len(languages)),
        hops=delivery_status.delivery_hops(translator, *stages, tone),
        state=state,
        lines=lines,
        actions=[] if checked else delivery_status.delivery_actions(delivery, translator),
        links=_links(delivery.incident, translator) if checked else [],
        time=translator.clock_seconds(checked) if checked else "",
    )


def _site_state(delivery: Delivery, checked: bool, translator: Translator) -> tuple[str, list[str]]:
    """The state of page and feeds. *Written* does not mean readable: that is shown only once it was read back."""
    if checked:
        return translator.t("receipts.checked"), [translator.t("receipts.page_checked")]
    if delivery.status is DeliveryStatus.DELIVERED:
        return translator.t("receipts.written"), [translator.t("receipts.written_text")]
    return delivery_status.state_text(delivery, translator), delivery_status.status_lines(delivery, translator)


def _links(incident: str, translator: Translator) -> list[dict[str, str]]:
    address, language = request_context.env().site.address, translator.language
    if not address:
        return []
    paths = (("receipts.page", f"{language}/incidents/{incident}/"), ("receipts.feed", f"{language}/feed.atom"))
    return [{"href": f"{address}/{path}", "label": translator.t(key)} for key, path in paths]


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
