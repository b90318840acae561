"""Sentences about notices themselves: corrected, withdrawn, reported on, or with nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from statuspage.domain import Facts, Known, NoticeKind
from statuspage.rendering.wording import scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import listed

_N = NoticeKind

NAMED_CHANGES = 3
"""Corrected facts that are named; more of them are told all together."""


def changes(before: Facts, facts: Facts, *, promise: bool = True) -> tuple[str, ...]:
    """Which facts differ, by their names in the phrases. ``promise``: whether the next update counts."""
    pairs = {
        "kind": (before.kind, facts.kind),
        "scope": (before.ticked, facts.ticked),
        "who": (before.who, facts.who),
        "started": (before.started, facts.started),
        "ended": (before.ended, facts.ended),
        "estimate": (before.estimate, facts.estimate),
        "workaround": (before.workarounds, facts.workarounds),
        "doing": (before.doing, facts.doing),
        "cause": (before.cause, facts.cause),
        "answers": (dict(before.answers), dict(facts.answers)),
        "next": (before.next_update if promise else None, facts.next_update if promise else None),
    }
    return tuple(name for name, (old, new) in pairs.items() if old != new)


def correction(case: WordingContext) -> str:
    """Which notice is corrected."""
    if case.notice is not _N.CORRECTION:
        return ""
    if case.story.corrects is None:
        return case.phrases.say("correction.unstated")
    return case.phrases.say("correction.posted", posted=case.first(case.story.corrects))


def changed(case: WordingContext) -> str:
    """Which facts are corrected: times with what they were and are, the others by name."""
    before = case.story.previous
    if case.notice is not _N.CORRECTION or before is None:
        return ""
    moved = _moved(case, before)
    named = [name for name in changes(before, case.facts) if name not in moved]
    return case.joiner.join((*moved.values(), *_corrected_names(case, named)))


def _corrected_names(case: WordingContext, named: Sequence[str]) -> tuple[str, ...]:
    if len(named) > NAMED_CHANGES:
        return (case.phrases.say("changed.many"),)
    what = [case.phrases.say(f"changed.{name}") for name in named]
    return (case.phrases.say("changed.text", what=listed(what, case.book.writing)),) if what else ()


def _moved(case: WordingContext, before: Facts) -> dict[str, str]:
    """Sentences on times that had a value and have another, by the fact's name."""
    old, new = _times(case, before), _times(case, case.facts)
    return {
        name: case.phrases.say(f"moved.{name}", old=old[name], new=new[name])
        for name in old
        if name in new and old[name] != new[name]
    }


def _times(case: WordingContext, facts: Facts) -> dict[str, str]:
    """The moments of these facts on the day of the text, in words; of another day the rows tell."""
    moments = _moments(facts)
    said = {name: case.clock.clock(at) for name, at in moments.items() if case.clock.on(at) == case.day}
    if facts.started and "started" in said:
        said["started"] = case.phrases.say(f"moved_start.{facts.started.precision}", start=said["started"])
    return said


def _moments(facts: Facts) -> dict[str, datetime]:
    expected = facts.estimate.at if isinstance(facts.estimate, Known) and facts.ended is None else None
    started = facts.started.at if facts.started else None
    moments = {"started": started, "ended": facts.ended, "estimate": expected, "next": facts.next_update}
    return {name: at for name, at in moments.items() if at}


def withdrawal(case: WordingContext, form: str = "withdrawal") -> str:
    """Which notice was a mistake."""
    if case.notice is not _N.WITHDRAWAL:
        return ""
    effect = scope.without_breaks(scope.head(case).now)
    if case.story.posted is None:
        return case.phrases.say(f"{form}.unstated", effect=effect)
    put = case.brief if form.endswith("short") else case.first
    return case.phrases.say(f"{form}.posted", effect=effect, posted=put(case.story.posted))


def nothing_happened(case: WordingContext) -> str:
    """That there is no such problem."""
    return case.phrases.say("withdrawn.text") if case.notice is _N.WITHDRAWAL else ""


def works_after_all(case: WordingContext) -> str:
    """The services that were called affected and are not, unless another incident affects them."""
    working = [a for a in case.ordered if a.service not in case.story.busy]
    if case.notice is not _N.WITHDRAWAL or not working:
        return ""
    return case.phrases.say("withdrawal_working.text", services=scope.nouns(case, working))


def account(case: WordingContext) -> str:
    """Which problem the report is about."""
    if case.notice is not _N.ACCOUNT:
        return ""
    effect = scope.without_breaks(scope.head(case).now)
    return case.phrases.say("account.text", effect=effect, date=case.clock.dated(case.opens_at, now=case.now))
