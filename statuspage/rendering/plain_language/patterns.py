"""The pattern syntax of the glossary.

``#`` is a number, ``*`` up to thirty letters within a sentence, ``(a|b)`` one of several (``(a|)`` one or nothing), a
space also matches a hyphen or nothing, ``~`` after an English word matches all its forms. The last English word of a
pattern matches its forms by default; ``!`` after it prevents that. Words of up to four Latin letters with a capital
among them are case-sensitive. A long vowel at the end of a katakana word of four letters or more is optional (サーバー,
サーバ).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from statuspage.rendering.plain_language.normalization import NormalizedText, normalize_text

KATAKANA = "ァ-ヺー"
LATIN = "A-Za-zÀ-ɏ"
GAP = 30

Step = Callable[[str, int], Collection[int]]
"""Every possible end of a part of a pattern that begins at a given place in a text."""


class BadPattern(ValueError):
    """A pattern cannot be parsed. The message says what to correct."""


@dataclass(frozen=True)
class Pattern:
    """One spelling of a word, with the letters it must begin with ("#" for a number)."""

    prefix: str
    text: str
    is_case_sensitive: bool
    has_plural: bool = False

    @property
    def lookup_keys(self) -> tuple[str, ...]:
        """The keys under which it is indexed (see ``keys_at``)."""
        if self.prefix == "#":
            remainder = self.text[1:].removeprefix(" ")
            options = _parse_group(remainder)[0] if remainder.startswith("(") else [remainder]
            letters = {option[:1] for option in options}
            return tuple(f"#{letter.lower()}" for letter in sorted(letters)) if not letters & _UNSURE else ("#",)
        if not _is_latin(self.prefix[0]):
            return (self.prefix[:2],)
        second_word = _SECOND.fullmatch(self.text[len(self.prefix) : len(self.prefix) + 3])
        if len(self.prefix) <= _SHORT and second_word:
            return (f"{self.prefix} {second_word[1]}".lower(),)
        return (self.prefix[:3].lower(),)

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return _parse_sequence(self.text, is_last=True, has_plural=self.has_plural)

    def compile(self) -> None:
        """Raises BadPattern if the rest cannot be parsed; without this call, that shows only when a text begins with
        its first letters."""
        self._steps  # noqa: B018 - computed and kept here

    def find_end(self, folded: NormalizedText, start: int) -> int | None:
        """The farthest end of this word if it begins at ``start``; None if it does not match."""
        text = folded.cased if self.is_case_sensitive else folded.lower
        if self.prefix != "#" and not text.startswith(self.prefix, start):
            return None
        if start and _same_script(text[start - 1], text[start]):
            return None
        farthest = None
        for end in _find_ends(self._steps, text, start):
            if (farthest is None or end > farthest) and not _continues(text, end):
                farthest = end
        return farthest

    def occurs_in(self, folded: NormalizedText) -> bool:
        """Whether it matches anywhere in a text."""
        text = folded.cased if self.is_case_sensitive else folded.lower
        if self.prefix == "#":
            return any(self.find_end(folded, match.start()) is not None for match in _NUMBER.finditer(text))
        index = text.find(self.prefix)
        while index >= 0:
            if self.find_end(folded, index) is not None:
                return True
            index = text.find(self.prefix, index + 1)
        return False


@lru_cache(maxsize=8192)
def parse_patterns(source: str) -> tuple[Pattern, ...]:
    """The patterns in one line of the glossary; kept, because every index of it has the same. Raises BadPattern."""
    check_brackets(source)
    folded = normalize_text(" ".join(source.split())).cased
    return tuple(_parse_pattern(variant, source) for variant in _expand_alternatives(folded))


def check_brackets(source: str) -> None:
    """Raises BadPattern if brackets do not match."""
    depth = 0
    for letter in source:
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or (letter == "|" and depth == 0):
            break
    else:
        if depth == 0 and source.strip():
            return
    raise BadPattern(f"A bracket or stroke stands alone in “{source}”; alternatives are written (one|two).")


def _expand_alternatives(source: str) -> Iterator[str]:
    """A pattern that begins with alternatives, expanded to one pattern for each of them."""
    index = source.find("(")
    if index < 0 or not _is_beginning(source[:index]):
        yield source
        return
    options, rest = _parse_group(source[index:])
    if rest[:1] in ("~", "!") and not rest[1:]:
        options, rest = [option + rest for option in options], ""
    for option in options:
        yield from _expand_alternatives(" ".join((source[:index] + option + rest).split()))


def _is_beginning(text: str) -> bool:
    """Whether the text before the alternatives is so short that too many places would have to be checked."""
    return not text or (_BEGINNING.fullmatch(text) is not None)


def _parse_group(source: str) -> tuple[list[str], str]:
    """The alternatives of the bracket at the start of a text, and the text after it."""
    depth, options, start = 0, list[str](), 1
    for index, letter in enumerate(source):
        depth += (letter == "(") - (letter == ")")
        if (letter == "|" and depth == 1) or depth == 0:
            options.append(source[start:index])
            start = index + 1
        if depth == 0:
            return options, source[index + 1 :]
    return options, ""


_LETTERS = re.compile(rf"[{LATIN}]+")
_HEAD = re.compile(rf"#|[{LATIN}]+|[^#* ()|~!{LATIN}]+")
_BEGINNING = re.compile(rf"[{LATIN}]{{1,3}} |[^#*~!{LATIN}]")
_SECOND = re.compile(r" ([a-z0-9]{2})")
_SHORT, _CODE = 3, 4
_UNSURE = frozenset(("", *"#*()|~! "))
"""Special characters of the syntax. A pattern that begins with one may match any first letter."""


def _parse_pattern(folded: str, source: str) -> Pattern:
    letters = "".join(_LETTERS.findall(folded))
    is_case_sensitive = 0 < len(letters) <= _CODE and not letters.islower()
    text = folded if is_case_sensitive else folded.lower()
    head_match = _HEAD.match(text)
    if head_match is None:
        raise BadPattern(f"“{source}” should begin with a letter or with # for a number.")
    prefix = head_match[0]
    remainder = text[head_match.end() :]
    if _is_latin(prefix[0]) and (remainder in ("", "!") or remainder.startswith("~")) and len(prefix) >= _SHORT:
        prefix = prefix[:-1]
    return Pattern(prefix.removesuffix("ー") or prefix, text, is_case_sensitive, has_plural=letters.isupper())


_PIECE = re.compile(
    rf"#|\*|[{LATIN}]+| |[{KATAKANA}]{{3,}}ー(?![{KATAKANA}])|[^#* {LATIN}()~!]+?(?=[#* ()~!{LATIN}]|$)|."
)


def _parse_sequence(text: str, *, is_last: bool, has_plural: bool) -> tuple[Step, ...]:
    """The steps of a part of a pattern. ``is_last``: it is the end of the pattern."""
    steps: list[Step] = []
    while text:
        if text[0] == "(":
            options, text = _parse_group(text)
            suffix, text = _split_suffix(text)
            takes_forms = (is_last and not text) or suffix == "~"
            fixed = "!" if suffix == "!" else ""
            steps.append(
                _one_of(
                    [
                        (option, _parse_sequence(option + fixed, is_last=takes_forms, has_plural=has_plural))
                        for option in options
                    ]
                )
            )
            continue
        piece = _PIECE.match(text)
        if piece is None or piece[0] in "~!":
            raise BadPattern(f"“{text[0]}” cannot stand here; it goes behind a word.")
        suffix, text = _split_suffix(text[piece.end() :])
        takes_forms = is_last and not text
        step = _pattern_step(
            piece[0], takes_forms=(takes_forms or suffix == "~") and suffix != "!", has_plural=has_plural
        )
        steps.append(step)
    return tuple(steps)


def _split_suffix(text: str) -> tuple[str, str]:
    return (text[0], text[1:]) if text[:1] in ("~", "!") else ("", text)


def _pattern_step(piece: str, *, takes_forms: bool, has_plural: bool) -> Step:
    if piece in _SIGNS:
        return _SIGNS[piece]
    if len(piece) > 1 and piece.endswith("ー"):
        return _literal(piece[:-1], ("ー", ""))
    if not takes_forms or not _is_latin(piece[0]):
        return _literal(piece, ("",))
    return _literal(piece, ("", "s", "'s")) if has_plural or not piece.islower() else _literal(*_forms(piece))


def _literal(stem: str, endings: tuple[str, ...]) -> Step:
    def step(text: str, position: int) -> Collection[int]:
        if not text.startswith(stem, position):
            return ()
        position += len(stem)
        return [position + len(ending) for ending in endings if text.startswith(ending, position)]

    return step


def _forms(word: str) -> tuple[str, tuple[str, ...]]:
    """All regular forms of an English word, as their common stem and their endings."""
    if len(word) < _SHORT:
        return word, ("", "'s")
    if word.endswith("e"):
        return word[:-1], ("e", "es", "ed", "er", "ing", "e's")
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1], ("y", "ies", "ied", "ying", "y's")
    return word, ("", "s", "es", "ed", "ing", f"{word[-1]}ed", f"{word[-1]}ing", "'s", "s'")


def _one_of(options: list[tuple[str, tuple[Step, ...]]]) -> Step:
    """Any of these options, as text and as steps. Only those that can begin with the letter at that place are tried."""
    unkeyed = [steps for option, steps in options if option[:1] in _UNSURE]
    by_letter: dict[str, list[tuple[Step, ...]]] = {}
    for option, steps in options:
        if option[:1] not in _UNSURE:
            by_letter.setdefault(option[0], [*unkeyed]).append(steps)

    def step(text: str, position: int) -> Collection[int]:
        candidates = by_letter.get(text[position : position + 1], unkeyed)
        return {end for steps in candidates for end in _find_ends(steps, text, position)}

    return step


def _find_ends(steps: tuple[Step, ...], text: str, position: int) -> Collection[int]:
    """Every place where these steps, one after the other, can end."""
    ends: Collection[int] = (position,)
    for step in steps:
        if len(ends) == 1:
            (start,) = ends
            ends = step(text, start)
        else:
            ends = {end for start in ends for end in step(text, start)}
        if not ends:
            break
    return ends


def _continues(text: str, end: int) -> bool:
    """Whether a word continues in the same script after this end."""
    return 0 < end < len(text) and _same_script(text[end - 1], text[end])


def _same_script(letter: str, other: str) -> bool:
    script = _SCRIPT_OF.get(letter)
    return script is not None and script == _SCRIPT_OF.get(other)


def _letters(first: str, last: str) -> Iterator[str]:
    return map(chr, range(ord(first), ord(last) + 1))


_SCRIPTS = (
    frozenset([*_letters("ァ", "ヺ"), "ー"]),
    frozenset([*_letters("a", "z"), *_letters("A", "Z"), *_letters("À", "ɏ"), "_"]),
    frozenset(_letters("0", "9")),
)
_SCRIPT_OF = {letter: number for number, script in enumerate(_SCRIPTS) for letter in script}


def _is_latin(letter: str) -> bool:
    return letter in _SCRIPTS[1]


_NUMBER = re.compile(r"[0-9]+(?:[.,:][0-9]+){0,12}")
_SEPARATOR = re.compile(r"[.,:]")
_BLANK = re.compile(r"[\s\-_/‐-–]?\s?")
_GAP = re.compile(rf"[^。．.!?！？\n]{{0,{GAP}}}")


def _number_ends(text: str, position: int) -> Collection[int]:
    """After the whole number and after each part of it: *19:00* is one number, and two with a colon between."""
    match = _NUMBER.match(text, position)
    if match is None:
        return ()
    return [*(separator.start() for separator in _SEPARATOR.finditer(text, *match.span())), match.end()]


def _blank(text: str, position: int) -> Collection[int]:
    match = _BLANK.match(text, position)
    return (match.end(),) if match else ()


def _gap(text: str, position: int) -> Collection[int]:
    match = _GAP.match(text, position)
    return range(position, match.end() + 1) if match else ()


_SIGNS: dict[str, Step] = {"#": _number_ends, "*": _gap, " ": _blank}


def keys_at(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every place at which a word can begin, with the keys of the patterns that may match there.

    A place is the start of a run of one script, or any other single letter. Its keys are its first letters, at most
    three; after a short word also those of the next one ("the da"), and after a number also the letter that follows.
    """
    for run in _RUN.finditer(text):
        position = run.start()
        keys: tuple[str, ...] = (text[position], text[position : position + 2])
        if _is_latin(text[position]):
            keys = (*keys, text[position : position + 3])
            if run.end() - position <= _SHORT:
                blank_match = _BLANK.match(text, run.end())
                next_start = blank_match.end() if blank_match else run.end()
                keys = (*keys, f"{run[0]} {text[next_start : next_start + 2]}")
        elif text[position].isdigit():
            number_match = _NUMBER.match(text, position)
            end = number_match.end() if number_match else position
            blank_match = _BLANK.match(text, end)
            next_start = blank_match.end() if blank_match else end
            keys = (*keys, "#", *sorted({f"#{text[end : end + 1]}", f"#{text[next_start : next_start + 1]}"} - {"#"}))
        yield position, keys


_RUN = re.compile(rf"[{LATIN}_]+|[0-9]+|[{KATAKANA}]+|\S")
