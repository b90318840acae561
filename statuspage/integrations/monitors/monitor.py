"""What every kind of monitor says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors import authentication


@dataclass(frozen=True, slots=True)
class Monitor:
    """A kind of monitor. ``read`` gives the alerts of a message, with our clock for what it does not date;
    ``signed`` knows its signature, where it has one; ``in_address``: it can carry a secret only in the address;
    ``amazon``: its messages are signed by Amazon SNS, with no secret of ours."""

    parse: Callable[[bytes, datetime], tuple[MonitorAlert, ...]]
    check_signature: authentication.SignatureCheck | None = None
    secret_in_url: bool = False
    is_signed_by_sns: bool = False
