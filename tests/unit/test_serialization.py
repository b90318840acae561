"""Frozen values become plain JSON and are restored unchanged."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage.domain.alert import Alert, MonitorAlert
from statuspage.domain.delivery import Delivery
from statuspage.domain.facts import (
    Estimate,
    Facts,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    NoticeText,
    Range,
    Unknown,
)
from statuspage.domain.incident import Incident, InternalNote, Notice, TimelineEvent
from statuspage.domain.queue_item import Receipt
from statuspage.serialization import from_json_value, to_json_value
from tests.support.site import over

AWARE = st.datetimes(timezones=st.just(UTC))
st.register_type_strategy(datetime, AWARE)
VALUES = st.one_of(
    *(
        st.from_type(value_type)
        for value_type in (
            Facts,
            NoticeText,
            TimelineEvent,
            InternalNote,
            Notice,
            MonitorAlert,
            Alert,
            Delivery,
            Receipt,
        )
    )
)


@pytest.mark.slow
@given(VALUES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_value_comes_back_as_it_was(value: Any):
    plain = json.loads(json.dumps(to_json_value(value)))
    assert is_dataclass(value)
    assert from_json_value(type(value), plain) == value


def test_a_whole_incident_comes_back_as_it_was():
    incident = over()
    assert from_json_value(Incident, json.loads(json.dumps(to_json_value(incident)))) == incident


@pytest.mark.parametrize(
    "estimate",
    [
        Unknown(),
        Known(datetime(2026, 7, 4, 4, 30, tzinfo=UTC)),
        Range(datetime(2026, 7, 4, 4, tzinfo=UTC), datetime(2026, 7, 4, 5, tzinfo=UTC)),
        NotBefore(datetime(2026, 7, 4, 4, 30, tzinfo=UTC)),
        MissedEstimate(datetime(2026, 7, 4, 4, 30, tzinfo=UTC), NotBefore(datetime(2026, 7, 4, 6, tzinfo=UTC))),
    ],
)
def test_each_estimate_stays_what_it_is(estimate: Estimate):
    assert from_json_value(Facts, to_json_value(Facts("booking", estimate=estimate))).estimate == estimate


def test_times_are_kept_in_utc_whatever_zone_they_came_in():
    tokyo = datetime(2026, 7, 4, 13, 30, tzinfo=timezone(timedelta(hours=9)))
    assert to_json_value(tokyo) == "2026-07-04T04:30:00Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        to_json_value(datetime(2026, 7, 4))  # noqa: DTZ001 (that is the point)


def test_choices_are_kept_as_their_own_words_also_as_keys():
    assert to_json_value({NoticeKind.FIRST: (NoticeKind.UPDATE,)}) == {"first": ["update"]}


def test_what_a_newer_program_wrote_beside_is_left_out():
    assert from_json_value(TimelineEvent, {"event": "closed", "mood": "relieved"}).event == "closed"


def test_what_is_no_such_value_is_a_value_error():
    with pytest.raises(ValueError, match="validation error"):
        from_json_value(TimelineEvent, {"event": "danced"})


def test_what_has_no_plain_form_is_refused():
    with pytest.raises(TypeError, match="no plain form"):
        to_json_value(object())
