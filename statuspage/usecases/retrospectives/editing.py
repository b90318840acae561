"""Writing a retrospective: notes of several people, events with their source, causes, and how far it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import (
    ContributingCause,
    RetrospectiveState,
    Section,
    find_forbidden_phrase,
    has_unreadable_characters,
    strip_invisible,
)
from statuspage.storage import audit_log, drills, incidents
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection
from statuspage.storage.post_incident import retrospectives
from statuspage.usecases.action_items import NoSuchSubject
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused

NOTE_LIMIT, EVENT_LIMIT, SOURCE_LIMIT = 4000, 500, 200
"""Maximum characters of a note, of an added event, and of its source."""


class NotOverYet(Exception):
    """The incident or the drill still runs."""


@dataclass(frozen=True, slots=True)
class EventInput:
    """An event to be added. ``happened`` is aware; None: it could not be read."""

    happened: datetime | None
    text: str
    source: str


def write_note(env: Environment, subject: str, section: Section, text: str, *, actor: Actor, now: datetime) -> int:
    """Adds a note and returns its number. Raises NoSuchSubject, NotOverYet, ActionRefused."""
    tidy = _checked(env, text, NOTE_LIMIT, "retro.note")
    with env.databases.environment.begin() as tx:
        _begin(tx, subject, actor, now)
        return retrospectives.insert_note(tx, subject, section, tidy, author=actor.name, at=now)


def change_note(
    env: Environment, subject: str, id: int, text: str, *, version: int, actor: Actor, now: datetime
) -> bool:
    """Changes a note that somebody had seen in this version.

    If somebody else has changed it since, both texts are kept: this one becomes a note of its own. Returns whether the
    note itself was changed. Raises NoSuchSubject, NotOverYet, ActionRefused.
    """
    tidy = _checked(env, text, NOTE_LIMIT, "retro.note")
    with env.databases.environment.begin() as tx:
        _begin(tx, subject, actor, now)
        note = next((note for note in retrospectives.load_retrospective(tx, subject).notes if note.id == id), None)
        if note is None:
            raise NoSuchSubject
        if retrospectives.change_note(tx, subject, id, version, tidy, actor=actor.name) or note.text == tidy:
            return True
        retrospectives.insert_note(tx, subject, note.section, tidy, author=actor.name, at=now)
        return False


def add_event(env: Environment, subject: str, typed: EventInput, *, actor: Actor, now: datetime) -> int:
    """Adds an event to the timeline, with its time and where it is known from.

    Raises NoSuchSubject, NotOverYet, ActionRefused.
    """
    if typed.happened is None or typed.happened > now:
        raise ActionRefused("retro.time")
    text = _checked(env, typed.text, EVENT_LIMIT, "retro.event")
    source = _checked(env, typed.source, SOURCE_LIMIT, "retro.source")
    with env.databases.environment.begin() as tx:
        _begin(tx, subject, actor, now)
        return retrospectives.add_event(
            tx, subject, happened=typed.happened, text=text, source=source, author=actor.name, at=now
        )


def change_causes(
    env: Environment,
    subject: str,
    *,
    added: Collection[ContributingCause],
    removed: Collection[ContributingCause],
    actor: Actor,
    now: datetime,
) -> None:
    """Adds and removes contributing causes; what others chose meanwhile stays. Raises NoSuchSubject, NotOverYet."""
    with env.databases.environment.begin() as tx:
        _begin(tx, subject, actor, now)
        present = set(retrospectives.load_retrospective(tx, subject).causes)
        retrospectives.set_causes(tx, subject, present.union(added).difference(removed))


def set_state(env: Environment, subject: str, state: RetrospectiveState, *, actor: Actor, now: datetime) -> None:
    """Records how far it is. Raises NoSuchSubject, NotOverYet."""
    with env.databases.environment.begin() as tx:
        _begin(tx, subject, actor, now)
        retrospectives.set_state(tx, subject, state, at=now, actor=actor.name)
    with env.databases.accounts.begin() as tx:
        audit_log.record_action(tx, f"retrospective.{state}", at=now, by=actor, subject=subject)


def _begin(tx: Connection, subject: str, actor: Actor, now: datetime) -> None:
    drill = drills.find_drill(tx, subject)
    incident = None if drill else incidents.load_incident(tx, subject)
    if drill is None and (incident is None or incident.is_maintenance):
        raise NoSuchSubject
    if not (drill.ended if drill else incident and incident.is_over):
        raise NotOverYet
    retrospectives.begin_retrospective(tx, subject, at=now, actor=actor.name)


def _checked(env: Environment, text: str, limit: int, code: str) -> str:
    tidy = strip_invisible(text).strip()
    if not tidy or len(tidy) > limit or has_unreadable_characters(tidy):
        raise ActionRefused(code)
    if find_forbidden_phrase(tidy, env.site.catalog.forbidden_phrases):
        raise ActionRefused("text.denies_note")
    return tidy
