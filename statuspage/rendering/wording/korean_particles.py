"""Korean particles by the last sound of the word before them, for Hangul, Latin letters, kana and digits.

A text names both forms as dictionaries do, 을(를), and this picks one. Latin words sound as Korean writes loanwords
(외래어 표기법, https://korean.go.kr/kornorms/regltn/regltnView.do?regltn_code=0003): *Backup* is 백업, *Dashboard*
대시보드. A word that nobody can pronounce without knowing it (Chinese characters, emoji) keeps both forms,
which is correct Korean too.
"""

from __future__ import annotations

import re
import unicodedata

_PARTICLES = {
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
}
"""As it stands in texts: the form after a consonant and after a vowel."""

_BOTH_FORMS = re.compile("|".join(map(re.escape, _PARTICLES)))


def resolve_particles(text: str) -> str:
    """The text with the right one of each pair of particles."""
    pieces, position = [], 0
    for match in _BOTH_FORMS.finditer(text):
        pieces += [text[position : match.start()], choose_particle(text[: match.start()], match[0])]
        position = match.end()
    return "".join((*pieces, text[position:]))


def choose_particle(word: str, both: str) -> str:
    """The form after this word; both if its sound is unknown."""
    has_consonant = ends_in_consonant(word)
    if has_consonant is None:
        return both
    after_consonant, after_vowel = _PARTICLES[both]
    return after_consonant if has_consonant else after_vowel


def ends_in_consonant(text: str) -> bool | None:
    """Whether the last word, as it is read aloud in Korean, ends in a consonant; None if that cannot be known."""
    text = _SILENT.sub("", _BRACKETS.sub("", _SILENT.sub("", text)) or text)
    if not text:
        return None
    last = text[-1]
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % _FINALS != 0
    if last in _SYMBOLS:
        return _SYMBOLS[last]
    if last.isdecimal():
        return _number_ends_in_consonant(text)
    if "\u3041" <= last <= "\u30ff":
        return last in "んンっッ"
    word = _LATIN_WORD.search(_without_accents(text))
    return _latin_ends_in_consonant(word[0]) if word else None


_FINALS = 28
"""Final sounds of a Hangul syllable, with none as the first."""

_BRACKETS = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]$")
_SILENT = re.compile(r"[^\w+%&#)\]）】]+$")
_SYMBOLS = {"+": False, "%": False, "&": False, "#": True}
"""Signs that are read aloud: 플러스, 퍼센트, 앤드, 샵."""

_LATIN_WORD = re.compile(r"[A-Za-z]+$")


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _number_ends_in_consonant(text: str) -> bool:
    """Digits are read in Korean (삼, 육); a single one right after Latin letters in English (S3: 에스쓰리)."""
    digit = unicodedata.digit(text[-1])
    is_english = re.search(r"[A-Za-z]\d$", text) is not None
    return digit in ((1, 7, 9) if is_english else (0, 1, 3, 6, 7, 8))


def _latin_ends_in_consonant(word: str) -> bool:
    """A word by its ending; capitals at the end letter by letter (API, GraphQL, iOS)."""
    if len(word) == 1 or (word[-1].isupper() and not _is_word_in_capitals(word)):
        return word[-1].upper() in "LMNR"  # 엘, 엠, 엔, 알
    folded = word.lower()
    return not _EXCEPTION.search(folded) and _CONSONANT_ENDING.search(folded) is not None


def _is_word_in_capitals(word: str) -> bool:
    return word.isupper() and (len(word) > _LONGEST_INITIALISM or word in _SPOKEN_CAPITALS)


_LONGEST_INITIALISM = 5
_SPOKEN_CAPITALS = frozenset(("APP", "CHAT", "MAIL", "MAP", "SHOP", "TALK", "WEB"))

_CONSONANT_ENDING = re.compile(
    r"[lmn]$|ng$|[a-z]le$|[aeiou][mn]e$"  # 메일, 시스템, 로그인, 빌링, 구글, 타임, 온라인
    r"|(?<![aeiou])[aeiou][ktc]$|[aeiou]ck$|ook$|out$"  # 마켓, 트래픽, 슬랙, 북, 체크아웃
    r"|[aeiou]p?[pb]$"  # 백업, 앱, 웹
)
"""Endings that loanwords close with a consonant. All others take a vowel: 드, 스, 트, 크, 프, 시, 치, 지."""

_EXCEPTION = re.compile(r"(?:hub|check|loop)$|^(?:bit|edit|hit|kit|set|soap)$")
"""Words that end in a vowel all the same: 허브, 체크, 루프, 비트, 에디트, 히트, 키트, 세트, 소프."""
