"""Checks finished texts as customers read them: nothing empty, unfilled, badly joined or tied to another day."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache

from statuspage.domain import EnvironmentMarks, LanguagePack, LocaleRules, Medium, NoticeText

TYPED_SENTENCES = frozenset(("extra", "by_hand"))
"""Sentences typed by a person."""

WITHOUT_STOP = TYPED_SENTENCES | {"link"}
"""Sentences that need not end with a full stop."""


def find_oddities(notice_text: NoticeText, pack: LanguagePack) -> Iterator[tuple[str, str]]:
    """Problems of the notice itself: the name of the sentence or part, and what is wrong with it."""
    for name in ("title", "headline", "label", "status"):
        if not getattr(notice_text, name).strip():
            yield name, f"has an empty {name}"
    odd_names = _odd_names(pack)
    for sentence in notice_text.sentences:
        if sentence.name not in TYPED_SENTENCES:
            whole = sentence.name not in WITHOUT_STOP
            problems = _sentence_problems(sentence.text, pack.locale_rules, pack.marks, whole, odd_names)
            yield from ((sentence.name, problem) for problem in problems)
    sorry = sum(
        item.text.count(pack.locale_rules.apology) for item in notice_text.sentences if item.name not in TYPED_SENTENCES
    )
    if sorry > 1:
        yield "apology", f"apologises {sorry} times"


def _odd_names(pack: LanguagePack) -> tuple[str, ...]:
    """Names whose own punctuation would look like an error in a sentence: Acme Inc., Yahoo!, .NET."""
    nouns = dict.fromkeys(
        noun.replace("|", "") for words in pack.services.values() for noun in (words.noun, words.name)
    )
    return tuple(noun for noun in nouns if ODD_PATTERN.search(f"x {noun},"))


@lru_cache(maxsize=4096)
def _sentence_problems(
    text: str, locale_rules: LocaleRules, marks: EnvironmentMarks, whole: bool, odd_names: tuple[str, ...]
) -> tuple[str, ...]:
    """The problems of one sentence; cached, because most sentences recur with other facts."""
    problems = []
    if match := ODD_PATTERN.search(_without_punctuation(text, odd_names)):
        problems.append(f"reads badly at “{match[0]}”: {text}")
    if relative := _relative_pattern(locale_rules).search(text):
        problems.append(f"says “{relative[0]}”, whose meaning depends on the day it is read: {text}")
    if whole and not strip_marks(text, marks).rstrip().endswith(locale_rules.full_stop):
        problems.append(f"has a sentence that does not end in “{locale_rules.full_stop}”: {text}")
    return tuple(problems)


def _without_punctuation(text: str, names: tuple[str, ...]) -> str:
    """The text with these names bare of their own punctuation."""
    for name in names:
        text = text.replace(name, name.strip(string.punctuation))
    return text


def find_silence(notice_text: NoticeText, medium: Medium, pack: LanguagePack) -> str:
    """The error that the text of a medium is empty; "" if it is not."""
    return "" if strip_marks(notice_text.media[medium.id].body, pack.marks).strip() else f"says nothing on {medium.id}"


def strip_marks(text: str, marks: EnvironmentMarks) -> str:
    """The text without its drill marks."""
    return text.strip().removeprefix(marks.start.strip()).removesuffix(marks.end.strip())


@lru_cache
def _relative_pattern(locale_rules: LocaleRules) -> re.Pattern[str]:
    pattern = "|".join(map(re.escape, locale_rules.relative_words)) or "(?!)"
    return re.compile(rf"\b(?:{pattern})\b" if locale_rules.uses_spaces else pattern, re.IGNORECASE)


ODD_PATTERN = re.compile(r"[{}|]|  |。。|、、|。、|、。|(?<!\.)\.\.(?!\.)|,,| [,.;:!?]|[,;:]\.|\.,|「」|（）|\(\)|“”")
"""What no finished sentence may contain: slots, headline breaks, doubled or lone punctuation, empty brackets."""
