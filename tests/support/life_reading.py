"""One step of a life as a customer reads it in one language, for the rules of the oracle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.domain import (
    IMPACT_STATES,
    Catalog,
    Facts,
    Known,
    MediumText,
    MissedEstimate,
    NotBefore,
    Range,
    Unknown,
)
from tests.support.life_steps import Step

SPOKEN = ("short",)
SENTENCE_END = re.compile(r"(?<=[。！？])|(?<=[^\d][.!?])\s+|\n")
CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:h](\d{2})(?!\d)")
HALF_DAY_CLOCK = re.compile(r"(午前|午後)(\d{1,2})時(?:(\d{1,2})分)?")


class Reading:
    """One step in one language, with what a rule needs to compare."""

    def __init__(self, catalog: Catalog, steps: tuple[Step, ...], index: int, language: str) -> None:
        self.catalog, self.steps, self.index = catalog, steps, index
        self.step, self.pack = steps[index], catalog.packs[language]
        self.text = self.step.texts[language]
        self.is_over = self.step.is_over

    @property
    def bodies(self) -> Iterator[tuple[str, str]]:
        """Every text for customers, by its medium."""
        for name, text in self.text.media.items():
            if not self.catalog.media[name].is_internal:
                yield name, text.body

    @property
    def texts(self) -> Iterator[tuple[str, MediumText]]:
        """What customers read by themselves, with the facts each text has no room for; what is read aloud is not."""
        for name, text in self.text.media.items():
            if not self.catalog.media[name].is_internal and name not in SPOKEN:
                yield name, text

    @property
    def page(self) -> str:
        return self.text.media["page"].body

    def clause(self, service: str, form: str, rank: int) -> str:
        clauses = self.pack.services[service].impact_clauses[IMPACT_STATES[rank]]
        return str(getattr(clauses, form)).replace("|", "")

    def worst_first(self) -> list[str]:
        order = list(self.catalog.services)
        return sorted(self.step.worst, key=lambda service: (self.step.worst[service], order.index(service)))

    def without_advice(self, text: str) -> str:
        """The text without what customers are advised and answered, and without what we do and the cause, which may
        name other customers and services."""
        facts, lists = self.step.facts, self.pack.lists
        said = [*self.answers(self.step), *(lists["workaround"][id].text for id in facts.workarounds)]
        if facts.current_action:
            said.append(lists["current_action"][facts.current_action].text)
        if facts.cause:
            end = lists["cause"][facts.cause].text[-12:]  # its first words have another tense, or are a label
            said += [sentence for sentence in SENTENCE_END.split(text) if sentence.strip().endswith(end)]
        for sentence in said:
            text = text.replace(sentence, "")
        return text

    def answers(self, step: Step) -> list[str]:
        """The answers of a notice to the questions of its type, in words."""
        prefix, given = f"incident_type.{step.facts.incident_type}.question", step.facts.answers.items()
        keys = (f"{prefix}.{question}.answer.{answer}.text" for question, answer in given)
        return [text for key in keys if (text := self.pack.phrases[key])]

    def says_time(self, text: str, at: datetime) -> bool:
        return clock(at, self.catalog.site.zone) in clocks(text)


def clock(at: datetime, zone: str) -> tuple[int, int]:
    local = at.astimezone(ZoneInfo(zone))
    return local.hour, local.minute


def clocks(text: str) -> set[tuple[int, int]]:
    found = HALF_DAY_CLOCK.findall(text)
    halves = {(int(hour) + 12 * (half == "午後"), int(minute or 0)) for half, hour, minute in found}
    return halves | {(int(hour), int(minute)) for hour, minute in CLOCK.findall(text)}


def is_said(clause: str, text: str) -> bool:
    """Whether the text has this clause; after a colon it may begin with a small letter, as French and Spanish ask."""
    return clause in text or f": {clause[:1].lower()}{clause[1:]}" in text


def longest(phrase: str) -> str:
    """The longest part of a phrase between its slots."""
    return max(re.split(r"\{\w+\}", phrase), key=len)


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def current(facts: Facts) -> Unknown | Known | Range | NotBefore:
    estimate = facts.estimate
    return estimate.current if isinstance(estimate, MissedEstimate) else estimate


def times_of(estimate: Unknown | Known | Range | NotBefore) -> tuple[datetime, ...]:
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            return (at,)
        case Range(earliest=earliest, latest=latest):
            return (earliest, latest)
        case _:
            return ()
