"""Fits a time to the word before it: the article of the hour, and the place of the day in the sentence.

Phrases say only ``um {start}`` or ``a las {start}``; what the time asks of these words is decided here, so that it
holds at every hour and on every day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

Part = tuple[str, str]
"""Plain text and the content of the slot after it."""


def fit_times(parts: Sequence[Part], language: str) -> list[Part]:
    """The parts of a sentence with every time and the words before it made to agree."""
    fit = _FITTINGS.get(language)
    return fit(parts) if fit else list(parts)


def fit_word_before(before: str, time: str, language: str) -> str:
    """The word of a label that stands before a time laid out on its own: *hacia la* before 1:05."""
    fit = _ARTICLES.get(language)
    return fit(before, time) if fit else before


def _fit_articles(article: Callable[[str, str], str]) -> Callable[[Sequence[Part]], list[Part]]:
    return lambda parts: [(article(plain, content), content) for plain, content in parts]


# Spanish and Portuguese: one hour is singular, and a day has no article of hours.

_DAY_FIRST = re.compile(r"[^\W\d]+\.?,? \d{1,2} .*\d{1,2}[:h]\d\d")


def _spanish_article(plain: str, time: str) -> str:
    """*a las 2:05*, but *a la 1:05* (Real Academia Española, https://www.rae.es/dpd/hora)."""
    if _DAY_FIRST.match(time):
        return re.sub(r"(?<!\w)las $", "", plain)
    if time.startswith("hacia la"):
        return re.sub(r"(?<!\w)a las $", "", plain)
    return _LAS.sub(r"\1a", plain) if re.match(r"1:\d\d(?!\d)", time) else plain


_LAS = re.compile(r"(?<!\w)([Ll])as(?=\s?$)")


def _portuguese_article(plain: str, time: str) -> str:
    """*às 2h05*, *das 2h05*, but *à 1h05*, *da 0h05*: nought is singular as well.

    (Folha de S.Paulo, Manual da Redação, *horas*)
    """
    if time.startswith("por volta d"):
        return re.sub(r"(?<!\w)às $", "", plain)
    if _DAY_FIRST.match(time):
        return re.sub(r"(?<!\w)(?:(d)as|[aà]s) $", lambda found: "de " if found[1] else "", plain)
    return _AS.sub(r"\1", plain) if re.match(r"[01]h\d\d", time) else plain


_AS = re.compile(r"(?<!\w)([ÀàAa]|[Dd]a)s(?=\s?$)")
_PORTUGUESE_DAY = re.compile(r".*[^\W\d]\.?, \d{1,2} de \w+")


def _fit_portuguese(parts: Sequence[Part]) -> list[Part]:
    """With the articles of hours, and with a comma on both sides of a date: *de sábado, 4 de julho, e durou*."""
    fitted = [(_portuguese_article(plain, content), content) for plain, content in parts]
    for number, ((_, content), (after, _)) in enumerate(pairwise(fitted)):
        if _PORTUGUESE_DAY.fullmatch(content) and re.match(r" \w", after):
            fitted[number] = fitted[number][0], f"{content},"
    return fitted


# German: the day goes before the time. "um 23:40 Uhr am Samstag, 4. Juli" becomes "am Samstag, 4. Juli, um 23:40 Uhr".

_GERMAN_TIME = re.compile(r"(?P<about>etwa )?(?P<clock>\d{1,2}:\d\d Uhr)(?: am (?P<day>[^()]+?))?(?P<rest> \(.*\))?")
_GERMAN_POINT = re.compile(r"(?<!\w)(?P<word>um|gegen) (?P<about>etwa )?$", re.IGNORECASE)
_GERMAN_EDGE = re.compile(r"(?:(?<!\w)(?:seit|ab|vor|bis|von|Stand) |\(|: )(?P<about>etwa )?$", re.IGNORECASE)
_DASH = " – "
_GERMAN_RANGES = MappingProxyType({"von ": " bis ", "von etwa ": " bis ", "zwischen ": " und "})


def _fit_german(parts: Sequence[Part]) -> list[Part]:
    fitted: list[Part] = []
    for plain, content in parts:
        time = _GERMAN_TIME.fullmatch(content)
        if time is None:
            if fitted and plain == " bis " and _GERMAN_TIME.match(content):
                fitted[-1] = fitted[-1][0], fitted[-1][1].removesuffix(" Uhr")
            fitted.append((plain, content))
        elif fitted and plain == _DASH:
            fitted[-1:] = _join_german_span(fitted[-1], time)
        elif fitted and (joined := _join_german_range(fitted[-1], plain, time)):
            fitted[-1:] = joined
        else:
            fitted.append(_put_german_day_first(plain, content, time))
    return fitted


def _join_german_range(first: Part, plain: str, last: re.Match[str]) -> list[Part] | None:
    """*von 2:00 bis 4:00 Uhr* has its unit once, and the day of both before it; None if this is no such range."""
    lead = next((lead for lead in _GERMAN_RANGES if first[0].lower().endswith(lead)), None)
    start = _GERMAN_TIME.fullmatch(first[1])
    if lead is None or plain != _GERMAN_RANGES[lead] or start is None or start["rest"]:
        return None
    before, word = first[0][: -len(lead)], first[0][-len(lead) :]
    end, day = f"{last['clock']}{last['rest'] or ''}", last["day"]
    if start["day"]:
        two_days = (first[0], f"{start['day']}, {start['clock']}"), (plain, f"{day}, {end}" if day else end)
        return list(two_days) if lead == "zwischen " else None
    if day:
        before, word = _begin(before, word, f"am {day}, ")
    return [(f"{before}{word}", start["clock"].removesuffix(" Uhr")), (plain, end)]


def _join_german_span(first: Part, last: re.Match[str]) -> list[Part]:
    """*2:00 – 4:00 Uhr*, *22:33 Uhr – Sonntag, 5. Juli, 0:06 Uhr*."""
    if last["day"]:
        return [first, (_DASH, f"{last['day']}, {last['clock']}{last['rest'] or ''}")]
    return [(first[0], first[1].removesuffix(" Uhr")), (_DASH, last[0])]


def _begin(before: str, word: str, lead: str) -> tuple[str, str]:
    """Puts ``lead`` before a preposition; a capital at the start of the sentence moves with it."""
    if word[0].isupper():
        lead, word = lead[0].upper() + lead[1:], word[0].lower() + word[1:]
    return f"{before}{lead}", word


def _put_german_day_first(plain: str, content: str, time: re.Match[str]) -> Part:
    day, clock, rest = time["day"], time["clock"], time["rest"] or ""
    if point := _GERMAN_POINT.search(plain):
        word = point["word"]
        if time["about"] or point["about"]:
            word = "Gegen" if word[0].isupper() else "gegen"
        before = plain[: point.start()]
        if day:
            before, word = _begin(before, word, f"am {day}, ")
        return f"{before}{word} ", f"{clock}{rest}"
    edge = _GERMAN_EDGE.search(plain)
    if not day or edge is None:
        return plain, content
    about = edge["about"] or time["about"] or ""
    return plain[: edge.start("about")] if edge["about"] else plain, f"{day}, {about}{clock}{rest}"


# French: "à 23h40 le samedi 4 juillet" becomes "le samedi 4 juillet à 23h40", and a range has its day first.

_FRENCH_TIME = re.compile(r"(?P<clock>\d{1,2}h\d\d) le (?P<day>[^()]+?)(?P<rest> \(.*\))?")
_FRENCH_CLOCK = re.compile(r"\d{1,2}h\d\d")
_FRENCH_STATE = re.compile(r"(?<!\w)situation (?P<word>à) $", re.IGNORECASE)
_FRENCH_POINT = re.compile(r"(?<!\w)(?P<word>à|vers) $", re.IGNORECASE)
_FRENCH_EDGE = re.compile(r"(?:(?<!\w)(?:avant|depuis|dès)(?P<about> environ)?|:) $|\($", re.IGNORECASE)
_FRENCH_RANGE = re.compile(r"(?<!\w)(?P<word>de|d’environ|entre) $", re.IGNORECASE)
_FRENCH_ENDS = MappingProxyType({"de": " à ", "d’environ": " à ", "entre": " et "})
_FRENCH_ABOUT = re.compile(r"(?:le \w[^()]* )?vers \d{1,2}h\d\d")


def _fit_french(parts: Sequence[Part]) -> list[Part]:
    fitted: list[Part] = []
    for plain, content in parts:
        is_range_end = plain == " à "
        if fitted and (joined := _join_french_range(fitted[-1], plain, content)):
            fitted[-1:] = joined
        elif plain == _DASH and (time := _FRENCH_TIME.fullmatch(content)):
            fitted.append((plain, f"{time['day']} à {time['clock']}{time['rest'] or ''}"))
        else:
            fitted.append(_fit_french_part(plain, content, is_range_end=is_range_end))
    return fitted


def _join_french_range(first: Part, plain: str, content: str) -> list[Part] | None:
    """*le dimanche 5 juillet de 2h00 à 4h00*, *du samedi 4 juillet à 23h40 au dimanche 5 juillet à 1h05*; None if this
    is no such range."""
    lead = _FRENCH_RANGE.search(first[0])
    if lead is None or plain != _FRENCH_ENDS[lead["word"].lower()]:
        return None
    before, word = first[0][: lead.start()], lead["word"]
    start, end = _FRENCH_TIME.fullmatch(first[1]), _FRENCH_TIME.fullmatch(content)
    if start:
        return _span_french_days(before, word, start, end or content)
    if end is None or not _FRENCH_CLOCK.fullmatch(first[1]):
        return None
    before, word = _begin(before, word, f"le {end['day']} ")
    return [(f"{before}{word} ", first[1]), (plain, f"{end['clock']}{end['rest'] or ''}")]


def _span_french_days(before: str, word: str, start: re.Match[str], end: re.Match[str] | str) -> list[Part] | None:
    """From a time of one day to a time of another, or to one whose day needs no name."""
    clock = f"{start['clock']}{start['rest'] or ''}"
    if word.lower() == "entre":
        first = f"{before}{word} le {start['day']} à ", clock
        if isinstance(end, str):
            return [first, (" et ", end)]
        return [first, (f" et le {end['day']} à ", f"{end['clock']}{end['rest'] or ''}")]
    if isinstance(end, str):
        return None
    du, at = ("Du" if word[0].isupper() else "du"), ("vers" if "environ" in word else "à")
    last = f"{end['clock']}{end['rest'] or ''}"
    return [(f"{before}{du} {start['day']} {at} ", clock), (f" au {end['day']} à ", last)]


def _fit_french_part(plain: str, content: str, *, is_range_end: bool) -> Part:
    if _FRENCH_ABOUT.match(content):
        return re.sub(r"(?<!\w)à $", "", plain), content
    time = None if is_range_end else _FRENCH_TIME.fullmatch(content)
    if time is None:
        return plain, content
    on_day, at = f"le {time['day']} ", f"{time['clock']}{time['rest'] or ''}"
    if state := _FRENCH_STATE.search(plain):
        return f"{plain[: state.start('word')]}au {time['day']} à ", at
    if point := _FRENCH_POINT.search(plain):
        before, word = _begin(plain[: point.start()], point["word"], on_day)
        return f"{before}{word} ", at
    if edge := _FRENCH_EDGE.search(plain):
        word = "vers" if edge["about"] else "à"
        before = plain[: edge.start("about")] + " " if edge["about"] else plain
        return before, f"{on_day}{word} {at}"
    return plain, content


_FITTINGS: Mapping[str, Callable[[Sequence[Part]], list[Part]]] = MappingProxyType(
    {
        "de": _fit_german,
        "fr": _fit_french,
        "es": _fit_articles(_spanish_article),
        "pt": _fit_portuguese,
    }
)
_ARTICLES: Mapping[str, Callable[[str, str], str]] = MappingProxyType(
    {"es": _spanish_article, "pt": _portuguese_article}
)
