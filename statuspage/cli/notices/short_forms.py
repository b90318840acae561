"""The short syntax of flags: ``about:10:33``, ``12:30..13:30``, ``not-before:13:30``, ``booking:partial``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from statuspage.domain import (
    AffectedAudience,
    AudienceInput,
    EstimateInput,
    EstimateShape,
    Precision,
    ServiceInput,
    StartInput,
    TypedTime,
    is_relative,
)

_NOT_BEFORE = "not-before:"
_RANGE = ".."
_ABOUT_SUFFIXES = ("ごろ", "頃")
_PRECISION = re.compile(rf"({'|'.join(Precision)})(?:\s*:\s*|\s+)(.+)", re.IGNORECASE)


def parse_service(text: str) -> ServiceInput:
    """``id`` or ``id:state``."""
    service, _, state = text.partition(":")
    return ServiceInput(service, state)


def parse_audience(text: str) -> AudienceInput:
    """``all``, ``some``, ``checking``, or comma-separated ids of the company's customer groups."""
    if not text or text in list(AffectedAudience):
        return AudienceInput(AffectedAudience(text) if text else AffectedAudience.CHECKING)
    ids = (part.strip() for part in text.split(","))
    return AudienceInput(AffectedAudience.GROUPS, tuple(id for id in ids if id and id != AffectedAudience.GROUPS))


def format_audience(audience: AudienceInput) -> str:
    """The audience in the syntax of its flag."""
    return ",".join(audience.groups) if audience.groups else audience.extent.value


def parse_time(text: str) -> TypedTime | None:
    """``10:05``, ``5m``, ``now``, ``12/1 02:00``; None for "", which keeps the default."""
    return TypedTime(text.strip()) if text.strip() else None


def parse_start(text: str) -> StartInput | None:
    """A time, ``about:10:05``, ``about 10:05``, ``noticed:10:05`` or ``10:05ごろ``. One relative to now is *about*."""
    text = text.strip()
    if not text:
        return None
    if found := _PRECISION.fullmatch(text):
        return StartInput(Precision(found[1].lower()), TypedTime(found[2]))
    for suffix in _ABOUT_SUFFIXES:
        if text.endswith(suffix):
            return StartInput(Precision.ABOUT, TypedTime(text.removesuffix(suffix)))
    return StartInput(Precision.ABOUT if is_relative(text) else Precision.EXACT, TypedTime(text))


def parse_estimate(text: str) -> EstimateInput | None:
    """``unknown``, ``13:30``, ``30m`` (from now), ``12:30..13:30`` or ``not-before:13:30``."""
    text = text.strip()
    if not text or text == EstimateShape.UNKNOWN:
        return EstimateInput() if text else None
    earliest, dots, latest = (part.strip() for part in text.partition(_RANGE))
    if dots and earliest and latest:
        return EstimateInput(EstimateShape.RANGE, TypedTime(earliest), TypedTime(latest))
    if text.startswith(_NOT_BEFORE):
        return EstimateInput(EstimateShape.NOT_BEFORE, TypedTime(text.removeprefix(_NOT_BEFORE)))
    return EstimateInput(EstimateShape.KNOWN, TypedTime(text))


FIELD_PARSERS: Mapping[str, Callable[[str], object]] = {
    "audience": parse_audience,
    "start": parse_start,
    "estimate": parse_estimate,
    "next_update": parse_time,
    "ended": parse_time,
    "begins": parse_time,
    "ends": parse_time,
}
"""The parser of a flag, by the field of NoticeInput; any other field takes the text unchanged."""
