"""Words replaced by hand in need: typed text in some languages, in the others the times and where to read more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from statuspage.domain import FactRow, Medium, NoticeText, Sentence, Text
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.length_fitting import DoesNotFit, fit
from statuspage.rendering.wording.locale_format import listed

TIMES = ("started", "period", "estimate", "next")
"""The rows that hold whatever was typed: they are times."""

KEPT_SENTENCES = ("opening", "estimate", "next")
"""The sentences that hold in a language nobody typed."""


def replace_words(
    words: Mapping[str, NoticeText], text: Mapping[str, str], only: Sequence[str], case: WordingContext
) -> dict[str, NoticeText]:
    """The same notice with ``text`` (language → typed words) instead of ours, or in the languages ``only``.

    ``case`` is any language's case of this notice. Languages without words of their own never fall silent: they show
    what is affected, the times, and in which language the rest is.
    """
    told = tuple(text) or tuple(only)
    return {language: _override_language(one, text.get(language, ""), told, case) for language, one in words.items()}


def _override_language(words: NoticeText, typed: str, told: Sequence[str], case: WordingContext) -> NoticeText:
    mine = replace(case, book=case.catalog.books[words.language])
    if typed:
        return _override_media(words, (Sentence("by_hand", typed),), words.rows, mine)
    if words.language in told:
        return words
    names = listed([case.catalog.books[language].name for language in told], mine.book.writing)
    details = mine.phrases.label("details.elsewhere", language=names)
    row = FactRow("extra", mine.phrases.label("row.extra"), (details,))
    return _override_media(
        words, (*_kept_sentences(words, mine), Sentence("details", details)), (*words.rows, row), mine
    )


def _override_media(
    words: NoticeText, said: tuple[Sentence, ...], rows: tuple[FactRow, ...], case: WordingContext
) -> NoticeText:
    marks = case.book.marks
    last = len(said) - 1
    marked = tuple(
        replace(s, text=f"{marks.start if i == 0 else ''}{s.text}{marks.end if i == last else ''}")
        for i, s in enumerate(said)
    )
    media = {
        name: one
        if case.catalog.media[name].inside
        else _override_text(one, case.catalog.media[name], said, words, case)
        for name, one in words.media.items()
    }
    shown = tuple(r for r in rows if r.key in (*TIMES, "extra"))
    return replace(words, sentences=marked, rows=shown, media=media)


def _kept_sentences(words: NoticeText, case: WordingContext) -> tuple[Sentence, ...]:
    marks = case.book.marks
    plain = (replace(s, text=s.text.removeprefix(marks.start).removesuffix(marks.end)) for s in words.sentences)
    return tuple(s for s in plain if s.name in KEPT_SENTENCES)


def _override_text(
    before: Text, medium: Medium, said: tuple[Sentence, ...], words: NoticeText, case: WordingContext
) -> Text:
    link = (Sentence("link", case.link),) if case.link and case.link in before.body else ()
    headline = Sentence(
        "headline", words.headline.removeprefix(case.book.marks.start).removesuffix(case.book.marks.end)
    )
    for attempt in (said, (headline, *(s for s in said if s.name == "details"))):
        try:
            return replace(_fitted((*attempt, *link), medium, case), subject=before.subject)
        except DoesNotFit:
            continue
    return before


def _fitted(said: tuple[Sentence, ...], medium: Medium, case: WordingContext) -> Text:
    marks, notice = case.book.marks, case.notice
    names = {notice: tuple(s.name for s in said)}
    open_medium = replace(medium, sentences=names, give_up={notice: ("next", "estimate")})
    return fit(said, open_medium, notice, start=marks.start.strip(), end=marks.end.strip(), joiner=case.joiner)
