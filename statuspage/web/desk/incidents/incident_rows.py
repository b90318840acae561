"""An open incident as shown on the home page, published or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import url_for

from statuspage.domain import Alert, Incident, open_approval_requests
from statuspage.storage.delivery_lookups import count_unsolved
from statuspage.storage.engine import Connection
from statuspage.usecases.notices import holding_notice
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents.page_content import UPDATE_KEY
from statuspage.web.desk.notice_form import form_state
from statuspage.web.desk.notice_form.preview import incident_tone
from statuspage.web.desk.panels import response_clock
from statuspage.web.desk.translations import Translator, short_title, text_for_reader


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A published incident; ``key`` opens its next update. ``unsolved`` says how many deliveries of its latest notice
    need a person, "" if none does; ``receipts`` is where they are."""

    id: str
    title: str
    tone: str
    state: str
    notice_history: str
    promise: response_clock.PromiseView | None
    key: str = ""
    unsolved: str = ""
    receipts: str = ""


@dataclass(frozen=True, slots=True)
class UnpublishedIncident:
    """A confirmed incident that is not published. ``since`` is when its clock started, ``age`` how long ago that is;
    ``awaits_approval``: its first report is pending; ``placeholder_link``: the form of a holding notice, if one is
    offered."""

    id: str
    title: str
    text: str
    t0: datetime
    since: str
    age: str
    link: str
    awaits_approval: bool
    placeholder_link: str = ""


def incident_rows(
    tx: Connection, published: Sequence[Incident], translator: Translator, now: datetime
) -> list[IncidentRow]:
    """Open incidents by promise, each with the deliveries that need a person."""
    latest = {incident.id: incident.latest_sequence for incident in published}
    counts = count_unsolved(tx, latest)
    return _by_promise(
        [
            _with_unsolved(incident_row(incident, translator, now), latest[incident.id], counts, translator)
            for incident in published
        ]
    )


def _with_unsolved(row: IncidentRow, sequence: int, counts: Mapping[str, int], translator: Translator) -> IncidentRow:
    if not counts.get(row.id):
        return row
    receipts = url_for("receipts.show_receipts", incident_id=row.id, sequence=sequence)
    return replace(row, unsolved=translator.tn("home.unsolved", counts[row.id]), receipts=receipts)


def incident_row(incident: Incident, translator: Translator, now: datetime) -> IncidentRow:
    """An incident with what its last notice said."""
    notice_text = text_for_reader(incident.notices[-1].notice.texts, translator)
    tone = "ok" if incident.is_over else "part" if incident.is_reopened else incident_tone(incident)
    return IncidentRow(
        id=incident.id,
        title=short_title(notice_text),
        tone=tone,
        state=notice_text.status,
        notice_history=_notice_history(incident, translator),
        promise=response_clock.promise_view(incident, translator, now),
    )


def _by_promise(rows: list[IncidentRow]) -> list[IncidentRow]:
    """Sorts by promise, those without one last, and assigns the key to the first one with a promise."""
    ordered = sorted(rows, key=_promised_at)
    return [replace(row, key=UPDATE_KEY) if n == 0 and row.promise else row for n, row in enumerate(ordered)]


def _promised_at(row: IncidentRow) -> datetime:
    return row.promise.at if row.promise else datetime.max.replace(tzinfo=UTC)


def _notice_history(incident: Incident, translator: Translator) -> str:
    parts = []
    first, *later = incident.notices
    for notice in (first, *later[-2:]):
        notice_text = text_for_reader(notice.notice.texts, translator)
        parts.append(
            translator.t(
                "home.latest_notice", label=notice_text.label, time=translator.times.format_time(notice.recorded)
            )
        )
    return translator.format_list(parts)


def unpublished_incident(incident: Incident, title: str, translator: Translator, now: datetime) -> UnpublishedIncident:
    """An unpublished incident. ``title`` is that of its first alert, "" if there is none."""
    offers_placeholder = holding_notice.is_due_for_incident(request_context.env().site.catalog, incident, now=now)
    t0, elapsed = response_clock.short_clock(incident, now)
    return UnpublishedIncident(
        id=incident.id,
        title=title or translator.t("home.unnamed"),
        text=translator.t("home.not_published"),
        t0=t0,
        since=translator.times.format_recent(t0, now=now),
        age=translator.span(elapsed),
        link=url_for("notice_form.show_notice", incident_id=incident.id, notice="first"),
        awaits_approval=bool(open_approval_requests(incident)),
        placeholder_link=form_state.first_report_address(incident.id, is_placeholder=True)
        if offers_placeholder
        else "",
    )


def first_alert_title(joined: tuple[Alert, ...]) -> str:
    """The title for an incident without a notice: that of its first alert; "" if it has no alert."""
    return joined[0].monitor_alert.title if joined else ""
