"""What people do with alerts, shared by the desk, the command line and the webhooks."""

from statuspage.usecases.alerts import checklists, monitor_activity, sns_topics, test_alerts
from statuspage.usecases.alerts.grouping import AlreadySettled, NoSuchAlert, find_group_start, group, ungroup
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, receive_alerts, tick_alert, watch
from statuspage.usecases.alerts.late_alerts import find_earlier_start
from statuspage.usecases.alerts.monitor_activity import IntakeCounter

__all__ = [
    "AlreadySettled",
    "IntakeCounter",
    "NoSuchAlert",
    "acknowledge",
    "checklists",
    "confirm",
    "false_alarm",
    "find_earlier_start",
    "find_group_start",
    "group",
    "monitor_activity",
    "receive_alerts",
    "sns_topics",
    "test_alerts",
    "tick_alert",
    "ungroup",
    "watch",
]
