"""Parses messages of a Webhook contact point of Grafana's own alerting, version 1.

The fields are those of its documentation ("Configure webhook notifications"): Alertmanager's, with a few more that are
not needed here. Identity and start are therefore Alertmanager's too. Grafana's templates can change the whole body;
only the default one is parsed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors import alertmanager, authentication
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import parse_message

SOURCE = "grafana"


class _Version1(alertmanager.Message):
    version: Literal["1"]


def parse_grafana(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alerts of one message, in order. Raises Unreadable if it is invalid or too large."""
    return alertmanager.to_alerts(parse_message(_Version1, body), SOURCE, now)


MONITOR = Monitor(parse_grafana, authentication.check_grafana)
