"""Refuses flags whose value the notice would not say."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal, flag_of
from statuspage.domain import Facts, NoticeKind
from statuspage.usecases import notices
from statuspage.usecases.notices import UnsaidFact


def refuse_unsaid_flags(
    command: CommandContext, notice: NoticeKind, standing: Facts | None, options: Mapping[str, object]
) -> None:
    """Raises Refusal for facts that belong to another kind of notice. ``standing`` is what customers know now."""
    given = {name for name, value in options.items() if value not in (None, (), "")}
    typed = options.get("workarounds")
    workarounds = [str(each) for each in typed] if isinstance(typed, tuple | list) else []
    unsaid = notices.unsaid_facts(notice, standing, given, workarounds)
    if sentences := tuple(_unsaid_sentence(command, each) for each in unsaid):
        raise Refusal(*sentences, code=WRONG_USE)


def _unsaid_sentence(command: CommandContext, unsaid: UnsaidFact) -> str:
    if unsaid.field == "workarounds":
        key = "workaround_unsaid_over" if unsaid.is_over else "workaround_unsaid_open"
        return command.text(key, value=unsaid.value)
    return command.text("flag_unsaid_over" if unsaid.is_over else "flag_unsaid_open", flag=flag_of(unsaid.field))
