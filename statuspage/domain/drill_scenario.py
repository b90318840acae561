"""The shapes of a drill's script: what is imagined, what is fed in at which minute, and what is to be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from statuspage.domain.facts import Affected

Texts = Mapping[str, str]
"""One text by language."""


class InjectKind(StrEnum):
    """What is fed into a drill."""

    ALERT = "alert"
    CALL = "call"
    POST = "post"
    MESSAGE = "message"
    JARGON = "jargon"
    ANSWER = "answer"
    WRONG_FACT = "wrong"
    CORRECTION = "correction"
    NO_APPROVER = "no_approver"
    EXPERT_AWAY = "expert_away"
    REAL_ALERT = "real_alert"
    GUIDE = "guide"


ROLES = ("leader", "reporter", "checker", "engineer", "approver", "colleague", "observer")
"""Who takes part in a drill, and may be spoken to; *all* speaks to everybody."""

MEASURES = (
    "acknowledged", "confirmed", "colleagues_told", "published", "readable", "resolved",
    "facts", "promises", "plain", "corrected", "leader",
)  # fmt: skip
"""What an objective is held to: a stage within so many minutes of the alert; facts that the first notice has; every
promise kept; no finding of the plain-language check in a notice; a wrong fact corrected; or the leader's judgement."""

TIMED = MEASURES[:6]
"""Measures that are a stage of the clock, and need minutes."""

FACTS = ("scope", "who", "started", "estimate", "workaround", "next")
"""Facts that an objective may ask of the first notice."""

Scope = Literal["support", "engineers", "company"]
SCOPES: tuple[Scope, ...] = ("support", "engineers", "company")
"""Whom a scenario is for: support alone, where nothing is broken and somebody just says so; with engineers, where a
test server is really broken; the whole company."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Something to be reached. ``within`` counts from the alert, None where ``measure`` is no stage."""

    id: str
    text: Texts
    measure: str
    within: timedelta | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inject:
    """One thing fed in. ``at`` counts from the drill's start; None: by hand, or once ``after``, a stage, is reached.

    ``sender`` and ``to`` (a role, or *all*) say from whom to whom, ``expect`` what should happen then, which only the
    leader sees. An alert has either ``labels``, or a ``payload`` as its monitor ``source`` sends it.
    ``corrects`` is the id of the wrong fact that a correction puts right.
    """

    id: str
    kind: InjectKind
    sender: Texts
    to: str
    subject: Texts
    text: Texts
    expect: Texts
    at: timedelta | None = None
    after: str = ""
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    payload: str = ""
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill as it is written down in calm times.

    ``story`` is what everybody is told, ``secret`` what the leader knows and players do not, ``prepare`` what is to be
    made ready before, ``keep_out`` whom it is worth keeping out on purpose. ``alone``: one person plays it without a
    leader. It ends by itself after ``length``. ``goal`` is alert to readable first notice, None: the site's own.
    """

    id: str
    scope: Scope
    title: Texts
    briefing: Texts
    leader_notes: Texts
    incident_type: str
    duration: timedelta
    services: tuple[Affected, ...] = ()
    notice_goal: timedelta | None = None
    is_solo: bool = False
    roles: tuple[str, ...] = ()
    preparation: Texts = field(default_factory=dict)
    excluded_people: Texts = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    injects: tuple[Inject, ...] = ()
