"""What must hold of every notice of planned maintenance, written from the rules and not from the program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from statuspage.domain import IMPACT_STATES, Catalog, MaintenanceWindow
from tests.support.life_oracle import END, Rule, says_nothing_twice
from tests.support.life_reading import SENTENCE_END, Reading, clock, clocks
from tests.support.life_steps import Step
from tests.support.maintenance_lives import ANNOUNCED, CANCELLED, EXTENDED, FINISHED, REMINDER, STARTED

AHEAD = (ANNOUNCED, REMINDER)
DURING = (ANNOUNCED, REMINDER, STARTED, EXTENDED)

YEAR_FIRST = ("ja", "ja-simple", "ko", "zh-Hans", "vi")
"""Languages that write a month as a number."""


def has_its_day_in_the_title(reading: Reading) -> Iterator[str]:
    """M1. Title and subjects say on which day the work is planned to begin, and name no other day."""
    day = _local(reading, _window(reading).start).date()
    subjects = {name: text.subject for name, text in reading.text.media.items() if text.subject}
    for name, text in {"title": reading.text.title, **subjects}.items():
        if not _names_day(reading, text, day) or len(re.findall(r"\d+", text)) > 1 + (_month_is_number(reading)):
            yield f"{name} is not of {day}: {text}"


def says_when(reading: Reading) -> Iterator[str]:
    """M2. Planned work says from when until when, with each day it touches; work in progress since when and until when;
    what is over when it ended. A text without room for the end names it as left out; an email says no day that is its
    own."""
    step, window = reading.step, _window(reading)
    start, end = step.facts.start.at if step.facts.start else window.start, window.end
    times = {
        STARTED: [(start, False), (end, True)],
        EXTENDED: [(end, True)] if step.facts.start else [(start, False), (end, False)],
        FINISHED: [(step.facts.ended_at or step.now, False)],
        CANCELLED: [(window.start, False), (window.end, False)],
    }.get(step.notice, [(window.start, False), (window.end, False)])
    for name, text in reading.texts:
        for at, may_be_lost in times:
            if not reading.says_time(text.body, at) and not (may_be_lost and "planned" in text.left_out):
                yield f"{name} lacks {clock(at, reading.catalog.site.zone)}: {text.body}"
        today = _local(reading, step.now).date() if name.startswith("mail") else None
        said = [at for at, _ in times if reading.says_time(text.body, at) and _local(reading, at).date() != today]
        for at in said:
            if not _names_day(reading, text.body, _local(reading, at).date()):
                yield f"{name} lacks the day of {_local(reading, at)}: {text.body}"


def says_the_old_plan(reading: Reading) -> Iterator[str]:
    """M3. A changed plan is said with the old one, before what is the same as ever; a post may name it as left out."""
    step, before = reading.step, reading.step.before
    if step.notice not in (ANNOUNCED, EXTENDED) or before is None or before.maintenance_window is None:
        return
    old, new = before.maintenance_window, _window(reading)
    if (old.start, old.end) == (new.start, new.end):
        return
    times = [old.end] if step.notice is EXTENDED and step.facts.start else [old.start, old.end]
    unchanged = _during_sentences(reading)
    for name, text in reading.texts:
        head = min((text.body.partition(sentence)[0] for sentence in unchanged), key=len, default=text.body)
        lost = [clock(at, reading.catalog.site.zone) for at in times if not reading.says_time(head, at)]
        if lost and "planned" not in text.left_out:
            yield f"{name} lacks the old {lost}: {text.body}"


def speaks_of_a_plan_as_a_plan(reading: Reading) -> Iterator[str]:
    """M4. Before the work begins nothing is said to fail now; once it is over, nothing is said to be going on or to
    come."""
    step = reading.step
    is_ahead = step.facts.start is None and step.notice not in (STARTED, FINISHED, CANCELLED)
    texts = {"title": reading.text.title, "headline": reading.text.headline, **dict(reading.bodies)}
    if is_ahead:
        labels, affected = reading.pack.labels, step.facts.affected
        states = {
            reading.pack.phrases.get("row.service", labels["row.service"]).format(
                name=reading.pack.services[item.service].name, state=labels[f"state.{item.state}"]
            )
            for item in affected
            if labels[f"state.{item.state}"] != labels[f"planned_state.{item.state}"]
        }
        lines = [line for row in reading.text.rows if row.key == "scope" for line in row.lines]
        yield from (f"row says {line}" for line in lines if line in states)
        for item in step.facts.affected:
            now = reading.clause(item.service, "now", IMPACT_STATES.index(item.state))
            yield from (f"{name} says now: {text}" for name, text in texts.items() if now in text)
    if step.notice in (FINISHED, CANCELLED):
        for sentence in _during_sentences(reading):
            yield from (
                f"{name} speaks of the work as to come: {text}" for name, text in texts.items() if sentence in text
            )


def names_what_stops(reading: Reading) -> Iterator[str]:
    """M5. Each service is in the rows and on the page of a notice about work to come or in progress, with what to do
    meanwhile in every text that has room."""
    step = reading.step
    if step.notice not in DURING:
        return
    lines = "\n".join(line for row in reading.text.rows if row.key.startswith("scope") for line in row.lines)
    for item in step.facts.affected:
        words = reading.pack.services[item.service]
        if words.name not in lines:
            yield f"the rows lack {words.name}: {lines}"
        nouns = [noun.replace("|", "") for noun in (words.noun, words.noun_capitalized, words.name)]
        if not any(noun in reading.page for noun in nouns):
            yield f"the page lacks {words.noun}: {reading.page}"
    advice = [reading.pack.lists["workaround"][id].text for id in step.facts.workarounds]
    for name, text in reading.texts:
        lost = [sentence for sentence in advice if sentence.rstrip("。.")[-END:] not in text.body]
        if lost and "workaround" not in text.left_out:
            yield f"{name} loses {lost}: {text.body}"
        is_told = all(tail in text.body for tail in _during_tails(reading))
        if not is_told and "scope" not in text.left_out and not name.startswith("mail"):
            yield f"{name} does not say what stops: {text.body}"


def apologises_for_an_extension_only(reading: Reading) -> Iterator[str]:
    """M6. One apology, and only where the work takes longer than announced."""
    sorry = reading.pack.locale_rules.apology.casefold()
    for name, body in reading.bodies:
        if (count := body.casefold().count(sorry)) > (reading.step.notice is EXTENDED):
            yield f"{name} apologises {count} times"


def says_only_times_of_the_work(reading: Reading) -> Iterator[str]:
    """M7. Each time is one of the plan, of the work or of the notice, in the company's zone."""
    moments: list[datetime | None] = []
    for step in reading.steps[: reading.index + 1]:
        window, start = step.facts.maintenance_window, step.facts.start
        moments += [step.now, start.at if start else None, step.facts.ended_at]
        moments += [window.start, window.end] if window else []
    allowed = {clock(at, reading.catalog.site.zone) for at in moments if at}
    for name, body in reading.bodies:
        if stray := clocks(body) - allowed:
            yield f"{name} says {sorted(stray)}: {body}"


def _window(reading: Reading) -> MaintenanceWindow:
    window = reading.step.facts.maintenance_window
    assert window is not None
    return window


def _local(reading: Reading, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(reading.catalog.site.zone))


def _month_is_number(reading: Reading) -> bool:
    return reading.pack.language in YEAR_FIRST


def _names_day(reading: Reading, text: str, day: date) -> bool:
    """Whether a text names this day: its number beside its month, as the language writes it."""
    if not _month_is_number(reading):
        months = {
            format_date(day, form, locale=reading.pack.locale_rules.locale.replace("-", "_"))
            for form in ("MMMM", "MMM", "LLLL", "LLL")
        }
        month = "|".join(re.escape(name.rstrip(".")) for name in months)
        number = rf"(?<!\d){day.day}(?!\d)"
        return re.search(rf"{number}\D{{1,6}}(?:{month})|(?:{month})\D{{1,4}}{number}", text, re.IGNORECASE) is not None
    both = rf"(?<!\d){day.day}/0?{day.month}(?!\d)|(?<!\d){day.month}\D{{1,6}}{day.day}(?!\d)"
    return re.search(both, text) is not None


def _during_sentences(reading: Reading) -> list[str]:
    """What customers cannot use meanwhile, as the page of the announcement says it."""
    page = reading.steps[0].texts[reading.pack.language].media["page"].body
    tails = _during_tails(reading)
    return [s.strip() for s in SENTENCE_END.split(page) if any(s.rstrip("。. ").endswith(tail) for tail in tails)]


def _during_tails(reading: Reading) -> list[str]:
    """The ends of the sentences about what customers cannot use meanwhile, after the services."""
    phrases, states = reading.pack.phrases, {item.state for item in reading.step.facts.affected}
    ends = (re.split(r"\{\w+\}", phrases[f"maintenance_impact.{state}"])[-1].strip("。. ") for state in states)
    return [end[-10:] for end in ends if end]  # a particle before it may have another form


MAINTENANCE_RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        has_its_day_in_the_title,
        says_when,
        says_the_old_plan,
        speaks_of_a_plan_as_a_plan,
        names_what_stops,
        apologises_for_an_extension_only,
        says_only_times_of_the_work,
        says_nothing_twice,
    )
}


def maintenance_violations(
    catalog: Catalog,
    steps: tuple[Step, ...],
    languages: tuple[str, ...],
    rules: tuple[str, ...] = tuple(MAINTENANCE_RULES),
) -> Iterator[str]:
    """Everything that is wrong in a life of maintenance: the rule, the language, the notice, and what was found."""
    for index, step in enumerate(steps):
        for language in languages:
            reading = Reading(catalog, steps, index, language)
            for rule in rules:
                found = MAINTENANCE_RULES[rule](reading)
                yield from (f"{rule} [{language}] {index} {step.notice}: {fault}" for fault in found)
