"""The named sentences of a notice in one language. A medium picks from them by name; those not needed are not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from statuspage.facts import WORST_FIRST, Facts, Missed, NoticeKind, Reach, Sentence
from statuspage.wording import estimates, scope
from statuspage.wording.case import Case
from statuspage.wording.times import listed

AFTER = "after-"
"""Workarounds whose id begins so are for when it works again; the others for while it does not."""

_N = NoticeKind


def sentences(case: Case) -> tuple[Sentence, ...]:
    """All sentences that these facts give, in no order that matters; each whole, none empty."""
    texts = {name: say(case) for name, say in _SAID.items()}
    texts |= {f"answer.{question}": text for question, text in answers(case).items()}
    return tuple(Sentence(name, text) for name, text in texts.items() if text)


def opening(case: Case, form: str = "opening") -> str:
    """The first sentence: what people cannot do and since when, or how it stands at this moment."""
    match case.notice:
        case _N.CORRECTION if case.facts.ended:
            return _resolved(case, form)
        case _N.FIRST | _N.CORRECTION:
            return _first(case, form)
        case _N.UPDATE:
            return _as_of(case, f"{form}.update.{'reopened' if case.story.reopened else 'plain'}")
        case _N.PARTLY_RESTORED:
            return _partly(case, form)
        case _N.WATCHING:
            return _as_of(case, f"{form}.watching.plain")
        case _N.RESOLVED:
            return _resolved(case, form)
        case _:
            return ""


def _first(case: Case, form: str) -> str:
    now, started = scope.plain(scope.head(case).now), case.facts.started
    if started is None:
        return case.phrases.say(f"{form}.first.unstated", now=now)
    return case.phrases.say(f"{form}.first.{started.precision}", now=now, start=_opens(case, form, started.at))


def _resolved(case: Case, form: str) -> str:
    again, ended = scope.plain(scope.head(case).again), case.facts.ended
    if ended is None:
        return case.phrases.say(f"{form}.resolved.unstated", again=again)
    return case.phrases.say(f"{form}.resolved.plain", again=again, end=_opens(case, form, ended))


def _opens(case: Case, form: str, at: datetime) -> str:
    """The time in the first sentence: with the day, unless a correction has already named one."""
    if case.notice is _N.CORRECTION and case.story.corrects:
        return case.later(at)
    return case.opens(form, at)


def _as_of(case: Case, name: str) -> str:
    clauses, form = scope.head(case), name.partition(".")[0]
    now, still, again = (scope.plain(c) for c in (clauses.now, clauses.still, clauses.again))
    asof = case.opens(form, case.now)
    return case.phrases.say(name, now=now, still=still, again=again, asof=asof)


def _partly(case: Case, form: str) -> str:
    back = scope.recovered(case)
    if not back:
        return _as_of(case, f"{form}.partly_restored.better")
    again = scope.plain(scope.effect(case, back[0]).again)
    return case.phrases.say(f"{form}.partly_restored.back", again=again, asof=case.opens(form, case.now))


def _remaining(case: Case) -> str:
    return scope.remaining(case) if scope.recovered(case) else ""


def _also(case: Case) -> str:
    if case.notice is _N.PARTLY_RESTORED and scope.recovered(case):
        return ""
    return "" if case.over else scope.others(case)


def _also_again(case: Case) -> str:
    return scope.others_again(case) if case.over or case.notice in (_N.WATCHING, _N.PARTLY_RESTORED) else ""


def _who(case: Case) -> str:
    return "" if case.over else scope.who(case)


def _groups(case: Case) -> str:
    return scope.who(case) if case.facts.who.reach is Reach.GROUPS else ""


def _unchanged(case: Case) -> str:
    same = case.story.previous is not None and not changes(case.story.previous, case.facts, promise=False)
    return case.phrases.say("nochange.text") if same and not case.story.reopened else ""


def changes(before: Facts, facts: Facts, *, promise: bool = True) -> tuple[str, ...]:
    """Which facts differ, by their names in the phrases. ``promise``: whether the next update counts."""
    pairs = {
        "kind": (before.kind, facts.kind),
        "scope": (before.affected, facts.affected),
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


def answers(case: Case) -> dict[str, str]:
    """What the answers to the kind's own questions say, by question; *checking* is an answer too."""
    past = case.over or (case.notice is _N.PARTLY_RESTORED and _worst_is_back(case))
    said = {}
    for question in case.kind.questions:
        part = "resolved" if past and not (question.required and not case.over) else "text"
        answer = case.facts.answers.get(question.id, "")
        chosen = f"answer.{answer}" if answer in question.answers else "checking"
        said[question.id] = case.phrases.own(f"question.{question.id}.{chosen}.{part}")
    return {question: text for question, text in said.items() if text}


def _worst_is_back(case: Case) -> bool:
    """Whether what was worst works again, so that advice for the time until then no longer holds."""
    back, before = scope.recovered(case), case.story.previous
    worst_before = min((WORST_FIRST.index(a.state) for a in before.affected), default=0) if before else 0
    return bool(back) and WORST_FIRST.index(back[0].state) == worst_before


def chosen(case: Case, *, after: bool) -> tuple[str, ...]:
    """The sentences of the chosen workarounds, for while it lasts or for afterwards."""
    known = case.book.lists["workaround"]
    return tuple(known[w].text for w in case.facts.workarounds if w in known and w.startswith(AFTER) is after)


def doing(case: Case) -> str:
    """What we are doing about it."""
    if case.over:
        return ""
    found = case.book.lists["doing"].get(case.facts.doing or "")
    if found:
        return found.text
    nothing = case.notice is _N.UPDATE and not case.facts.cause and not case.facts.doing
    return case.phrases.say("doing.none") if nothing else ""


def cause(case: Case) -> str:
    """The cause, never in a first report; a resolved one says when it is not known yet."""
    if case.notice is _N.FIRST:
        return ""
    found = case.book.lists["cause"].get(case.facts.cause or "")
    if found:
        return found.text
    return case.phrases.say("cause.none") if case.notice is _N.RESOLVED else ""


def period(case: Case) -> str:
    """From when to when, and how long; nothing when one end is not known."""
    started, ended = case.facts.started, case.facts.ended
    if not case.over or started is None or ended is None:
        return ""
    if case.story.reopened:
        return case.phrases.say(f"period.reopened.{started.precision}", start=case.later(started.at))
    same = case.clock.on(started.at) == case.clock.on(ended)
    return case.phrases.say(
        f"period.{'same' if same else 'across'}.{started.precision}",
        start=case.later(started.at),
        end=case.later(ended, after=started.at),
        length=case.clock.length(ended - started.at),
    )


def estimate(case: Case, length: str = "") -> str:
    """Until when, while it lasts."""
    return "" if case.over else estimates.sentence(case, length)


def promise(case: Case, form: str = "next") -> str:
    """When we speak next."""
    due = case.facts.next_update
    if due is None or case.over or case.notice is _N.WITHDRAWAL:
        return ""
    return case.phrases.say(f"{form}.text", next=case.later(due))


def _outlook(case: Case) -> str:
    return "" if case.over else estimates.outlook(case)


def _extra(case: Case) -> str:
    return case.facts.extra.get(case.book.language, "").strip()


def _correction(case: Case) -> str:
    if case.notice is not _N.CORRECTION:
        return ""
    if case.story.corrects is None:
        return case.phrases.say("correction.unstated")
    return case.phrases.say("correction.posted", posted=case.first(case.story.corrects))


def _changed(case: Case) -> str:
    if case.notice is not _N.CORRECTION or case.story.previous is None:
        return ""
    what = [case.phrases.say(f"changed.{name}") for name in changes(case.story.previous, case.facts)]
    return case.phrases.say("changed.text", what=listed(what, case.book.language)) if what else ""


def _withdrawal(case: Case, form: str = "withdrawal") -> str:
    if case.notice is not _N.WITHDRAWAL:
        return ""
    effect = scope.plain(scope.head(case).now)
    if case.story.posted is None:
        return case.phrases.say(f"{form}.unstated", effect=effect)
    put = case.brief if form.endswith("short") else case.first
    return case.phrases.say(f"{form}.posted", effect=effect, posted=put(case.story.posted))


def _nothing_happened(case: Case) -> str:
    return case.phrases.say("withdrawn.text") if case.notice is _N.WITHDRAWAL else ""


def _works_after_all(case: Case) -> str:
    working = [a for a in scope.ordered(case) if a.service not in case.story.busy]
    if case.notice is not _N.WITHDRAWAL or not working:
        return ""
    return case.phrases.say("withdrawal_working.text", services=scope.nouns(case, working))


def _account(case: Case) -> str:
    if case.notice is not _N.ACCOUNT:
        return ""
    return case.phrases.say("account.text", date=case.clock.dated(case.opens_at, now=case.now))


def _apology(case: Case) -> str:
    """One, and none where a missed estimate has one already."""
    if case.notice not in (_N.FIRST, _N.RESOLVED, _N.WITHDRAWAL):
        return ""
    missed = case.notice is _N.FIRST and isinstance(estimates.said(case), Missed)
    return "" if missed else case.phrases.say(f"apology.{case.notice}")


def _joined(case: Case, texts: tuple[str, ...]) -> str:
    return case.joiner.join(texts)


_SAID: Mapping[str, Callable[[Case], str]] = MappingProxyType(
    {
        "opening": opening,
        "opening_short": lambda case: opening(case, "opening_short"),
        "spoken": lambda case: opening(case, "spoken"),
        "correction": _correction,
        "changed": _changed,
        "withdrawal": _withdrawal,
        "withdrawal_working": _works_after_all,
        "withdrawn": _nothing_happened,
        "withdrawal_short": lambda case: _withdrawal(case, "withdrawal_short"),
        "account": _account,
        "also": _also,
        "also_again": _also_again,
        "remaining": _remaining,
        "nochange": _unchanged,
        "watching": lambda case: case.phrases.say("watching.text"),
        "who": _who,
        "who_groups": _groups,
        "answers": lambda case: _joined(case, tuple(answers(case).values())),
        "workaround": lambda case: "" if case.over else _joined(case, chosen(case, after=False)),
        "after": lambda case: _joined(case, chosen(case, after=True)),
        "working": scope.working,
        "doing": doing,
        "cause": cause,
        "period": period,
        "estimate": estimate,
        "estimate_short": lambda case: estimate(case, "_short"),
        "outlook": _outlook,
        "next": promise,
        "next_short": lambda case: promise(case, "next_short"),
        "extra": _extra,
        "zone": lambda case: case.phrases.say("zone.text", zone=case.phrases.say("time.zone")),
        "link": lambda case: case.link,
        "apology": _apology,
    }
)
