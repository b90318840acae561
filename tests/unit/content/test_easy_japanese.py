"""Easy Japanese as its guides want it: words set apart (分かち書き), and the reading of every harder kanji.

The guideline of Japan's Agency for Cultural Affairs (在留支援のためのやさしい日本語ガイドライン) asks for both.
Kanji that everybody learns first (JLPT N5) stand without a reading; another has it where it first stands in a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

import pytest

from tests.support.content import SHIPPED

FILES = sorted(SHIPPED.rglob("ja-simple/*.toml"))

KNOWN = frozenset(
    "一二三四五六七八九十百千万円年月火水木金土日時分半間週毎今何午前後上下左右中外東西南北入口出人男女子父母友名先生"
    "学校会社店車電話語本書読聞見言行来帰立休食飲買高安大小新古長多少白赤青雨天気山川花魚空国目耳手足道"
)
NOT_FOR_READERS = re.compile(r"^(locale_rules|forbidden_phrases|name$|status$)|\.(prompt|label)$")
"""Of the desk, and what is only compared."""

KANJI = re.compile(r"[一-龠々]+")
READING = re.compile(r"[ぁ-ん]?（[ぁ-んー ：ァ-ヶ]*")

JOINED = re.compile(
    r"を(?=[^ 、。」）|？\n])"  # アプリを消す
    r"|(?<=[ぁ-んァ-ヴー一-龠）A-Za-z}])[がはにでとへのも](?=[一-龠ァ-ヴA-Z{「])"  # お店の入口
    r"|て(?=います|いました|ください|いません|いる|いない)"  # しらべています
    r"|(?<=[ぁ-ん])(?:ない|る|た|い)(?=とき|こと|もの|人|日|時間)"  # つかえないとき
    r"|(?<=[はがにのもで])(?=わか|つか|おわ|はじ|なお)"  # 午後1時にわかりました
)


def _texts(table: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            yield from _texts(value, name)
        elif isinstance(value, str) and not NOT_FOR_READERS.search(name):
            yield name, value


def _without_reading(text: str) -> Iterator[str]:
    """The words whose harder kanji have no reading there or before."""
    read: set[str] = set()
    for word in KANJI.finditer(text):
        harder = set(word[0]) - KNOWN
        if READING.match(text, word.end()):
            read |= harder
        elif harder - read:
            yield word[0]


def _joined(text: str) -> list[str]:
    spoken = re.sub(r"（[ぁ-んー ]+）", "", text)
    return [spoken[max(0, found.start() - 5) : found.end() + 5] for found in JOINED.finditer(spoken)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_words_are_set_apart_and_harder_kanji_have_their_reading(file):
    texts = list(_texts(tomllib.loads(file.read_text("utf-8"))))
    assert [(name, word) for name, text in texts for word in _without_reading(text)] == []
    assert [(name, part) for name, text in texts for part in _joined(text)] == []


@pytest.mark.parametrize(
    ("text", "without_reading", "joined"),
    [
        ("予約（よやく）の 予約", [], []),
        ("予約の 時間", ["予約"], []),
        ("引（ひ）き落（お）とし", [], []),
        ("お店の入口（いりぐち）", [], ["お店の入口"]),
        ("つかえないときが あります", [], ["つかえないときが あ"]),
        ("しらべています", [], ["しらべています"]),
        ("{start}ごろにわかりました", [], ["t}ごろにわかりまし"]),
        ("アプリを 見て ください", [], []),
    ],
)
def test_the_rules_find_what_they_are_for(text: str, without_reading: list[str], joined: list[str]):
    assert (list(_without_reading(text)), _joined(text)) == (without_reading, joined)
