"""Incident reports for business customers: numbered, in versions, of which an approved one never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from statuspage.domain import IncidentReport, ReportState
from statuspage.storage.tables import incident_report, incident_report_version

Texts = Mapping[str, Mapping[str, str]]

_VERSION = incident_report_version.c
_SELECTED = (
    incident_report.c.id,
    incident_report.c.incident,
    incident_report.c.recipient,
    incident_report.c.services,
    *(column for column in _VERSION if column.name != "report"),
)


def insert_report(
    tx: Connection, incident: str, recipient: str, services: Sequence[str], *, actor: str, at: datetime
) -> int:
    """Adds a report with an empty draft as its first version, and returns its number."""
    values = {"incident": incident, "recipient": recipient, "services": list(services), "created_at": at}
    query = insert(incident_report).values(values).returning(incident_report.c.id)
    number: int = tx.execute(query).scalar_one()
    insert_draft(tx, number, 1, {}, actor=actor, at=at)
    return number


def insert_draft(tx: Connection, number: int, version: int, texts: Texts, *, actor: str, at: datetime) -> None:
    """Adds a version as a draft."""
    values = {
        "report": number,
        "version": version,
        "state": ReportState.DRAFT.value,
        "texts": texts,
        "changes": 1,
        "changed_at": at,
        "changed_by": actor,
        "approved_by": "",
    }
    tx.execute(insert(incident_report_version).values(values))


def lock_report(tx: Connection, number: int) -> None:
    """Makes those who change a report at once take turns."""
    tx.execute(select(incident_report.c.id).where(incident_report.c.id == number).with_for_update())


def find_report(tx: Connection, number: int, version: int | None = None) -> IncidentReport | None:
    """A version of a report, by default the newest; None if there is none."""
    query = _query().where(incident_report.c.id == number).order_by(_VERSION.version.desc()).limit(1)
    row = tx.execute(query if version is None else query.where(_VERSION.version == version)).one_or_none()
    return _report(row) if row else None


def reports_of_incident(tx: Connection, incident: str) -> tuple[IncidentReport, ...]:
    """Every version of every report of an incident, the newest version of each first."""
    query = _query().where(incident_report.c.incident == incident)
    return tuple(_report(row) for row in tx.execute(query.order_by(incident_report.c.id, _VERSION.version.desc())))


def change_draft(tx: Connection, report: IncidentReport, texts: Texts, *, actor: str, at: datetime) -> None:
    """Replaces the texts of a draft."""
    change = {"texts": texts, "changes": report.changes + 1, "changed_at": at, "changed_by": actor}
    tx.execute(update(incident_report_version).where(_is_version(report)).values(change))


def approve(tx: Connection, report: IncidentReport, *, sequence: int, actor: str, at: datetime) -> None:
    """Records that a draft is approved, with the newest entry of its incident."""
    state = ReportState.APPROVED.value
    change = {"state": state, "sequence": sequence, "approved_at": at, "approved_by": actor}
    tx.execute(update(incident_report_version).where(_is_version(report)).values(change))


def texts_of(tx: Connection, incident: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The words of the reports of an incident, for a redaction: number, version, and the words."""
    for report in reversed(reports_of_incident(tx, incident)):
        yield report.number, report.version, {"recipient": report.recipient, "text": report.texts}


def replace_texts(tx: Connection, number: int, version: int, words: Mapping[str, Any], at: datetime) -> None:
    """Replaces the words of one version in a redaction. If it was approved and is the newest, a new version with the
    same words waits for approval: what customers have got is no longer what is stored."""
    change: dict[str, Any] = {"texts": words["text"], "changes": _VERSION.changes + 1}
    condition = (_VERSION.report == number) & (_VERSION.version == version)
    tx.execute(update(incident_report_version).where(condition).values(change))
    tx.execute(update(incident_report).where(incident_report.c.id == number).values(recipient=words["recipient"]))
    newest = find_report(tx, number)
    if newest and newest.version == version and newest.state is ReportState.APPROVED:
        insert_draft(tx, number, version + 1, words["text"], actor=newest.changed_by, at=at)


def _is_version(report: IncidentReport) -> Any:
    return (_VERSION.report == report.number) & (_VERSION.version == report.version)


def _query() -> Select[Any]:
    return select(*_SELECTED).join(incident_report_version, _VERSION.report == incident_report.c.id)


def _report(row: Row[Any]) -> IncidentReport:
    return IncidentReport(
        number=row.id,
        incident=row.incident,
        recipient=row.recipient,
        services=tuple(row.services),
        version=row.version,
        state=ReportState(row.state),
        texts=row.texts,
        changes=row.changes,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        sequence=row.sequence,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
    )
