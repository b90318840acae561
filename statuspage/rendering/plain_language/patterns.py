"""The small language in which the glossary writes how a word is found.

``#`` is a number, ``*`` up to thirty letters of the same sentence, ``(a|b)`` one of several (``(a|)`` one or nothing),
a blank also a hyphen or nothing, ``~`` after an English word any of its forms. The last English word of a pattern
takes its forms by itself; ``!`` behind it keeps it as it is. Up to four Latin letters with a capital among them are
found in that case only. A long vowel that ends a katakana word of four letters or more may be missing
(サーバー, サーバ).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from statuspage.rendering.plain_language.normalization import Folded, fold

KATAKANA = "ァ-ヺー"
LATIN = "A-Za-zÀ-ɏ"
GAP = 30

Step = Callable[[str, int], Collection[int]]
"""Where a piece of a pattern can end that begins at a place of a text."""


class BadPattern(ValueError):
    """A pattern that cannot be read; the message says what to mend."""


@dataclass(frozen=True)
class Pattern:
    """One way of writing a word, with the letters it begins with for certain ("#" for a number)."""

    head: str
    text: str
    cased: bool
    plural: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """By what it is looked up: see ``keys_at``."""
        if self.head == "#":
            after = self.text[1:].removeprefix(" ")
            options = _group(after)[0] if after.startswith("(") else [after]
            letters = {option[:1] for option in options}
            return tuple(f"#{one.lower()}" for one in sorted(letters)) if not letters & _UNSURE else ("#",)
        if not _is_latin(self.head[0]):
            return (self.head[:2],)
        second = _SECOND.fullmatch(self.text[len(self.head) : len(self.head) + 3])
        if len(self.head) <= _SHORT and second:
            return (f"{self.head} {second[1]}".lower(),)
        return (self.head[:3].lower(),)

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return _sequence(self.text, last=True, plural=self.plural)

    def compile(self) -> None:
        """Raises BadPattern where the rest of it cannot be read, which else shows once a text begins with its head."""
        self._steps  # noqa: B018

    def end(self, folded: Folded, start: int) -> int | None:
        """The farthest end of this word where it begins at ``start``; None where it does not."""
        text = folded.cased if self.cased else folded.lower
        if self.head != "#" and not text.startswith(self.head, start):
            return None
        if start and _same_script(text[start - 1], text[start]):
            return None
        farthest = None
        for end in _ends(self._steps, text, start):
            if (farthest is None or end > farthest) and not _goes_on(text, end):
                farthest = end
        return farthest

    def found_in(self, folded: Folded) -> bool:
        """Whether it stands anywhere in a text."""
        text = folded.cased if self.cased else folded.lower
        if self.head == "#":
            return any(self.end(folded, number.start()) is not None for number in _NUMBER.finditer(text))
        at = text.find(self.head)
        while at >= 0:
            if self.end(folded, at) is not None:
                return True
            at = text.find(self.head, at + 1)
        return False


def patterns(written: str) -> tuple[Pattern, ...]:
    """Everything that one line of the glossary finds. Raises BadPattern."""
    balanced(written)
    folded = fold(" ".join(written.split())).cased
    return tuple(_pattern(one, written) for one in _heads(folded))


def balanced(written: str) -> None:
    """Raises BadPattern where brackets do not match."""
    depth = 0
    for letter in written:
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or (letter == "|" and depth == 0):
            break
    else:
        if depth == 0 and written.strip():
            return
    raise BadPattern(f"A bracket or stroke stands alone in “{written}”; alternatives are written (one|two).")


def _heads(written: str) -> Iterator[str]:
    """A pattern that has alternatives where it begins, once for each of them."""
    at = written.find("(")
    if at < 0 or not _is_beginning(written[:at]):
        yield written
        return
    options, rest = _group(written[at:])
    if rest[:1] in ("~", "!") and not rest[1:]:
        options, rest = [option + rest for option in options], ""
    for option in options:
        yield from _heads(" ".join((written[:at] + option + rest).split()))


def _is_beginning(text: str) -> bool:
    """Whether so little stands before the alternatives that too many places would be looked at."""
    return not text or (_BEGINNING.fullmatch(text) is not None)


def _group(written: str) -> tuple[list[str], str]:
    """The alternatives of the bracket a text begins with, and what follows it."""
    depth, options, start = 0, list[str](), 1
    for at, letter in enumerate(written):
        depth += (letter == "(") - (letter == ")")
        if (letter == "|" and depth == 1) or depth == 0:
            options.append(written[start:at])
            start = at + 1
        if depth == 0:
            return options, written[at + 1 :]
    return options, ""


_LETTERS = re.compile(rf"[{LATIN}]+")
_HEAD = re.compile(rf"#|[{LATIN}]+|[^#* ()|~!{LATIN}]+")
_BEGINNING = re.compile(rf"[{LATIN}]{{1,3}} |[^#*~!{LATIN}]")
_SECOND = re.compile(r" ([a-z0-9]{2})")
_SHORT, _CODE = 3, 4
_UNSURE = frozenset(("", *"#*()|~! "))
"""Signs of the language: what begins with one may begin with any letter."""


def _pattern(folded: str, written: str) -> Pattern:
    letters = "".join(_LETTERS.findall(folded))
    cased = 0 < len(letters) <= _CODE and not letters.islower()
    text = folded if cased else folded.lower()
    head = _HEAD.match(text)
    if head is None:
        raise BadPattern(f"“{written}” should begin with a letter or with # for a number.")
    sure = head[0]
    after = text[head.end() :]
    if _is_latin(sure[0]) and (after in ("", "!") or after.startswith("~")) and len(sure) >= _SHORT:
        sure = sure[:-1]
    return Pattern(sure.removesuffix("ー") or sure, text, cased, plural=letters.isupper())


_PIECE = re.compile(
    rf"#|\*|[{LATIN}]+| |[{KATAKANA}]{{3,}}ー(?![{KATAKANA}])|[^#* {LATIN}()~!]+?(?=[#* ()~!{LATIN}]|$)|."
)


def _sequence(text: str, *, last: bool, plural: bool) -> tuple[Step, ...]:
    """The steps of a part of a pattern. ``last``: nothing of the pattern comes after it."""
    steps: list[Step] = []
    while text:
        if text[0] == "(":
            options, text = _group(text)
            mark, text = _mark(text)
            ends = (last and not text) or mark == "~"
            fixed = "!" if mark == "!" else ""
            steps.append(_one_of([(one, _sequence(one + fixed, last=ends, plural=plural)) for one in options]))
            continue
        piece = _PIECE.match(text)
        if piece is None or piece[0] in "~!":
            raise BadPattern(f"“{text[0]}” cannot stand here; it goes behind a word.")
        mark, text = _mark(text[piece.end() :])
        ends = last and not text
        step = _pattern_step(piece[0], forms=(ends or mark == "~") and mark != "!", plural=plural)
        steps.append(step)
    return tuple(steps)


def _mark(text: str) -> tuple[str, str]:
    return (text[0], text[1:]) if text[:1] in ("~", "!") else ("", text)


def _pattern_step(piece: str, *, forms: bool, plural: bool) -> Step:
    if piece in _SIGNS:
        return _SIGNS[piece]
    if len(piece) > 1 and piece.endswith("ー"):
        return _literal(piece[:-1], ("ー", ""))
    if not forms or not _is_latin(piece[0]):
        return _literal(piece, ("",))
    return _literal(piece, ("", "s", "'s")) if plural or not piece.islower() else _literal(*_forms(piece))


def _literal(stem: str, endings: tuple[str, ...]) -> Step:
    def step(text: str, at: int) -> Collection[int]:
        if not text.startswith(stem, at):
            return ()
        at += len(stem)
        return [at + len(ending) for ending in endings if text.startswith(ending, at)]

    return step


def _forms(word: str) -> tuple[str, tuple[str, ...]]:
    """An English word in all its regular forms, as what they have in common and how they end."""
    if len(word) < _SHORT:
        return word, ("", "'s")
    if word.endswith("e"):
        return word[:-1], ("e", "es", "ed", "er", "ing", "e's")
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1], ("y", "ies", "ied", "ying", "y's")
    return word, ("", "s", "es", "ed", "ing", f"{word[-1]}ed", f"{word[-1]}ing", "'s", "s'")


def _one_of(options: list[tuple[str, tuple[Step, ...]]]) -> Step:
    """Any of these, as written and in steps. Only those are tried that can begin with the letter that stands there."""
    anything = [steps for written, steps in options if written[:1] in _UNSURE]
    by_letter: dict[str, list[tuple[Step, ...]]] = {}
    for written, steps in options:
        if written[:1] not in _UNSURE:
            by_letter.setdefault(written[0], [*anything]).append(steps)

    def step(text: str, at: int) -> Collection[int]:
        tried = by_letter.get(text[at : at + 1], anything)
        return {end for steps in tried for end in _ends(steps, text, at)}

    return step


def _ends(steps: tuple[Step, ...], text: str, at: int) -> Collection[int]:
    """Every place where these steps, one after the other, can end."""
    ends: Collection[int] = (at,)
    for step in steps:
        if len(ends) == 1:
            (start,) = ends
            ends = step(text, start)
        else:
            ends = {end for start in ends for end in step(text, start)}
        if not ends:
            break
    return ends


def _goes_on(text: str, end: int) -> bool:
    """Whether a word goes on in its own script behind its end."""
    return 0 < end < len(text) and _same_script(text[end - 1], text[end])


def _same_script(one: str, other: str) -> bool:
    script = _SCRIPT_OF.get(one)
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
_BLANK = re.compile(r"[\s\-_/‐-–]?\s?")
_GAP = re.compile(rf"[^。．.!?！？\n]{{0,{GAP}}}")


def _number_ends(text: str, at: int) -> Collection[int]:
    found = _NUMBER.match(text, at)
    return (found.end(),) if found else ()


def _blank(text: str, at: int) -> Collection[int]:
    found = _BLANK.match(text, at)
    return (found.end(),) if found else ()


def _gap(text: str, at: int) -> Collection[int]:
    found = _GAP.match(text, at)
    return range(at, found.end() + 1) if found else ()


_SIGNS: dict[str, Step] = {"#": _number_ends, "*": _gap, " ": _blank}


def keys_at(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every place at which a word can begin, with the keys of the patterns that may stand there.

    A place is where a run of one script begins, or a single other letter. Keys are its first letters, at most three;
    behind a short word those of the next one, too ("the da"), and behind a number the letter after it.
    """
    for run in _RUN.finditer(text):
        at = run.start()
        keys: tuple[str, ...] = (text[at], text[at : at + 2])
        if _is_latin(text[at]):
            keys = (*keys, text[at : at + 3])
            if run.end() - at <= _SHORT:
                blank = _BLANK.match(text, run.end())
                after = blank.end() if blank else run.end()
                keys = (*keys, f"{run[0]} {text[after : after + 2]}")
        elif text[at].isdigit():
            number = _NUMBER.match(text, at)
            end = number.end() if number else at
            blank = _BLANK.match(text, end)
            after = blank.end() if blank else end
            keys = (*keys, "#", *sorted({f"#{text[end : end + 1]}", f"#{text[after : after + 1]}"} - {"#"}))
        yield at, keys


_RUN = re.compile(rf"[{LATIN}_]+|[0-9]+|[{KATAKANA}]+|\S")
