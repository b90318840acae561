"""Reads ``media.toml``: the sentences of each medium, its drop order, and the medium it is based on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from statuspage.content.loading.table_reader import Table
from statuspage.domain import Medium, NoticeKind
from statuspage.rendering.wording import COUNTS

DEFAULT_LIST = "default"
"""The key of the drop order for notices without their own."""

SentenceNames = Mapping[NoticeKind, tuple[str, ...]]


def read_media(table: Table, required: Collection[str]) -> dict[str, Medium]:
    """``media.toml``. ``required`` are the media that the program needs."""
    media: dict[str, Medium] = {}
    for name, entry in table.iter_tables():
        media[name] = _read_medium(name, entry, media)
    for name in required:
        if name not in media:
            table.add_error(f"The table [{name}] is missing; copy it from the sample content.", name)
    return media


def _read_medium(name: str, table: Table, earlier: Mapping[str, Medium]) -> Medium:
    """One medium. ``earlier`` are the media defined before it, on which it may be based."""
    base = table.get_text("extends", "")
    model = earlier[base] if base and table.check_known(base, earlier, "extends") else Medium(name, "none", 0, {}, {})
    sentences = _read_sentence_names(table, model)
    medium = replace(
        model,
        id=name,
        length_unit=table.get_choice("length_unit", COUNTS, model.length_unit if base else None),
        limit=int(table.get_number("limit", model.limit)),
        byte_limit=int(table.get_number("byte_limit", model.byte_limit)),
        sentences=sentences,
        drop_order=_read_drop_order(table, sentences, model),
        separator=table.get_text("separator", model.separator),
        subject=table.get_text("subject", model.subject),
        is_internal=table.get_flag("internal", default=model.is_internal),
    )
    table.reject_unknown_keys()
    return medium


def _read_sentence_names(table: Table, model: Medium) -> SentenceNames:
    """The sentences for every notice: its own, or those of the base medium, with some removed or appended."""
    own_sentences = table.get_table("sentences", required=not model.sentences)
    appended, removed = table.get_texts("append"), table.get_texts("omit")
    sentences = {
        notice: (*(n for n in names if n not in removed), *appended) for notice, names in model.sentences.items()
    }
    sentences |= {
        NoticeKind(key): own_sentences.get_texts(key)
        for key in own_sentences.values
        if own_sentences.check_known(key, [*NoticeKind], key)
    }
    for notice in NoticeKind:
        if notice not in sentences:
            own_sentences.add_error(f"“{notice}” is missing; list the sentences of this medium for it.", notice)
    return sentences


def _read_drop_order(table: Table, sentences: SentenceNames, model: Medium) -> SentenceNames:
    own_lists = table.get_table("drop_order", required=False)
    keys = [key for key in own_lists.values if own_lists.check_known(key, [DEFAULT_LIST, *NoticeKind], key)]
    lists = {key: own_lists.get_texts(key) for key in keys}
    all_sentences = {name for names in sentences.values() for name in names}
    for key, names in lists.items():
        for name in names:
            own_lists.check_known(
                name, all_sentences if key == DEFAULT_LIST else sentences.get(NoticeKind(key), ()), key
            )
    default = lists.pop(DEFAULT_LIST, None)
    given_up = dict.fromkeys(NoticeKind, default) if default is not None else dict(model.drop_order)
    given_up |= {NoticeKind(key): names for key, names in lists.items()}
    return {notice: tuple(n for n in names if n in sentences.get(notice, ())) for notice, names in given_up.items()}
