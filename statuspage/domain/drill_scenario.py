"""The types of a drill scenario: what is imagined, what is injected in which minute, and the objectives."""

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
    """What is injected into a drill."""

    ALERT = "alert"
    CALL = "call"
    POST = "post"
    MESSAGE = "message"
    JARGON = "jargon"
    ANSWER = "answer"
    WRONG_FACT = "wrong_fact"
    CORRECTION = "correction"
    NO_APPROVER = "no_approver"
    EXPERT_AWAY = "expert_away"
    REAL_ALERT = "real_alert"
    GUIDE = "guide"


ROLES = ("leader", "reporter", "checker", "engineer", "approver", "colleague", "observer")
"""Roles in a drill that may be addressed; *all* addresses everybody."""

MEASURES = (
    "acknowledged", "confirmed", "colleagues_told", "published", "readable", "resolved",
    "facts", "promises", "plain", "corrected", "leader",
)  # fmt: skip
"""What an objective measures: a stage within so many minutes of the alert; facts in the first notice; every promise
kept; no plain-language finding in a notice; a wrong fact corrected; or the leader's judgement."""

TIMED = MEASURES[:6]
"""Measures that are a stage of the clock, and need minutes."""

FACTS = ("scope", "audience", "start", "estimate", "workaround", "next_update")
"""Facts that an objective may require in the first notice."""

Scope = Literal["support", "engineers", "company"]
SCOPES: tuple[Scope, ...] = ("support", "engineers", "company")
"""Who takes part: support alone, where nothing is broken and somebody only says so; support with engineers, where a
test server is really broken; the whole company."""


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective. ``within`` counts from the alert, None if ``measure`` is not a stage."""

    id: str
    text: Texts
    measure: str
    within: timedelta | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inject:
    """One inject. ``at`` counts from the drill's start; None: by hand, or once ``after``, a stage, is reached.

    ``sender`` and ``recipient_role`` (a role, or *all*) say from whom to whom, ``expected_action`` what should happen
    then, which only the leader sees. An alert has either ``labels``, or a ``payload`` as its monitor ``source`` sends
    it. ``corrects`` is the id of the wrong fact that a correction puts right.
    """

    id: str
    kind: InjectKind
    sender: Texts
    recipient_role: str
    subject: Texts
    text: Texts
    expected_action: Texts
    at: timedelta | None = None
    after: str = ""
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    payload: str = ""
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill as written in calm times.

    ``briefing`` is what everybody is told, ``leader_notes`` what only the leader knows, ``preparation`` what to
    prepare, ``excluded_people`` who is worth leaving out on purpose. ``is_solo``: one person plays it without a
    leader. It ends by itself after ``duration``. ``notice_goal`` is from the alert to the first readable notice, None:
    the site's own.
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
