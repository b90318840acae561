"""What engineers were asked about an incident, what they answered, and what still waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain.facts import EngineerAnswer
from statuspage.domain.incident import Incident, StepKind, TimelineEntry, TimelineEvent

LIFE = timedelta(hours=24)
"""How long the link of a question holds; it ends with the incident in any case."""

REMINDERS = (timedelta(minutes=5), timedelta(minutes=15))
"""How long after a question nobody answered it is asked once more, and then again."""

QUESTIONS = ("services", "since", "estimate", "ended")
"""What is asked of every kind of trouble, besides the kind's own questions."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: who says so, since when we know, the facts, and a line of text. ``of`` is its question, 0: none."""

    sequence: int
    at: datetime
    by: str
    said: EngineerAnswer
    text: str = ""
    of: int = 0


@dataclass(frozen=True, slots=True)
class FactRequest:
    """One time that engineers were asked. ``number`` is the sequence of its step, ``to`` whom it went to, "" where
    nobody noted that; ``reminded`` how often it was asked again; ``ended`` when somebody took its link back."""

    number: int
    at: datetime
    by: str
    to: str
    answers: tuple[Answer, ...] = ()
    reminded: int = 0
    ended: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has answered, and somebody may still."""
        return not self.answers and self.ended is None

    def holds(self, now: datetime) -> bool:
        """Whether its link is good."""
        return self.ended is None and now < self.at + LIFE

    def overdue(self, now: datetime) -> bool:
        """Whether it is to be asked once more."""
        due = REMINDERS[self.reminded] if self.reminded < len(REMINDERS) else None
        return self.waits and self.holds(now) and due is not None and now >= self.at + due


def asks(incident: Incident) -> tuple[FactRequest, ...]:
    """Every time that engineers were asked, oldest first."""
    told = [r for r in incident.entries if isinstance(r.entry, TimelineEvent) and r.entry.step is StepKind.FACTS_ASKED]
    return tuple(_ask(incident, r) for r in told)


def answers(incident: Incident) -> tuple[Answer, ...]:
    """Every answer, oldest first, also those that nobody had asked for."""
    found = []
    for r in incident.entries:
        step = r.entry
        if isinstance(step, TimelineEvent) and step.step is StepKind.FACT_RECEIVED and step.said is not None:
            found.append(Answer(r.sequence, r.recorded, step.by, step.said, step.text, step.of))
    return tuple(found)


def newest_answers(incident: Incident) -> Mapping[str, Answer]:
    """Of each fact the newest answer, in the order of the questions."""
    told: dict[str, Answer] = {}
    for answer in answers(incident):
        told |= dict.fromkeys(answer.said.fields, answer)
    order = [*QUESTIONS, *sorted(name for name in told if name not in QUESTIONS)]
    return {name: told[name] for name in order if name in told}


def _ask(incident: Incident, asked: TimelineEntry) -> FactRequest:
    steps = [
        (r, r.entry) for r in incident.entries if isinstance(r.entry, TimelineEvent) and r.entry.of == asked.sequence
    ]
    ended = [r.recorded for r, step in steps if step.step is StepKind.FACTS_ENDED]
    text, by = (asked.entry.text, asked.entry.by) if isinstance(asked.entry, TimelineEvent) else ("", "")
    return FactRequest(
        number=asked.sequence,
        at=asked.recorded,
        by=by,
        to=text,
        answers=tuple(one for one in answers(incident) if one.of == asked.sequence),
        reminded=sum(step.step is StepKind.FACTS_REMINDED for _, step in steps),
        ended=ended[0] if ended else None,
    )
