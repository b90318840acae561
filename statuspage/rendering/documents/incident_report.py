"""An incident report (障害報告書) as HTML for print: the facts that customers know, and what was written for it."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from statuspage.domain import (
    Catalog,
    CourseItem,
    CourseKind,
    Incident,
    IncidentReport,
    LanguagePack,
    Logo,
    RecordedNotice,
    ReportPart,
    ReportState,
    StatePeriod,
    periods_of,
    report_course,
    worst,
)
from statuspage.rendering.wording import Clock, Phrases, company_slots, fill_text

TEMPLATE = "incident_report.html"

_OVER_A_YEAR = timedelta(days=370)
"""Before a date, so that its year is named."""


_NEVER_LEFT_OUT = (ReportPart.DIRECT_CAUSE, ReportPart.ROOT_CAUSE)
"""What every reader looks for: until it is known, the report says so."""


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service of the scope: how badly (``state``, and as a noun), when, and for how long ("" until it is over)."""

    name: str
    state: str
    effect: str
    span: str
    length: str


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One line of the course."""

    time: str
    text: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part with its heading: prepared sentences, then what was written. Without lines it is left out."""

    heading: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Composer:
    report: IncidentReport
    incident: Incident
    catalog: Catalog
    pack: LanguagePack
    clock: Clock

    def document_text(self, key: str, **slots: object) -> str:
        """A text of the document."""
        return fill_text(self.pack.labels[f"desk.incident_report.document.{key}"], self.pack.locale_rules, **slots)

    @property
    def periods(self) -> tuple[StatePeriod, ...]:
        """The states of the recipient's services."""
        return periods_of(self.incident, self.report.services)

    def format_moment(self, at: datetime) -> str:
        """Day and time, always with the year."""
        return self.clock.format_day_time(at, now=at - _OVER_A_YEAR)

    def format_step(self, at: datetime) -> str:
        """Day and time, with the year if it is not that of the start, which is named with its own."""
        return self.clock.format_day_time(at, now=self.onset)

    @property
    def onset(self) -> datetime | None:
        """When the first of the recipient's services was affected; None if none was."""
        return _span(self.periods)[0]

    def service_name(self, id: str) -> str:
        """The name of a service; its id if it is no longer known."""
        words = self.pack.services.get(self.catalog.renamed_services.get(id, id))
        return words.name if words else id

    def effect(self, state: str) -> str:
        """A state as a noun, which is true whenever it is read."""
        return self.document_text(f"effect_{state}")


def render_incident_report(
    report: IncidentReport,
    incident: Incident,
    *,
    catalog: Catalog,
    language: str,
    templates: Mapping[str, str],
    now: datetime,
) -> str:
    """The report in one language as HTML without external resources. A draft carries its mark on each page; an approved
    version says what was known when it was approved."""
    if report.sequence is not None:
        entries = tuple(entry for entry in incident.entries if entry.sequence <= report.sequence)
        incident = replace(incident, entries=entries)
    pack = catalog.packs[language]
    composer = _Composer(report, incident, catalog, pack, Clock(pack.locale_rules, catalog.site.zone))
    return _template(templates).render(**_letterhead(composer, now), **_content(composer))


def _template(templates: Mapping[str, str]) -> Template:
    environment = Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE)


def _letterhead(composer: _Composer, now: datetime) -> Mapping[str, object]:
    """Who writes, when, and under which number and marks."""
    site, report, pack = composer.catalog.site, composer.report, composer.pack
    dated = report.approved_at or now
    return {
        "language": pack.language,
        "t": composer.document_text,
        "report": report,
        "is_draft": report.state is ReportState.DRAFT,
        "marks": pack.marks,
        "company": site.company or pack.site,
        "contact": site.contact.details(pack.language),
        "homepage": site.homepage,
        "logo": _data_url(site.brand.logo),
        "dated": composer.clock.format_full_day(dated, now=dated - _OVER_A_YEAR),
    }


def _content(composer: _Composer) -> Mapping[str, object]:
    """What happened, when, to which services, and why."""
    clock, (start, end) = composer.clock, _span(composer.periods)
    return {
        "occurred": composer.format_moment(start) if start else "",
        "recovered": composer.format_moment(end) if end else "",
        "length": clock.format_duration(end - start) if start and end else "",
        "zone": clock.zone_name(),
        "services": list(_service_rows(composer)),
        "parts": {part.value: _part_row(composer, part) for part in ReportPart},
        "course": [_course_row(composer, item) for item in report_course(composer.incident, composer.report.services)],
    }


def _span(periods: Collection[StatePeriod]) -> tuple[datetime | None, datetime | None]:
    """From the first to the last; no end while a service is still affected."""
    start = min((period.start for period in periods), default=None)
    ends = [period.end for period in periods]
    known = [end for end in ends if end is not None]
    return start, max(known) if known and len(known) == len(ends) else None


def _service_rows(composer: _Composer) -> Iterator[ServiceRow]:
    """The affected services of the recipient, each at its worst."""
    for service in composer.report.services:
        periods = [period for period in composer.periods if period.service == service]
        start, end = _span(periods)
        if start is None:
            continue
        length = composer.clock.format_duration(_affected_length(periods)) if end else ""
        span = composer.clock.format_dated_span(start, end, now=composer.onset) if end else composer.format_step(start)
        state = worst(tuple(period.state for period in periods))
        yield ServiceRow(composer.service_name(service), state, composer.effect(state), span, length)


def _affected_length(periods: Collection[StatePeriod]) -> timedelta:
    return sum((period.end - period.start for period in periods if period.end), timedelta())


def _part_row(composer: _Composer, part: ReportPart) -> PartRow:
    typed = composer.report.text(part, composer.pack.language).splitlines()
    lines = [*_prepared_sentences(composer, part), *(line.strip() for line in typed if line.strip())]
    if not lines and part in _NEVER_LEFT_OUT:
        lines = [composer.document_text("investigating")]
    return PartRow(composer.document_text(part), lines)


def _prepared_sentences(composer: _Composer, part: ReportPart) -> Iterator[str]:
    """What customers were told in prepared sentences, each once."""
    own = set(composer.report.services)
    notices = [
        item
        for item in composer.incident.notices
        if not item.notice.facts.affected or own & {affected.service for affected in item.notice.facts.affected}
    ]
    facts = [item.notice.facts for item in notices]
    phrases = Phrases(
        composer.pack, composer.incident.incident_type, company_slots(composer.pack, composer.catalog.site.contact)
    )
    match part:
        case ReportPart.SUMMARY if not composer.report.text(part, composer.pack.language):
            for row in _service_rows(composer):
                tense = "was" if row.length else "is"
                yield composer.document_text(f"{tense}_{row.state}", service=row.name)
        case ReportPart.DIRECT_CAUSE:
            known = [each.cause for each in facts if each.cause]
            yield from (phrases.fill("cause", id) for id in known[-1:])
        case ReportPart.EMERGENCY:
            yield from _actions_as_told(composer, notices, phrases)
        case ReportPart.PREVENTION:
            preventions = next((each.preventions for each in reversed(facts) if each.preventions), ())
            yield from (phrases.fill("prevention", id) for id in preventions)


def _actions_as_told(composer: _Composer, notices: Sequence[RecordedNotice], phrases: Phrases) -> Iterator[str]:
    """What was being done, each with the time at which customers were first told so."""
    first_told: dict[str, datetime] = {}
    for item in notices:
        if action := item.notice.facts.current_action:
            first_told.setdefault(action, item.recorded)
    for action, at in first_told.items():
        if text := phrases.fill("current_action", action):
            yield composer.document_text("told_at", time=composer.format_step(at), action=text)


def _course_row(composer: _Composer, item: CourseItem) -> CourseRow:
    match item.kind:
        case CourseKind.NOTICE if item.notice:
            texts = item.notice.texts
            text = texts.get(composer.pack.language)
            words = composer.document_text(
                "course_notice", notice=text.label if text else composer.document_text("course_own_notice")
            )
        case CourseKind.STATE:
            name, state = composer.service_name(item.service), composer.effect(item.state)
            words = composer.document_text("course_state", service=name, state=state)
        case CourseKind.RECOVERED:
            words = composer.document_text("course_recovered", service=composer.service_name(item.service))
        case _:
            words = composer.document_text(f"course_{item.kind}")
    return CourseRow(composer.format_step(item.at), words)


def _data_url(logo: Logo | None) -> str:
    return f"data:{logo.type};base64,{base64.b64encode(logo.content).decode()}" if logo else ""
