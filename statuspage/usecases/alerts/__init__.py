"""What people do with alerts, the same for the desk, the command line and the webhooks."""

from statuspage.usecases.alerts import checklists, sns_topics
from statuspage.usecases.alerts.grouping import AlreadySettled, NoSuchAlert, clock, group, ungroup
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, receive, tick, watch

__all__ = [
    "AlreadySettled",
    "NoSuchAlert",
    "acknowledge",
    "checklists",
    "clock",
    "confirm",
    "false_alarm",
    "group",
    "receive",
    "sns_topics",
    "tick",
    "ungroup",
    "watch",
]
