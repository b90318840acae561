"""What the form asks for each kind of notice; other fields are carried as hidden ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from statuspage.domain import NOTICES_AFTER_END, NoticeKind
from statuspage.web.desk.notice_form.drafts import Fields

FORM_PARTS: Mapping[str, tuple[str, ...]] = {
    "ended": ("ended", "ended_at"),
    "incident_type": ("incident_type",),
    "services": ("service",),
    "how_badly": ("state-*",),
    "audience": ("audience", "group"),
    "window": ("begins", "remind"),
    "new_end": ("ends", "ends_at"),
    "start": ("start", "start_at", "precision"),
    "estimate": ("estimate", "estimate_*"),
    "questions": ("answer-*",),
    "workaround": ("workaround",),
    "current_action": ("current_action",),
    "cause": ("cause",),
    "prevention": ("prevention",),
    "next_update": ("next_update", "next_update_at"),
    "report_by": ("report_by",),
}
"""The parts of a form in order, each with the names of its fields."""

_SCOPE_PARTS = ("incident_type", "services", "how_badly", "audience")
_TIME_PARTS = ("start", "estimate", "next_update")

PARTS_BY_NOTICE: Mapping[NoticeKind, tuple[str, ...]] = {
    NoticeKind.FIRST: (*_SCOPE_PARTS, *_TIME_PARTS, "questions", "workaround", "current_action"),
    NoticeKind.UPDATE: (*_SCOPE_PARTS, *_TIME_PARTS, "questions", "cause", "current_action", "workaround"),
    NoticeKind.PARTLY_RESTORED: (
        "services",
        "how_badly",
        "audience",
        *_TIME_PARTS,
        "questions",
        "cause",
        "current_action",
        "workaround",
    ),
    NoticeKind.MONITORING: ("services", "start", "next_update", "cause", "workaround"),
    NoticeKind.RESOLVED: ("ended", "services", "start", "questions", "cause", "workaround", "report_by"),
    NoticeKind.CORRECTION: (*_SCOPE_PARTS, *_TIME_PARTS, "questions", "cause", "current_action", "workaround"),
    NoticeKind.WITHDRAWAL: (),
    NoticeKind.POSTMORTEM: ("cause", "prevention"),
    NoticeKind.FOLLOW_UP: ("questions", "workaround"),
    NoticeKind.ANNOUNCED: ("services", "how_badly", "window", "new_end", "workaround"),
    NoticeKind.STARTED: ("start", "workaround"),
    NoticeKind.EXTENDED: ("new_end", "workaround"),
    NoticeKind.FINISHED: ("ended",),
    NoticeKind.CANCELLED: (),
}
"""The parts of each kind of notice."""

CORRECTION_AFTER_END = ("ended", "incident_type", "services", "how_badly", "start", "questions", "cause", "workaround")
"""The parts of a correction after customers were told that it is over."""


def form_parts(notice: NoticeKind, *, over: bool) -> tuple[str, ...]:
    """The parts of this notice's form. ``over``: customers were told that it is over."""
    return CORRECTION_AFTER_END if over and notice is NoticeKind.CORRECTION else PARTS_BY_NOTICE[notice]


def is_past(notice: NoticeKind, *, over: bool) -> bool:
    """Whether its text is about something that works again, so that workarounds are for afterwards."""
    return notice in (NoticeKind.RESOLVED, NoticeKind.MONITORING, *NOTICES_AFTER_END) or (
        over and notice is NoticeKind.CORRECTION
    )


def carried_fields(fields: Fields, parts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The fields of the parts that are not shown."""
    names = [name for part, field_names in FORM_PARTS.items() if part not in parts for name in field_names]
    for field, values in fields.items():
        if any(fnmatchcase(field, name) for name in names):
            yield from ((field, value) for value in values)
