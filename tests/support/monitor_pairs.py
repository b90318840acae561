"""An alert and its end for each monitor, as it sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support import monitor_payloads
from tests.support.monitor_payloads import Json


def own(*, over: bool = False, **changes: Any) -> Json:
    """A message of the company's own program."""
    item = {
        "check": {"id": 7, "name": "Bookings fail", "service": "booking-api", "up": False},
        "status": "OK" if over else "failed", "output": "61 % of bookings fail", "tags": ["web"],
        "since": "2026-07-04T11:58:00+09:00", "until": 1783134600, "url": "https://backup.fitline.example/7", **changes,
    }  # fmt: skip
    return {"items": [item]}


PAIRS: Mapping[str, tuple[str, Json, Json, dict[str, str]]] = {
    "Grafana": ("grafana", monitor_payloads.grafana(), monitor_payloads.grafana(over=True), {"service": "booking-api"}),
    "CloudWatch": (
        "cloudwatch",
        monitor_payloads.cloudwatch(),
        monitor_payloads.cloudwatch(over=True),
        {"alarm": "booking-5xx", "LoadBalancer": "app/booking/1", "namespace": "AWS/ApplicationELB"},
    ),
    "Datadog": (
        "datadog",
        monitor_payloads.datadog(),
        monitor_payloads.datadog(over=True),
        {"service": "booking-api", "team-web": "team-web", "env": "prod", "priority": "P1", "monitor": "1234"},
    ),
    "PagerDuty": (
        "pagerduty",
        monitor_payloads.pagerduty(),
        monitor_payloads.pagerduty("incident.resolved", monitor_payloads.ENDED),
        {"service": "booking-api", "urgency": "high", "priority": "P1"},
    ),
    "Sentry, metric": (
        "sentry",
        monitor_payloads.sentry_metric(),
        monitor_payloads.sentry_metric("resolved"),
        {"rule": "Too many errors", "project": "booking-api"},
    ),
    "Zabbix": (
        "zabbix",
        monitor_payloads.zabbix(),
        monitor_payloads.zabbix(over=True),
        {"service": "booking-api", "web": "web", "severity": "Disaster", "host": "app01"},
    ),
    "Mackerel": (
        "mackerel",
        monitor_payloads.mackerel(),
        monitor_payloads.mackerel(over=True),
        {"service": "booking-api", "role": "web", "host": "app01", "monitor": "Bookings fail"},
    ),
    "an own monitor": ("backup", own(), own(over=True), {"service": "booking-api", "first": "web", "up": "false"}),
}
