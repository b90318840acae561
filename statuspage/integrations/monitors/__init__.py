"""Reads what monitors send: one module per monitor, each turning a body of bytes into signals."""

from statuspage.integrations.monitors import authentication, sns
from statuspage.integrations.monitors.authentication import Came, Proof
from statuspage.integrations.monitors.parsing import EARLIEST, Unreadable
from statuspage.integrations.monitors.registry import SOURCES, Monitor, monitors
from statuspage.integrations.monitors.sns import CONFIRMATION, NOTIFICATION, Amazon, Envelope, Unanswered, Unproven

__all__ = [
    "CONFIRMATION",
    "EARLIEST",
    "NOTIFICATION",
    "SOURCES",
    "Amazon",
    "Came",
    "Envelope",
    "Monitor",
    "Proof",
    "Unanswered",
    "Unproven",
    "Unreadable",
    "authentication",
    "monitors",
    "sns",
]
