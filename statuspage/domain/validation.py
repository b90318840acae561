"""What is missing or odd in the facts of a notice, as values beside the field they belong to."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    EFFECTS,
    MAINTENANCE,
    OF_MAINTENANCE,
    Facts,
    Known,
    Missed,
    NotBefore,
    NoticeKind,
    Planned,
    Range,
    Reach,
    State,
    Unknown,
)

EXTRA_LIMIT = 1000
"""Characters of free text per language. A notice is read on a phone by someone who is worried."""

ACCOUNT_LIMIT = 50_000
"""Characters of a report per language."""

PROMISE_LIMIT = timedelta(days=7)
"""How far ahead the next update may be promised."""

SLACK = timedelta(minutes=2)
"""How far a clock may run ahead of ours before *in the future* is said."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong beside one field. ``code`` is the tail of a label (``problem.CODE``), ``args`` its slots."""

    field: str
    code: str
    args: Mapping[str, str] = dataclasses.field(default_factory=dict)


def problems(
    facts: Facts, notice: NoticeKind, catalog: Catalog, *, now: datetime, previous: Facts | None = None
) -> tuple[Problem, ...]:
    """Everything wrong with these facts for this kind of notice, in the form's order."""
    if notice in OF_MAINTENANCE:
        return tuple(_of_plan(facts, notice, catalog, now, previous))
    rules: tuple[Callable[[], Iterator[Problem]], ...] = (
        lambda: _kind(facts, catalog),
        lambda: _scope(facts, catalog),
        lambda: _start(facts, now),
        lambda: _end(facts, notice, now),
        lambda: _estimate(facts, notice, catalog, now),
        lambda: _answers(facts, catalog),
        lambda: _choices(facts, notice, catalog),
        lambda: _promise(facts, notice, now),
        lambda: _extra(facts, catalog),
    )
    return tuple(problem for rule in rules for problem in rule())


def enough(facts: Facts) -> bool:
    """Whether effect and since-when are there: the gate is green, the rest can wait."""
    return bool(facts.kind and facts.affected and (facts.started or facts.planned))


def _of_plan(
    facts: Facts, notice: NoticeKind, catalog: Catalog, now: datetime, previous: Facts | None
) -> Iterator[Problem]:
    yield from _scope(facts, catalog)
    yield from _window(facts, notice, now, previous.planned if previous else None)
    if notice is NoticeKind.STARTED and facts.started and facts.started.at > now + SLACK:
        yield Problem("since", "since.future")
    if notice is NoticeKind.FINISHED:
        yield from _end(facts, NoticeKind.RESOLVED, now)
    yield from _choices(facts, notice, catalog)
    yield from _extra(facts, catalog)


def _window(facts: Facts, notice: NoticeKind, now: datetime, told: Planned | None) -> Iterator[Problem]:
    plan = facts.planned
    if plan is None:
        yield Problem("begins", "window.missing")
    elif plan.end <= plan.start:
        yield Problem("ends", "window.order")
    elif notice is NoticeKind.EXTENDED and told is not None and plan.end == told.end:
        yield Problem("ends", "window.same")
    elif notice is NoticeKind.ANNOUNCED and plan.start <= now:
        yield Problem("begins", "window.past")
    elif notice in (NoticeKind.STARTED, NoticeKind.EXTENDED) and plan.end <= now:
        yield Problem("ends", "window.over")
    elif plan.remind is not None and notice is NoticeKind.ANNOUNCED and plan.remind <= now:
        yield Problem("remind", "remind.past")


def _kind(facts: Facts, catalog: Catalog) -> Iterator[Problem]:
    if not facts.kind:
        yield Problem("kind", "kind.missing")
    elif facts.kind not in catalog.kinds or facts.kind == MAINTENANCE:
        yield Problem("kind", "kind.unknown", {"value": facts.kind})


def _scope(facts: Facts, catalog: Catalog) -> Iterator[Problem]:
    if not facts.affected:
        yield Problem("services", "services.missing")
    for one in facts.ticked:
        if one.service not in catalog.services:
            yield Problem("services", "services.unknown", {"value": one.service})
        elif one.state not in (*EFFECTS, State.OPERATIONAL):
            yield Problem("services", "services.state", {"value": one.state})
    if facts.who.reach is Reach.GROUPS and not facts.who.groups:
        yield Problem("who", "who.missing")
    for group in facts.who.groups:
        if group not in catalog.leading.people:
            yield Problem("who", "who.unknown", {"value": group})


def _start(facts: Facts, now: datetime) -> Iterator[Problem]:
    if facts.started is None:
        yield Problem("since", "since.missing")
    elif facts.started.at > now + SLACK:
        yield Problem("since", "since.future")


def _end(facts: Facts, notice: NoticeKind, now: datetime) -> Iterator[Problem]:
    if notice is not NoticeKind.RESOLVED and not (notice is NoticeKind.CORRECTION and facts.ended):
        return
    if facts.ended is None:
        yield Problem("ended", "ended.missing")
    elif facts.ended > now + SLACK:
        yield Problem("ended", "ended.future")
    elif facts.started and facts.ended < facts.started.at:
        yield Problem("ended", "ended.before_start")


def _estimate(facts: Facts, notice: NoticeKind, catalog: Catalog, now: datetime) -> Iterator[Problem]:
    if notice is NoticeKind.RESOLVED:
        return
    estimate = facts.estimate.now if isinstance(facts.estimate, Missed) else facts.estimate
    kind = catalog.kinds.get(facts.kind)
    match estimate:
        case Unknown():
            return
        case _ if kind and not kind.estimate:
            yield Problem("estimate", "estimate.unsaid")
        case Range(earliest=earliest, latest=latest) if latest <= earliest:
            yield Problem("estimate", "estimate.order")
        case Known(at=at) | NotBefore(at=at) | Range(latest=at):
            if facts.started and at <= facts.started.at:
                yield Problem("estimate", "estimate.before_start")
            elif at <= now:
                yield Problem("estimate", "estimate.past")


def _answers(facts: Facts, catalog: Catalog) -> Iterator[Problem]:
    kind = catalog.kinds.get(facts.kind)
    for question in kind.questions if kind else ():
        answer = facts.answers.get(question.id, "checking")
        if answer == "checking" and question.required:
            yield Problem(f"answer.{question.id}", "answer.required")
        elif answer != "checking" and answer not in question.answers:
            yield Problem(f"answer.{question.id}", "answer.unknown", {"value": answer})
    asked = {question.id for question in kind.questions} if kind else set()
    for stray in facts.answers.keys() - asked if kind else ():
        yield Problem(f"answer.{stray}", "answer.unasked", {"value": stray})


def _choices(facts: Facts, notice: NoticeKind, catalog: Catalog) -> Iterator[Problem]:
    lists = catalog.leading.lists
    for chosen in facts.workarounds:
        if chosen not in lists["workaround"]:
            yield Problem("workaround", "workaround.unknown", {"value": chosen})
    kind = catalog.kinds.get(facts.kind)
    for question in kind.questions if kind else ():
        said = facts.answers.get(question.id, "checking")
        if any(answer == said and workaround in facts.workarounds for answer, workaround in question.against):
            yield Problem("workaround", "workaround.against")
    if facts.doing is not None and facts.doing not in lists["doing"]:
        yield Problem("doing", "doing.unknown", {"value": facts.doing})
    if facts.cause is not None and notice is NoticeKind.FIRST:
        yield Problem("cause", "cause.first")
    elif facts.cause is not None and facts.cause not in lists["cause"]:
        yield Problem("cause", "cause.unknown", {"value": facts.cause})


def _promise(facts: Facts, notice: NoticeKind, now: datetime) -> Iterator[Problem]:
    if facts.next_update is None or notice is NoticeKind.RESOLVED:
        return
    if facts.next_update <= now:
        yield Problem("next", "next.past")
    elif facts.next_update > now + PROMISE_LIMIT:
        yield Problem("next", "next.far")


def _extra(facts: Facts, catalog: Catalog) -> Iterator[Problem]:
    for language, text in facts.extra.items():
        if language not in catalog.languages:
            yield Problem(f"extra.{language}", "language.unknown", {"value": language})
        else:
            yield from unfit(f"extra.{language}", text)


def unfit(field: str, text: str, limit: int = EXTRA_LIMIT) -> Iterator[Problem]:
    """What is wrong with free text: longer than ``limit`` characters, or characters that cannot be shown."""
    if len(text) > limit:
        yield Problem(field, "text.long", {"count": str(len(text)), "limit": str(limit)})
    elif unreadable(text):
        yield Problem(field, "text.characters")


def unreadable(text: str) -> bool:
    """Whether it holds characters that break a feed or turn text around: controls, bidi overrides, lone surrogates.

    The list follows RFC 4287's XML and Unicode TR 9 (U+202A to U+202E, U+2066 to U+2069).
    """
    return _BREAKS.search(text) is not None


def readable(text: str) -> str:
    """The text with a sign in the place of each such character: what somebody typed, where it is only named."""
    return _BREAKS.sub("\N{REPLACEMENT CHARACTER}", text)


_BREAKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def unsayable(text: str, never: Iterable[str]) -> str:
    """The first of ``never`` that the text says, however it is spaced, punctuated or capitalised; "" for none."""
    said = _bare(text)
    return next((one for one in never if _kept(one) in said), "")


@lru_cache(maxsize=256)
def _kept(one: str) -> str:
    return _bare(one)


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
