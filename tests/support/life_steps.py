"""One notice of a generated life, with what was so when it was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from statuspage.domain import Facts, NoticeKind, NoticeText

FIRST, UPDATE, PARTLY = NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED
WATCHING, RESOLVED, CORRECTION = NoticeKind.MONITORING, NoticeKind.RESOLVED, NoticeKind.CORRECTION
FOLLOW_UP, WITHDRAWAL, POSTMORTEM = NoticeKind.FOLLOW_UP, NoticeKind.WITHDRAWAL, NoticeKind.POSTMORTEM


@dataclass(frozen=True)
class Step:
    """One notice of a life, and what was so when it was published, as a reader of all notices would list it.

    ``worst`` is the worst state of each service since the beginning, ``told_at`` when a service was named that the
    first report had not, ``ended`` when it was said to work again before the others. ``missed`` is an estimate that has
    passed and that no notice has owned up to. ``corrected``: the facts that a person corrected. ``said_anew``: what
    somebody has said of the rest since part works again.
    """

    notice: NoticeKind
    now: datetime
    facts: Facts
    before: Facts | None
    worst: Mapping[str, int]
    told_at: Mapping[str, datetime]
    ended: Mapping[str, datetime]
    missed: datetime | None = None
    corrected: frozenset[str] = frozenset()
    is_reopened: bool = False
    has_partly: bool = False
    said_anew: frozenset[str] = frozenset()
    texts: Mapping[str, NoticeText] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether it is about the past."""
        is_final = self.notice in (RESOLVED, POSTMORTEM, FOLLOW_UP)
        return is_final or (self.notice is CORRECTION and self.facts.ended_at is not None)
