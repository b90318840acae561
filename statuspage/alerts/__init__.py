"""Reads what monitors send: one module per monitor, each turning a body of bytes into signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from statuspage.alerts import (
    alertmanager,
    cloudwatch,
    datadog,
    grafana,
    mackerel,
    mapped,
    pagerduty,
    proofs,
    sentry,
    zabbix,
)
from statuspage.alerts.unreadable import Unreadable
from statuspage.incoming import Mapped, Signal

__all__ = ["SOURCES", "Monitor", "Unreadable", "monitors"]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A kind of monitor. ``read`` gives the alerts of a message, with our clock for what it does not date;
    ``signed`` knows its signature, where it has one; ``in_address``: it can carry a secret only in the address;
    ``amazon``: its messages are signed by Amazon SNS, with no secret of ours."""

    read: Callable[[bytes, datetime], tuple[Signal, ...]]
    signed: proofs.Signed | None = None
    in_address: bool = False
    amazon: bool = False


SOURCES: Mapping[str, Monitor] = {
    "alertmanager": Monitor(alertmanager.read),
    "grafana": Monitor(grafana.read, proofs.grafana),
    "cloudwatch": Monitor(cloudwatch.read, amazon=True),
    "datadog": Monitor(datadog.read),
    "pagerduty": Monitor(pagerduty.read, proofs.pagerduty),
    "sentry": Monitor(sentry.read, proofs.sentry),
    "zabbix": Monitor(zabbix.read),
    "mackerel": Monitor(mackerel.read, in_address=True),
}
"""Monitors by the name used in the intake's address, on the command line and in ``alerts.toml``."""


def monitors(own: Mapping[str, Mapped]) -> Mapping[str, Monitor]:
    """Those, and the house's own that ``alerts.toml`` maps."""
    return {
        **SOURCES,
        **{name: Monitor(partial(mapped.read, one), proofs.standard, in_address=True) for name, one in own.items()},
    }
