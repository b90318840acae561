"""What must hold of two people who write in turn, and of alerts that join late, written from the rules of the desk.

Each rule takes a life and yields what is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

from statuspage.domain.facts import Facts, Known, NoticeKind
from statuspage.domain.incident import Incident
from statuspage.storage import deliveries
from tests.support.desk_lives import PEOPLE, Attempt, DeskLife

WINDOW = timedelta(minutes=10)
"""The time within which alerts of the demo company belong together."""

Rule = Callable[[DeskLife], Iterator[str]]


def publishes_only_over_what_was_seen(life: DeskLife) -> Iterator[str]:
    """1. Who has seen the newest notice publishes one; who has not is refused, and customers read nothing of it."""
    for attempt in life.attempts:
        is_stale = attempt.seen < len(attempt.before.notices)
        grown = len(attempt.after.notices) - len(attempt.before.notices)
        if is_stale and (attempt.status == 303 or grown):
            yield f"{attempt.person} published {attempt.kind} over an unseen notice"
        if not is_stale and attempt.status == 303 and grown != 1:
            yield f"{attempt.person} published {grown} notices at once"


def says_who_was_first(life: DeskLife) -> Iterator[str]:
    """2. Who is refused reads who published what meanwhile."""
    for attempt in _refused(life):
        newest = attempt.before.notices[-1].notice
        newer = re.search(r'<section class="newer".*?</section>', attempt.page, re.DOTALL)
        shown = unescape(newer[0]) if newer else ""
        if newest.actor not in shown or newest.texts["en"].sentences[0].text not in shown:
            yield f"{attempt.person} is not told of {newest.actor}'s {newest.notice}"


def loses_nothing_typed(life: DeskLife) -> Iterator[str]:
    """3. What was typed is in the notice, or still in the form; nobody's form loses anything when others publish."""
    for attempt in life.attempts:
        if attempt.status == 303:
            facts = attempt.after.notices[-1].notice.facts
            lost = [name for name, value in attempt.typed.items() if not _says(facts, name, value)]
            yield from (f"the notice of {attempt.person} lacks {name}" for name in lost)
        else:
            yield from _lost_in(attempt.person, attempt.typed, attempt.kept)
        for other, (typed, kept) in attempt.others.items():
            yield from _lost_in(other, typed, kept)


def keeps_what_others_said(life: DeskLife) -> Iterator[str]:
    """4. What its writer has not changed is, in an update or a correction, as the newest notice said it."""
    for attempt in life.attempts:
        if attempt.status != 303 or attempt.kind not in ("update", "correction"):
            continue
        before, after = attempt.before.public_facts, attempt.after.notices[-1].notice.facts
        if before is None:
            continue
        for name in {
            "estimate",
            "workaround",
            "current_action",
            "audience",
            "start",
            "services",
        } - attempt.typed.keys():
            if _fact(before, name) != _fact(after, name) and not _has_passed(before, name, attempt):
                yield f"{attempt.person} took back {name}: {_fact(before, name)} became {_fact(after, name)}"


def publishes_everything_once(life: DeskLife) -> Iterator[str]:
    """5. One press or two make one notice by its writer, each text of it stands in one notice, and each delivery goes
    out once."""
    incident = life.incident()
    accepted = [attempt for attempt in life.attempts if attempt.status == 303]
    authors = [PEOPLE["sato"], *(PEOPLE[attempt.person] for attempt in accepted)]
    if [item.notice.actor for item in incident.notices] != authors:
        yield f"notices by {[item.notice.actor for item in incident.notices]}, presses by {authors}"
    new = [item.notice for item in incident.notices if item.notice.notice is not NoticeKind.CORRECTION]
    words = Counter(text for notice in new for text in notice.facts.extra.values())  # a correction says it again
    yield from (f"{text!r} is in {count} texts" for text, count in words.items() if count > 2)
    with life.env.databases.environment.read() as tx:
        sent = deliveries.deliveries_of_incident(tx, incident.id)
    times = Counter((item.sequence, item.channel, item.language) for item in sent)
    yield from (f"delivery {key} goes out {count} times" for key, count in times.items() if count > 1)


def starts_its_clock_with_the_first_alert(life: DeskLife) -> Iterator[str]:
    """6. An alert that joins moves the clock back to when it fired, never forward, and changes no notice."""
    for joined in life.joined:
        expected = min(joined.before.t0, joined.fired)
        if joined.before.t0 - joined.fired <= WINDOW and joined.after.t0 != expected:
            yield f"the clock starts at {joined.after.t0}, not at {expected}"
        if joined.after.notices != joined.before.notices:
            yield "an alert has changed what customers were told"


def offers_the_earlier_start(life: DeskLife) -> Iterator[str]:
    """7. While customers are told a start after the first alert that joined, the form of the next notice says so."""
    for number, joined in enumerate(life.joined):
        facts = joined.after.public_facts
        start = facts.start.at if facts and facts.start else None
        fired = [earlier.fired for earlier in life.joined[: number + 1] if earlier.fired >= joined.after.t0]
        sentence = re.search(r'<div data-hint="late-alert"[^>]*><p class="flag part">(.*?)</p>', joined.form, re.DOTALL)
        if start is None or not fired:
            continue
        first = min(fired)
        is_due = _minute(first) < _minute(start) and not _is_typing_start(life, joined.after)
        if is_due and (sentence is None or _clock(first) not in sentence[1] or _clock(start) not in sentence[1]):
            yield f"the form does not say that an alert fired at {_clock(first)}, before {_clock(start)}"
        if sentence is not None and _minute(first) >= _minute(start):
            yield f"the form speaks of an earlier alert: {sentence[1]}"


def states_starts_that_people_typed(life: DeskLife) -> Iterator[str]:
    """8. No notice states a start, or calls one corrected, that no person has typed."""
    typed = {attempt.typed["start"] for attempt in life.attempts if "start" in attempt.typed}
    first = life.incident().notices[0].notice.facts.start
    for item in life.incident().notices:
        start = item.notice.facts.start
        if start and first and start.at != first.at and _clock(start.at) not in typed:
            yield f"{item.notice.notice} states {_clock(start.at)}, which nobody typed"


def _refused(life: DeskLife) -> list[Attempt]:
    stale = (attempt for attempt in life.attempts if attempt.seen < len(attempt.before.notices))
    return [attempt for attempt in stale if attempt.status != 303]


def _lost_in(person: str, typed: Mapping[str, str], kept: Mapping[str, list[str]]) -> Iterator[str]:
    names = {"extra": "extra-en", "estimate": "estimate_at", "start": "start_at"}
    for name, value in typed.items():
        if not any(value in one for one in kept.get(names.get(name, name), [])):
            yield f"the form of {person} lost {name} {value!r}"


def _says(facts: Facts, name: str, value: str) -> bool:
    match name:
        case "extra":
            return value in facts.extra.values()
        case "workaround":
            return value in facts.workarounds
        case "estimate":
            current = getattr(facts.estimate, "current", facts.estimate)
            return isinstance(current, Known) and _clock(current.at) == value
        case "start":
            return facts.start is not None and _clock(facts.start.at) == value
        case "audience":
            return facts.audience.extent == value
        case _:
            return bool(getattr(facts, name) == value)


def _fact(facts: Facts, name: str) -> object:
    match name:
        case "estimate":
            return getattr(facts.estimate, "current", facts.estimate)
        case "workaround":
            return facts.workarounds
        case "services":
            return frozenset(facts.affected)
        case _:
            return getattr(facts, name)


def _has_passed(facts: Facts, name: str, attempt: Attempt) -> bool:
    """Whether it was an estimate whose time was over when this was published: it is left out, as missed."""
    estimate = _fact(facts, "estimate")
    at = attempt.after.notices[-1].recorded
    return name == "estimate" and isinstance(estimate, Known) and estimate.at <= at


def _is_typing_start(life: DeskLife, incident: Incident) -> bool:
    return any("start" in attempt.typed for attempt in life.attempts if attempt.before == incident)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}"


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


DESK_RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        publishes_only_over_what_was_seen,
        says_who_was_first,
        loses_nothing_typed,
        keeps_what_others_said,
        publishes_everything_once,
        starts_its_clock_with_the_first_alert,
        offers_the_earlier_start,
        states_starts_that_people_typed,
    )
}


def desk_violations(life: DeskLife, rules: tuple[str, ...] = tuple(DESK_RULES)) -> Iterator[str]:
    """Everything that is wrong in a life on the desk: the rule, and what was found."""
    for rule in rules:
        yield from (f"{rule}: {found}" for found in DESK_RULES[rule](life))
