"""Incidents and their timelines: append-only, with (incident, sequence) as key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, RootTransaction, Row, Select, insert, select, update

from statuspage.domain import (
    Entry,
    EventKind,
    Incident,
    Notice,
    RecordedNotice,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.storage import derived_rows, notice_text
from statuspage.storage.engine import renamed_services
from statuspage.storage.tables import affected_service, site
from statuspage.storage.tables import entry as entries
from statuspage.storage.tables import incident as incidents
from statuspage.storage.timeline_rows import body_columns, entry_row, load_timelines

_CLOSING_EVENTS = (EventKind.REOPENED, EventKind.CLOSED)
"""Events that decide whether an incident is over."""

_MAX_CACHED = 300
_incident_cache: WeakKeyDictionary[RootTransaction, dict[str, Incident]] = WeakKeyDictionary()
"""Cleared with the transaction, so that cached incidents never outlive it."""


class NoticeConflict(Exception):
    """Another notice was published meanwhile. Show ``newest`` and ask again."""

    def __init__(self, newest: RecordedNotice) -> None:
        super().__init__(f"notice {newest.sequence} was written meanwhile")
        self.newest = newest


class DuplicateNotice(Exception):
    """This notice already exists, as ``sequence`` of ``incident``, because it was submitted twice."""

    def __init__(self, incident: str, sequence: int) -> None:
        super().__init__(f"already written as {incident}/{sequence}")
        self.incident = incident
        self.sequence = sequence


def open_incident(tx: Connection, id: str, *, at: datetime, t0: datetime, t0_source: str) -> None:
    """Inserts an incident without entries. ``t0_source`` is alert, received or form."""
    tx.execute(
        insert(incidents).values(
            id=id,
            opened_at=at,
            t0=t0,
            t0_source=t0_source,
            sequence=0,
            latest_notice=0,
            is_over=False,
            has_open_questions=False,
        )
    )
    derived_rows.add_record(tx, id)


def move_start_back(tx: Connection, id: str, t0: datetime, source: str) -> None:
    """Moves the start of the clock back, because an earlier alert belongs to this incident."""
    condition = (incidents.c.id == id) & (incidents.c.t0 > t0)
    tx.execute(update(incidents).where(condition).values(t0=t0, t0_source=source))
    _cached_incidents(tx).pop(id, None)
    _save_record(tx, id)


def append_entry(
    tx: Connection,
    incident: str,
    entry: Entry,
    *,
    happened: datetime,
    recorded: datetime,
    after: int | None = None,
) -> int:
    """Appends the entry and returns its sequence, counted from 1.

    ``after`` is the newest notice its author had seen (0: none); if a *Notice* does not directly follow it, raises
    NoticeConflict. A notice whose key already exists raises DuplicateNotice, an unknown incident KeyError.
    """
    head = _lock_incident(tx, incident)
    if isinstance(entry, Notice):
        _reject_duplicate(tx, entry.key)
        if after is not None and after != head.latest_notice:
            raise NoticeConflict(_latest_notice(tx, incident))
    sequence: int = head.sequence + 1
    tx.execute(insert(entries).values(entry_row(incident, TimelineEntry(sequence, happened, recorded, entry))))
    _cached_incidents(tx).pop(incident, None)
    _update_derived(tx, head, entry, sequence, recorded)
    return sequence


def set_open_questions(tx: Connection, incident: str, *, has_any: bool) -> None:
    """Records whether questions are still open although it is over."""
    tx.execute(update(incidents).where(incidents.c.id == incident).values(has_open_questions=has_any))


def rewrite_entry(tx: Connection, incident: str, sequence: int, body: notice_text.JsonObject) -> None:
    """Replaces the words of an entry. The database refuses this outside a redaction."""
    condition = (entries.c.incident == incident) & (entries.c.sequence == sequence)
    tx.execute(update(entries).where(condition).values(body_columns(body)))
    _cached_incidents(tx).pop(incident, None)
    _save_record(tx, incident)


def restore_incident(tx: Connection, incident: Incident) -> None:
    """Inserts a whole incident from elsewhere, each entry with its own number. It must not exist yet."""
    open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source=incident.t0_source)
    tx.execute(insert(entries), [entry_row(incident.id, item) for item in incident.entries])
    last_sequence = incident.entries[-1].sequence
    newest, first_notice_at = incident.notices[-1], incident.notices[0].recorded
    change = {
        "sequence": last_sequence,
        "latest_notice": newest.sequence,
        "last_notice_at": newest.recorded,
        "first_notice_at": first_notice_at,
        "is_over": incident.is_over,
    }
    change["maintenance_start"] = incident.maintenance_window.start if incident.maintenance_window else None
    tx.execute(update(incidents).where(incidents.c.id == incident.id).values(change))
    _cached_incidents(tx).pop(incident.id, None)
    derived_rows.save_periods(tx, incident)
    derived_rows.save_affected_services(tx, incident)
    derived_rows.save_record(tx, incident)


def load_incident(tx: Connection, id: str) -> Incident | None:
    """One incident with its whole timeline; None if the id is unknown."""
    return next(iter(_load_query(tx, select(incidents).where(incidents.c.id == id))), None)


def load_incidents(tx: Connection, ids: Iterable[str]) -> tuple[Incident, ...]:
    """These incidents, by id."""
    wanted, cached = sorted(set(ids)), _cached_incidents(tx)
    if all(id in cached for id in wanted):
        return tuple(cached[id] for id in wanted)
    return _load_query(tx, select(incidents).where(incidents.c.id.in_(wanted)).order_by(incidents.c.id))


def open_incidents(tx: Connection) -> tuple[Incident, ...]:
    """Unfinished incidents, including unpublished ones; oldest first."""
    return _load_query(tx, select(incidents).where(incidents.c.is_over.is_(False)).order_by(incidents.c.opened_at))


def with_open_questions(tx: Connection) -> tuple[Incident, ...]:
    """Incidents that are over with questions still open; those that ended first come first."""
    query = select(incidents).where(incidents.c.has_open_questions.is_(True))
    return _load_query(tx, query.order_by(incidents.c.last_notice_at, incidents.c.id))


def affected_by_open_incidents(tx: Connection) -> dict[str, list[str]]:
    """The services that each unfinished incident affects at present as published; the oldest incident first, without
    those that affect none."""
    renamed = renamed_services(tx)
    query = select(affected_service.c.incident, affected_service.c.service).join(incidents)
    is_affected = affected_service.c.is_affected.is_(True) & incidents.c.is_over.is_(False)
    found: dict[str, list[str]] = {}
    for id, service in tx.execute(query.where(is_affected).order_by(incidents.c.opened_at, affected_service.c.service)):
        found.setdefault(id, []).append(renamed.get(service, service))
    return found


def open_incident_ids(tx: Connection) -> tuple[str, ...]:
    """The ids of unfinished incidents, without maintenance; oldest first."""
    condition = incidents.c.is_over.is_(False) & incidents.c.maintenance_start.is_(None)
    return tuple(tx.execute(select(incidents.c.id).where(condition).order_by(incidents.c.opened_at)).scalars())


def published_between(tx: Connection, start: datetime, end: datetime) -> tuple[Incident, ...]:
    """Incidents whose first notice is from ``start`` to before ``end``; oldest first."""
    first_notice_at = incidents.c.first_notice_at
    return _load_query(
        tx,
        select(incidents)
        .where(first_notice_at >= start, first_notice_at < end)
        .order_by(first_notice_at, incidents.c.id),
    )


def opened_between(tx: Connection, start: datetime, end: datetime) -> tuple[Incident, ...]:
    """Incidents opened from ``start`` to before ``end``, published or not; oldest first."""
    opened_at = incidents.c.opened_at
    return _load_query(
        tx, select(incidents).where(opened_at >= start, opened_at < end).order_by(opened_at, incidents.c.id)
    )


def changed_since(tx: Connection, since: datetime) -> tuple[Incident, ...]:
    """Incidents with a notice since then, those with the newest notice first."""
    last_notice_at = incidents.c.last_notice_at
    return _load_query(
        tx, select(incidents).where(last_notice_at >= since).order_by(last_notice_at.desc(), incidents.c.id)
    )


def ended_incidents(tx: Connection, before: datetime, limit: int) -> tuple[Incident, ...]:
    """Up to ``limit`` published incidents that are over, first reported before then, the newest first."""
    return _ended(tx, incidents.c.maintenance_start.is_(None), before, limit)


def ended_maintenance(tx: Connection, before: datetime, limit: int) -> tuple[Incident, ...]:
    """The same for planned maintenance, by its announcement."""
    return _ended(tx, incidents.c.maintenance_start.is_not(None), before, limit)


def _ended(tx: Connection, condition: ColumnElement[bool], before: datetime, limit: int) -> tuple[Incident, ...]:
    first_notice_at = incidents.c.first_notice_at
    query = select(incidents).where(condition, incidents.c.is_over.is_(True), first_notice_at < before)
    return _load_query(tx, query.order_by(first_notice_at.desc(), incidents.c.id).limit(limit))


def latest_incidents(tx: Connection, limit: int) -> tuple[Incident, ...]:
    """Up to ``limit`` published incidents, those with the newest notice first."""
    query = select(incidents).where(incidents.c.last_notice_at.is_not(None))
    return _load_query(tx, query.order_by(incidents.c.last_notice_at.desc(), incidents.c.id).limit(limit))


def latest_notices(
    tx: Connection, limit: int, *, incident_ids: Sequence[str] | None = None
) -> tuple[tuple[Incident, RecordedNotice], ...]:
    """The newest notices of all incidents, or of ``incident_ids``, each with its incident; newest first."""
    query = select(entries.c.incident, entries.c.sequence).where(entries.c.type == "notice")
    keys = tx.execute(
        (query if incident_ids is None else query.where(entries.c.incident.in_(incident_ids)))
        .order_by(entries.c.recorded.desc(), entries.c.incident.desc(), entries.c.sequence.desc())
        .limit(limit)
    ).all()
    owners = load_incidents(tx, {key.incident for key in keys})
    by_key = {(owner.id, n.sequence): (owner, n) for owner in owners for n in owner.notices}
    return tuple(by_key[key.incident, key.sequence] for key in keys)


def next_fence(tx: Connection) -> int:
    """A number larger than any before. A front page written under it is newer than those under smaller numbers."""
    value: int = tx.execute(update(site).values(fence=site.c.fence + 1).returning(site.c.fence)).scalar_one()
    return value


def raise_fence(tx: Connection, least: int) -> None:
    """Makes the next number larger than this one."""
    tx.execute(update(site).where(site.c.fence < least).values(fence=least))


def has_event(tx: Connection, incident: str, step: EventKind, text: str) -> bool:
    """Whether the timeline has this event with this text."""
    bodies = tx.execute(
        select(entries.c.body).where(
            entries.c.incident == incident, entries.c.type == "step", entries.c.kind == step.value
        )
    ).scalars()
    return any(body["text"] == text for body in bodies)


def _lock_incident(tx: Connection, incident: str) -> Row[tuple[object, ...]]:
    # The row is locked so that two writers of one incident take turns; SQLite already locks everything.
    head = tx.execute(select(incidents).where(incidents.c.id == incident).with_for_update()).one_or_none()
    if head is None:
        raise KeyError(incident)
    return head


def _reject_duplicate(tx: Connection, key: str) -> None:
    if not key:
        return
    row = tx.execute(select(entries.c.incident, entries.c.sequence).where(entries.c.key == key)).one_or_none()
    if row is not None:
        raise DuplicateNotice(row.incident, row.sequence)


def _latest_notice(tx: Connection, incident: str) -> RecordedNotice:
    loaded = load_incident(tx, incident)
    if loaded is None or loaded.latest is None:
        raise ValueError(f"{incident} has no notice that could have been seen")
    return loaded.latest


def _update_derived(
    tx: Connection, head: Row[tuple[object, ...]], entry: Entry, sequence: int, recorded: datetime
) -> None:
    """Updates the columns of the incident that are derived from its entries."""
    change: dict[str, object] = {"sequence": sequence}
    if isinstance(entry, Notice):
        change |= {
            "latest_notice": sequence,
            "last_notice_at": recorded,
            "first_notice_at": head.first_notice_at or recorded,
        }
    if isinstance(entry, Notice) or (isinstance(entry, TimelineEvent) and entry.event in _CLOSING_EVENTS):
        (incident,) = _load_query(tx, select(incidents).where(incidents.c.id == head.id))
        change |= {
            "is_over": incident.is_over,
            "maintenance_start": incident.maintenance_window.start if incident.maintenance_window else None,
        }
        derived_rows.save_periods(tx, incident)
        derived_rows.save_affected_services(tx, incident)
    if not isinstance(entry, TimelineEvent) or entry.text or entry.event in _CLOSING_EVENTS:
        _save_record(tx, str(head.id))
    tx.execute(update(incidents).where(incidents.c.id == head.id).values(change))


def _save_record(tx: Connection, id: str) -> None:
    for incident in _load_query(tx, select(incidents).where(incidents.c.id == id)):
        derived_rows.save_record(tx, incident)


def _load_query(tx: Connection, query: Select[tuple[object, ...]]) -> tuple[Incident, ...]:
    rows = tx.execute(query).all()
    cached = _cached_incidents(tx)
    timelines = load_timelines(tx, [row.id for row in rows if row.id not in cached])
    by_id = {
        row.id: cached.get(row.id) or Incident(row.id, row.opened_at, row.t0, row.t0_source, timelines.get(row.id, ()))
        for row in rows
    }
    cached.update(by_id)
    return tuple(by_id[row.id] for row in rows)


def _cached_incidents(tx: Connection) -> dict[str, Incident]:
    """Incidents already read in this transaction, up to a few hundred: a page and three feeds need the same ones."""
    transaction = tx.get_transaction()
    if transaction is None:
        return {}
    cached = _incident_cache.get(transaction)
    if cached is None or len(cached) > _MAX_CACHED:
        cached = _incident_cache[transaction] = {}
    return cached
