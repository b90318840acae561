"""A form in progress, and what is shown beside it: its clock, its origin, a colleague's notice, engineers' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import request, url_for
from itsdangerous import BadSignature

from statuspage import serialization
from statuspage.domain import (
    MAINTENANCE_NOTICES,
    AffectedAudience,
    Alert,
    EventKind,
    Incident,
    InternalNote,
    NoticeKind,
    Proposal,
    RecordedNotice,
    ValidationError,
    initial_facts,
    omitted_facts,
    open_questions,
)
from statuspage.usecases.notices import NoticeTarget, Preview
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.notice_form import drafts
from statuspage.web.desk.notice_form import opening_fields as opening
from statuspage.web.desk.notice_form.confirmations import UNCONFIRMED
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.merge_answers import AnswerMerger
from statuspage.web.desk.panels import fact_lines, maintenance, on_call, response_clock
from statuspage.web.desk.translations import Translator, short_title, text_for_reader

TARGET_LIFETIME = timedelta(hours=24)
"""How long after it was opened a form may open a new incident: the incident's clock starts with the form."""

OTHER_TYPE = "other"
"""The incident type of a holding notice if no alert proposes one."""


@dataclass(frozen=True, slots=True)
class FormSession:
    """A form in progress: the target of its notice and its fields."""

    notice: NoticeKind
    target: NoticeTarget
    fields: Fields
    incident: Incident | None
    alert: Alert | None
    is_draft: bool = False

    @property
    def owner(self) -> str:
        """The key of its draft."""
        return drafts.owner_of(self.path)

    @property
    def over(self) -> bool:
        """Whether customers were told that it is over."""
        standing = self.incident.current_facts if self.incident else None
        return standing is not None and standing.ended_at is not None

    @property
    def open_questions(self) -> tuple[str, ...]:
        """The questions that are still open although it is over."""
        catalog = request_context.env().site.catalog
        return tuple(question.id for question in open_questions(self.incident, catalog)) if self.incident else ()

    @property
    def told_workarounds(self) -> tuple[str, ...]:
        """What a follow-up need not repeat; nothing for other kinds of notice."""
        standing = self.incident.public_facts if self.incident and self.notice is NoticeKind.FOLLOW_UP else None
        return standing.workarounds if standing else ()

    @property
    def opening(self) -> Fields | None:
        """The fields with which a notice on a published incident opens; None if there is nothing to compare with."""
        if self.incident is None or self.incident.latest is None or self.notice in MAINTENANCE_NOTICES:
            return None
        return opening_fields(self.incident, self.alert, self.notice)

    @property
    def path(self) -> str:
        """The path of the form."""
        if self.incident is None:
            return url_for(
                "notice_form.show_maintenance"
                if self.notice is NoticeKind.ANNOUNCED
                else "notice_form.show_first_report"
            )
        return url_for("notice_form.show_notice", incident_id=self.incident.id, notice=str(self.notice))


@dataclass(frozen=True, slots=True)
class FormMessages:
    """Messages on the form: problems, an outdated preview, or a notice published by a colleague meanwhile.

    ``is_without_target``: the form belongs to no incident and cannot be published before somebody starts a new one.
    """

    problems: tuple[ValidationError, ...] = ()
    stale: str = ""
    newer: RecordedNotice | None = None
    token: str = ""
    status: int = 200
    is_without_target: bool = False


def opening_fields(incident: Incident, alert: Alert | None, notice: NoticeKind) -> Fields:
    """The initial fields of a notice: what an alert proposes, else the facts as customers know them."""
    catalog = request_context.env().site.catalog
    zone = ZoneInfo(request_context.env().site.catalog.site.zone)
    now = request_context.now()
    if incident.current_facts is not None and incident.is_maintenance:
        return opening.maintenance_fields(incident.current_facts, notice, zone)
    if (facts := initial_facts(incident, notice, catalog)) is not None:
        form_fields = opening.follow_up_fields(catalog, facts, notice, zone, now)
        recovered = incident.first_time_of(EventKind.RECOVERED)
        return form_fields | (opening.time_fields("ended", recovered, zone, now) if recovered else {})
    if alert is None:
        return opening.first_report_fields(catalog)
    started_at = alert.proposed_start
    start_fields: Fields = opening.time_fields("start", started_at, zone, now) if started_at else {"start": []}
    return opening.first_report_fields(catalog, proposal=alert.proposal) | start_fields


def later_kind(notice: NoticeKind) -> NoticeKind:
    """The kind of notice that a form becomes once a colleague has published: a first report an update."""
    return NoticeKind.UPDATE if notice is NoticeKind.FIRST else notice


def alert_time(form_session: FormSession) -> str:
    """The start of a first report's alert as its form shows it; "" without an alert."""
    if form_session.alert is None or form_session.notice is not NoticeKind.FIRST:
        return ""
    zone = ZoneInfo(request_context.env().site.catalog.site.zone)
    return opening.as_typed_time(form_session.alert.monitor_alert.started_at, zone, request_context.now())


def first_report_address(incident_id: str, *, is_placeholder: bool = False) -> str:
    """The path of the form for a first report, or for a holding notice in its place."""
    return url_for(
        "notice_form.show_notice", incident_id=incident_id, notice="first", placeholder="1" if is_placeholder else None
    )


def with_placeholder_text(form_fields: Fields) -> Fields:
    """A first report as a holding notice: with its prepared sentence in every language, and always with an incident
    type.

    What somebody typed is kept.
    """
    catalog = request_context.env().site.catalog
    prepared = {
        f"extra-{language}": catalog.packs[language].phrases.get("placeholder.text", "")
        for language in catalog.languages
    }
    defaults = (
        {}
        if value_of(form_fields, "incident_type")
        else opening.first_report_fields(catalog, proposal=Proposal(OTHER_TYPE))
    )
    added = {name: [text] for name, text in prepared.items() if not value_of(form_fields, name)}
    return {
        **form_fields,
        **{name: defaults[name] for name in ("incident_type", "next_update") if name in defaults},
        **added,
    }


def answer_merger(form_session: FormSession, incident: Incident) -> AnswerMerger:
    """Merges engineers' answers into this form."""
    initial_fields = opening_fields(incident, form_session.alert, form_session.notice)
    return AnswerMerger(
        request_context.env().site.catalog, form_session.notice, incident, initial_fields, request_context.now()
    )


def engineers_panel(form_session: FormSession, preview: Preview) -> panel.Panel | None:
    """The fact request panel, if the form is about an incident."""
    if form_session.notice in (*MAINTENANCE_NOTICES, NoticeKind.POSTMORTEM):
        return None
    if form_session.incident is None:
        return panel.Panel(
            [],
            [],
            None,
            can_ask=True,
            channels=on_call.staff_channels(request_context.env(), request_context.translator()),
        )
    return panel.build_panel(
        form_session.incident, answer_merger(form_session, form_session.incident), form_session.fields, preview.facts
    )


def colleagues_told(form_session: FormSession, translator: Translator) -> str:
    """When staff were first told, "" if they were not."""
    entries = form_session.incident.entries if form_session.incident else ()
    notes = [entry.recorded for entry in entries if isinstance(entry.entry, InternalNote)]
    return translator.times.format_time(notes[0]) if notes else ""


def nav_section(form_session: FormSession) -> str:
    """The section of the desk to which this form belongs."""
    if form_session.notice is NoticeKind.FIRST:
        return "home"
    return "maintenance" if form_session.notice in MAINTENANCE_NOTICES else "incidents"


def form_context(form_session: FormSession, translator: Translator) -> Sequence[tuple[str, str]]:
    """The origin: the alert, or the published incident."""
    if form_session.alert is not None and form_session.notice is NoticeKind.FIRST:
        return [_alert_context(form_session.alert, translator)]
    latest = form_session.incident.latest if form_session.incident else None
    if latest is None or form_session.incident is None:
        return []
    planned, notice_text = form_session.incident.maintenance_window, text_for_reader(latest.notice.texts, translator)
    title = notice_text.title if planned else short_title(notice_text)
    return [(title, maintenance.window_text(planned, translator, request_context.now()) if planned else "")]


def _alert_context(alert: Alert, translator: Translator) -> tuple[str, str]:
    """When the alert came and what it says; also since when, if that is another minute."""
    now, title = request_context.now(), alert.monitor_alert.title
    came = translator.times.format_recent(alert.received_at, now=now)
    since = translator.times.format_recent(alert.monitor_alert.started_at, now=now)
    summary = title if since == came else translator.t("report.alert_summary", title=title, since=since)
    return translator.t("report.from_alert", time=came), summary


def earlier_choices(form_session: FormSession, translator: Translator) -> dict[str, str]:
    """Statements of the last notice that must be chosen again if they apply to the remaining services, by part of the
    form."""
    earlier_facts = (
        omitted_facts(form_session.incident, form_session.notice, request_context.env().site.catalog)
        if form_session.incident
        else None
    )
    if earlier_facts is None:
        return {}
    lists, audience_groups = translator.pack.lists["workaround"], translator.pack.audience_groups
    audience = [audience_groups[group].label for group in earlier_facts.audience.groups if group in audience_groups]
    if earlier_facts.audience.extent in (AffectedAudience.ALL, AffectedAudience.SOME):
        audience = [translator.t(f"audience.{earlier_facts.audience.extent}")]
    choices = {"audience": audience, "workaround": [lists[id].label for id in earlier_facts.workarounds if id in lists]}
    choices |= {
        f"answer-{question}": [
            fact_lines.fact_line(f"answer.{question}", earlier_facts, translator, request_context.now())
        ]
        for question in earlier_facts.answers
    }
    return {
        part: translator.t("report.previous_choice", text=translator.format_list(labels))
        for part, labels in choices.items()
        if labels
    }


def same_plans(form_session: FormSession, preview: Preview, translator: Translator) -> list[maintenance.SamePlan]:
    """Maintenance that is planned already, at the same time for the same service."""
    if form_session.notice is not NoticeKind.ANNOUNCED:
        return []
    plans = ((doubt.incident, doubt.incident.maintenance_window) for doubt in preview.doubts if doubt.incident)
    now = request_context.now()
    return [maintenance.same_plan(incident, plan, translator, now) for incident, plan in plans if plan]


def newer_notice(newer: RecordedNotice, translator: Translator) -> dict[str, object]:
    """A notice published by a colleague while this one was being written."""
    notice_text = text_for_reader(newer.notice.texts, translator)
    lines = [sentence.text for sentence in notice_text.sentences]
    actor, time = newer.notice.actor, translator.times.format_time(newer.recorded)
    return {"by": actor, "time": time, "language": notice_text.language, "lines": [notice_text.label, *lines]}


def form_clock(form_session: FormSession, translator: Translator) -> response_clock.ClockBar | None:
    """The clock of a first report; None for any other notice."""
    goal = request_context.env().site.catalog.site.notice_goal
    if form_session.notice in MAINTENANCE_NOTICES:
        return None
    if form_session.incident is None:
        return response_clock.form_clock(
            form_session.target.form_opened_at or request_context.now(), goal, translator, request_context.now()
        )
    if form_session.notice is NoticeKind.FIRST:
        return response_clock.incident_clock(form_session.incident, translator, request_context.now())
    return None


def problems_so_far(problems: tuple[ValidationError, ...]) -> tuple[ValidationError, ...]:
    """The problems to show while somebody is still writing: not those of fields not reached yet, before the first
    attempt to publish."""
    if request.form.get("was_submitted"):
        return problems
    unfinished_codes = ("missing", "required", "empty", UNCONFIRMED)
    return tuple(problem for problem in problems if problem.code.partition(".")[2] not in unfinished_codes)


_FIELD_ORDER = """ended incident_type services audience begins ends remind start estimate answer cause current_action
prevention workaround next_update report_by extra postmortem text only reason""".split()


def problem_views(problems: Sequence[ValidationError], translator: Translator) -> list[dict[str, str]]:
    """Problems with their fields, in the order of the form."""
    return [_problem_view(problem, translator) for problem in sorted(problems, key=_form_position)]


def _form_position(problem: ValidationError) -> int:
    name = problem.field.partition(".")[0]
    return _FIELD_ORDER.index(name) if name in _FIELD_ORDER else len(_FIELD_ORDER)


def _problem_view(problem: ValidationError, translator: Translator) -> dict[str, str]:
    is_both = problem.code == "audience.unknown" and problem.args.get("value") in ("all", "some")
    text = translator.t("report.audience_conflict") if is_both else translator.problem_text(problem)
    return {"field": problem.field, "text": text}


def sign_target(target: NoticeTarget) -> str:
    """The target of the notice, signed, so that the form cannot be given another target."""
    return str(request_context.signer("target").dumps(serialization.to_json_value(target)))


def read_target(form_fields: Fields) -> NoticeTarget | None:
    """The target of the notice that the form carries; None if its signature is not ours."""
    try:
        return serialization.from_json_value(
            NoticeTarget, request_context.signer("target").loads(value_of(form_fields, "target"))
        )
    except (BadSignature, ValueError):
        return None


def read_new_target(form_fields: Fields) -> NoticeTarget | None:
    """The same for a form that opens an incident; None also if the form was opened too long ago."""
    target = read_target(form_fields)
    if target is None or target.form_opened_at is None:
        return None
    return target if request_context.now() - target.form_opened_at <= TARGET_LIFETIME else None
