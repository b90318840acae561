"""The timeline of an incident, line by line as shown on its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from flask import url_for

from statuspage.domain import (
    FOR_PROGRAMS,
    EventKind,
    Incident,
    InternalNote,
    Notice,
    NoticeText,
    StaffNotification,
    TimelineEntry,
    TimelineEvent,
    first_standing,
    time_to_notice,
)
from statuspage.rendering.site import NoticeNews, notice_news
from statuspage.storage import alerts, staff_notifications
from statuspage.usecases import drills
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import fact_lines, on_call
from statuspage.web.desk.translations import Translator, text_for_reader

MAX_RECORDING_DELAY = timedelta(minutes=1)
"""If *happened* and *recorded* differ by more than this, both are shown."""


UNFOLDED_EVENTS = (EventKind.ALERTED, EventKind.RECEIVED, EventKind.REOPENED, EventKind.CLOSED)
"""Events that are read beside the notices; other events in a row fold into one line."""


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """An entry of the timeline as shown on the page. ``news`` is what a notice changed, as customers read it; ``whole``
    is all of it."""

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
    news: NoticeNews | None = None
    whole: str = ""
    took: str = ""
    folds: bool = False


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Several events in a row as one line that opens; ``text`` says how many, and from when to when."""

    text: str
    steps: list[TimelineLine]


def timeline_lines(incident: Incident, translator: Translator, now: datetime) -> list[TimelineLine | StepGroup]:
    """The timeline in the order of time, newest first, including staff notifications; steps in a row are folded."""
    env = request_context.env()
    with env.databases.environment.read() as tx:
        notifications = [
            notification
            for alert in alerts.alerts_of_incident(tx, incident.id)
            for notification in staff_notifications.notifications_of_alert(tx, alert.id)
        ]
        notifications += staff_notifications.notifications_of_incident(tx, incident.id)
    placed = [
        (entry.happened, entry.sequence, _timeline_line(incident, entry, translator, now)) for entry in incident.entries
    ]
    placed += [
        (
            notification.started_at or notification.queued_at or now,
            len(incident.entries) + 1,
            _notification_line(notification, translator, now),
        )
        for notification in notifications
        if notification.trigger not in FOR_PROGRAMS or notification.has_failed
    ]
    lines = [line for _, _, line in sorted(placed, key=lambda item: item[:2], reverse=True)]
    return _fold_steps(lines, translator)


def _fold_steps(lines: list[TimelineLine], translator: Translator) -> list[TimelineLine | StepGroup]:
    """Two or more steps in a row become one line."""
    folded: list[TimelineLine | StepGroup] = []
    for is_step, run in groupby(lines, key=lambda line: line.folds):
        steps = list(run)
        if not is_step or len(steps) == 1:
            folded += steps
            continue
        first, last = steps[-1].time, steps[0].time
        span = first if first == last else translator.t("incident.from_to", first=first, last=last)
        text = translator.t("incident.steps", count=len(steps), span=span)
        folded.append(StepGroup(text, steps))
    return folded


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
        translator.times.format_time(view.at),
        day,
        on_call.notification_label(request_context.env().site.catalog, notification, translator),
        "",
        "",
        "step",
        details,
        folds=True,
    )


def _timeline_line(incident: Incident, entry: TimelineEntry, translator: Translator, now: datetime) -> TimelineLine:
    times = translator.times
    is_late = abs(entry.recorded - entry.happened) > MAX_RECORDING_DELAY
    day = "" if times.format_day(entry.happened) == times.format_day(now) else times.format_day(entry.happened)
    recorded = translator.t("incident.recorded", time=times.format_time(entry.recorded)) if is_late else ""
    time_and_day = (times.format_time(entry.happened), day)
    match entry.entry:
        case TimelineEvent(event=step, actor=actor):
            return TimelineLine(
                *time_and_day,
                translator.t(f"step.{step}"),
                actor,
                recorded,
                "step",
                _event_lines(entry.entry, translator, now),
                folds=step not in UNFOLDED_EVENTS,
            )
        case InternalNote(text=text, actor=actor):
            return TimelineLine(
                *time_and_day, translator.t("incident.for_colleagues"), actor, recorded, "note", text.split("\n")
            )
        case Notice():
            return _notice_line(incident, entry.sequence, entry.entry, time_and_day, recorded, translator)


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
    notice: Notice,
    time_and_day: tuple[str, str],
    recorded: str,
    translator: Translator,
) -> TimelineLine:
    own_text = text_for_reader(notice.texts, translator)
    other_languages = [
        {"language": notice_text.language, "text": _joined_sentences(notice_text)}
        for notice_text in notice.texts.values()
        if notice_text is not own_text
    ]
    link = url_for("receipts.show_receipts", incident_id=incident.id, sequence=sequence)
    return TimelineLine(
        *time_and_day,
        own_text.label,
        notice.actor,
        recorded,
        "cur" if sequence == incident.latest_sequence else "notice",
        [],
        own_text.language,
        link,
        other_languages,
        news=_news(incident, sequence, notice, own_text, translator),
        whole=_joined_sentences(own_text),
        took=_time_to_report(incident, sequence, translator),
    )


def _news(
    incident: Incident, sequence: int, notice: Notice, own_text: NoticeText, translator: Translator
) -> NoticeNews:
    """What this notice changed, in the words of the public timeline."""
    earlier = [recorded.notice for recorded in incident.notices if recorded.sequence < sequence]
    pack = request_context.env().site.catalog.packs.get(own_text.language, translator.pack)
    return notice_news(pack, notice, own_text, earlier[-1] if earlier else None)


def _time_to_report(incident: Incident, sequence: int, translator: Translator) -> str:
    """How soon customers could read the first report, beside the goal; "" for all other notices."""
    standing = first_standing(incident)
    if standing is None or standing.sequence != sequence or incident.is_maintenance:
        return ""
    env = request_context.env()
    counting = drills.counted_from(env.databases.environment, incident, now=request_context.now())
    took = time_to_notice(incident, counting)
    goal = translator.stopwatch(env.site.catalog.site.notice_goal)
    return translator.t(f"incident.took_{counting.source}", took=translator.stopwatch(took), goal=goal) if took else ""


def _joined_sentences(notice_text: NoticeText) -> str:
    pack = request_context.env().site.catalog.packs.get(notice_text.language)
    return (pack.locale_rules.gap if pack else " ").join(sentence.text for sentence in notice_text.sentences)
