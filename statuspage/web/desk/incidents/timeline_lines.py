"""The timeline of an incident, line by line as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import url_for

from statuspage.domain import (
    Incident,
    InternalNote,
    Notice,
    NoticeText,
    StaffNotification,
    StepKind,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.storage import alerts, staff_notifications
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import fact_lines, on_call
from statuspage.web.desk.translations import Translator, mine

APART = timedelta(minutes=1)
"""Where *happened* and *recorded* differ by more, both are shown."""


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """An entry of the timeline as the page shows it."""

    time: str
    day: str
    label: str
    by: str
    recorded: str
    look: str
    lines: list[str]
    language: str = ""
    link: str = ""
    others: list[dict[str, str]] = field(default_factory=list)


def timeline_lines(incident: Incident, voice: Translator, now: datetime) -> list[TimelineLine]:
    """The timeline with the calls to colleagues in their places, the newest first."""
    world = request_context.world()
    with world.store.read() as tx:
        made = [
            call
            for one in alerts.alerts_of_incident(tx, incident.id)
            for call in staff_notifications.of_alert(tx, one.id)
        ]
        made += staff_notifications.notifications_of_incident(tx, incident.id)
    lines = [(r.happened, r.sequence, _timeline_line(incident, r, voice, now)) for r in incident.entries]
    order = {sequence: n for n, (_, sequence, _) in enumerate(lines)}
    told = [(call.started or call.queued or now, len(order), _call(call, voice, now)) for call in made]
    at = {n: max((when for when, _, _ in lines[: n + 1])) for n in range(len(lines))}
    placed = [(at[n], n, line) for n, (_, _, line) in enumerate(lines)] + told
    return [line for _, _, line in sorted(placed, key=lambda one: one[:2], reverse=True)]


def _call(call: StaffNotification, voice: Translator, now: datetime) -> TimelineLine:
    made = on_call.made(request_context.world(), call, voice)
    day = "" if voice.times.day(made.at) == voice.times.day(now) else voice.times.day(made.at)
    said = [one for one in (voice.listed(call.who), made.state, made.why) if one]
    return TimelineLine(
        voice.seconds(made.at),
        day,
        on_call.notification_label(request_context.world(), call, voice),
        "",
        "",
        "step",
        said,
    )


def _timeline_line(incident: Incident, r: TimelineEntry, voice: Translator, now: datetime) -> TimelineLine:
    times = voice.times
    late = abs(r.recorded - r.happened) > APART
    day = "" if times.day(r.happened) == times.day(now) else times.day(r.happened)
    recorded = voice.t("incident.recorded", time=times.clock(r.recorded)) if late else ""
    head = (voice.seconds(r.happened), day)
    match r.entry:
        case TimelineEvent(step=step, by=by):
            return TimelineLine(*head, voice.t(f"step.{step}"), by, recorded, "step", _step_said(r.entry, voice, now))
        case InternalNote(text=text, by=by):
            return TimelineLine(*head, voice.t("incident.for_colleagues"), by, recorded, "note", text.split("\n"))
        case Notice(by=by, words=words):
            return _told_line(incident, r.sequence, head, by, words, recorded, voice)


def _step_said(step: TimelineEvent, voice: Translator, now: datetime) -> list[str]:
    """What stands below a step: its own words, and each fact of an answer."""
    text = [step.text] if step.text and step.step is not StepKind.READABLE else []
    if step.said is None:
        return text
    kind, said = request_context.world().catalog.kinds.get(step.said.facts.kind), step.said
    lines = [
        (fact_lines.fact_label(one, kind, voice), fact_lines.line(one, said.facts, voice, now)) for one in said.fields
    ]
    return [*(voice.t("engineers.said", label=label, text=line) for label, line in lines), *text]


def _told_line(
    incident: Incident,
    sequence: int,
    head: tuple[str, str],
    by: str,
    words: Mapping[str, NoticeText],
    recorded: str,
    voice: Translator,
) -> TimelineLine:
    own = mine(words, voice)
    others = [{"language": w.language, "text": _words_text(w)} for w in words.values() if w is not own]
    link = url_for("receipts.show_receipts", incident_id=incident.id, sequence=sequence)
    return TimelineLine(*head, own.label, by, recorded, "cur", [_words_text(own)], own.language, link, others)


def _words_text(words: NoticeText) -> str:
    book = request_context.world().catalog.books.get(words.language)
    return (book.writing.gap if book else " ").join(sentence.text for sentence in words.sentences)
