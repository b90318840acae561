"""Pins a chosen time: *5 min ago* means the same moment in a draft opened later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request

from statuspage.domain import MAINTENANCE, TimeParser, is_length
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import drafts
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fields import (
    CHOICE_BOXES,
    as_typed_time,
    chosen_time,
    chosen_value,
    pinned_or_typed,
    value_of,
)
from statuspage.web.desk.translations import Translator

PINNED_CHOICES = ("start", "ended", "estimate", "next_update")
"""The choices that mean a time. ``pin-NAME`` holds the choice and the moment it meant; ``ago-NAME``, from a script, how
many seconds before the form was sent it was pressed.
"""

START_SPANS = ("now", "5m", "15m")
"""The times before now that the form offers."""

MAX_PRESS_AGE = timedelta(days=1)
"""The longest time between a press and the sending of its form that is accepted."""


def sent_fields() -> Fields:
    """The submitted form, with its times pinned."""
    return pin_times(drafts.typed_fields(request.form))


def pin_times(fields: Fields) -> Fields:
    """The fields with each chosen time pinned to the moment it means; one that already is stays."""
    zone, now = request_context.env().catalog.site.zone, request_context.now()
    other_fields = {name: values for name, values in fields.items() if not name.startswith(("pin-", "ago-"))}
    pins = {}
    for name in PINNED_CHOICES:
        text = chosen_time(fields, name).strip()
        moment = pinned_or_typed(fields, name, text)
        if moment == text or not _is_own_pin(moment):
            moment = _pinned_text(fields, name, text, TimeParser(zone, now - _press_age(fields, name)))
        if moment:
            pins[f"pin-{name}"] = [f"{text}={moment}"]
    return {**other_fields, **pins}


def _press_age(fields: Fields, name: str) -> timedelta:
    text = value_of(fields, f"ago-{name}")
    return min(timedelta(seconds=int(text)), MAX_PRESS_AGE) if text.isascii() and text.isdigit() else timedelta()


def _is_own_pin(text: str) -> bool:
    """Whether we wrote this pin, and not somebody else."""
    try:
        return all(datetime.fromisoformat(part).tzinfo for part in text.removeprefix("not-before:").split(".."))
    except ValueError:
        return False


def _pinned_text(fields: Fields, name: str, text: str, parser: TimeParser) -> str:
    """The same time in the same grammar, as a moment or two; "" where it cannot be read or moves on purpose.

    The next update counts from publishing, and *now* of maintenance is when it is published.
    """
    if (name == "next_update" and is_length(text)) or (
        text == "now" and value_of(fields, "incident_type") == MAINTENANCE
    ):
        return ""
    prefix = "not-before:" if text.startswith("not-before:") else ""
    parse = parser.parse_past if name in ("start", "ended") else parser.parse_future
    parsed = [parse(part) for part in text.removeprefix(prefix).split("..")]
    return prefix + "..".join(moment.isoformat() for moment in parsed if moment) if all(parsed) else ""


def moments_of(fields: Fields, name: str) -> list[datetime]:
    """The moment, or the two of a range, that this choice is pinned to; none where it is not."""
    text = chosen_time(fields, name).strip()
    pinned_text = pinned_or_typed(fields, name, text)
    return (
        [datetime.fromisoformat(part) for part in pinned_text.removeprefix("not-before:").split("..")]
        if pinned_text != text
        else []
    )


def with_dates(fields: Fields) -> Fields:
    """A draft of another day: adds the day to each time that is not today."""
    zone, now = ZoneInfo(request_context.env().catalog.site.zone), request_context.now()
    for name in PINNED_CHOICES:
        choice, moments = chosen_value(fields, name), moments_of(fields, name)
        boxes = CHOICE_BOXES[name].get(choice, ())
        if choice == "minutes" or not boxes or len(boxes) != len(moments):
            continue
        if any(moment.astimezone(zone).date() != now.astimezone(zone).date() for moment in moments):
            pin = value_of(fields, f"pin-{name}").rpartition("=")[2]
            texts = {box: [as_typed_time(moment, zone, now)] for box, moment in zip(boxes, moments, strict=True)}
            fields = {**fields, name: [choice], **texts, **{f"was-{box}": text for box, text in texts.items()}}
            fields[f"pin-{name}"] = [f"{chosen_time(fields, name)}={pin}"]
    return fields


def pin_fields(fields: Fields) -> Iterator[tuple[str, str]]:
    """The pins that the form carries."""
    yield from ((f"pin-{name}", value_of(fields, f"pin-{name}")) for name in PINNED_CHOICES)


def span_choices(fields: Fields, name: str, translator: Translator) -> list[tuple[str, str]]:
    """The offered times before now; the chosen one with the time of day it means."""
    moments = moments_of(fields, name)
    return [
        (span, translator.t(f"start.{span}_pinned", time=_clock_text(moments[0], translator)))
        if moments and chosen_value(fields, name) == span
        else (span, translator.t(f"start.{span}"))
        for span in START_SPANS
    ]


def minutes_hint(fields: Fields, translator: Translator) -> str:
    """When *in about … minutes* is, once it is chosen."""
    moments = moments_of(fields, "estimate") if chosen_value(fields, "estimate") == "minutes" else []
    return translator.t("report.minutes_pinned", time=_clock_text(moments[0], translator)) if moments else ""


def _clock_text(at: datetime, translator: Translator) -> str:
    same_day = translator.times.local_date(at) == translator.times.local_date(request_context.now())
    return translator.times.format_time(at) if same_day else translator.times.format_day_time(at)
