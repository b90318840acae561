"""Reads what monitors send: one module per monitor, each turning a body of bytes into signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from statuspage.domain import JsonMapping, MonitorAlert
from statuspage.integrations.monitors import (
    alertmanager,
    authentication,
    cloudwatch,
    custom_json,
    datadog,
    grafana,
    mackerel,
    pagerduty,
    sentry,
    zabbix,
)
from statuspage.integrations.monitors.parsing import Unreadable

__all__ = ["SOURCES", "Monitor", "Unreadable", "monitors"]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A kind of monitor. ``read`` gives the alerts of a message, with our clock for what it does not date;
    ``signed`` knows its signature, where it has one; ``in_address``: it can carry a secret only in the address;
    ``amazon``: its messages are signed by Amazon SNS, with no secret of ours."""

    read: Callable[[bytes, datetime], tuple[MonitorAlert, ...]]
    signed: authentication.Signed | None = None
    in_address: bool = False
    amazon: bool = False


SOURCES: Mapping[str, Monitor] = {
    "alertmanager": Monitor(alertmanager.parse_alertmanager),
    "grafana": Monitor(grafana.parse_grafana, authentication.grafana),
    "cloudwatch": Monitor(cloudwatch.parse_cloudwatch, amazon=True),
    "datadog": Monitor(datadog.parse_datadog),
    "pagerduty": Monitor(pagerduty.parse_pagerduty, authentication.pagerduty),
    "sentry": Monitor(sentry.parse_sentry, authentication.sentry),
    "zabbix": Monitor(zabbix.parse_zabbix),
    "mackerel": Monitor(mackerel.parse_mackerel, in_address=True),
}
"""Monitors by the name used in the intake's address, on the command line and in ``alerts.toml``."""


def monitors(own: Mapping[str, JsonMapping]) -> Mapping[str, Monitor]:
    """Those, and the house's own that ``alerts.toml`` maps."""
    return {
        **SOURCES,
        **{
            name: Monitor(partial(custom_json.parse_custom_json, one), authentication.standard, in_address=True)
            for name, one in own.items()
        },
    }
