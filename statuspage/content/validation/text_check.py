"""Reads finished words as a customer would: nothing empty, unfilled, badly joined or tied to another day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from statuspage.domain import EnvironmentMarks, LanguagePack, LocaleRules, Medium, NoticeText

TYPED = frozenset(("extra", "by_hand"))
"""Sentences that a person has typed."""

WITHOUT_STOP = TYPED | {"link"}
"""Sentences that need not end as the language ends one."""


def oddities(words: NoticeText, book: LanguagePack) -> Iterator[tuple[str, str]]:
    """What reads badly in the notice itself: the name of the sentence or part, and what is wrong with it."""
    for name in ("title", "headline", "label", "status"):
        if not getattr(words, name).strip():
            yield name, f"has an empty {name}"
    for sentence in words.sentences:
        if sentence.name not in TYPED:
            whole = sentence.name not in WITHOUT_STOP
            yield from (
                (sentence.name, wrong) for wrong in _of_sentence(sentence.text, book.writing, book.marks, whole)
            )
    sorry = sum(s.text.count(book.writing.sorry) for s in words.sentences if s.name not in TYPED)
    if sorry > 1:
        yield "apology", f"says sorry {sorry} times"


@lru_cache(maxsize=4096)
def _of_sentence(text: str, writing: LocaleRules, marks: EnvironmentMarks, whole: bool) -> tuple[str, ...]:
    """What is wrong with one sentence, kept: most of them come again with other facts."""
    found = []
    if odd := ODD.search(text):
        found.append(f"reads badly at “{odd[0]}”: {text}")
    if relative := _relative(writing).search(text):
        found.append(f"says “{relative[0]}”, which means another day when it is read another day: {text}")
    if whole and not bare(text, marks).rstrip().endswith(writing.stop):
        found.append(f"has a sentence without “{writing.stop}” at its end: {text}")
    return tuple(found)


def silence(words: NoticeText, medium: Medium, book: LanguagePack) -> str:
    """What is missing in the text of a medium: any words; "" when there are some."""
    return "" if bare(words.media[medium.id].body, book.marks).strip() else f"says nothing on {medium.id}"


def bare(text: str, marks: EnvironmentMarks) -> str:
    """The text without the marks around it."""
    return text.strip().removeprefix(marks.start.strip()).removesuffix(marks.end.strip())


@lru_cache
def _relative(writing: LocaleRules) -> re.Pattern[str]:
    words = "|".join(map(re.escape, writing.relative)) or "(?!)"
    return re.compile(rf"\b(?:{words})\b" if writing.spaces else words, re.IGNORECASE)


ODD = re.compile(r"[{}|]|  |。。|、、|。、|、。|(?<!\.)\.\.(?!\.)|,,| [,.;:!?]|[,;:]\.|\.,|「」|（）|\(\)|“”")
"""What no finished sentence has: slots, breaks of the headline, doubled or lone punctuation, empty brackets."""
