"""The named sentences of a notice in one language. A medium picks from them by name; those not needed are not there."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import timedelta
from types import MappingProxyType

from statuspage.domain import WORST_FIRST, AffectedAudience, MissedEstimate, NoticeKind, Sentence
from statuspage.rendering.wording import corrections, estimates, maintenance, scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.opening import opening

AFTER = "after-"
"""Workarounds whose id begins so are for when it works again; the others for while it does not."""

_N = NoticeKind
_MINUTE = timedelta(minutes=1)


def sentences(case: WordingContext, names: Container[str] | None = None) -> tuple[Sentence, ...]:
    """The sentences that these facts give, all or of these names, in no order that matters; each whole, none empty."""
    texts = {name: say(case) for name, say in _SAID.items() if names is None or name in names}
    texts |= {f"answer.{question}": text for question, text in answers(case).items()}
    texts |= {f"answer_short.{question}": text for question, text in answers(case, short=True).items()}
    return tuple(Sentence(name, text) for name, text in texts.items() if text)


def _improved(case: WordingContext) -> str:
    better = case.notice is _N.PARTLY_RESTORED and not scope.recovered(case)
    return case.phrases.say("improved.text") if better else ""


def _remaining(case: WordingContext) -> str:
    return scope.remaining(case) if scope.recovered(case) else ""


def _also(case: WordingContext) -> str:
    if case.notice is _N.PARTLY_RESTORED and scope.recovered(case):
        return ""
    return "" if case.over else scope.others(case)


def _also_again(case: WordingContext) -> str:
    return scope.others_again(case) if case.over or case.notice in (_N.WATCHING, _N.PARTLY_RESTORED) else ""


def _audience_sentence(case: WordingContext) -> str:
    return "" if case.over else scope.who(case)


def _groups(case: WordingContext) -> str:
    return scope.who(case) if case.facts.who.reach is AffectedAudience.GROUPS else ""


def _unchanged(case: WordingContext) -> str:
    same = case.story.previous is not None and not corrections.changes(case.story.previous, case.facts, promise=False)
    return case.phrases.say("nochange.text") if same and not case.story.reopened else ""


def answers(case: WordingContext, *, short: bool = False) -> dict[str, str]:
    """What the answers to the kind's own questions say, by question; *checking* is an answer too, unless some of it
    works again and nobody has said what holds for the rest.

    ``short``: where an answer has a form for posts, that one, while it lasts.
    """
    past = case.over or (case.notice is _N.PARTLY_RESTORED and _worst_is_back(case))
    said = {}
    for question in case.kind.questions:
        part = "resolved" if past and not (question.required and not case.over) else "text"
        answer = case.facts.answers.get(question.id, "")
        if answer not in question.answers and case.partly and not question.required:
            continue
        chosen = f"answer.{answer}" if answer in question.answers else "checking"
        key = f"question.{question.id}.{chosen}"
        brief = short and part == "text" and case.phrases.has(f"{key}.short")
        said[question.id] = case.phrases.own(f"{key}.{'short' if brief else part}")
    return {question: text for question, text in said.items() if text}


def _worst_is_back(case: WordingContext) -> bool:
    """Whether what was worst works again, so that advice for the time until then no longer holds."""
    back, before = scope.recovered(case), case.story.previous
    worst_before = min((WORST_FIRST.index(a.state) for a in before.affected), default=0) if before else 0
    return bool(back) and WORST_FIRST.index(back[0].state) == worst_before


def chosen(case: WordingContext, *, after: bool) -> tuple[str, ...]:
    """The sentences of the chosen workarounds, for while it lasts or for afterwards."""
    known = case.book.lists["workaround"]
    return tuple(known[w].text for w in case.facts.workarounds if w in known and w.startswith(AFTER) is after)


def doing(case: WordingContext) -> str:
    """What we are doing about it."""
    if case.over:
        return ""
    found = case.book.lists["doing"].get(case.facts.doing or "")
    if found:
        return found.text
    nothing = case.notice is _N.UPDATE and not case.facts.cause and not case.facts.doing
    return case.phrases.say("doing.none") if nothing else ""


def cause(case: WordingContext) -> str:
    """The cause, never in a first report; a resolved one says when it is not known yet."""
    if case.notice is _N.FIRST:
        return ""
    found = case.book.lists["cause"].get(case.facts.cause or "")
    if found:
        return found.text
    return case.phrases.say("cause.none") if case.notice is _N.RESOLVED else ""


def period(case: WordingContext) -> str:
    """From when to when, and how long; nothing when one end is not known."""
    started, ended = case.facts.started, case.facts.ended
    if not case.over or started is None or ended is None:
        return ""
    if not case.story.reopened and ended - started.at < _MINUTE:
        return case.phrases.say("period.brief")
    if case.story.reopened:
        return case.phrases.say(f"period.reopened.{started.precision}", start=case.later(started.at))
    same = case.clock.on(started.at) == case.clock.on(ended)
    return case.phrases.say(
        f"period.{'same' if same else 'across'}.{started.precision}",
        start=case.later(started.at),
        end=case.later(ended, after=started.at),
        length=case.clock.length(ended - started.at),
    )


def period_row(case: WordingContext) -> str:
    """The same as a row puts it; what came back has no one length, and is told in its sentence."""
    started, ended = case.facts.started, case.facts.ended
    if case.story.reopened or not case.over or started is None or ended is None:
        return period(case)
    return case.phrases.say(
        f"period_row.{started.precision}",
        start=case.later(started.at),
        end=case.later(ended, after=started.at),
        length=case.clock.length(ended - started.at),
    )


def cause_row(case: WordingContext) -> str:
    """The cause without the words that its row's label says already."""
    text, lead = cause(case), case.phrases.say("cause.lead")
    rest = text.removeprefix(lead)
    return rest[:1].upper() + rest[1:]


def estimate(case: WordingContext, length: str = "") -> str:
    """Until when, while it lasts."""
    return "" if case.over else estimates.sentence(case, length)


def promise(case: WordingContext, form: str = "next") -> str:
    """When we speak next."""
    due = case.facts.next_update
    if due is None or case.over or case.notice is _N.WITHDRAWAL:
        return ""
    return case.phrases.say(f"{form}.text", next=case.later(due))


def _outlook(case: WordingContext) -> str:
    return "" if case.over else estimates.outlook(case)


def _extra_sentence(case: WordingContext) -> str:
    return case.facts.extra.get(case.book.language, "").strip()


def _apology(case: WordingContext) -> str:
    """One, and none where a missed estimate has one already."""
    if case.notice not in (_N.FIRST, _N.RESOLVED, _N.WITHDRAWAL, _N.EXTENDED):
        return ""
    missed = case.notice is _N.FIRST and isinstance(estimates.worded_estimate(case), MissedEstimate)
    return "" if missed else case.phrases.say(f"apology.{case.notice}")


def _joined(case: WordingContext, texts: tuple[str, ...]) -> str:
    return case.joiner.join(texts)


_SAID: Mapping[str, Callable[[WordingContext], str]] = MappingProxyType(
    {
        "opening": opening,
        "opening_short": lambda case: opening(case, "opening_short"),
        "spoken": lambda case: opening(case, "spoken"),
        "planned": maintenance.until,
        "during": maintenance.during,
        "as_usual": maintenance.as_usual,
        "correction": corrections.correction,
        "changed": corrections.changed,
        "withdrawal": corrections.withdrawal,
        "withdrawal_working": corrections.works_after_all,
        "withdrawn": corrections.nothing_happened,
        "withdrawal_short": lambda case: corrections.withdrawal(case, "withdrawal_short"),
        "account": corrections.account,
        "also": _also,
        "also_again": _also_again,
        "also_affected": lambda case: scope.also_affected(case) if case.notice is _N.ACCOUNT else "",
        "apart": scope.apart,
        "remaining": _remaining,
        "remaining_short": lambda case: scope.remaining_short(case) if scope.recovered(case) else "",
        "improved": _improved,
        "nochange": _unchanged,
        "watching": lambda case: case.phrases.say("watching.text"),
        "who": _audience_sentence,
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
        "extra": _extra_sentence,
        "zone": lambda case: case.phrases.say("zone.text", zone=case.clock.zone_always()),
        "link": lambda case: case.link,
        "apology": _apology,
    }
)
