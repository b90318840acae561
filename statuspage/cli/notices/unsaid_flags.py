"""Refuses flags whose value the notice would not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal, flag_of
from statuspage.domain import Facts, NoticeKind

_AFTERWARDS = (NoticeKind.RESOLVED, NoticeKind.MONITORING, NoticeKind.POSTMORTEM, NoticeKind.FOLLOW_UP)
_ONLY_WHILE_OPEN = ("audience", "estimate", "next_update", "current_action")
_AFTER = "after-"


def refuse_unsaid_flags(
    command: CommandContext, notice: NoticeKind, standing: Facts | None, options: Mapping[str, object]
) -> None:
    """Raises Refusal for facts that belong to another kind of notice. ``standing`` is what customers know now."""
    is_over = notice in _AFTERWARDS or (
        notice is NoticeKind.CORRECTION and standing is not None and standing.ended_at is not None
    )
    sentences = tuple(_unsaid(command, notice, is_over, options))
    if sentences:
        raise Refusal(*sentences, code=WRONG_USE)


def _unsaid(command: CommandContext, notice: NoticeKind, is_over: bool, options: Mapping[str, object]) -> Iterator[str]:
    given = {name for name, value in options.items() if value not in (None, (), "")}
    if notice is NoticeKind.CORRECTION:
        for name in [*(_ONLY_WHILE_OPEN if is_over else ("ended",))]:
            if name in given:
                yield command.text("flag_unsaid_over" if is_over else "flag_unsaid_open", flag=flag_of(name))
    workarounds = options.get("workarounds")
    for workaround in workarounds if isinstance(workarounds, tuple | list) else ():
        if workaround and str(workaround).startswith(_AFTER) is not is_over:
            key = "workaround_unsaid_over" if is_over else "workaround_unsaid_open"
            yield command.text(key, value=str(workaround))
