"""Monitors by name. Each module parses the messages of one monitor."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from functools import partial
from typing import cast

from statuspage.domain import JsonMapping, MonitorAlert
from statuspage.integrations.monitors import authentication
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.registry import Registry

SOURCES: Registry[Monitor] = Registry(
    "statuspage.integrations.monitors",
    "MONITOR",
    {
        name: name
        for name in ("alertmanager", "grafana", "cloudwatch", "datadog", "pagerduty", "sentry", "zabbix", "mackerel")
    },
)
"""Monitors by the name used in the intake's URL, on the command line and in ``alerts.toml``."""


def all_monitors(custom: Mapping[str, JsonMapping]) -> Mapping[str, Monitor]:
    """The built-in monitors, and the custom ones mapped in ``alerts.toml``."""
    mapped = {
        name: Monitor(partial(_parse_custom_json, mapping), authentication.check_standard_webhooks, secret_in_url=True)
        for name, mapping in custom.items()
    }
    return ChainMap(mapped, cast("MutableMapping[str, Monitor]", SOURCES))  # Only what is used is imported.


def _parse_custom_json(mapping: JsonMapping, body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    from statuspage.integrations.monitors import custom_json

    return custom_json.parse_custom_json(mapping, body, now)
