"""The rule for what still does not work once part of an incident works again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statuspage.domain import IMPACT_STATES
from tests.support.life_reading import SENTENCE_END, Reading, is_said, longest
from tests.support.life_recovery import SOME
from tests.support.life_steps import FOLLOW_UP, PARTLY, RESOLVED, UPDATE, WITHDRAWAL, Step

_AFTER_TIME = re.compile(rf"{SENTENCE_END.pattern}|(?<=\d\.)\s+(?=[^\W\d])")
"""Sentences, also after one that ends with a time."""


def says_of_the_rest_only_what_is_so(reading: Reading) -> Iterator[str]:
    """17. Once part works again, nothing that works again is said not to, no customers are named who can use everything
    again, what works again is not limited to those for whom the rest does not, and only what the notice says anew to do
    or to know is there."""
    step = reading.step
    if not step.has_partly or reading.is_over or step.notice in (RESOLVED, FOLLOW_UP, WITHDRAWAL):
        return
    yield from _recovered_services(reading)
    yield from _recovered_customers(reading)
    yield from _limited_recovery(reading)
    yield from _better_for_the_rest(reading)
    yield from _unlimited_subject(reading)
    yield from _advice_of_before(reading)


def _texts(reading: Reading) -> Iterator[tuple[str, str]]:
    """Everything that is about the present; a title is about the incident since its beginning."""
    yield "headline", reading.text.headline
    yield "rows", "\n".join(line for row in reading.text.rows for line in row.lines)
    yield from reading.bodies


def _recovered_services(reading: Reading) -> Iterator[str]:
    present = [(item.service, IMPACT_STATES.index(item.state)) for item in reading.step.facts.affected]
    forms = ("now", "still", "again")
    said = [reading.clause(service, form, rank) for service, rank in present for form in forms]
    for service in reading.step.worst.keys() - {service for service, _ in present}:
        again = [reading.clause(service, "again", rank) for rank in range(len(IMPACT_STATES))]
        clauses = {
            reading.clause(service, form, rank) for form in ("now", "still") for rank in range(len(IMPACT_STATES))
        }
        false = [clause for clause in clauses if not any(clause in other for other in (*said, *again))]
        for name, text in _texts(reading):
            yield from (f"{name} says that {service} fails: {text}" for clause in false if is_said(clause, text))
            if reading.step.notice is not PARTLY and _names(reading, service, reading.without_advice(text)):
                yield f"{name} still names {service}: {text}"
        if reading.pack.services[service].name in _scope(reading):
            yield f"the rows list {service}"


def _names(reading: Reading, service: str, text: str) -> bool:
    """Whether a text names a service, and not another one whose words contain its name."""
    name, others = reading.pack.services[service].name, reading.step.facts.affected
    words = (reading.pack.services[item.service] for item in others)
    return name in text and not any(name in str(other) for other in words)


def _scope(reading: Reading) -> tuple[str, ...]:
    lines = next((row.lines for row in reading.text.rows if row.key == "scope"), ())
    return tuple(line.partition("（")[0].partition(":")[0].partition("：")[0].strip() for line in lines)


def _recovered_customers(reading: Reading) -> Iterator[str]:
    earlier = {group for step in reading.steps[: reading.index + 1] for group in _groups(step)}
    for group in earlier - {*_groups(reading.step)}:
        for name, text in _texts(reading):
            for word in _labels(reading, group):
                if word in reading.without_advice(text):
                    yield f"{name} names {group}, who can use everything again: {text}"


def _groups(step: Step) -> tuple[str, ...]:
    return step.facts.audience.groups


def _labels(reading: Reading, group: str) -> list[str]:
    words = reading.pack.audience_groups[group]
    present = [reading.pack.audience_groups[other] for other in _groups(reading.step)]
    return [
        w for w in (words.label, words.text) if w and not any(w in f"{other.label} {other.text}" for other in present)
    ]


def _limited_recovery(reading: Reading) -> Iterator[str]:
    """What works again does so for those for whom it did not work, whoever the rest is about."""
    step, before = reading.step, reading.step.before
    if step.notice is not PARTLY or before is None:
        return
    recovered = [item for item in before.affected if item.service not in {now.service for now in step.facts.affected}]
    clauses = [reading.clause(item.service, "again", IMPACT_STATES.index(item.state)) for item in recovered]
    others = {*_groups(step)} - {*before.audience.groups}
    labels = [word for group in others for word in _labels_of(reading, group)]
    for name, text in _texts(reading):
        for sentence in _AFTER_TIME.split(text):
            if any(is_said(clause, sentence) for clause in clauses) and any(label in sentence for label in labels):
                yield f"{name} limits what works again: {sentence}"


def _better_for_the_rest(reading: Reading) -> Iterator[str]:
    """Where the same works again for some customers only, it did not get better for those whom the notice names."""
    step, before = reading.step, reading.step.before
    if step.notice is not PARTLY or before is None or {*step.facts.affected} != {*before.affected}:
        return
    better = [reading.pack.phrases["improved.text"], reading.pack.phrases["opening.partly_restored.better"]]
    leads = [longest(phrase.partition("{still}")[0]).strip() for phrase in better]
    labels = [word for group in _groups(step) for word in _labels_of(reading, group)]
    for name, body in reading.bodies:
        for sentence in SENTENCE_END.split(body):
            if any(lead in sentence for lead in leads) and any(label in sentence for label in labels):
                yield f"{name} says that it got better for those who still cannot use it: {sentence}"


def _unlimited_subject(reading: Reading) -> Iterator[str]:
    """What still does not work for some is not, in a subject, about everybody."""
    step, phrases = reading.step, reading.pack.phrases
    present = {item.service for item in step.facts.affected}
    has_recovered = step.notice is PARTLY and step.before and {item.service for item in step.before.affected} - present
    if step.notice not in (PARTLY, UPDATE) or has_recovered or step.is_reopened:
        return
    leads = [longest(phrases["limited.some"]).replace("|", "")] if step.facts.audience.extent is SOME else []
    leads += [reading.pack.audience_groups[group].label for group in _groups(step) if len(_groups(step)) == 1]
    for name, text in reading.text.media.items():
        if leads and text.subject and leads[0] not in text.subject:
            yield f"the subject of {name} is about everybody: {text.subject}"


def _labels_of(reading: Reading, group: str) -> list[str]:
    words = reading.pack.audience_groups[group]
    return [word for word in (words.label, words.text) if word]


def _advice_of_before(reading: Reading) -> Iterator[str]:
    facts, lists = reading.step.facts, reading.pack.lists["workaround"]
    now = [lists[id].text for id in facts.workarounds] + reading.answers(reading.step)
    earlier = reading.steps[: reading.index]
    told = {lists[id].text for step in earlier for id in step.facts.workarounds}
    told |= {text for step in earlier for text in reading.answers(step)}
    for name, text in _texts(reading):
        yield from (f"{name} keeps: {old}" for old in told if old in text and not any(old in new for new in now))
