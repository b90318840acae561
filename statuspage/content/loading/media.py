"""Reads ``media.toml``: what each medium says, what it gives up, and which other medium it is like."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from statuspage.content.loading.table_reader import Table
from statuspage.domain import Medium, NoticeKind
from statuspage.rendering.wording import COUNTS

EVERY = "every"
"""The list of what is given up in notices that have none of their own."""

Names = Mapping[NoticeKind, tuple[str, ...]]


def media(table: Table, needed: Collection[str]) -> dict[str, Medium]:
    """``media.toml``. ``needed`` are the media the program itself asks for."""
    found: dict[str, Medium] = {}
    for name, one in table.each():
        found[name] = _medium(name, one, found)
    for name in needed:
        if name not in found:
            table.blame(f"The table [{name}] is missing; copy it from the sample content.", name)
    return found


def _medium(name: str, table: Table, before: Mapping[str, Medium]) -> Medium:
    """``before`` are the media above it, which it may be like."""
    like = table.text("like", "")
    model = before[like] if like and table.known(like, before, "like") else Medium(name, "none", 0, {}, {})
    said = _sentence_names(table, model)
    medium = replace(
        model,
        id=name,
        count=table.choice("count", COUNTS, model.count if like else None),
        limit=int(table.number("limit", model.limit)),
        bytes=int(table.number("bytes", model.bytes)),
        sentences=said,
        give_up=_given_up(table, said, model),
        separator=table.text("separator", model.separator),
        subject=table.text("subject", model.subject),
        inside=table.flag("inside", default=model.inside),
    )
    table.finish()
    return medium


def _sentence_names(table: Table, model: Medium) -> Names:
    """The sentences of every notice: those of the model, without some, with some at the end, or its own."""
    own = table.table("sentences", needed=not model.sentences)
    end, without = table.texts("end"), table.texts("without")
    said = {notice: (*(n for n in names if n not in without), *end) for notice, names in model.sentences.items()}
    said |= {NoticeKind(key): own.texts(key) for key in own.values if own.known(key, [*NoticeKind], key)}
    for notice in NoticeKind:
        if notice not in said:
            own.blame(f"“{notice}” is missing; say which sentences this medium says then.", notice)
    return said


def _given_up(table: Table, said: Names, model: Medium) -> Names:
    own = table.table("give_up", needed=False)
    keys = [key for key in own.values if own.known(key, [EVERY, *NoticeKind], key)]
    lists = {key: own.texts(key) for key in keys}
    spoken = {name for names in said.values() for name in names}
    for key, names in lists.items():
        for name in names:
            own.known(name, spoken if key == EVERY else said.get(NoticeKind(key), ()), key)
    every = lists.pop(EVERY, None)
    given = dict.fromkeys(NoticeKind, every) if every is not None else dict(model.give_up)
    given |= {NoticeKind(key): names for key, names in lists.items()}
    return {notice: tuple(n for n in names if n in said.get(notice, ())) for notice, names in given.items()}
