"""The types of a drill scenario: the situation, the injects by minute, and the objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from statuspage.domain.facts import Affected

Texts = Mapping[str, str]
"""One text in several languages."""


class InjectKind(StrEnum):
    """The kinds of inject."""

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
"""Roles in a drill that can be addressed; *all* addresses everybody."""

MEASURES = (
    "acknowledged", "confirmed", "colleagues_told", "published", "readable", "resolved",
    "facts", "promises", "plain", "corrected", "leader",
)  # fmt: skip
"""What an objective measures: a stage within a number of minutes after the alert; facts in the first notice; every
promise kept; no plain-language finding in a notice; a wrong fact corrected; or the leader's judgement."""

TIMED = MEASURES[:6]
"""Measures that are stages of the clock and need minutes."""

FACTS = ("scope", "audience", "start", "estimate", "workaround", "next_update")
"""Facts that an objective may require in the first notice."""

Scope = Literal["support", "engineers", "company"]
SCOPES: tuple[Scope, ...] = ("support", "engineers", "company")
"""Who takes part: support alone, where nothing is broken and the incident is only described; support with engineers,
where a test server is really broken; the whole company."""


NEEDS = ("on_call", "runbook")
"""What a company prepares before it plays a scenario: somebody on call, or a runbook of its own for the incident
type."""


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective. ``within`` counts from the alert; None if ``measure`` is not a stage."""

    id: str
    text: Texts
    measure: str
    within: timedelta | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inject:
    """One inject. ``at`` counts from the drill's start; None: triggered by hand, or once the stage ``after`` is
    reached.

    ``sender`` and ``recipient_role`` (a role, or *all*) say from whom to whom it goes, ``expected_action`` what should
    happen then, which only the leader sees. An alert has either ``labels``, or a ``payload`` in the format of its
    monitor ``source``. ``corrects`` is the id of the wrong fact that a correction puts right.
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
    """A drill as prepared in advance.

    ``briefing`` is what everybody is told, ``leader_notes`` what only the leader knows, ``preparation`` what to
    prepare, ``excluded_people`` who could be left out on purpose. ``is_solo``: one person plays it without a leader.
    The drill ends automatically after ``duration``. ``notice_goal`` is the goal from the alert to the first readable
    notice (None: the site's goal). ``needs`` is what the company has to have prepared (NEEDS).
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
    needs: tuple[str, ...] = ()
