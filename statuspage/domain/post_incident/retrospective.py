"""The retrospective of an incident or a drill: what people wrote, and the closed list of contributing causes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RetrospectiveState(StrEnum):
    """How far it is. *Reviewed*: the team has read it together; *done*: nothing is left to find out."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    DONE = "done"


class Section(StrEnum):
    """The four questions, and what went well. They ask about the system, never about who."""

    WHY = "why"
    RESPONSE = "response"
    AGAIN = "again"
    PREVENTION = "prevention"
    WENT_WELL = "went_well"


class ContributingCause(StrEnum):
    """What contributed, so that it can be counted: how it began, how it was noticed, how it was handled."""

    CHANGE = "change"
    SETTINGS = "settings"
    CAPACITY = "capacity"
    DEPENDENCY = "dependency"
    EQUIPMENT = "equipment"
    EXPIRED = "expired"
    DATA = "data"
    SINGLE_POINT = "single_point"
    NO_ALERT = "no_alert"
    UNCLEAR_ALERT = "unclear_alert"
    NO_PROCEDURE = "no_procedure"
    UNTESTED_PROCEDURE = "untested_procedure"
    ACCESS = "access"
    HANDOVER = "handover"
    UNCLEAR_WORDS = "unclear_words"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RetrospectiveNote:
    """One note in a section. ``version`` counts its changes; ``changed_by`` made the newest."""

    id: int
    section: Section
    text: str
    author: str
    created_at: datetime
    changed_by: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class AddedEvent:
    """What somebody added to the timeline: when it happened, and where that is known from (a log, a chat, a person)."""

    id: int
    happened: datetime
    text: str
    source: str
    author: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RetrospectiveRecord:
    """What is stored of a retrospective, without what comes from its incident or drill."""

    subject: str
    state: RetrospectiveState = RetrospectiveState.DRAFT
    causes: tuple[ContributingCause, ...] = ()
    changed_at: datetime | None = None
    changed_by: str = ""
    notes: tuple[RetrospectiveNote, ...] = ()
    events: tuple[AddedEvent, ...] = ()

    def notes_in(self, section: Section) -> tuple[RetrospectiveNote, ...]:
        """The notes of one section, oldest first."""
        return tuple(note for note in self.notes if note.section is section)
