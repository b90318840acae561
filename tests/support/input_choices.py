"""What the input of every command is made of: choices, odd words, ids of this environment and of the other one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

PLAIN = ("窓口へどうぞ。", "Please come to the front desk.", "Grüße, ¿qué tal? 你好 안녕하세요")
ODD = (
    "【訓練】テストです※これは訓練です。実際の不具合ではありません。",
    "[DRILL] test This is a drill. There is no real problem.",
    "訓練のページです。ここに書かれた不具合は、起きていません。",
    "これは訓練ではありません",
    "This is NOT a drill!",
    "Ｔｈｉｓ　ｉｓ　ｎｏｔ　ａ　ｄｒｉｌｌ",
    "this is not an exercise",
    "Exercise",
    "drill",
    "/incidents/drillabcdefg/",
    "\u202egnitset\u202c",
    "\u2067abc\u2069",
    "a\u200bb\u200fc\ufeffd\u00ad",
    "👩‍👩‍👧‍👦🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "e\u0301\u0302\u0303" * 9,
    "</title><script>alert(1)</script>",
    "]]><!--",
    "{start}{end} {{ 7 * 7 }} %s",
    "@everyone <!channel>",
    "--drill",
    "-x",
    "",
    " ",
    "\x0b\x1b[31m",
    "a\r\nb\nc",
    "長" * 1200,
)
"""Words of a drill, words that deny a drill, and what breaks programs."""

LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")


class Choice(Protocol):
    """The source of choices."""

    def of(self, found: Sequence[T], /) -> T:
        """One of these."""

    def letters(self) -> str:
        """Any characters except NUL, which a command line cannot contain."""


class Simplest:
    """Always the first choice."""

    def of(self, found: Sequence[T], /) -> T:
        """The first."""
        return found[0]

    def letters(self) -> str:
        """No characters."""
        return ""


@dataclass(frozen=True)
class Drawn:
    """What hypothesis chooses."""

    data: st.DataObject

    def of(self, found: Sequence[T], /) -> T:
        """Any of them; the first ones when simplifying."""
        return self.data.draw(st.sampled_from(found))

    def letters(self) -> str:
        """All of Unicode."""
        return self.data.draw(st.text(LETTERS, max_size=30))


class Ids(Protocol):
    """Ids of one table of the database, newest first."""

    def __call__(self, table: str, **where: bool) -> list[Any]:
        """Those with these column values."""


@dataclass(frozen=True)
class Known:
    """What the user can see: ids of this environment, and of the other one."""

    folder: Path
    home: Path
    ids: Ids
    strangers: Sequence[str]


@dataclass(frozen=True)
class Call:
    """The arguments of a command, and the answers to its questions."""

    args: Sequence[str] = ()
    stdin: str = ""


Saying = Callable[[Choice, Known], Call]


def text(choose: Choice) -> str:
    """A text: plain, odd, or any characters."""
    form = choose.of(["plain", "odd", "letters"])
    return choose.letters() if form == "letters" else choose.of(PLAIN if form == "plain" else ODD)


def one(choose: Choice, known: Known, found: Sequence[Any]) -> str:
    """Usually one of these; sometimes an id of the other environment, or none at all."""
    if choose.of(range(10)) == 9 or not found:
        return choose.of([*known.strangers, "abcdefghijkl", "drillabcdefg", *ODD[:12]])
    return str(choose.of(found))


def incident(choose: Choice, known: Known) -> str:
    """An incident that is not a maintenance."""
    return one(choose, known, known.ids("incident", maintenance_start=False))


def work(choose: Choice, known: Known) -> str:
    """Maintenance."""
    return one(choose, known, known.ids("incident", maintenance_start=True))


def by(choose: Choice) -> list[str]:
    """Sometimes a name."""
    return ["--by", text(choose)] if choose.of([False, True]) else []


def nothing(choose: Choice, known: Known) -> Call:
    """The command without arguments."""
    return Call()
