"""What people do with alerts, the same for the desk, the command line and the webhooks."""

from statuspage.usecases.alerts.grouping import group, ungroup
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, receive, tick, watch

__all__ = ["acknowledge", "confirm", "false_alarm", "group", "receive", "tick", "ungroup", "watch"]
