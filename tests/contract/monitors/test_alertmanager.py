"""Alertmanager's message, version 4, as documented."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from statuspage.domain.alert import MonitorAlert
from statuspage.integrations.monitors.parsing import MAX_MESSAGE_BYTES, Unreadable
from statuspage.integrations.monitors.registry import SOURCES

NOW = datetime(2026, 7, 4, 3, tzinfo=UTC)

read = partial(SOURCES["alertmanager"].parse, now=NOW)

STARTED = "2026-07-04T02:58:00.123456789Z"


def alert(**changes: Any) -> dict[str, Any]:
    """One alert of the message; a change to None omits the field."""
    fields: dict[str, Any] = {
        "status": "firing",
        "labels": {"alertname": "BookingErrors", "service": "booking-api", "severity": "critical"},
        "annotations": {"summary": "Bookings fail", "description": "61 % of bookings fail.", "runbook_url": "x"},
        "startsAt": STARTED,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.fitline.example/graph?g0.expr=up",
        "fingerprint": "c1f2a3b4d5e6f708",
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def message(*alerts: dict[str, Any], **changes: Any) -> bytes:
    """The whole message; a change to None omits the field."""
    fields: dict[str, Any] = {
        "version": "4",
        "groupKey": '{}/{severity="critical"}:{service="booking-api"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "statuspage",
        "groupLabels": {"service": "booking-api"},
        "commonLabels": {"service": "booking-api", "severity": "critical"},
        "commonAnnotations": {},
        "externalURL": "https://alertmanager.fitline.example",
        "alerts": list(alerts),
    }
    return json.dumps({name: value for name, value in {**fields, **changes}.items() if value is not None}).encode()


def reason(body: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(body)
    assert refused.value.reason.endswith(".")
    assert "\n" not in refused.value.reason
    return refused.value.reason


def only(body: bytes) -> MonitorAlert:
    (signal,) = read(body)
    return signal


def test_every_field_of_an_alert_finds_its_place():
    signal = only(message(alert()))
    assert signal.source == "alertmanager"
    assert signal.title == "Bookings fail"
    assert signal.summary == "61 % of bookings fail."
    assert signal.labels == {"alertname": "BookingErrors", "service": "booking-api", "severity": "critical"}
    assert signal.started_at == datetime(2026, 7, 4, 2, 58, 0, 123456, tzinfo=UTC)
    assert signal.ended_at is None
    assert signal.url == "https://prometheus.fitline.example/graph?g0.expr=up"


def test_a_repeat_is_the_same_alert_and_so_is_its_end():
    first = only(message(alert()))
    again = only(message(alert(annotations={"summary": "Bookings still fail"}), groupKey="other"))
    over = only(message(alert(status="resolved", endsAt="2026-07-04T05:10:00+02:00"), status="resolved"))
    assert first.identity == again.identity == over.identity
    assert over.ended_at == datetime(2026, 7, 4, 3, 10, tzinfo=UTC)


def test_the_next_outage_with_the_same_labels_is_another_alert():
    assert only(message(alert())).identity != only(message(alert(startsAt="2026-07-04T09:00:00Z"))).identity


def test_two_alerts_in_one_message_are_two_signals_in_their_order():
    found = read(message(alert(), alert(fingerprint="ffff", labels={"alertname": "GateDown"}, annotations={})))
    assert [signal.title for signal in found] == ["Bookings fail", "GateDown"]
    assert len({signal.identity for signal in found}) == 2


def test_a_firing_alert_with_a_future_end_has_not_ended():
    assert only(message(alert(endsAt="2026-07-04T03:03:00Z"))).ended_at is None


def test_the_title_is_the_summary_else_the_alerts_name():
    assert only(message(alert(annotations={}))).title == "BookingErrors"
    assert only(message(alert(annotations={"summary": ""}, labels={"job": "x"}))).title == "Alert"


def test_times_with_an_offset_are_kept_in_utc():
    assert only(message(alert(startsAt="2026-07-04T11:58:00+09:00"))).started_at == datetime(
        2026, 7, 4, 2, 58, tzinfo=UTC
    )


def test_characters_that_turn_text_around_or_break_feeds_are_taken_out():
    signal = only(
        message(alert(annotations={"summary": "Book\u202eings\u0000\n fail\u0007", "description": "a\u2067b"}))
    )
    assert signal.title == "Book ings fail"
    assert signal.summary == "a b"


def test_long_texts_are_shortened_where_they_are_only_for_colleagues():
    signal = only(message(alert(annotations={"summary": "あ" * 5000, "description": "い" * 5000})))
    assert len(signal.title) == 200
    assert len(signal.summary) == 2000


def test_only_web_addresses_become_links():
    assert only(message(alert(generatorURL="javascript:alert(1)"))).url == ""
    assert only(message(alert(generatorURL="https://x.example/\u0000y"))).url == ""
    assert only(message(alert(generatorURL=None))).url == ""


def test_fields_that_newer_releases_add_do_no_harm():
    assert only(message(alert(newField={"a": 1}), anotherField=[1])).title == "Bookings fail"


@pytest.mark.parametrize("field", ["version", "groupKey", "status", "receiver", "groupLabels", "alerts", "externalURL"])
def test_a_message_without_a_field_says_which(field: str):
    assert reason(message(alert(), **{field: None})) == f"{field}: field required."


@pytest.mark.parametrize("field", ["status", "labels", "fingerprint"])
def test_an_alert_without_a_field_says_which(field: str):
    assert reason(message(alert(), alert(**{field: None}))) == f"alerts.2.{field}: field required."


def test_other_versions_are_refused():
    assert reason(message(alert(), version="3")) == 'version: only messages of version "4" are read.'
    assert reason(message(alert(), version=4)) == 'version: only messages of version "4" are read.'


def test_a_message_without_alerts_is_refused():
    assert reason(message()).startswith("alerts: ")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{'a': 1}", b"NaN", b"[" * 10_000])
def test_what_is_no_such_message_is_refused_in_one_sentence(body: bytes):
    assert reason(body)


def test_the_reason_does_not_repeat_what_was_sent():
    assert "secret-token" not in reason(message(alert(startsAt="secret-token")))


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", 12, None])
def test_an_absurd_start_costs_no_alert_and_our_own_clock_counts(at: object):
    found = only(message(alert(startsAt=at)))
    assert (found.started_at, found.identity) == (NOW, "c1f2a3b4d5e6f708")


def test_a_start_that_is_no_time_is_refused():
    assert "startsAt" in reason(message(alert(startsAt="soon")))


def test_a_time_without_a_zone_is_refused():
    assert "startsAt" in reason(message(alert(startsAt="2026-07-04T11:58:00")))


def test_an_absurd_end_is_refused():
    assert "endsAt" in reason(message(alert(status="resolved", endsAt="9999-12-31T23:59:59Z")))


def test_256_kilobytes_are_read_and_one_byte_more_is_refused():
    body = message(alert())
    filled = body + b" " * (MAX_MESSAGE_BYTES - len(body))
    assert len(filled) == 256 * 1024
    assert only(filled).title == "Bookings fail"
    assert reason(filled + b" ") == "The message is larger than 256 KB."
