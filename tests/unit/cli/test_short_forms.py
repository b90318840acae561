"""The short syntax of flags becomes structured input."""

from __future__ import annotations

import pytest

from statuspage.cli.notices.prefill import apply_flags
from statuspage.cli.notices.short_forms import (
    format_audience,
    parse_audience,
    parse_estimate,
    parse_service,
    parse_start,
    parse_time,
)
from statuspage.domain.facts import AffectedAudience, Precision
from statuspage.domain.notice_input import (
    AudienceInput,
    EstimateInput,
    EstimateShape,
    NoticeInput,
    ServiceInput,
    StartInput,
    TypedTime,
)


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("", AudienceInput(AffectedAudience.CHECKING)),
        ("all", AudienceInput(AffectedAudience.ALL)),
        ("some", AudienceInput(AffectedAudience.SOME)),
        ("checking", AudienceInput(AffectedAudience.CHECKING)),
        ("groups", AudienceInput(AffectedAudience.GROUPS)),
        ("shibuya, shinjuku", AudienceInput(AffectedAudience.GROUPS, ("shibuya", "shinjuku"))),
        ("all,shibuya", AudienceInput(AffectedAudience.GROUPS, ("all", "shibuya"))),
    ],
)
def test_an_audience(text: str, audience: AudienceInput) -> None:
    assert parse_audience(text) == audience
    assert parse_audience(format_audience(audience)) == audience


@pytest.mark.parametrize(
    ("text", "precision", "time"),
    [
        ("11:55", Precision.EXACT, "11:55"),
        ("about:11:55", Precision.ABOUT, "11:55"),
        ("about 11:55", Precision.ABOUT, "11:55"),
        ("About: 11:55", Precision.ABOUT, "11:55"),
        ("exact:5m", Precision.EXACT, "5m"),
        ("11:55ごろ", Precision.ABOUT, "11:55"),
        ("11:55頃", Precision.ABOUT, "11:55"),
        ("noticed:11:55", Precision.NOTICED, "11:55"),
        ("7/4 1155", Precision.EXACT, "7/4 1155"),
        ("5m", Precision.ABOUT, "5m"),
        (" now ", Precision.ABOUT, "now"),
        ("soon", Precision.EXACT, "soon"),
        ("about:", Precision.EXACT, "about:"),
    ],
)
def test_a_start_time_and_its_precision(text: str, precision: Precision, time: str) -> None:
    assert parse_start(text) == StartInput(precision, TypedTime(time))


@pytest.mark.parametrize(
    ("text", "estimate"),
    [
        ("", None),
        ("unknown", EstimateInput()),
        ("13:30", EstimateInput(EstimateShape.KNOWN, TypedTime("13:30"))),
        ("30m", EstimateInput(EstimateShape.KNOWN, TypedTime("30m"))),
        ("12:30..13:30", EstimateInput(EstimateShape.RANGE, TypedTime("12:30"), TypedTime("13:30"))),
        ("not-before:13:30", EstimateInput(EstimateShape.NOT_BEFORE, TypedTime("13:30"))),
        ("..13:30", EstimateInput(EstimateShape.KNOWN, TypedTime("..13:30"))),
        ("later", EstimateInput(EstimateShape.KNOWN, TypedTime("later"))),
    ],
)
def test_an_estimate(text: str, estimate: EstimateInput | None) -> None:
    assert parse_estimate(text) == estimate


def test_a_service_and_a_time() -> None:
    assert parse_service("booking") == ServiceInput("booking")
    assert parse_service("booking:partial") == ServiceInput("booking", "partial")
    assert parse_time(" 12:45 ") == TypedTime("12:45")
    assert parse_start("") is parse_time(" ") is None


def test_flags_replace_the_fields_they_name() -> None:
    base = NoticeInput(incident_type="booking", ended=TypedTime("11:00"), audience=AudienceInput(groups=("shibuya",)))
    changed = apply_flags(base, {"services": ("booking:partial", ""), "estimate": "30m", "ended": "", "cause": None})
    assert changed == NoticeInput(
        incident_type="booking",
        services=(ServiceInput("booking", "partial"),),
        estimate=EstimateInput(EstimateShape.KNOWN, TypedTime("30m")),
        audience=AudienceInput(groups=("shibuya",)),
    )
