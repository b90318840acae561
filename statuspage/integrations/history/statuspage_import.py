"""Imports another page's history as incidents, and lists what could not be determined."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape

from statuspage.domain import (
    DRILL,
    MAINTENANCE,
    Affected,
    Catalog,
    EventKind,
    Facts,
    Incident,
    MaintenanceWindow,
    MediumText,
    Notice,
    NoticeKind,
    NoticeText,
    Precision,
    Sentence,
    StartTime,
    State,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.integrations.history import statuspage_reader
from statuspage.integrations.history.fetch import Source, UnreadablePage
from statuspage.integrations.history.published_page import read_page
from statuspage.integrations.history.statuspage_reader import Entry, Update

_STATES = {
    "major_outage": State.MAJOR,
    "partial_outage": State.PARTIAL,
    "degraded_performance": State.DEGRADED,
    "under_maintenance": State.DEGRADED,
}
_INCIDENT_NOTICES = {
    "monitoring": NoticeKind.MONITORING,
    "resolved": NoticeKind.RESOLVED,
    "postmortem": NoticeKind.POSTMORTEM,
}
_MAINTENANCE_NOTICES = {"in_progress": NoticeKind.STARTED, "completed": NoticeKind.FINISHED}
_STATUSES = (
    "investigating", "identified", "monitoring", "resolved", "postmortem",
    "scheduled", "in_progress", "verifying", "completed",
)  # fmt: skip
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """The incidents, oldest first, and what could not be determined: a key and examples."""

    incidents: tuple[Incident, ...]
    unknown: tuple[tuple[str, str], ...]


def import_statuspage(source: Source, catalog: Catalog, language: str, now: datetime) -> ImportedHistory:
    """Imports ``api/v2`` and the history feed. Raises UnreadablePage if both are missing, or one cannot be read."""
    api_entries = statuspage_reader.read_entries(source)
    feed_entries = [
        feed_entry
        for feed_entry in statuspage_reader.read_feeds(source)
        if feed_entry.id not in {entry.id for entry in api_entries}
    ]
    if not api_entries and not feed_entries and read_page(source) is None:
        raise UnreadablePage("no_page")
    importer = _Importer(catalog, language, now)
    incidents = [
        importer.build_incident(entry)
        for entry in sorted((*api_entries, *feed_entries), key=lambda item: (item.created, item.id))
    ]
    return ImportedHistory(tuple(incidents), tuple(_list_unknown(importer, catalog, feed_entries)))


def _list_unknown(importer: _Importer, catalog: Catalog, feed_entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    yield "facts", ""
    yield "earlier", ""
    if len(catalog.languages) > 1:
        yield "languages", ""
    if importer.unknown_components:
        yield "components", ", ".join(sorted(importer.unknown_components)[:_EXAMPLES])
    if importer.renamed_ids:
        yield "ids", ", ".join(sorted(importer.renamed_ids)[:_EXAMPLES])
    if feed_entries:
        yield "feed_only", ", ".join(entry.id for entry in feed_entries[:_EXAMPLES])


class _Importer:
    def __init__(self, catalog: Catalog, language: str, now: datetime) -> None:
        self._catalog, self._language, self._now = catalog, language, now
        self._services = {
            texts.name.casefold(): id for pack in catalog.packs.values() for id, texts in pack.services.items()
        } | {id: id for id in catalog.services}
        self._incident_type = "other" if "other" in catalog.incident_types else next(iter(catalog.unplanned_types))
        self.unknown_components: set[str] = set()
        self.renamed_ids: set[str] = set()

    def build_incident(self, entry: Entry) -> Incident:
        """The incident: a notice for each update, with events if it was reopened or closed without a notice."""
        self.unknown_components |= {name for name, _ in entry.components if name.casefold() not in self._services}
        if entry.planned:  # Instatus does not say when work was announced, only when it begins.
            entry = replace(entry, created=min(entry.created, self._now))
        updates = entry.updates or (Update(entry.status, entry.name, entry.created, entry.created),)
        entries: list[TimelineEntry] = []
        is_over, status = False, ""
        recorded = entry.created
        for update in updates:
            status = update.status or status
            recorded = min(max(recorded, update.posted), max(self._now, entry.created))
            if is_over and status not in ("resolved", "postmortem", "completed"):
                entries.append(self._build_event(entries, EventKind.REOPENED, recorded))
                is_over = False
            kind = _notice_kind_of(status, entry, entries, is_over=is_over)
            notice = Notice(kind, self._build_facts(entry, update, kind), self._build_texts(entry, update, status))
            happened = min(update.displayed, recorded)
            entries.append(TimelineEntry(len(entries) + 1, happened, recorded, notice))
            is_over = is_over or kind in (NoticeKind.RESOLVED, NoticeKind.FINISHED)
        if not is_over and entry.status in ("resolved", "postmortem", "completed"):
            entries.append(self._build_event(entries, EventKind.CLOSED, max(entry.resolved or recorded, recorded)))
        opened = min(entry.created, entries[0].recorded)
        return Incident(self._incident_id(entry.id), opened, opened, "form", tuple(entries))

    def _build_event(self, entries: Sequence[TimelineEntry], step: EventKind, at: datetime) -> TimelineEntry:
        return TimelineEntry(len(entries) + 1, at, at, TimelineEvent(step))

    def _incident_id(self, id: str) -> str:
        if re.fullmatch(rf"(?!{DRILL})[a-z0-9]{{12}}", id):
            return id
        self.renamed_ids.add(id[:40])
        return "x" + hashlib.sha256(id.encode()).hexdigest()[:11]

    def _build_facts(self, entry: Entry, update: Update, kind: NoticeKind) -> Facts:
        affected = self._find_affected(entry, update)
        ended = entry.resolved or update.displayed if kind in (NoticeKind.RESOLVED, NoticeKind.FINISHED) else None
        if entry.planned:
            start, end = entry.planned
            window = MaintenanceWindow(start, end if end > start else start + timedelta(minutes=1))
            return Facts(MAINTENANCE, affected, maintenance_window=window, ended_at=ended)
        started = StartTime(Precision.EXACT, entry.started)
        return Facts(
            self._incident_type, affected, start=started, ended_at=max(ended, entry.started) if ended else None
        )

    def _find_affected(self, entry: Entry, update: Update) -> tuple[Affected, ...]:
        """The services of the update, else those of the whole entry; if a state is over by then, the mildest one."""
        states: dict[str, State] = {}
        announced = [pair for pair in update.affected if pair[1] in _STATES]
        latest = {
            name: state for each_update in entry.updates for name, state in each_update.affected if state in _STATES
        }
        for name, state in announced or [*latest.items()] or entry.components:
            service = self._services.get(name.casefold())
            if service is None:
                self.unknown_components.add(name)
            else:
                states[service] = _STATES.get(state, State.DEGRADED)
        return tuple(Affected(service, state) for service, state in states.items())

    def _build_texts(self, entry: Entry, update: Update, status: str) -> Mapping[str, NoticeText]:
        pack = self._catalog.packs[self._language]
        labels = {key: pack.labels[f"site.api.update.{key}"] for key in (*_STATUSES, "update")}
        label = labels.get(status if update.status else "update", labels["update"])
        text = update.body or label
        paragraphs = text.splitlines() if status == "postmortem" else ()
        postmortem = "".join(f"<p>{escape(line)}</p>" for line in paragraphs if line)
        notice_text = NoticeText(
            language=self._language,
            title=entry.name,
            headline=entry.name,
            headline_html=escape(entry.name),
            label=label,
            status=label,
            sentences=(Sentence("by_hand", text),),
            rows=(),
            media={"page": MediumText(text), "feed": MediumText(text, subject=entry.name)},
        )
        return {self._language: replace(notice_text, postmortem=postmortem)}


def _notice_kind_of(status: str, entry: Entry, entries: Sequence[TimelineEntry], *, is_over: bool) -> NoticeKind:
    """The notice kind of an update in this state, after the entries before it."""
    if entry.planned:
        if status in _MAINTENANCE_NOTICES:
            has_begun = any(
                isinstance(item.entry, Notice) and item.entry.notice is _MAINTENANCE_NOTICES[status] for item in entries
            )
            return NoticeKind.REMINDER if has_begun else _MAINTENANCE_NOTICES[status]
        if status == "verifying":
            return NoticeKind.MONITORING
        return NoticeKind.REMINDER if entries else NoticeKind.ANNOUNCED
    if status == "postmortem":
        return NoticeKind.POSTMORTEM if is_over else NoticeKind.RESOLVED
    if is_over:
        return NoticeKind.CORRECTION
    return _INCIDENT_NOTICES.get(status, NoticeKind.UPDATE if entries else NoticeKind.FIRST)
