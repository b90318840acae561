"""Replaces the words of a notice by hand in an emergency: typed text in some languages; in the others, the times and
where to read more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from statuspage.domain import FactRow, Medium, MediumText, NoticeText, Sentence
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.length_fitting import DoesNotFit, fit_to_medium
from statuspage.rendering.wording.locale_format import join_list

TIMES = ("start", "period", "estimate", "next_update")
"""The rows that are kept whatever was typed, because they are times."""

KEPT_SENTENCES = ("opening", "missed", "estimate_new", "estimate", "next_update")
"""The sentences that are kept in a language for which nothing was typed."""


def replace_words(
    notice_texts: Mapping[str, NoticeText],
    typed_by_language: Mapping[str, str],
    languages: Sequence[str],
    context: WordingContext,
) -> dict[str, NoticeText]:
    """The notice with ``typed_by_language`` in place of the composed words in ``languages``.

    ``context`` is that of any language. A language without typed text still shows what is affected, the times, and in
    which language the full text is.
    """
    typed_languages = tuple(typed_by_language) or tuple(languages)
    return {
        language: _override_language(notice_text, typed_by_language.get(language, ""), typed_languages, context)
        for language, notice_text in notice_texts.items()
    }


def _override_language(
    notice_text: NoticeText, typed: str, typed_languages: Sequence[str], context: WordingContext
) -> NoticeText:
    local_context = replace(context, pack=context.catalog.packs[notice_text.language])
    if typed:
        return _override_media(notice_text, (Sentence("by_hand", typed),), notice_text.rows, local_context)
    if notice_text.language in typed_languages:
        return notice_text
    names = join_list(
        [context.catalog.packs[language].name for language in typed_languages], local_context.pack.locale_rules
    )
    details = local_context.phrases.format_label("details.other_language", language=names)
    row = FactRow("extra", local_context.phrases.format_label("row.extra"), (details,))
    return _override_media(
        notice_text,
        (*_kept_sentences(notice_text, local_context), Sentence("details", details)),
        (*notice_text.rows, row),
        local_context,
    )


def _override_media(
    notice_text: NoticeText, sentences: tuple[Sentence, ...], rows: tuple[FactRow, ...], context: WordingContext
) -> NoticeText:
    marks = context.pack.marks
    last_index = len(sentences) - 1
    marked = tuple(
        replace(sentence, text=f"{marks.start if i == 0 else ''}{sentence.text}{marks.end if i == last_index else ''}")
        for i, sentence in enumerate(sentences)
    )
    media = {
        name: text
        if context.catalog.media[name].is_internal
        else _override_text(text, context.catalog.media[name], sentences, notice_text, context)
        for name, text in notice_text.media.items()
    }
    kept_rows = tuple(row for row in rows if row.key in (*TIMES, "extra"))
    return replace(notice_text, sentences=marked, rows=kept_rows, media=media)


def _kept_sentences(notice_text: NoticeText, context: WordingContext) -> tuple[Sentence, ...]:
    marks = context.pack.marks
    unmarked = (
        replace(sentence, text=sentence.text.removeprefix(marks.start).removesuffix(marks.end))
        for sentence in notice_text.sentences
    )
    return tuple(sentence for sentence in unmarked if sentence.name in KEPT_SENTENCES)


def _override_text(
    original: MediumText,
    medium: Medium,
    sentences: tuple[Sentence, ...],
    notice_text: NoticeText,
    context: WordingContext,
) -> MediumText:
    link = (Sentence("link", context.link),) if context.link and context.link in original.body else ()
    headline = Sentence(
        "headline", notice_text.headline.removeprefix(context.pack.marks.start).removesuffix(context.pack.marks.end)
    )
    for attempt in (sentences, (headline, *(sentence for sentence in sentences if sentence.name == "details"))):
        try:
            return replace(_fitted((*attempt, *link), medium, context), subject=original.subject)
        except DoesNotFit:
            continue
    return original


def _fitted(sentences: tuple[Sentence, ...], medium: Medium, context: WordingContext) -> MediumText:
    marks, notice = context.pack.marks, context.notice
    names = {notice: tuple(sentence.name for sentence in sentences)}
    drop_order = {notice: ("next_update", "estimate", "estimate_new", "missed")}
    open_medium = replace(medium, sentences=names, drop_order=drop_order)
    return fit_to_medium(
        sentences, open_medium, notice, start=marks.start.strip(), end=marks.end.strip(), joiner=context.joiner
    )
