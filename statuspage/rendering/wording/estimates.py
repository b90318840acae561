"""Until when: the sentences for every state of an estimate, and what replaces them once their time has passed."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Estimate, Known, MissedEstimate, NotBefore, Range, Unknown, estimate_expires_at
from statuspage.rendering.wording.context import WordingContext

Present = Unknown | Known | Range | NotBefore


def worded_estimate(case: WordingContext) -> Estimate:
    """The estimate as it is worded: missed is said once, and a *not before* that has passed was no promise."""
    estimate = case.facts.estimate if case.kind.estimate else Unknown()
    if not isinstance(estimate, MissedEstimate):
        return estimate
    before = case.story.previous.estimate if case.story.previous else None
    told = isinstance(before, MissedEstimate) and before.was == estimate.was
    return estimate.now if told or isinstance(_present(before), NotBefore) else estimate


def present(case: WordingContext) -> Present:
    """What we expect now."""
    estimate = worded_estimate(case)
    return estimate.now if isinstance(estimate, MissedEstimate) else estimate


def _present(estimate: Estimate | None) -> Present | None:
    return estimate.now if isinstance(estimate, MissedEstimate) else estimate


def sentence(case: WordingContext, length: str = "") -> str:
    """The estimate; ``length`` is "" or "_short". After a missed one, first that it was missed."""
    if not case.kind.estimate:
        return ""
    estimate, now = worded_estimate(case), present(case)
    if not isinstance(estimate, MissedEstimate):
        return case.phrases.say(f"estimate{length}.{now.shape}", **slots(case, now))
    after = estimate.was if not length else None
    new = case.phrases.say(f"renewed.{now.shape}", **slots(case, now, after=after))
    return f"{missed(case, estimate, length)}{case.joiner}{new}"


def missed(case: WordingContext, estimate: MissedEstimate, length: str = "") -> str:
    """That it was missed; what was called *about* a time is called so again."""
    return case.phrases.say(f"missed{length}.{'about' if estimate.about else 'by'}", was=case.later(estimate.was))


def outlook(case: WordingContext) -> str:
    """Estimate and next update in one sentence, to read out."""
    now, due = present(case), case.facts.next_update
    if not case.kind.estimate:
        return case.phrases.say("outlook.none", next=case.later(due)) if due else ""
    if due is None:
        return case.phrases.say(f"outlook.{now.shape}_alone", **slots(case, now))
    return case.phrases.say(
        f"outlook.{now.shape}", **slots(case, now), next=_next_update_time(case, due, estimate_expires_at(now))
    )


def _next_update_time(case: WordingContext, due: datetime, after: datetime | None) -> str:
    """The next update; with its day again when another day was named just before it."""
    elsewhere = after is not None and case.clock.on(after) != case.day
    return case.dated(due) if elsewhere and case.clock.on(due) == case.day else case.later(due, after)


def slots(case: WordingContext, estimate: Present, after: datetime | None = None) -> dict[str, str]:
    """The times of an estimate; a day that was just said is not said again."""
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            return {"eta": case.later(at, after=after)}
        case Range(earliest=earliest, latest=latest):
            first = case.later(earliest, after=after)
            return {"earliest": first, "latest": case.later(latest, after=earliest)}
        case Unknown():
            return {}


def aged_sentence(case: WordingContext) -> str:
    """What stands there once the time has passed and nobody has said more; "" when nothing ages."""
    now = present(case)
    return "" if isinstance(now, Unknown) else case.phrases.say(f"aged.{now.shape}", **slots(case, now))
