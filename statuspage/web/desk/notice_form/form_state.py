"""A form being worked on, and what stands beside it: its clock, where it came from, what colleagues wrote and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import url_for

from statuspage.domain import (
    OF_MAINTENANCE,
    AffectedAudience,
    Alert,
    Incident,
    InternalNote,
    NoticeKind,
    Proposal,
    RecordedNotice,
    StepKind,
    ValidationError,
    set_aside,
    starting,
)
from statuspage.usecases.notices import NoticeTarget, Preview
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel as engineers
from statuspage.web.desk.notice_form import drafts, fields
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.merge_answers import Taking
from statuspage.web.desk.panels import fact_lines, maintenance, on_call, response_clock
from statuspage.web.desk.translations import Translator, mine

OTHER = "other"
"""The kind of a holding notice where no alert proposes one."""


@dataclass(frozen=True, slots=True)
class FormSession:
    """A form being worked on: where its notice belongs and what its fields hold."""

    notice: NoticeKind
    place: NoticeTarget
    fields: Fields
    incident: Incident | None
    alert: Alert | None
    draft: bool = False

    @property
    def owner(self) -> str:
        """Whose draft this is."""
        return drafts.owner_of(self.path)

    @property
    def over(self) -> bool:
        """Whether customers were told that it is over."""
        standing = self.incident.standing if self.incident else None
        return standing is not None and standing.ended is not None

    @property
    def path(self) -> str:
        """The address of the form."""
        if self.incident is None:
            return url_for("report.plan" if self.notice is NoticeKind.ANNOUNCED else "report.new")
        return url_for("report.on_incident", incident_id=self.incident.id, notice=str(self.notice))


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says beside the form: problems, a stale preview, or what a colleague published meanwhile."""

    problems: tuple[ValidationError, ...] = ()
    stale: str = ""
    newer: RecordedNotice | None = None
    token: str = ""
    status: int = 200


def opened(incident: Incident, alert: Alert | None, notice: NoticeKind) -> Fields:
    """The form of a notice as it opens: what an alert proposes, else the facts as customers know them."""
    catalog, zone, now = (
        request_context.world().catalog,
        ZoneInfo(request_context.world().catalog.site.zone),
        request_context.now(),
    )
    if incident.standing is not None and incident.maintenance:
        return fields.of_plan(incident.standing, notice, zone)
    if (facts := starting(incident, notice, catalog)) is not None:
        opened = fields.following(catalog, facts, notice, zone, now)
        recovered = incident.when(StepKind.RECOVERED)
        return opened | ({"ended": ["at"], "ended_at": [fields.when(recovered, zone, now)]} if recovered else {})
    since = fields.when(alert.signal.starts_at, zone, now) if alert else ""
    return fields.fresh(catalog, proposal=alert.proposal if alert else None, since=since)


def first_of(incident_id: str, *, holding: bool = False) -> str:
    """The address of the form of a first report, or of a holding notice in its place."""
    return url_for("report.on_incident", incident_id=incident_id, notice="first", holding="1" if holding else None)


def holding(opened: Fields) -> Fields:
    """A first report as a holding notice: with the sentence prepared for it in every language, and a kind in any case.

    What somebody typed stays.
    """
    catalog = request_context.world().catalog
    said = {
        f"extra-{language}": catalog.books[language].phrases.get("holding.text", "") for language in catalog.languages
    }
    fresh = {} if fields.one(opened, "kind") else fields.fresh(catalog, proposal=Proposal(OTHER))
    empty = {name: [text] for name, text in said.items() if not fields.one(opened, name)}
    return {**opened, **{name: fresh[name] for name in ("kind", "next") if name in fresh}, **empty}


def taking(sheet: FormSession, incident: Incident) -> Taking:
    """What engineers' answers are taken into on this form."""
    fresh = opened(incident, sheet.alert, sheet.notice)
    return Taking(request_context.world().catalog, sheet.notice, incident, fresh, request_context.now())


def panel(sheet: FormSession, preview: Preview) -> engineers.Panel | None:
    """What engineers were asked and said, where the form is about trouble."""
    if sheet.notice in OF_MAINTENANCE:
        return None
    if sheet.incident is None:
        return engineers.Panel(
            [], [], None, can_ask=True, ways=on_call.telling(request_context.world(), request_context.voice())
        )
    return engineers.panel(sheet.incident, taking(sheet, sheet.incident), sheet.fields, preview.facts)


def colleagues_told(sheet: FormSession, voice: Translator) -> str:
    """When colleagues were first told, "" before they were."""
    entries = sheet.incident.entries if sheet.incident else ()
    notes = [r.recorded for r in entries if isinstance(r.entry, InternalNote)]
    return voice.times.clock(notes[0]) if notes else ""


def part_of(sheet: FormSession) -> str:
    """Which part of the desk this form belongs to."""
    return "report" if sheet.notice is NoticeKind.FIRST else "home"


def context(sheet: FormSession, voice: Translator) -> Sequence[tuple[str, str]]:
    """Where it comes from: the alert, or the trouble customers know of."""
    if sheet.alert is not None and sheet.notice is NoticeKind.FIRST:
        head = voice.t("report.from_alert", time=voice.seconds(sheet.alert.received))
        told = voice.t("report.monitor_since", time=voice.times.clock(sheet.alert.signal.starts_at))
        return [(head, voice.t("report.alert_said", title=sheet.alert.signal.title, since=told))]
    latest = sheet.incident.latest if sheet.incident else None
    if latest is None or sheet.incident is None:
        return []
    title, planned = mine(latest.notice.words, voice).title, sheet.incident.planned
    return [(title, maintenance.window(planned, voice) if planned else "")]


def before(sheet: FormSession, voice: Translator) -> dict[str, str]:
    """What was said in the notice before and has to be chosen again where it holds for what is left, by its part of
    the form."""
    aside = set_aside(sheet.incident, sheet.notice, request_context.world().catalog) if sheet.incident else None
    if aside is None:
        return {}
    lists, people = voice.book.lists["workaround"], voice.book.people
    who = [people[group].label for group in aside.who.groups if group in people]
    if aside.who.reach in (AffectedAudience.ALL, AffectedAudience.SOME):
        who = [voice.t(f"reach.{aside.who.reach}")]
    said = {"who": who, "workaround": [lists[id].label for id in aside.workarounds if id in lists]}
    said |= {
        f"answer-{q}": [fact_lines.line(f"answer.{q}", aside, voice, request_context.now())] for q in aside.answers
    }
    return {part: voice.t("report.before", text=voice.listed(found)) for part, found in said.items() if found}


def told_meanwhile(newer: RecordedNotice, voice: Translator) -> dict[str, object]:
    """What a colleague published while this was being written."""
    words = mine(newer.notice.words, voice)
    lines = [sentence.text for sentence in words.sentences]
    by, time = newer.notice.by, voice.times.clock(newer.recorded)
    return {"by": by, "time": time, "language": words.language, "lines": [words.label, *lines]}


def clock_of(sheet: FormSession, voice: Translator) -> response_clock.ClockBar | None:
    """The clock of a first report; None for any other notice."""
    goal = request_context.world().catalog.site.goal
    if sheet.notice in OF_MAINTENANCE:
        return None
    if sheet.incident is None:
        return response_clock.opened(sheet.place.opened or request_context.now(), goal, voice, request_context.now())
    if sheet.notice is NoticeKind.FIRST:
        return response_clock.of(sheet.incident, voice, request_context.now())
    return None
