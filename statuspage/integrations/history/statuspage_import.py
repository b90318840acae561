"""Makes incidents of ours of what another page says: all that can be known of them, and a list of what cannot."""

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
    Facts,
    Incident,
    MaintenanceWindow,
    Notice,
    NoticeKind,
    NoticeText,
    Precision,
    Sentence,
    StartTime,
    State,
    StepKind,
    Text,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.integrations.history import statuspage_reader
from statuspage.integrations.history.fetch import Source, Unfit
from statuspage.integrations.history.statuspage_reader import Entry, Update

_STATES = {
    "major_outage": State.MAJOR,
    "partial_outage": State.PARTIAL,
    "degraded_performance": State.DEGRADED,
    "under_maintenance": State.DEGRADED,
}
_TROUBLE = {
    "monitoring": NoticeKind.WATCHING,
    "resolved": NoticeKind.RESOLVED,
    "postmortem": NoticeKind.ACCOUNT,
}
_WORK = {"in_progress": NoticeKind.STARTED, "completed": NoticeKind.FINISHED}
_STATUSES = (
    "investigating", "identified", "monitoring", "resolved", "postmortem",
    "scheduled", "in_progress", "verifying", "completed",
)  # fmt: skip
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """The incidents, oldest first, and what could not be known: a key and examples."""

    incidents: tuple[Incident, ...]
    unknown: tuple[tuple[str, str], ...]


def import_statuspage(source: Source, catalog: Catalog, language: str, now: datetime) -> ImportedHistory:
    """Reads ``api/v2`` and the history feed. Raises Unfit where there is neither, or one cannot be read."""
    known = statuspage_reader.entries(source)
    older = [one for one in statuspage_reader.told_in_feeds(source) if one.id not in {entry.id for entry in known}]
    if not known and not older:
        raise Unfit("there is neither a history of ours, nor api/v2, nor a history feed with anything in it")
    maker = _Maker(catalog, language, now)
    made = [maker.incident(entry) for entry in sorted((*known, *older), key=lambda e: (e.created, e.id))]
    return ImportedHistory(tuple(made), tuple(_unknown(maker, catalog, older)))


def _unknown(maker: _Maker, catalog: Catalog, older: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    yield "facts", ""
    yield "earlier", ""
    if len(catalog.languages) > 1:
        yield "languages", ""
    if maker.strangers:
        yield "components", ", ".join(sorted(maker.strangers)[:_EXAMPLES])
    if maker.renamed:
        yield "ids", ", ".join(sorted(maker.renamed)[:_EXAMPLES])
    if older:
        yield "feed_only", ", ".join(one.id for one in older[:_EXAMPLES])


class _Maker:
    def __init__(self, catalog: Catalog, language: str, now: datetime) -> None:
        self._catalog, self._language, self._now = catalog, language, now
        self._services = {
            words.name.casefold(): id for book in catalog.books.values() for id, words in book.services.items()
        } | {id: id for id in catalog.services}
        self._kind = "other" if "other" in catalog.kinds else next(iter(catalog.troubles))
        self.strangers: set[str] = set()
        self.renamed: set[str] = set()

    def incident(self, entry: Entry) -> Incident:
        """One of ours: an update a notice, with steps where it was opened again or closed without a word."""
        self.strangers |= {name for name, _ in entry.components if name.casefold() not in self._services}
        updates = entry.updates or (Update(entry.status, entry.name, entry.created, entry.created),)
        entries: list[TimelineEntry] = []
        over, status = False, ""
        recorded = entry.created
        for update in updates:
            status = update.status or status
            recorded = min(max(recorded, update.posted), max(self._now, entry.created))
            if over and status not in ("resolved", "postmortem", "completed"):
                entries.append(self._step(entries, StepKind.REOPENED, recorded))
                over = False
            kind = _kind_of(status, entry, entries, over=over)
            notice = Notice(kind, self._facts(entry, update, kind), self._words(entry, update, status))
            happened = min(update.shown, recorded)
            entries.append(TimelineEntry(len(entries) + 1, happened, recorded, notice))
            over = over or kind in (NoticeKind.RESOLVED, NoticeKind.FINISHED)
        if not over and entry.status in ("resolved", "postmortem", "completed"):
            entries.append(self._step(entries, StepKind.CLOSED, max(entry.resolved or recorded, recorded)))
        opened = min(entry.created, entries[0].recorded)
        return Incident(self._id(entry.id), opened, opened, "form", tuple(entries))

    def _step(self, entries: Sequence[TimelineEntry], step: StepKind, at: datetime) -> TimelineEntry:
        return TimelineEntry(len(entries) + 1, at, at, TimelineEvent(step))

    def _id(self, id: str) -> str:
        if re.fullmatch(rf"(?!{DRILL})[a-z0-9]{{12}}", id):
            return id
        self.renamed.add(id[:40])
        return "x" + hashlib.sha256(id.encode()).hexdigest()[:11]

    def _facts(self, entry: Entry, update: Update, kind: NoticeKind) -> Facts:
        affected = self._affected(entry, update)
        ended = entry.resolved or update.shown if kind in (NoticeKind.RESOLVED, NoticeKind.FINISHED) else None
        if entry.planned:
            start, end = entry.planned
            window = MaintenanceWindow(start, end if end > start else start + timedelta(minutes=1))
            return Facts(MAINTENANCE, affected, planned=window, ended=ended)
        started = StartTime(Precision.EXACT, entry.started)
        return Facts(self._kind, affected, started=started, ended=max(ended, entry.started) if ended else None)

    def _affected(self, entry: Entry, update: Update) -> tuple[Affected, ...]:
        """The services of the update, else those of the whole entry; where a state is over by now, the mildest."""
        found: dict[str, State] = {}
        told = [pair for pair in update.affected if pair[1] in _STATES]
        worst = {name: state for one in entry.updates for name, state in one.affected if state in _STATES}
        for name, state in told or [*worst.items()] or entry.components:
            service = self._services.get(name.casefold())
            if service is None:
                self.strangers.add(name)
            else:
                found[service] = _STATES.get(state, State.DEGRADED)
        return tuple(Affected(service, state) for service, state in found.items())

    def _words(self, entry: Entry, update: Update, status: str) -> Mapping[str, NoticeText]:
        book = self._catalog.books[self._language]
        labels = {key: book.labels[f"site.client.update.{key}"] for key in (*_STATUSES, "update")}
        label = labels.get(status if update.status else "update", labels["update"])
        text = update.body or label
        paragraphs = text.splitlines() if status == "postmortem" else ()
        account = "".join(f"<p>{escape(line)}</p>" for line in paragraphs if line)
        words = NoticeText(
            language=self._language,
            title=entry.name,
            headline=entry.name,
            headline_html=escape(entry.name),
            label=label,
            status=label,
            sentences=(Sentence("by_hand", text),),
            rows=(),
            media={"page": Text(text), "feed": Text(text, subject=entry.name)},
        )
        return {self._language: replace(words, account=account)}


def _kind_of(status: str, entry: Entry, entries: Sequence[TimelineEntry], *, over: bool) -> NoticeKind:
    """What we call an update in this state, after those before it."""
    if entry.planned:
        if status in _WORK:
            begun = any(isinstance(r.entry, Notice) and r.entry.notice is _WORK[status] for r in entries)
            return NoticeKind.REMINDER if begun else _WORK[status]
        return NoticeKind.REMINDER if entries else NoticeKind.ANNOUNCED
    if status == "postmortem":
        return NoticeKind.ACCOUNT if over else NoticeKind.RESOLVED
    if over:
        return NoticeKind.CORRECTION
    return _TROUBLE.get(status, NoticeKind.UPDATE if entries else NoticeKind.FIRST)
