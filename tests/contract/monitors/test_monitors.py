"""Each monitor's message becomes an alert: identified, started and ended as the monitor says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.domain.alert import JsonMapping, MonitorAlert
from statuspage.integrations.monitors import custom_json
from statuspage.integrations.monitors.parsing import MAX_MESSAGE_BYTES, Unreadable
from statuspage.integrations.monitors.registry import SOURCES, all_monitors
from tests.support import monitor_payloads
from tests.support.monitor_pairs import PAIRS, own
from tests.support.monitor_payloads import Json, body
from tests.support.paths import ROOT

NOW = datetime(2026, 7, 4, 3, 20, tzinfo=UTC)
BEGAN = datetime(2026, 7, 4, 2, 58, tzinfo=UTC)
OVER = datetime(2026, 7, 4, 3, 10, tzinfo=UTC)

OWN = JsonMapping(
    "backup",
    id="check.id",
    title="check.name",
    alerts="items",
    summary="output",
    state="status",
    resolved_values=("ok", "recovered"),
    started_at="since",
    ended_at="until",
    url="url",
    labels={"service": "check.service", "first": "tags.0", "up": "check.up"},
)


def read(source: str, fields: Json) -> tuple[MonitorAlert, ...]:
    return all_monitors({"backup": OWN})[source].parse(body(fields), NOW)


def only(source: str, fields: Json) -> MonitorAlert:
    (signal,) = read(source, fields)
    return signal


def reason(source: str, raw: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        all_monitors({"backup": OWN})[source].parse(raw, NOW)
    assert "\n" not in refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize("name", PAIRS)
def test_a_monitor_says_what_broke_since_when_and_where_to_look(name: str) -> None:
    source, firing, over, labels = PAIRS[name]
    first, end = only(source, firing), only(source, over)
    assert first.source == source
    assert first.title
    assert first.summary
    assert first.started_at.replace(microsecond=0) == BEGAN
    assert first.ended_at is None
    assert labels.items() <= first.labels.items()
    assert (end.identity, end.ended_at) == (first.identity, OVER)
    assert first.url.startswith("https://") or name == "CloudWatch"


def test_grafanas_default_message_is_version_one() -> None:
    assert reason("grafana", body({**monitor_payloads.grafana(), "version": "4"})) == (
        'version: only messages of version "1" are read.'
    )


def test_an_alarm_without_enough_data_is_neither_a_trouble_nor_an_end() -> None:
    assert read("cloudwatch", monitor_payloads.notification(monitor_payloads.alarm("INSUFFICIENT_DATA"))) == ()


def test_an_alarm_is_known_without_its_arn_by_region_account_and_name() -> None:
    found = only("cloudwatch", monitor_payloads.notification(monitor_payloads.alarm(AlarmArn="", Trigger=None)))
    assert found.identity == "Asia Pacific (Tokyo) 123456789012 booking-5xx"


def test_what_sns_sends_of_others_is_refused() -> None:
    assert (
        reason("cloudwatch", body(monitor_payloads.notification("hello"))) == "Message: this is no alarm of CloudWatch."
    )
    assert reason("cloudwatch", body(monitor_payloads.notification({"detail-type": "x"}))) == (
        "Message: this is no alarm of CloudWatch."
    )


@pytest.mark.parametrize("transition", ["Triggered", "Re-Triggered", "Warn", "No Data", "Renotify"])
def test_whatever_datadog_calls_it_only_recovered_is_the_end(transition: str) -> None:
    assert only("datadog", monitor_payloads.datadog(alert_transition=transition)).ended_at is None


def test_an_incident_that_pagerduty_reopens_begins_again() -> None:
    again = only("pagerduty", monitor_payloads.pagerduty("incident.reopened", "2026-07-04T03:15:00Z"))
    assert again.started_at == datetime(2026, 7, 4, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "event_type", ["pagey.ping", "incident.annotated", "incident.responder.added", "service.updated"]
)
def test_what_pagerduty_tells_of_other_things_is_taken_and_let_go(event_type: str) -> None:
    assert read("pagerduty", monitor_payloads.pagerduty(event_type)) == ()
    assert (
        read("pagerduty", {"event": {"id": "1", "event_type": event_type, "occurred_at": monitor_payloads.STARTED}})
        == ()
    )


def test_an_issue_and_its_alert_rule_are_one_alert() -> None:
    alert = only("sentry", monitor_payloads.sentry_issue())
    rule = only("sentry", monitor_payloads.sentry_event())
    over = only("sentry", monitor_payloads.sentry_issue("resolved"))
    again = only("sentry", monitor_payloads.sentry_issue("unresolved", lastSeen="2026-07-04T03:18:00Z"))
    assert alert.identity == rule.identity == over.identity == again.identity == "issue 1170820242"
    assert (alert.started_at, rule.started_at, over.ended_at) == (BEGAN, BEGAN, NOW)
    assert again.started_at == datetime(2026, 7, 4, 3, 18, tzinfo=UTC)
    assert alert.labels == {"project": "booking-api", "level": "error"}
    assert rule.labels == {"rule": "Bookings fail", "level": "error", "environment": "production"}


@pytest.mark.parametrize("action", ["archived", "ignored"])
def test_an_issue_that_was_put_away_wants_nobody(action: str) -> None:
    assert only("sentry", monitor_payloads.sentry_issue(action)).ended_at == NOW


def test_what_sentry_tells_of_other_things_is_taken_and_let_go() -> None:
    assert read("sentry", monitor_payloads.sentry_issue("assigned")) == ()
    assert read("sentry", {"action": "created", "data": {"comment": "x"}, "installation": {"uuid": "1"}}) == ()


def test_where_zabbix_has_no_time_our_clock_counts() -> None:
    assert only("zabbix", monitor_payloads.zabbix(at="{EVENT.TIMESTAMP}")).started_at == NOW
    assert only("zabbix", monitor_payloads.zabbix(over=True, recovered_at="")).ended_at == NOW


def test_the_sample_of_mackerels_settings_page_is_taken_and_let_go() -> None:
    assert read("mackerel", {"event": "sample", "message": "Sample Notification from Mackerel"}) == ()


def test_mackerels_alert_of_a_service_has_no_host() -> None:
    service = {"id": "1", "name": "booking-api", "orgId": "o", "memo": "", "roles": []}
    found = only("mackerel", monitor_payloads.mackerel(host=None, service=service))
    assert (found.title, found.labels["service"]) == ("Bookings fail", "booking-api")


def test_a_map_without_times_and_lists_goes_by_our_clock() -> None:
    simple = JsonMapping("hook", id="id", title="title")
    (found,) = custom_json.parse_custom_json(simple, body({"id": "1", "title": "Bookings fail"}), NOW)
    assert (found.identity, found.title, found.started_at, found.ended_at) == ("1", "Bookings fail", NOW, None)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"items": []}, "items: there should be a list of 1 to 1000 alerts."),
        ({"items": 1}, "items: there should be a list of 1 to 1000 alerts."),
        (own(check={"id": "", "name": "x"}), "check.id: there is nothing to read in it."),
        (own(check={"id": 1}), "check.name: there is nothing to read in it."),
        (own(since="soon"), "since: this is no time with a zone, nor seconds since 1970."),
        (own(status="OK", until="0001-01-01T00:00:00Z"), "until: 0001-01-01T00:00:00+00:00 is no sensible time."),
    ],
)
def test_a_message_that_the_map_does_not_fit_is_refused_by_the_place(fields: Json, message: str) -> None:
    assert reason("backup", body(fields)) == message


def _grafana(when: object) -> Json:
    message = monitor_payloads.grafana()
    message["alerts"][0]["startsAt"] = when
    return message


def _mackerel(when: object) -> Json:
    message = monitor_payloads.mackerel()
    message["alert"] |= {"openedAt": when, "createdAt": None}
    return message


def _pagerduty(when: object) -> Json:
    message = monitor_payloads.pagerduty(created_at=when)
    message["event"]["occurred_at"] = when
    return message


DATED: Mapping[str, Callable[[object], tuple[str, Json]]] = {
    "alertmanager": lambda when: ("alertmanager", _grafana(when) | {"version": "4"}),
    "grafana": lambda when: ("grafana", _grafana(when)),
    "cloudwatch": lambda when: (
        "cloudwatch",
        monitor_payloads.notification(monitor_payloads.alarm(StateChangeTime=when)),
    ),
    "datadog": lambda when: ("datadog", monitor_payloads.datadog(date=when)),
    "pagerduty": lambda when: ("pagerduty", _pagerduty(when)),
    "sentry issue": lambda when: ("sentry", monitor_payloads.sentry_issue(firstSeen=when)),
    "sentry event": lambda when: ("sentry", monitor_payloads.sentry_event(datetime=when)),
    "sentry metric": lambda when: ("sentry", monitor_payloads.sentry_metric(date_started=when)),
    "zabbix": lambda when: ("zabbix", monitor_payloads.zabbix(at=when)),
    "mackerel": lambda when: ("mackerel", _mackerel(when)),
    "own": lambda when: ("backup", own(since=when)),
}
"""A message of each monitor with this time as the time it fired."""


@pytest.mark.parametrize("name", DATED)
def test_when_it_fired_is_the_monitors_word(name: str) -> None:
    source, message = DATED[name]("1783133880" if name in ("datadog", "zabbix") else "2026-07-04T11:58:00+09:00")
    assert only(source, message).started_at == BEGAN


@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize("when", [None, "0001-01-01T00:00:00Z", 0])
def test_a_time_that_is_missing_or_none_costs_no_alert_and_our_own_clock_counts(name: str, when: object) -> None:
    source, message = DATED[name](when)
    first, second = only(source, message), only(source, message)
    assert first.started_at == NOW and first.ended_at is None
    assert first.identity == second.identity, "known again, though nothing dates it"


def test_what_alertmanager_does_not_date_is_one_alert_however_often_it_comes() -> None:
    _, message = DATED["alertmanager"]("0001-01-01T00:00:00Z")
    read_at = [all_monitors({})["alertmanager"].parse(body(message), NOW + timedelta(minutes=n))[0] for n in range(2)]
    assert read_at[0].identity == read_at[1].identity


@pytest.mark.parametrize("source", [*SOURCES, "backup"])
def test_what_is_no_message_is_refused_in_a_sentence(source: str) -> None:
    for raw in (b"", b"{", b"\xff", b"NaN", b"[" * 10_000, b"null", b"[]", b"{}"):
        assert reason(source, raw).endswith(".")
    assert reason(source, b" " * (MAX_MESSAGE_BYTES + 1)) == "The message is larger than 256 KB."


@pytest.mark.parametrize("name", PAIRS)
def test_a_field_that_is_missing_or_of_another_kind_never_breaks_us(name: str) -> None:
    source, firing, _, _ = PAIRS[name]
    for place in _places(firing):
        for other in (None, [], {}, "", "\u202e", -1, 1e300, True, "x" * 5000):
            _read_or_refused(source, _changed(firing, place, other))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner)
)


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(ANYTHING, st.sampled_from(sorted(PAIRS)), st.randoms(use_true_random=False))
def test_any_json_at_all_is_read_or_refused(anything: object, name: str, chance: Any) -> None:
    source, firing, _, _ = PAIRS[name]
    _read_or_refused(source, anything)
    _read_or_refused(source, _changed(firing, chance.choice(_places(firing)), anything))


def _read_or_refused(source: str, fields: object) -> None:
    raw = json.dumps(fields).encode()
    try:
        found = all_monitors({"backup": OWN})[source].parse(raw, NOW)
    except Unreadable as refused:
        assert refused.reason.endswith(".")
        return
    for one in found:
        assert one.identity
        assert one.title
        assert len(one.identity) < 512
        assert one.started_at.tzinfo is UTC


def _places(fields: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every path in a message, by keys and numbers."""
    inner = fields.items() if isinstance(fields, dict) else enumerate(fields) if isinstance(fields, list) else ()
    here = [(*path, key) for key, _ in inner]
    steps = fields.items() if isinstance(fields, dict) else enumerate(fields) if isinstance(fields, list) else ()
    return here + [deeper for key, value in steps for deeper in _places(value, (*path, key))]


def _changed(fields: Any, path: tuple[object, ...], value: object) -> Any:
    if not path:
        return value
    key, *rest = path
    if isinstance(fields, dict):
        return {k: _changed(v, tuple(rest), value) if k == key else v for k, v in fields.items()}
    return [_changed(v, tuple(rest), value) if n == key else v for n, v in enumerate(fields)]


def test_the_readers_are_given_our_clock() -> None:
    later = replace(only("zabbix", monitor_payloads.zabbix(at="")), started_at=BEGAN)
    reader: Callable[[bytes], tuple[MonitorAlert, ...]] = partial(SOURCES["zabbix"].parse, now=BEGAN)
    assert reader(body(monitor_payloads.zabbix(at=""))) == (later,)


PAGES = ROOT / "docs" / "guides" / "monitors"
SNIPPETS = ROOT / "templates" / "monitors"


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_what_the_page_of_a_monitor_gives_to_try_out_is_an_alert_of_now(source: str) -> None:
    page = (PAGES / f"{source}.md").read_text("utf-8")
    (quoted,) = re.findall(r"""(?:-d |--data |BODY=)(["']\{.*?\}["'])(?: http\S+)?\n""", page, re.DOTALL)
    given = subprocess.run(["bash", "-c", f"printf %s {quoted}"], capture_output=True, check=True).stdout
    now = datetime.now(UTC)
    (found,) = SOURCES[source].parse(given, now)
    assert "try" in found.title.lower()
    assert abs((found.started_at or now) - now) < timedelta(minutes=5)
    assert f"/intake/{source}" in page
    assert f"/intake/{source}/test" in page
    assert f"STATUSPAGE_INTAKE_{source.upper()}_SECRET" in page


def test_the_payload_to_paste_into_datadog_has_the_fields_that_are_read() -> None:
    given = (SNIPPETS / "datadog" / "payload.json").read_text("utf-8")
    assert json.loads(given).keys() == monitor_payloads.datadog().keys()


def test_the_parameters_to_set_in_zabbix_are_the_fields_that_are_read() -> None:
    lines = (SNIPPETS / "zabbix" / "parameters.txt").read_text("utf-8").splitlines()
    named = [line.split()[0] for line in lines]
    assert set(named) - {"address", "secret"} <= monitor_payloads.zabbix().keys()
