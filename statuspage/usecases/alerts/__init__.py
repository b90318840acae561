"""What people do with alerts, shared by the desk, the command line and the webhooks."""

from statuspage.usecases.alerts import checklists, sns_topics
from statuspage.usecases.alerts.grouping import AlreadySettled, NoSuchAlert, find_group_start, group, ungroup
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, receive_alerts, tick_alert, watch

__all__ = [
    "AlreadySettled",
    "NoSuchAlert",
    "acknowledge",
    "checklists",
    "confirm",
    "false_alarm",
    "find_group_start",
    "group",
    "receive_alerts",
    "sns_topics",
    "tick_alert",
    "ungroup",
    "watch",
]
