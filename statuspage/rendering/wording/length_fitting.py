"""Fits a text into its medium by dropping whole sentences, never by cutting one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from statuspage.domain import Medium, MediumText, NoticeKind, Sentence
from statuspage.rendering.wording import text_length

COUNTS: Mapping[str, Callable[[str], int]] = MappingProxyType(
    {
        "none": len,
        "characters": len,
        "graphemes": text_length.graphemes,
        "utf16": text_length.utf16,
        "bytes": text_length.utf8,
        "mastodon": text_length.mastodon,
        "x": text_length.x_post,
    }
)
"""The units in which a medium may count; characters are code points."""


STAND_INS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "opening_bare": frozenset({"opening", "opening_short"}),
        "new_answers_named": frozenset({"follow_up_and_answers"}),
        "follow_up_bare": frozenset({"follow_up_and_answers", "new_answers_named"}),
        "estimate_new_bare": frozenset({"estimate_new_short"}),
        "audience_bare": frozenset({"opening_short", "opening_bare", "audience_many", "audience_new"}),
    }
)
"""Sentences that are said only in place of others: once all of these are dropped."""


FACT_ROWS: Mapping[str, str] = MappingProxyType(
    {
        "opening": "start",
        "start_new": "start",
        "old_plan": "planned",
        "planned_end": "planned",
        "maintenance_impact": "scope",
        "also": "scope",
        "also_again": "scope",
        "remaining": "scope",
        "recovery_times": "period",
        "later_starts": "period",
        "period": "period",
        "estimate": "estimate",
        "estimate_new": "estimate",
        "old_estimate": "estimate",
        "next_update": "next_update",
        "workaround": "workaround",
        "after": "workaround_after",
        "new_after": "workaround_after",
        "current_action": "current_action",
        "cause": "cause",
        "prevention": "prevention",
        "report_by": "report_by",
        "extra": "extra",
    }
)
"""The row that shows the fact of a sentence. The sentences of answers are named after their questions."""


def find_left_out(page: Sequence[Sentence], offered: Sequence[Sentence], body: str) -> tuple[str, ...]:
    """The facts that sentences of the page say and this text does not: by their rows, in the page's order.

    ``offered``: the sentences of the text's medium, of which some had no room. Its own form of a sentence
    (*estimate_short*) says the same fact; that without its time does not.
    """
    said = {sentence.name.removesuffix("_short") for sentence in offered if sentence.text in body}
    if any(sentence.name.startswith("unknown") for sentence in offered):
        said |= {"estimate", "estimate_new"}  # Nothing is lost that is not known.
    lost = (s.name for s in page if s.name not in said and s.text not in body)
    rows = ("answers" if name.startswith("answer") else FACT_ROWS.get(name, "") for name in lost)
    return tuple(dict.fromkeys(row for row in rows if row))


class DoesNotFit(Exception):
    """Even the sentences that must not be dropped are too long for this medium."""

    def __init__(self, medium: Medium, notice: NoticeKind, text: str) -> None:
        self.medium, self.notice, self.text = medium, notice, text
        self.length, self.limit = measured_length(text, medium.length_unit), medium.limit
        if self.length <= self.limit:
            self.length, self.limit = text_length.utf8(text), medium.byte_limit
        super().__init__(f"{medium.id}, {notice}: {self.length} of {self.limit} at most")


def measured_length(text: str, count: str) -> int:
    """How long a text is in the unit ``count``."""
    return COUNTS[count](text)


def fit_to_medium(
    sentences: Sequence[Sentence],
    medium: Medium,
    notice: NoticeKind,
    *,
    start: str = "",
    end: str = "",
    joiner: str = "",
) -> MediumText:
    """The sentences of this medium, in its order, with ``start`` and ``end`` around them, which are never dropped.

    ``joiner`` separates sentences (a space, or nothing in Japanese) unless the medium has its own separator. Raises
    DoesNotFit if the rest is still too long.
    """
    return fit_sentences(
        select_sentences(medium, notice, group_by_name(sentences)), medium, notice, start=start, end=end, joiner=joiner
    )


def fit_sentences(
    sentences: Sequence[Sentence],
    medium: Medium,
    notice: NoticeKind,
    *,
    start: str = "",
    end: str = "",
    joiner: str = "",
) -> MediumText:
    """Like ``fit_to_medium``, for sentences already chosen for this medium."""
    separator = joiner if medium.separator == "auto" else medium.separator
    giving_up = list(medium.drop_order.get(notice, ()))
    while True:
        text = _joined_text(
            (start, *(sentence.text for sentence in _without_stand_ins(sentences)), end), separator, medium
        )
        if _fits(medium, text):
            return text
        if not giving_up:
            raise DoesNotFit(medium, notice, text.body)
        dropped = giving_up.pop(0)
        sentences = [sentence for sentence in sentences if sentence.name != dropped]


def _without_stand_ins(sentences: Sequence[Sentence]) -> Sequence[Sentence]:
    """The sentences without those that would stand in for one that is still there."""
    names = {sentence.name for sentence in sentences}
    return [sentence for sentence in sentences if not STAND_INS.get(sentence.name, frozenset()) & names]


def _fits(medium: Medium, text: MediumText) -> bool:
    if medium.byte_limit and text_length.utf8(text.body) > medium.byte_limit:
        return False
    return not medium.limit or text.length <= medium.limit


SentencesByName = Mapping[str, Sequence[Sentence]]
"""Sentences by name, from which many media choose."""


def group_by_name(sentences: Sequence[Sentence]) -> SentencesByName:
    """The sentences by name, in order."""
    sentences_by_name: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        sentences_by_name.setdefault(sentence.name, []).append(sentence)
    return sentences_by_name


def select_sentences(medium: Medium, notice: NoticeKind, sentences_by_name: SentencesByName) -> tuple[Sentence, ...]:
    """The sentences of this medium, in its order; all of them if it names none."""
    names = medium.sentences.get(notice)
    return tuple(
        sentence
        for name in (sentences_by_name if names is None else names)
        for sentence in sentences_by_name.get(name, ())
    )


def join_texts(texts: Sequence[str], separator: str) -> str:
    """Texts joined with the separator, empty ones left out. A URL gets its own line, because networks take Japanese
    text directly after it for a part of it."""
    non_empty = [text for text in texts if text]
    pieces = non_empty[:1]
    for previous, following in pairwise(non_empty):
        pieces += (_separator_between(previous, following, separator), following)
    return "".join(pieces)


def _separator_between(previous: str, following: str, separator: str) -> str:
    if "\n" not in separator and ("://" in previous or "://" in following):
        return "\n"
    return "" if previous[-1].isspace() else separator


def _joined_text(texts: Sequence[str], separator: str, medium: Medium) -> MediumText:
    body = join_texts(texts, separator)
    return MediumText(body=body, length=measured_length(body, medium.length_unit), limit=medium.limit)
