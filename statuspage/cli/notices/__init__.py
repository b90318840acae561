"""Commands that write notices."""

from statuspage.cli.notices.prefill import TIMES, apply_flags, fact_flags
from statuspage.cli.notices.preview import bodies_by_language
from statuspage.cli.notices.publish import load_incident, open_form_for, publish_notice
from statuspage.cli.notices.receipts import deliver, delivery_state, host_lines
from statuspage.cli.notices.sending import (
    confirm_or_refuse,
    open_for_sending,
    pop_send_options,
    refuse_missing_channels,
    refuse_without_terminal,
    send_flags,
)
from statuspage.cli.notices.unsaid_flags import refuse_unsaid_flags

__all__ = [
    "TIMES",
    "apply_flags",
    "bodies_by_language",
    "confirm_or_refuse",
    "deliver",
    "delivery_state",
    "fact_flags",
    "host_lines",
    "load_incident",
    "open_for_sending",
    "open_form_for",
    "pop_send_options",
    "publish_notice",
    "refuse_missing_channels",
    "refuse_unsaid_flags",
    "refuse_without_terminal",
    "send_flags",
]
