"""Pins a chosen time, so that *5 min ago* means the same moment in a draft opened later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request

from statuspage.domain import MAINTENANCE, TimeParser, is_length
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import drafts
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fields import (
    CHOICE_BOXES,
    chosen_times,
    chosen_value,
    pinned_moments,
    with_pin,
)
from statuspage.web.desk.notice_form.opening_fields import as_typed_time
from statuspage.web.desk.translations import Translator

PINNED_CHOICES = ("start", "ended", "estimate", "next_update")
"""The choices that mean a time. ``pin-NAME`` holds the choice and the moments it meant; ``ago-NAME``, set by a script,
is how many seconds before submission it was pressed."""

START_SPANS = ("now", "5m", "15m")
"""The times before now that the form offers."""

ESTIMATE_LENGTHS = ("30m", "60m")
"""The lengths until it works again that the form offers."""

MAX_PRESS_AGE = timedelta(days=1)
"""The longest accepted time between a press and the submission of its form."""


def sent_fields() -> Fields:
    """The submitted form, with its times pinned."""
    return pin_times(drafts.typed_fields(request.form))


def pin_times(fields: Fields) -> Fields:
    """The fields with each chosen time pinned to the moment it means; existing pins are kept."""
    zone, now = request_context.env().site.catalog.site.zone, request_context.now()
    other_fields = {name: values for name, values in fields.items() if not name.startswith(("pin-", "ago-"))}
    for name in PINNED_CHOICES:
        parser = TimeParser(zone, now - _press_age(fields, name))
        if moments := pinned_moments(fields, name) or _moments(fields, name, parser):
            other_fields = with_pin(other_fields, name, *moments)
    return other_fields


def _press_age(fields: Fields, name: str) -> timedelta:
    text = value_of(fields, f"ago-{name}")
    return min(timedelta(seconds=int(text)), MAX_PRESS_AGE) if text.isascii() and text.isdigit() else timedelta()


def _moments(fields: Fields, name: str, parser: TimeParser) -> list[datetime]:
    """The moments that the choice means; none if one cannot be parsed, or if it moves on purpose.

    The next update counts from publishing, and *now* of maintenance is when it is published.
    """
    texts = [text for _, text in chosen_times(fields, name)]
    is_maintenance = value_of(fields, "incident_type") == MAINTENANCE
    if any((name == "next_update" and is_length(text)) or (text == "now" and is_maintenance) for text in texts):
        return []
    parse = parser.parse_past if name in ("start", "ended") else parser.parse_future
    moments = [moment for text in texts if (moment := parse(text))]
    return moments if len(moments) == len(texts) else []


def with_dates(fields: Fields) -> Fields:
    """The fields of a draft from another day, with the day added to each time that is not today."""
    zone, now = ZoneInfo(request_context.env().site.catalog.site.zone), request_context.now()
    for name in PINNED_CHOICES:
        choice, moments = chosen_value(fields, name), pinned_moments(fields, name)
        boxes = CHOICE_BOXES[name].get(choice, ())
        if choice == "minutes" or not boxes:
            continue
        if any(moment.astimezone(zone).date() != now.astimezone(zone).date() for moment in moments):
            texts = {box: [as_typed_time(moment, zone, now)] for box, moment in zip(boxes, moments, strict=True)}
            fields = {**fields, name: [choice], **texts, **{f"was-{box}": text for box, text in texts.items()}}
            fields = with_pin(fields, name, *moments)
    return fields


def pin_fields(fields: Fields) -> Iterator[tuple[str, str]]:
    """The pins contained in the form."""
    yield from ((f"pin-{name}", value_of(fields, f"pin-{name}")) for name in PINNED_CHOICES)


def span_choices(fields: Fields, name: str, translator: Translator) -> list[tuple[str, str]]:
    """The offered times before now; the chosen one with the time of day it means."""
    moments = pinned_moments(fields, name)
    return [
        (span, translator.t(f"start.{span}_pinned", time=_clock_text(moments[0], translator)))
        if moments and chosen_value(fields, name) == span
        else (span, translator.t(f"start.{span}"))
        for span in START_SPANS
    ]


def length_choices(fields: Fields, translator: Translator) -> list[tuple[str, str]]:
    """The offered lengths until it works again; the chosen one with the time of day it means."""
    moments = pinned_moments(fields, "estimate")
    return [
        (length, translator.t(f"report.in.{length}_pinned", time=_clock_text(moments[0], translator)))
        if moments and chosen_value(fields, "estimate") == length
        else (length, translator.t(f"report.in.{length}"))
        for length in ESTIMATE_LENGTHS
    ]


def minutes_hint(fields: Fields, translator: Translator) -> str:
    """The time that *in about … minutes* means, once it is chosen."""
    moments = pinned_moments(fields, "estimate") if chosen_value(fields, "estimate") == "minutes" else []
    return translator.t("report.minutes_pinned", time=_clock_text(moments[0], translator)) if moments else ""


def chosen_time_text(fields: Fields, name: str, translator: Translator) -> str:
    """The chosen time in words, with its day if that is not today: what it is pinned to, else what was typed."""
    if moments := pinned_moments(fields, name):
        return " – ".join(_clock_text(moment, translator) for moment in moments)
    return " – ".join(text for box, text in chosen_times(fields, name) if box != name and text)


def _clock_text(at: datetime, translator: Translator) -> str:
    return translator.times.format_recent(at, now=request_context.now())
