"""What must hold of every notice in every life, written from the rules of the notices and not from the program.

Each rule takes one step of a life in one language and yields what is wrong. Only what customers read counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.domain import AffectedAudience, Catalog, Facts, MissedEstimate, Precision, Unknown
from tests.support.life_reading import SENTENCE_END, Reading, clock, clocks, current, is_said, longest, minute, times_of
from tests.support.life_steps import (
    CORRECTION,
    FIRST,
    FOLLOW_UP,
    PARTLY,
    RESOLVED,
    UPDATE,
    WATCHING,
    WITHDRAWAL,
    Step,
)
from tests.support.lives import PLAIN_TYPE
from tests.support.recovery_oracle import says_of_the_rest_only_what_is_so

OPEN = (FIRST, UPDATE, PARTLY, CORRECTION)
"""Kinds of notice about what lasts; a correction may be about what is over."""

SHORTEST = 15
"""Characters of the shortest piece of text that counts as a sentence said twice."""

Rule = Callable[[Reading], Iterator[str]]


def names_everything_worst_first(reading: Reading) -> Iterator[str]:
    """1. What is over names every service that was affected, the worst first."""
    if not reading.is_over:
        return
    lines = next((row.lines for row in reading.text.rows if row.key == "scope"), ())
    names = [reading.pack.services[service].name for service in reading.worst_first()]
    if len(lines) != len(names) or not all(line.startswith(name) for line, name in zip(lines, names, strict=False)):
        yield f"scope {lines} instead of {names}"
    again = reading.clause(reading.worst_first()[0], "again", reading.step.worst[reading.worst_first()[0]])
    if not is_said(again, reading.text.headline):
        yield f"headline {reading.text.headline!r} is not about the worst"


def gives_each_service_its_own_time(reading: Reading) -> Iterator[str]:
    """2. Where they differ, each service has its own start, end and length."""
    step, facts = reading.step, reading.step.facts
    was_reopened = any(earlier.is_reopened for earlier in reading.steps[: reading.index + 1])
    if not reading.is_over or was_reopened or not facts.start or not facts.ended_at:
        return
    lines = next((row.lines for row in reading.text.rows if row.key == "scope"), ())
    own_ends = {service: at for service, at in step.ended.items() if minute(at) < minute(facts.ended_at)}
    if not step.told_at and not own_ends:
        return
    for service, line in zip(reading.worst_first(), lines, strict=False):
        start, end = step.told_at.get(service, facts.start.at), own_ends.get(service, facts.ended_at)
        if not (reading.says_time(line, start) and reading.says_time(line, end)):
            yield f"{line!r} lacks {clock(start, 'UTC')} – {clock(end, 'UTC')} UTC"


def keeps_the_title_at_the_worst(reading: Reading) -> Iterator[str]:
    """3. The title says the worst effect since the beginning and never narrows; in the past tense once it is over."""
    step, form = reading.step, "was" if reading.is_over else "now"
    worst = min(step.worst.values())
    clauses = [reading.clause(service, form, rank) for service, rank in step.worst.items() if rank == worst]
    if not any(is_said(clause, reading.text.title) for clause in clauses):
        yield f"title {reading.text.title!r} is about none of {clauses}"


def drops_what_belongs_to_the_recovered(reading: Reading) -> Iterator[str]:
    """4. After a partial recovery, workarounds and customers of before are gone, unless they are said anew."""
    step = reading.step
    if not step.has_partly or step.notice not in (PARTLY, UPDATE):
        return
    said_anew = _groups(reading, step.facts) if "audience" in step.said_anew else []
    gone = [name for name in _groups(reading, reading.steps[0].facts) if not any(name in word for word in said_anew)]
    for name, body in reading.bodies:
        if "workaround" not in step.said_anew and reading.pack.lists["workaround"]["phone"].text in body:
            yield f"{name} keeps the workaround"
        yield from (f"{name} keeps {group}" for group in gone if group in reading.without_advice(body))
        yield from (f"{name} keeps {text}" for text in _answers_of_before(reading) if text in body)


def _answers_of_before(reading: Reading) -> list[str]:
    """What the first report answered and nobody has answered since the partial recovery."""
    before, now = reading.steps[0].facts, reading.step.facts
    prefix = f"incident_type.{before.incident_type}.question"
    unanswered = {question: answer for question, answer in before.answers.items() if question not in now.answers}
    return [reading.pack.phrases[f"{prefix}.{question}.answer.{a}.text"] for question, a in unanswered.items()]


def _groups(reading: Reading, facts: Facts) -> list[str]:
    groups = [reading.pack.audience_groups[group] for group in facts.audience.groups]
    return [name for group in groups for name in (group.label, group.text) if name]


def says_what_changed_first(reading: Reading) -> Iterator[str]:
    """5. An update says a changed start and estimate with the old one, before what has not changed."""
    step, before = reading.step, reading.step.before
    if step.notice is not UPDATE or before is None or step.is_reopened:
        return
    head = reading.page.partition(reading.pack.lists["workaround"]["phone"].text)[0]
    told, now = current(before), current(step.facts)
    if step.missed is None and told != now and not isinstance(told, Unknown) and not isinstance(told, MissedEstimate):
        yield from (
            f"lacks {clock(at, 'UTC')} UTC"
            for at in (*times_of(told), *times_of(now))
            if not reading.says_time(head, at)
        )
    if step.facts.start != before.start and step.facts.start and before.start:
        for at in (before.start.at, step.facts.start.at):
            if not reading.says_time(head, at):
                yield f"lacks the start {clock(at, 'UTC')} UTC"


def says_what_was_wrong(reading: Reading) -> Iterator[str]:
    """6. A correction says on every medium what was wrong."""
    step, before, phrases = reading.step, reading.step.before, reading.pack.phrases
    for name, body in reading.bodies if step.notice is CORRECTION else ():
        if "start" in step.corrected and before and before.start and step.facts.start:
            for at in (before.start.at, step.facts.start.at):
                if not reading.says_time(body, at):
                    yield f"{name} lacks {clock(at, 'UTC')} UTC"
        if "end" in step.corrected and before and before.ended_at and step.facts.ended_at:
            for at in (before.ended_at, step.facts.ended_at):
                if not reading.says_time(body, at):
                    yield f"{name} lacks {clock(at, 'UTC')} UTC"
        if "audience" in step.corrected and phrases["changed.audience"] not in body:
            yield f"{name} does not say that the customers were wrong"
        extent = step.facts.audience.extent
        is_said = phrases.get(f"audience.{extent}_bare", phrases[f"audience.{extent}"]) in body
        if "audience" in step.corrected and not is_said:
            yield f"{name} does not say who is affected instead"


def owns_up_to_a_missed_estimate(reading: Reading) -> Iterator[str]:
    """7. A missed estimate, its apology and the new time are on every medium."""
    step = reading.step
    if step.missed is None:
        return
    for name, body in reading.bodies:
        if reading.pack.locale_rules.apology.casefold() not in body.casefold():
            yield f"{name} does not apologise"
        for at in (step.missed, *times_of(current(step.facts))):
            if not reading.says_time(body, at):
                yield f"{name} lacks {clock(at, 'UTC')} UTC"


def corrects_only_what_a_person_changed(reading: Reading) -> Iterator[str]:
    """8. Nothing is called corrected that no person changed."""
    if reading.step.notice is not CORRECTION:
        return
    phrases = reading.pack.phrases
    facts = ("scope", "audience", "start", "end", "estimate", "next_update", "workaround", "cause", "answers")
    listed = phrases["changed.text"].partition("{facts}")
    for name, body in reading.bodies:
        for fact in facts:
            said = f"moved.{fact}" in phrases and _is_filled(phrases[f"moved.{fact}"], body)
            sentence = next((s for s in SENTENCE_END.split(body) if s.startswith(listed[0]) or listed[2] in s), "")
            if fact not in reading.step.corrected and (said or (listed[0] and phrases[f"changed.{fact}"] in sentence)):
                yield f"{name} calls {fact} corrected: {body}"
        if phrases["changed.many"] in body:
            yield f"{name} calls several points corrected"


def _is_filled(phrase: str, body: str) -> bool:
    """Whether a sentence of the text is this phrase with something in its slots."""
    parts = [part.strip("。. ") for part in re.split(r"\{\w+\}", phrase)]
    return any(all(part in sentence for part in parts) for sentence in SENTENCE_END.split(body))


def names_the_customers(reading: Reading) -> Iterator[str]:
    """9. If only some groups of customers are affected, they are in every text; if it is not known who, that not
    everybody is."""
    audience, phrases = reading.step.facts.audience, reading.pack.phrases
    if reading.step.notice not in OPEN or reading.is_over:
        return
    lead = longest(phrases["limited.some"]).replace("|", "")
    if audience.extent is AffectedAudience.SOME:
        if lead not in reading.text.headline:
            yield f"headline {reading.text.headline!r} is about everybody"
        for name, body in reading.bodies:
            if lead not in body and phrases["audience.some"] not in body:
                yield f"{name} is about everybody: {body}"
    if audience.extent is not AffectedAudience.GROUPS:
        return
    for name, body in reading.bodies:
        for group in audience.groups:
            words = reading.pack.audience_groups[group]
            is_counted = len(audience.groups) > 1 and lead in body  # a post without room for all of them
            if not is_counted and words.label not in body and (not words.text or words.text not in body):
                yield f"{name} does not name {group}: {body}"


def apologises_in_its_places_only(reading: Reading) -> Iterator[str]:
    """10. One apology: last in the first report and in resolved, and for a missed estimate."""
    step, sorry = reading.step, reading.pack.locale_rules.apology.casefold()
    may = step.notice in (FIRST, RESOLVED) or step.missed is not None
    for name, body in reading.bodies:
        count = body.casefold().count(sorry)
        if count > may:
            yield f"{name} apologises {count} times"
    if step.notice in (FIRST, RESOLVED) and sorry not in reading.page.splitlines()[-1].casefold():
        yield "the apology is not last"


def says_nothing_twice(reading: Reading) -> Iterator[str]:
    """11. No sentence stands twice in one text."""
    for name, body in reading.bodies:
        pieces = Counter(piece.strip("- ") for piece in SENTENCE_END.split(body) if len(piece) >= SHORTEST)
        yield from (f"{name} says twice: {piece}" for piece, count in pieces.items() if count > 1)


def has_a_subject_that_fits(reading: Reading) -> Iterator[str]:
    """12. The subject of what works again does not say that it fails."""
    if reading.step.notice not in (RESOLVED, WATCHING):
        return
    for name, text in reading.text.media.items():
        for service, rank in reading.step.worst.items():
            now, again = (reading.clause(service, form, rank) for form in ("now", "again"))
            if text.subject and is_said(now, text.subject) and now not in again:
                yield f"{name}: {text.subject}"


def speaks_of_the_past_in_the_past(reading: Reading) -> Iterator[str]:
    """15. After the end, no text and no title says that something does not work, as if it were so now."""
    if not reading.is_over:
        return
    texts = {"title": reading.text.title, "headline": reading.text.headline, **dict(reading.bodies)}
    for service, rank in reading.step.worst.items():
        now, was = reading.clause(service, "now", rank), reading.clause(service, "was", rank)
        rest = {name: text.replace(was, "") for name, text in texts.items()}  # “… fail” is in “… failed”
        yield from (f"{name}: {texts[name]}" for name, text in rest.items() if now != was and is_said(now, text))


def says_only_times_that_are_so(reading: Reading) -> Iterator[str]:
    """13. Each time is one of the incident's, in the company's zone."""
    moments: list[datetime] = []
    for step in reading.steps[: reading.index + 1]:
        facts = step.facts
        known = [step.now, facts.next_update, facts.ended_at, facts.start.at if facts.start else None, step.missed]
        moments += [at for at in known if at]
        moments += [*times_of(current(facts)), *step.told_at.values(), *step.ended.values()]
    allowed = {clock(at, reading.catalog.site.zone) for at in moments}
    for name, body in reading.bodies:
        if stray := clocks(body) - allowed:
            yield f"{name} says {sorted(stray)}: {body}"


def says_every_fact_or_names_its_loss(reading: Reading) -> Iterator[str]:
    """16. What was typed is in every text of a size without limit, and in a post, or the post names it as left out."""
    facts, lists = reading.step.facts, reading.pack.lists
    if reading.step.notice in (FOLLOW_UP, WITHDRAWAL):
        return  # They say only what is new, or that nothing was so.
    ends = [("workaround", lists["workaround"][id].text) for id in facts.workarounds if not id.startswith("after-")]
    if reading.is_over or reading.step.notice is WATCHING:
        ends = [
            ("workaround_after", lists["workaround"][id].text) for id in facts.workarounds if id.startswith("after-")
        ]
    if facts.current_action and not reading.is_over and reading.step.notice is not WATCHING:
        ends.append(("current_action", lists["current_action"][facts.current_action].text))
    if facts.cause and reading.step.notice is not FIRST:
        ends.append(("cause", lists["cause"][facts.cause].text))
    times = (
        [("estimate", at) for at in times_of(current(facts))]
        if reading.step.notice in OPEN and not reading.is_over
        else []
    )
    times += [("next_update", facts.next_update)] if facts.next_update and not reading.is_over else []
    for name, text in reading.texts:
        lost = {row for row, sentence in ends if sentence.rstrip("。.")[-END:] not in text.body}
        lost |= {row for row, at in times if not reading.says_time(text.body, at)}
        if unnamed := lost - {*text.left_out}:
            yield f"{name} loses {sorted(unnamed)}: {text.body}"


END = 6
"""Characters at the end of a sentence by which it is found, also where it is a row without its first words."""


def is_short_at_first(reading: Reading) -> Iterator[str]:
    """14. A first report in English without optional facts has at most 60 words on the page, if it is of one day; five
    more where it says when the problem was noticed and that its start is being looked for."""
    facts = reading.step.facts
    is_for_anybody = facts.audience.extent not in (AffectedAudience.SOME, AffectedAudience.GROUPS)
    is_plain = (
        facts.incident_type == PLAIN_TYPE
        and len(facts.affected) == 1
        and isinstance(facts.estimate, Unknown)
        and is_for_anybody
    )
    if reading.pack.language != "en" or reading.step.notice is not FIRST or not is_plain:
        return
    rest = reading.page.replace(reading.pack.lists["workaround"]["phone"].text, "")
    zone = ZoneInfo(reading.catalog.site.zone)
    told = (reading.step.now, facts.start.at if facts.start else None, facts.next_update)
    days = {at.astimezone(zone).date() for at in told if at}
    limit = 65 if facts.start and facts.start.precision is Precision.NOTICED else 60
    if len(days) == 1 and len(rest.split()) > limit:
        yield f"{len(rest.split())} words"


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        names_everything_worst_first,
        gives_each_service_its_own_time,
        keeps_the_title_at_the_worst,
        drops_what_belongs_to_the_recovered,
        says_what_changed_first,
        says_what_was_wrong,
        owns_up_to_a_missed_estimate,
        corrects_only_what_a_person_changed,
        names_the_customers,
        apologises_in_its_places_only,
        says_nothing_twice,
        has_a_subject_that_fits,
        says_only_times_that_are_so,
        says_every_fact_or_names_its_loss,
        is_short_at_first,
        speaks_of_the_past_in_the_past,
        says_of_the_rest_only_what_is_so,
    )
}


def violations(
    catalog: Catalog, steps: tuple[Step, ...], languages: tuple[str, ...], rules: tuple[str, ...] = tuple(RULES)
) -> Iterator[str]:
    """Everything that is wrong in a life: the rule, the language, the notice, and what was found."""
    for index, step in enumerate(steps):
        for language in languages:
            reading = Reading(catalog, steps, index, language)
            for rule in rules:
                yield from (f"{rule} [{language}] {index} {step.notice}: {found}" for found in RULES[rule](reading))
