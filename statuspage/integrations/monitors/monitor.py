"""The definition of a monitor type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors import authentication


@dataclass(frozen=True, slots=True)
class Monitor:
    """One type of monitor. ``parse`` returns the alerts of a message, with our clock for undated values;
    ``check_signature`` verifies its signature, if it has one; ``secret_in_url``: it can send a secret only in the URL;
    ``is_signed_by_sns``: its messages are signed by Amazon SNS, without a secret of ours."""

    parse: Callable[[bytes, datetime], tuple[MonitorAlert, ...]]
    check_signature: authentication.SignatureCheck | None = None
    secret_in_url: bool = False
    is_signed_by_sns: bool = False
