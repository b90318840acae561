"""Parses an Amazon CloudWatch alarm as delivered by Amazon SNS: a message within an envelope.

The alarm's fields are those of "Using Amazon CloudWatch alarms" (what an alarm sends to SNS). An alarm is identified by
its ``AlarmArn`` (its region, account and name if that is absent). It begins with the ``StateChangeTime`` of the change
to ALARM and ends with OK. INSUFFICIENT_DATA says neither and is accepted but not stored.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, field_validator

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import (
    TEXT_LIMIT,
    MessagePart,
    Unreadable,
    clean,
    clean_labels,
    parse_message,
    require_text,
    start_or_now,
)
from statuspage.integrations.monitors.sns import NOTIFICATION, parse_envelope

SOURCE = "cloudwatch"


class _Dimension(MessagePart):
    name: str = ""
    value: str = ""


class _Trigger(MessagePart):
    MetricName: str = ""
    Namespace: str = ""
    Dimensions: tuple[_Dimension, ...] = ()


class _Alarm(MessagePart):
    AlarmName: Annotated[str, Field(min_length=1, max_length=300)]
    AlarmArn: str = ""
    AlarmDescription: str | None = None
    AWSAccountId: str = ""
    Region: str = ""
    NewStateValue: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    NewStateReason: str = ""
    StateChangeTime: AwareDatetime | None = None
    Trigger: _Trigger = _Trigger()

    @field_validator("Trigger", mode="before")
    @classmethod
    def _drop_missing_trigger(cls, value: Any) -> Any:
        """A composite alarm has no trigger, and one based on a formula has no dimensions of its own."""
        return value if isinstance(value, dict) else {}


def parse_cloudwatch(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alarm in an SNS notification; nothing for SNS's own messages. Raises Unreadable if it is invalid."""
    outer = parse_envelope(body)
    if outer.Type != NOTIFICATION:
        return ()
    try:
        inner = json.loads(outer.Message)
    except (ValueError, RecursionError):
        inner = None
    if not isinstance(inner, dict) or "AlarmName" not in inner:
        raise Unreadable("Message: this is no alarm of CloudWatch.")
    alarm = parse_message(_Alarm, outer.Message.encode(errors="replace"))
    if alarm.NewStateValue == "INSUFFICIENT_DATA":
        return ()
    return (_alert_of(alarm, now),)


def _alert_of(alarm: _Alarm, now: datetime) -> MonitorAlert:
    changed_at = start_or_now(alarm.StateChangeTime, now)
    labels = {
        **{dimension.name: dimension.value for dimension in alarm.Trigger.Dimensions if dimension.name},
        "alarm": alarm.AlarmName,
        "metric": alarm.Trigger.MetricName,
        "namespace": alarm.Trigger.Namespace,
        "account": alarm.AWSAccountId,
        "region": alarm.Region,
    }
    identity = alarm.AlarmArn or f"{alarm.Region} {alarm.AWSAccountId} {alarm.AlarmName}"
    return MonitorAlert(
        source=SOURCE,
        identity=require_text(identity, "AlarmArn", 400),
        title=require_text(alarm.AlarmName, "AlarmName"),
        summary=clean(alarm.AlarmDescription or alarm.NewStateReason, TEXT_LIMIT),
        labels=clean_labels(labels),
        started_at=changed_at,
        ended_at=changed_at if alarm.NewStateValue == "OK" else None,
    )


MONITOR = Monitor(parse_cloudwatch, is_signed_by_sns=True)
