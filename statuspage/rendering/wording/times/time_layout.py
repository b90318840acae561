"""How a time with the words around it stands: in a line, or large with its day on a line of its own."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.domain import LocaleRules, TimeText


@dataclass(frozen=True, slots=True)
class TimeLayout:
    """The layout of a large time: the day on its own line, the other words on the line of the time."""

    above: str
    before: str
    value: str
    after: str
    below: str


def lay_out_time(time: TimeText) -> TimeLayout:
    """Splits off the side that names a day; only a day contains digits. ``after`` keeps the gap it is written with."""
    before, after = time.before.strip(), time.after.rstrip()
    above, below = (side if _has_day(side) else "" for side in (before, after))
    return TimeLayout(above, "" if above else before, time.value, "" if below else after, below.strip())


def format_inline(time: TimeText, locale_rules: LocaleRules) -> str:
    """The time within a line of text: about 2:27, Wed 25 November."""
    if not locale_rules.uses_spaces:
        return f"{time.before}{_gap_before_word(time, locale_rules)}{time.value}{time.after}"
    before, after = time.before.strip(), time.after.strip()
    lead = f"{before}{locale_rules.day_gap if _has_day(before) else ' '}" if before else ""
    rest = f", {after}" if _has_day(after) else words_after(time, locale_rules)
    return f"{lead}{time.value}{rest}"


def _gap_before_word(time: TimeText, locale_rules: LocaleRules) -> str:
    """The gap between a day and a time that begins with a word, where words are set apart: 7月4日(土) 午前9時."""
    begins_with_word = not time.value[:1].isdecimal()
    return locale_rules.day_gap if begins_with_word and _has_day(time.before) else ""


def words_after(time: TimeText, locale_rules: LocaleRules) -> str:
    """What follows the time in its line, with the gap before it. Korean writes a particle onto its word (11:11까지);
    a label that needs a gap there begins with it (" 사이")."""
    after = time.after.strip()
    if not after:
        return ""
    is_particle = locale_rules.locale == "ko" and not _has_day(after)
    return time.after.rstrip() if is_particle else f"{locale_rules.gap}{after}"


def _has_day(side: str) -> bool:
    return any(character.isdigit() for character in side)
