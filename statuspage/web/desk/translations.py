"""Labels and times of the desk in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from statuspage.domain import Catalog, LanguagePack, NoticeText, ValidationError
from statuspage.rendering.wording import Clock, plural_form
from statuspage.usecases import duration_words

MAX_VALUE_SHOWN = 60
"""Maximum characters of a wrong value shown in a message. The field itself keeps the whole value."""


@dataclass(frozen=True, slots=True)
class Translator:
    """One language of the desk."""

    language: str
    pack: LanguagePack
    times: Clock

    def label(self, key: str, **slots: object) -> str:
        """The label with its slots filled, escaped for a page; a missing one shows its own key."""
        return escape(self.pack.labels.get(key, key)).format(**slots)

    def t(self, key: str, **slots: object) -> str:
        """A label of the desk."""
        return self.label(f"desk.{key}", **slots)

    def format_list(self, parts: Iterable[str]) -> str:
        """Parts of a line, separated by the language's comma."""
        return escape(self.pack.labels["desk.list_comma"]).join(parts)

    def tn(self, key: str, count: int, **slots: object) -> str:
        """A label of the desk with a count."""
        return self.t(f"{key}.{plural_form(count, self.pack.locale_rules)}", count=count, **slots)

    def span(self, length: timedelta) -> str:
        """A length of time in whole minutes, from an hour on in hours and minutes, from a day on in days."""
        return duration_words.in_minutes(length, self.label)

    def stopwatch(self, length: timedelta) -> str:
        """A length of time with its seconds, in words. From an hour on as ``span``."""
        return duration_words.with_seconds(length, self.label)

    def time_left(self, length: timedelta) -> str:
        """The time until something is due, or by how much it is late."""
        return self.t("due.late" if length < timedelta() else "due.in", span=self.span(length))

    def problem_text(self, problem: ValidationError) -> str:
        """The problem as a sentence."""
        shown = {slot: shown_value(value) for slot, value in problem.args.items()}
        return self.label(f"problem.{problem.code}", **shown)

    def clock_seconds(self, at: datetime) -> str:
        """A time of day with seconds, as needed for receipts."""
        return f"{self.times.format_time(at)}:{at.second:02}"


def translator_for(catalog: Catalog, language: str) -> Translator:
    """The translator for this language, or for the desk's first one if the desk does not have it."""
    known_language = language if language in catalog.desk_languages else catalog.desk_languages[0]
    return Translator(
        known_language,
        catalog.packs[known_language],
        Clock(catalog.packs[known_language].locale_rules, catalog.site.zone),
    )


def unbroken(text: str) -> Markup:
    """The text as part of a sentence that may wrap, but not within it."""
    return Markup('<span class="unit">{}</span>').format(text)


def stopwatch(length: timedelta) -> str:
    """Minutes and seconds as shown on a running clock: 03:12, 1:03:12, −4:24."""
    seconds = abs(int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    text = f"{rest // 60:02}:{rest % 60:02}"
    return f"{'−' if length < timedelta() else ''}{f'{hours}:' if hours else ''}{text}"


def short_stopwatch(length: timedelta) -> str:
    """The same without a leading zero, as shown on axes: 3:12."""
    text = stopwatch(length)
    return text[1:] if text.startswith("0") else text


def text_for_reader(notice_texts: Mapping[str, NoticeText], translator: Translator) -> NoticeText:
    """A notice in the reader's language, else in the first one available."""
    return notice_texts.get(translator.language) or next(iter(notice_texts.values()))


def short_title(notice_text: NoticeText) -> str:
    """What a notice says in one line, without its date and its full stop."""
    return notice_text.headline.rstrip("。.")


def shown_value(value: str) -> str:
    """The beginning of what was typed, with invisible characters made visible."""
    text = "".join(character if character.isprintable() else "�" for character in value[:MAX_VALUE_SHOWN])
    return f"{text}…" if len(value) > MAX_VALUE_SHOWN else text
