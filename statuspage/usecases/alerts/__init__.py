"""What people do with alerts, the same for the desk, the command line and the webhooks."""

from statuspage.usecases.alerts.grouping import join, part
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, take, tick, watch

__all__ = ["acknowledge", "confirm", "false_alarm", "join", "part", "take", "tick", "watch"]
