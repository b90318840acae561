"""Reads finished words as a customer would: nothing empty, unfilled, badly joined or tied to another day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from statuspage.catalog import Book, Medium, Writing
from statuspage.facts import Sentence, Words

TYPED = frozenset(("extra", "by_hand"))
"""Sentences that a person has typed."""

WITHOUT_STOP = TYPED | {"link"}
"""Sentences that need not end as the language ends one."""


def oddities(words: Words, book: Book) -> Iterator[tuple[str, str]]:
    """What reads badly in the notice itself: the name of the sentence or part, and what is wrong with it."""
    for name in ("title", "headline", "label", "status"):
        if not getattr(words, name).strip():
            yield name, f"has an empty {name}"
    for sentence in words.sentences:
        if sentence.name not in TYPED:
            yield from ((sentence.name, wrong) for wrong in _of_sentence(sentence, book))
    sorry = sum(s.text.count(book.writing.sorry) for s in words.sentences if s.name not in TYPED)
    if sorry > 1:
        yield "apology", f"says sorry {sorry} times"


def _of_sentence(sentence: Sentence, book: Book) -> Iterator[str]:
    odd = ODD.search(sentence.text)
    if odd:
        yield f"reads badly at “{odd[0]}”: {sentence.text}"
    relative = _relative(book.writing).search(sentence.text)
    if relative:
        yield f"says “{relative[0]}”, which means another day when it is read another day: {sentence.text}"
    text = bare(sentence.text, book).rstrip()
    if sentence.name not in WITHOUT_STOP and not text.endswith(book.writing.stop):
        yield f"has a sentence without “{book.writing.stop}” at its end: {sentence.text}"


def silence(words: Words, medium: Medium, book: Book) -> str:
    """What is missing in the text of a medium: any words; "" when there are some."""
    return "" if bare(words.media[medium.id].body, book).strip() else f"says nothing on {medium.id}"


def bare(text: str, book: Book) -> str:
    """The text without the marks around it."""
    return text.strip().removeprefix(book.marks.start.strip()).removesuffix(book.marks.end.strip())


@lru_cache
def _relative(writing: Writing) -> re.Pattern[str]:
    words = "|".join(map(re.escape, writing.relative)) or "(?!)"
    return re.compile(rf"\b(?:{words})\b" if writing.spaces else words, re.IGNORECASE)


ODD = re.compile(r"[{}|]|  |。。|、、|。、|、。|(?<!\.)\.\.(?!\.)|,,| [,.;:!?]|[,;:]\.|\.,|「」|（）|\(\)|“”")
"""What no finished sentence has: slots, breaks of the headline, doubled or lone punctuation, empty brackets."""
