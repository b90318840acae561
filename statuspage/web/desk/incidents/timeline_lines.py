"""The timeline of an incident, line by line as shown on its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import url_for

from statuspage.domain import (
    EventKind,
    Incident,
    InternalNote,
    Notice,
    NoticeText,
    StaffNotification,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.storage import alerts, staff_notifications
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import fact_lines, on_call
from statuspage.web.desk.translations import Translator, text_for_reader

MAX_RECORDING_DELAY = timedelta(minutes=1)
"""If *happened* and *recorded* differ by more than this, both are shown."""


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """An entry of the timeline as shown on the page."""

    time: str
    day: str
    label: str
    actor: str
    recorded: str
    style: str
    lines: list[str]
    language: str = ""
    link: str = ""
    other_languages: list[dict[str, str]] = field(default_factory=list)


def timeline_lines(incident: Incident, translator: Translator, now: datetime) -> list[TimelineLine]:
    """The timeline, newest first, including staff notifications."""
    env = request_context.env()
    with env.databases.environment.read() as tx:
        notifications = [
            notification
            for alert in alerts.alerts_of_incident(tx, incident.id)
            for notification in staff_notifications.notifications_of_alert(tx, alert.id)
        ]
        notifications += staff_notifications.notifications_of_incident(tx, incident.id)
    lines = [
        (entry.happened, entry.sequence, _timeline_line(incident, entry, translator, now)) for entry in incident.entries
    ]
    order = {sequence: n for n, (_, sequence, _) in enumerate(lines)}
    notification_lines = [
        (
            notification.started_at or notification.queued_at or now,
            len(order),
            _notification_line(notification, translator, now),
        )
        for notification in notifications
    ]
    sort_times = {n: max((happened for happened, _, _ in lines[: n + 1])) for n in range(len(lines))}
    placed = [(sort_times[n], n, line) for n, (_, _, line) in enumerate(lines)] + notification_lines
    return [line for _, _, line in sorted(placed, key=lambda item: item[:2], reverse=True)]


def _notification_line(notification: StaffNotification, translator: Translator, now: datetime) -> TimelineLine:
    view = on_call.notification_line(request_context.env().site.catalog, notification, translator)
    day = (
        ""
        if translator.times.format_day(view.at) == translator.times.format_day(now)
        else translator.times.format_day(view.at)
    )
    details = [
        detail for detail in (translator.format_list(notification.recipients), view.state, view.reason) if detail
    ]
    return TimelineLine(
        translator.clock_seconds(view.at),
        day,
        on_call.notification_label(request_context.env().site.catalog, notification, translator),
        "",
        "",
        "step",
        details,
    )


def _timeline_line(incident: Incident, entry: TimelineEntry, translator: Translator, now: datetime) -> TimelineLine:
    times = translator.times
    is_late = abs(entry.recorded - entry.happened) > MAX_RECORDING_DELAY
    day = "" if times.format_day(entry.happened) == times.format_day(now) else times.format_day(entry.happened)
    recorded = translator.t("incident.recorded", time=times.format_time(entry.recorded)) if is_late else ""
    time_and_day = (translator.clock_seconds(entry.happened), day)
    match entry.entry:
        case TimelineEvent(event=step, actor=actor):
            return TimelineLine(
                *time_and_day,
                translator.t(f"step.{step}"),
                actor,
                recorded,
                "step",
                _event_lines(entry.entry, translator, now),
            )
        case InternalNote(text=text, actor=actor):
            return TimelineLine(
                *time_and_day, translator.t("incident.for_colleagues"), actor, recorded, "note", text.split("\n")
            )
        case Notice(actor=actor, texts=notice_texts):
            return _notice_line(incident, entry.sequence, time_and_day, actor, notice_texts, recorded, translator)


def _event_lines(event: TimelineEvent, translator: Translator, now: datetime) -> list[str]:
    """The lines below an event: its own text, and each fact of an answer."""
    own_lines = [event.text] if event.text and event.event is not EventKind.READABLE else []
    if event.engineer_answer is None:
        return own_lines
    incident_type = request_context.env().site.catalog.incident_types.get(event.engineer_answer.facts.incident_type)
    engineer_answer = event.engineer_answer
    labelled_facts = [
        (
            fact_lines.fact_label(name, incident_type, translator),
            fact_lines.fact_line(name, engineer_answer.facts, translator, now),
        )
        for name in engineer_answer.fields
    ]
    return [
        *(translator.t("fact_requests.answer_line", label=label, text=line) for label, line in labelled_facts),
        *own_lines,
    ]


def _notice_line(
    incident: Incident,
    sequence: int,
    time_and_day: tuple[str, str],
    actor: str,
    notice_texts: Mapping[str, NoticeText],
    recorded: str,
    translator: Translator,
) -> TimelineLine:
    own_text = text_for_reader(notice_texts, translator)
    other_languages = [
        {"language": notice_text.language, "text": _joined_sentences(notice_text)}
        for notice_text in notice_texts.values()
        if notice_text is not own_text
    ]
    link = url_for("receipts.show_receipts", incident_id=incident.id, sequence=sequence)
    return TimelineLine(
        *time_and_day,
        own_text.label,
        actor,
        recorded,
        "cur",
        [_joined_sentences(own_text)],
        own_text.language,
        link,
        other_languages,
    )


def _joined_sentences(notice_text: NoticeText) -> str:
    pack = request_context.env().site.catalog.packs.get(notice_text.language)
    return (pack.locale_rules.gap if pack else " ").join(sentence.text for sentence in notice_text.sentences)
