"""Writes incident reports: begun for a group of customers, changed in drafts, approved by a lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from statuspage.domain import (
    REPORT_LANGUAGES,
    Catalog,
    Incident,
    IncidentReport,
    ReportPart,
    ReportState,
    find_forbidden_phrase,
    has_unreadable_characters,
    strip_invisible,
)
from statuspage.storage import audit_log, incidents
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection
from statuspage.storage.post_incident import incident_reports
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused, NoSuchIncident

TEXT_LIMIT, RECIPIENT_LIMIT = 5000, 200
"""Maximum characters of a part in one language, and of the recipient."""

Texts = Mapping[str, Mapping[str, str]]


class NoSuchReport(Exception):
    """There is no report with this number, or not in this version."""


class ReportChanged(Exception):
    """Somebody else has changed or approved it meanwhile."""


def report_languages(catalog: Catalog) -> tuple[str, ...]:
    """The languages in which reports can be written: those of Japanese and English that the desk has."""
    return tuple(language for language in REPORT_LANGUAGES if language in catalog.desk_languages)


def begin_report(
    env: Environment, incident_id: str, recipient: str, services: Sequence[str], *, actor: Actor, now: datetime
) -> IncidentReport:
    """Begins a report for a recipient ("": nobody in particular) who uses these services; none: all that were affected.

    Raises NoSuchIncident, ActionRefused.
    """
    tidy = _checked(env, recipient, RECIPIENT_LIMIT)
    with env.databases.environment.begin() as tx:
        incident = _published(tx, incident_id)
        chosen = tuple(id for id in incident.ever_affected if id in services or not services)
        if not chosen or set(services) - set(incident.ever_affected):
            raise ActionRefused("incident_report.services")
        number = incident_reports.insert_report(tx, incident_id, tidy, chosen, actor=actor.name, at=now)
        report = _require_report(tx, number)
    _record_report(env, "begun", report, actor, now)
    return report


def change_report(
    env: Environment, number: int, texts: Texts, *, seen: tuple[int, int], actor: Actor, now: datetime
) -> IncidentReport:
    """Changes the texts of a draft. If the newest version is approved, a new one is begun.

    ``seen`` is the version and its number of changes that the writer saw. Raises NoSuchReport, ReportChanged,
    ActionRefused.
    """
    checked = _checked_texts(env, texts)
    with env.databases.environment.begin() as tx:
        report = _lock_report(tx, number, seen)
        if report.state is ReportState.APPROVED:
            incident_reports.insert_draft(tx, number, report.version + 1, checked, actor=actor.name, at=now)
        else:
            incident_reports.change_draft(tx, report, checked, actor=actor.name, at=now)
        report = _require_report(tx, number)
    _record_report(env, "changed", report, actor, now)
    return report


def approve_report(
    env: Environment, number: int, *, seen: tuple[int, int], actor: Actor, now: datetime
) -> IncidentReport:
    """Approves the newest version, which never changes after that.

    Raises NoSuchReport, ReportChanged, and ActionRefused while the incident is not over, or if a part is missing in one
    of the languages.
    """
    with env.databases.environment.begin() as tx:
        report = _lock_report(tx, number, seen)
        if report.state is ReportState.APPROVED:
            raise ReportChanged
        incident = _published(tx, report.incident)
        if report.unequal_parts:
            raise ActionRefused("incident_report.unequal")
        if not incident.is_over:
            raise ActionRefused("incident_report.not_over")
        incident_reports.approve(tx, report, sequence=incident.latest_sequence, actor=actor.name, at=now)
        report = _require_report(tx, number)
    _record_report(env, "approved", report, actor, now)
    return report


def find_report(env: Environment, number: int, version: int | None = None) -> IncidentReport:
    """A version of a report, by default the newest. Raises NoSuchReport."""
    with env.databases.environment.read() as tx:
        return _require_report(tx, number, version)


def newest_reports(env: Environment, incident_id: str) -> tuple[IncidentReport, ...]:
    """The newest version of each report of an incident, by number."""
    with env.databases.environment.read() as tx:
        versions = incident_reports.reports_of_incident(tx, incident_id)
    return tuple({report.number: report for report in reversed(versions)}.values())


def _require_report(tx: Connection, number: int, version: int | None = None) -> IncidentReport:
    report = incident_reports.find_report(tx, number, version)
    if report is None:
        raise NoSuchReport
    return report


def _lock_report(tx: Connection, number: int, seen: tuple[int, int]) -> IncidentReport:
    incident_reports.lock_report(tx, number)
    report = _require_report(tx, number)
    if (report.version, report.changes) != seen:
        raise ReportChanged
    return report


def _published(tx: Connection, incident_id: str) -> Incident:
    incident = incidents.load_incident(tx, incident_id)
    if incident is None or incident.latest is None or incident.is_maintenance:
        raise NoSuchIncident
    return incident


def _checked_texts(env: Environment, texts: Texts) -> dict[str, dict[str, str]]:
    """The texts by part and language without empty ones. Raises ActionRefused."""
    languages = report_languages(env.site.catalog)
    if set(texts) - set(ReportPart) or any(set(words) - set(languages) for words in texts.values()):
        raise ActionRefused("incident_report.part")
    checked = {
        part: {language: tidy for language, text in words.items() if (tidy := _checked(env, text, TEXT_LIMIT))}
        for part, words in texts.items()
    }
    return {part: words for part, words in checked.items() if words}


def _checked(env: Environment, text: str, limit: int) -> str:
    tidy = strip_invisible(text)
    if len(tidy) > limit or has_unreadable_characters(tidy):
        raise ActionRefused("incident_report.text")
    if find_forbidden_phrase(tidy, env.site.catalog.forbidden_phrases):
        raise ActionRefused("text.denies_note")
    if any(mark in tidy for mark in env.site.assets.forbidden_marks):
        raise ActionRefused("text.mark_document")
    return tidy


def _record_report(env: Environment, action: str, report: IncidentReport, actor: Actor, now: datetime) -> None:
    with env.databases.accounts.begin() as tx:
        target, version = report.printed_number, str(report.version)
        audit_log.record_action(tx, f"incident_report.{action}", at=now, by=actor, target=target, version=version)
