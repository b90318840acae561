"""Retrospectives: their state and causes, notes that several people write at once, and events they add."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from statuspage.domain import (
    AddedEvent,
    ContributingCause,
    RetrospectiveNote,
    RetrospectiveRecord,
    RetrospectiveState,
    Section,
)
from statuspage.storage.tables import retrospective, retrospective_event, retrospective_note


def load_retrospective(tx: Connection, subject: str) -> RetrospectiveRecord:
    """What is stored about this incident or drill; an empty draft if nothing is."""
    row = tx.execute(select(retrospective).where(retrospective.c.subject == subject)).one_or_none()
    if row is None:
        return RetrospectiveRecord(subject)
    known = set(ContributingCause)
    return RetrospectiveRecord(
        subject,
        RetrospectiveState(row.state),
        tuple(ContributingCause(cause) for cause in row.causes if cause in known),
        row.changed_at,
        row.changed_by,
        tuple(_notes(tx, subject)),
        tuple(_events(tx, subject)),
    )


def begin_retrospective(tx: Connection, subject: str, *, at: datetime, actor: str) -> None:
    """Makes sure that there is a row, and locks it, so that those who write at once take turns."""
    query = select(retrospective.c.subject).where(retrospective.c.subject == subject).with_for_update()
    if tx.execute(query).one_or_none() is None:
        state = RetrospectiveState.DRAFT.value
        values = {"subject": subject, "state": state, "causes": [], "changed_at": at, "changed_by": actor}
        tx.execute(insert(retrospective).values(values))


def set_state(tx: Connection, subject: str, state: RetrospectiveState, *, at: datetime, actor: str) -> None:
    """Sets how far it is."""
    change = {"state": state.value, "changed_at": at, "changed_by": actor}
    tx.execute(update(retrospective).where(retrospective.c.subject == subject).values(change))


def set_causes(tx: Connection, subject: str, causes: Collection[ContributingCause]) -> None:
    """Replaces the contributing causes."""
    ids = [cause.value for cause in ContributingCause if cause in causes]
    tx.execute(update(retrospective).where(retrospective.c.subject == subject).values(causes=ids))


def insert_note(tx: Connection, subject: str, section: Section, text: str, *, author: str, at: datetime) -> int:
    """Adds a note and returns its number."""
    values = {"subject": subject, "section": section.value, "text": text, "author": author, "created_at": at}
    query = insert(retrospective_note).values(**values, changed_by="", version=1)
    id: int = tx.execute(query.returning(retrospective_note.c.id)).scalar_one()
    return id


def change_note(tx: Connection, subject: str, id: int, version: int, text: str, *, actor: str) -> bool:
    """Changes a note. False if somebody has changed it since this version, or it is another retrospective's."""
    columns = retrospective_note.c
    condition = (columns.id == id) & (columns.subject == subject) & (columns.version == version)
    change = {"text": text, "changed_by": actor, "version": version + 1}
    return tx.execute(update(retrospective_note).where(condition).values(change)).rowcount == 1


def add_event(
    tx: Connection, subject: str, *, happened: datetime, text: str, source: str, author: str, at: datetime
) -> int:
    """Adds an event to the timeline and returns its number."""
    values = {"subject": subject, "happened": happened, "text": text, "source": source}
    query = insert(retrospective_event).values(**values, author=author, recorded_at=at)
    id: int = tx.execute(query.returning(retrospective_event.c.id)).scalar_one()
    return id


def texts_of(tx: Connection, subject: str) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The words of a retrospective, for a redaction: the type of record, its number, and its words."""
    for note in _notes(tx, subject):
        yield "retro_note", note.id, {"text": note.text}
    for event in _events(tx, subject):
        yield "retro_event", event.id, {"text": event.text, "known_from": event.source}


def replace_texts(tx: Connection, record_type: str, id: int, texts: Mapping[str, str]) -> None:
    """Replaces the words of a note or an event, in a redaction. An open form with the old words is then outdated."""
    if record_type == "retro_event":
        event_words = {"text": texts["text"], "source": texts["known_from"]}
        tx.execute(update(retrospective_event).where(retrospective_event.c.id == id).values(event_words))
        return
    note_words: dict[str, Any] = {"text": texts["text"], "version": retrospective_note.c.version + 1}
    tx.execute(update(retrospective_note).where(retrospective_note.c.id == id).values(note_words))


def _notes(tx: Connection, subject: str) -> Iterator[RetrospectiveNote]:
    columns = retrospective_note.c
    for row in tx.execute(select(retrospective_note).where(columns.subject == subject).order_by(columns.id)):
        yield RetrospectiveNote(
            row.id, Section(row.section), row.text, row.author, row.created_at, row.changed_by, row.version
        )


def _events(tx: Connection, subject: str) -> Iterator[AddedEvent]:
    columns = retrospective_event.c
    query = select(retrospective_event).where(columns.subject == subject).order_by(columns.happened, columns.id)
    for row in tx.execute(query):
        yield AddedEvent(row.id, row.happened, row.text, row.source, row.author, row.recorded_at)
