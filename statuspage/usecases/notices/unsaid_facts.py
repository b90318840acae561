"""Facts that belong to another kind of notice, whose value this one would not say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from statuspage.domain import Facts, NoticeKind

_AFTERWARDS = (NoticeKind.RESOLVED, NoticeKind.MONITORING, NoticeKind.POSTMORTEM, NoticeKind.FOLLOW_UP)
_ONLY_WHILE_OPEN = ("audience", "estimate", "next_update", "current_action")
_AFTER = "after-"


@dataclass(frozen=True, slots=True)
class UnsaidFact:
    """A fact that would not be said. ``value`` is the workaround, "" for another ``field``; ``is_over``: the notice
    says that it works again."""

    field: str
    is_over: bool
    value: str = ""


def unsaid_facts(
    notice: NoticeKind, standing: Facts | None, given: Collection[str], workarounds: Iterable[str]
) -> Iterator[UnsaidFact]:
    """Those of the ``given`` fields, and of the workarounds, that this notice would not say. ``standing`` is what
    customers know now."""
    is_over = notice in _AFTERWARDS or (
        notice is NoticeKind.CORRECTION and standing is not None and standing.ended_at is not None
    )
    if notice is NoticeKind.CORRECTION:
        names = _ONLY_WHILE_OPEN if is_over else ("ended",)
        yield from (UnsaidFact(name, is_over) for name in names if name in given)
    for workaround in workarounds:
        if workaround and workaround.startswith(_AFTER) is not is_over:
            yield UnsaidFact("workarounds", is_over, workaround)
