"""Frozen values become plain JSON and come back as they were."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage.domain.alert import Alert, Signal
from statuspage.domain.delivery import Delivery, Receipt
from statuspage.domain.facts import Estimate, Facts, Known, Missed, NotBefore, NoticeKind, Range, Unknown, Words
from statuspage.domain.incident import Incident, InternalNote, Notice, Step
from statuspage.serialization import dump, load
from tests.fixtures_site import over

AWARE = st.datetimes(timezones=st.just(UTC))
st.register_type_strategy(datetime, AWARE)
VALUES = st.one_of(
    *(st.from_type(kind) for kind in (Facts, Words, Step, InternalNote, Notice, Signal, Alert, Delivery, Receipt))
)


@given(VALUES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_value_comes_back_as_it_was(value: Any):
    plain = json.loads(json.dumps(dump(value)))
    assert is_dataclass(value)
    assert load(type(value), plain) == value


def test_a_whole_incident_comes_back_as_it_was():
    story = over()
    assert load(Incident, json.loads(json.dumps(dump(story)))) == story


@pytest.mark.parametrize(
    "estimate",
    [
        Unknown(),
        Known(datetime(2026, 7, 4, 4, 30, tzinfo=UTC)),
        Range(datetime(2026, 7, 4, 4, tzinfo=UTC), datetime(2026, 7, 4, 5, tzinfo=UTC)),
        NotBefore(datetime(2026, 7, 4, 4, 30, tzinfo=UTC)),
        Missed(datetime(2026, 7, 4, 4, 30, tzinfo=UTC), NotBefore(datetime(2026, 7, 4, 6, tzinfo=UTC))),
    ],
)
def test_each_estimate_stays_what_it_is(estimate: Estimate):
    assert load(Facts, dump(Facts("booking", estimate=estimate))).estimate == estimate


def test_times_are_kept_in_utc_whatever_zone_they_came_in():
    tokyo = datetime(2026, 7, 4, 13, 30, tzinfo=timezone(timedelta(hours=9)))
    assert dump(tokyo) == "2026-07-04T04:30:00Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        dump(datetime(2026, 7, 4))  # noqa: DTZ001 (that is the point)


def test_choices_are_kept_as_their_own_words_also_as_keys():
    assert dump({NoticeKind.FIRST: (NoticeKind.UPDATE,)}) == {"first": ["update"]}


def test_what_a_newer_program_wrote_beside_is_left_out():
    assert load(Step, {"step": "closed", "mood": "relieved"}).step == "closed"


def test_what_is_no_such_value_is_a_value_error():
    with pytest.raises(ValueError, match="validation error"):
        load(Step, {"step": "danced"})


def test_what_has_no_plain_form_is_refused():
    with pytest.raises(TypeError, match="no plain form"):
        dump(object())
