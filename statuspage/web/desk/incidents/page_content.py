"""What the page of an incident shows: what customers read now, its timeline, and the notices that may come next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import url_for

from statuspage.domain import Incident, InternalNote, NoticeText, open_questions
from statuspage.storage import alerts
from statuspage.storage.delivery_lookups import count_unsolved
from statuspage.storage.post_incident import retrospectives
from statuspage.usecases import action_items
from statuspage.usecases.notices import holding_notice
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import approvals, leftover_messages
from statuspage.web.desk.incidents.promised_reports import promised_report_of
from statuspage.web.desk.incidents.timeline_lines import timeline_lines
from statuspage.web.desk.notice_form import form_state
from statuspage.web.desk.notice_form.preview import incident_tone
from statuspage.web.desk.panels import maintenance, on_call, response_clock, runbooks
from statuspage.web.desk.panels.maintenance import NextAction
from statuspage.web.desk.translations import Translator, short_title, text_for_reader

UPDATE_KEY = "n"
"""The key that opens an update with unchanged facts; if nothing is new, one more press publishes it."""

PLACEHOLDER_KEY = "h"
"""The key that opens a holding notice; one more press publishes it."""


def page_content(incident: Incident, translator: Translator, now: datetime) -> Mapping[str, object]:
    """Everything about an incident, for its page."""
    return {**_public_part(incident, translator, now), **_internal_part(incident, translator, now)}


def _public_part(incident: Incident, translator: Translator, now: datetime) -> Mapping[str, object]:
    """What customers read, and what they were promised."""
    notice_text = newest_text(incident, translator)
    is_planned = incident.is_maintenance and not incident.is_over
    return {
        "section": "maintenance" if incident.is_maintenance else "incidents",
        "incident_id": incident.id,
        "title": short_title(notice_text) if notice_text else _unpublished_title(incident, translator),
        "since": _since(incident, translator),
        "words": notice_text,
        "tone": _tone(incident),
        "state": notice_text.status if notice_text else translator.t("incident.not_public"),
        "public_links": _public_links(incident) if notice_text and request_context.env().site.address else [],
        "maintenance": maintenance.maintenance_row(incident, translator, now) if is_planned else None,
        "by_itself": maintenance.scheduled_lines(incident, translator, now),
        "clock": _running_clock(incident, translator, now),
        "promised_report": promised_report_of(incident, translator),
        "promise": response_clock.promise_view(incident, translator, now),
        "held_notices": approvals.held_notices((incident,)),
        "leftover_messages": leftover_messages.leftover_messages(request_context.env(), incident.id, translator),
    }


def _internal_part(incident: Incident, translator: Translator, now: datetime) -> Mapping[str, object]:
    """What staff know and may do."""
    env = request_context.env()
    return {
        "entries": timeline_lines(incident, translator, now),
        "unsolved": _unsolved_deliveries(incident, translator),
        "next_actions": next_actions(incident, translator),
        "alert_titles": _alert_titles(incident),
        "handover": handover_texts(incident, translator),
        "retrospective": _retrospective_state(incident),
        "came_back": action_items.open_items_of_cause(env, incident.id) if incident.is_over else (),
        "fact_panel": None if incident.is_maintenance else panel.build_panel(incident),
        "can_reopen": incident.is_over and incident.latest is not None and not incident.is_maintenance,
        "can_close": incident.latest is None and not incident.is_over,
        "runbook": None if incident.is_over else runbooks.runbook_of_incident(env, incident, translator),
    }


def _unsolved_deliveries(incident: Incident, translator: Translator) -> str:
    """How many deliveries of the latest notice need a person; "" if none does."""
    with request_context.env().databases.environment.read() as tx:
        count = count_unsolved(tx, {incident.id: incident.latest_sequence}).get(incident.id, 0)
    return translator.tn("home.unsolved", count) if count else ""


def newest_text(incident: Incident, translator: Translator) -> NoticeText | None:
    """The newest notice in the reader's language."""
    return text_for_reader(incident.latest.notice.texts, translator) if incident.latest else None


def next_actions(incident: Incident, translator: Translator) -> list[NextAction]:
    """The notices that may come next, the most likely first."""
    if incident.is_maintenance:
        return maintenance.next_actions(incident, translator, is_late=incident.is_overrun(request_context.now()))
    if incident.latest is None:
        return [] if incident.is_over else _first_actions(incident, translator)
    if incident.is_over:
        follow_up = open_questions(incident, request_context.env().site.catalog)
        return [
            *([_next_action(incident, "follow_up", translator, is_primary=True)] if follow_up else []),
            _next_action(incident, "postmortem", translator, is_primary=incident.report_by is not None),
            _next_action(incident, "correction", translator),
        ]
    notice_kinds = ("update", "resolved", "partly_restored", "monitoring", "correction", "withdrawal")
    return [
        _next_action(
            incident,
            notice_kind,
            translator,
            is_primary=notice_kind == "update",
            key=UPDATE_KEY if notice_kind == "update" else "",
        )
        for notice_kind in notice_kinds
    ]


def _first_actions(incident: Incident, translator: Translator) -> list[NextAction]:
    """The first report, and a holding notice if customers have waited long enough."""
    write = _next_action(incident, "first", translator, is_primary=True)
    if not holding_notice.is_due_for_incident(request_context.env().site.catalog, incident, now=request_context.now()):
        return [write]
    return [
        write,
        NextAction(
            translator.t("home.placeholder"),
            form_state.first_report_address(incident.id, is_placeholder=True),
            key=PLACEHOLDER_KEY,
        ),
    ]


def handover_texts(incident: Incident, translator: Translator) -> Mapping[str, str] | None:
    """Texts to copy: for the phone team, and for staff with the time they were told and their channels."""
    notice_text, channels = newest_text(incident, translator), on_call.staff_channels(request_context.env(), translator)
    if incident.is_over or (not channels and (notice_text is None or "short" not in notice_text.media)):
        return None
    notes = [entry for entry in incident.entries if isinstance(entry.entry, InternalNote)]
    return {
        "phone": notice_text.media["short"].body if notice_text and "short" in notice_text.media else "",
        "colleagues": text_for_colleagues(incident, translator),
        "language": notice_text.language if notice_text else translator.language,
        "told_at": translator.times.format_time(notes[0].recorded) if notes else "",
        "channels": channels,
    }


def text_for_colleagues(incident: Incident, translator: Translator) -> str:
    """The prepared text for staff, "" if nothing is public."""
    notice_text = newest_text(incident, translator)
    return notice_text.media["colleagues"].body if notice_text and "colleagues" in notice_text.media else ""


def _tone(incident: Incident) -> str:
    if incident.is_over:
        return "ok"
    if incident.is_maintenance:
        return "maint"
    return incident_tone(incident)


def _retrospective_state(incident: Incident) -> str:
    """How far its retrospective is, *none* if there is none yet; "" if it is not offered: drills have their own."""
    if not incident.is_over or incident.is_maintenance or request_context.translator().pack.marks.word:
        return ""
    with request_context.env().databases.environment.read() as tx:
        record = retrospectives.load_retrospective(tx, incident.id)
    return record.state if record.changed_at else "none"


def _public_links(incident: Incident) -> list[dict[str, str]]:
    env = request_context.env()
    packs, path = env.site.catalog.packs, f"incidents/{incident.id}/"
    return [
        {"href": f"{env.site.address}/{language}/{path}", "language": language, "label": packs[language].name}
        for language in env.site.catalog.languages
    ]


def _running_clock(incident: Incident, translator: Translator, now: datetime) -> response_clock.ClockBar | None:
    """The clock while customers know nothing yet; later it is a line of the timeline."""
    is_told = incident.latest is not None or incident.is_over
    return None if is_told else response_clock.incident_clock(incident, translator, now)


def _since(incident: Incident, translator: Translator) -> str:
    """Since when it is known to be, as published."""
    facts = incident.public_facts
    return (
        translator.t("incident.since", time=translator.times.format_recent(facts.start.at, now=request_context.now()))
        if facts and facts.start
        else ""
    )


def _alert_titles(incident: Incident) -> list[str]:
    with request_context.env().databases.environment.read() as tx:
        return [alert.monitor_alert.title for alert in alerts.alerts_of_incident(tx, incident.id)]


def _unpublished_title(incident: Incident, translator: Translator) -> str:
    with request_context.env().databases.environment.read() as tx:
        incident_alerts = alerts.alerts_of_incident(tx, incident.id, 1)
    return incident_alerts[0].monitor_alert.title if incident_alerts else translator.t("home.unnamed")


def _next_action(
    incident: Incident, notice: str, translator: Translator, *, is_primary: bool = False, key: str = ""
) -> NextAction:
    href = url_for("notice_form.show_notice", incident_id=incident.id, notice=notice)
    return NextAction(translator.t(f"incident.write.{notice}"), href, is_primary, key)
