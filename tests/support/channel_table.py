"""The table in docs/guides/channels/README.md: the meaning of each response of each service, and the resulting status.

The shared tests (test_channels.py) generate its lines from what they observe; ``GOLDEN=write`` writes them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from statuspage.domain.queue_item import DeliveryStatus, Outcome
from statuspage.domain.retry import NEEDS_PERSON
from statuspage.domain.site_config import channel_type_name
from tests.support.channel_cases import ChannelCase
from tests.support.paths import ROOT

TABLE = ROOT / "docs" / "guides" / "channels" / "README.md"

NAMES = {"x": "X", "line": "LINE", "mail": "Email", "slack-webhook": "Slack (webhook)"}

FORMS = {
    "after": "with `Retry-After` in seconds",
    "date": "with `Retry-After` as a date",
    "reset": "with a reset time",
    "absurd": "with a delay of a month",
    "past": "with a time in the past",
    "negative": "with a negative delay",
    "nonsense": "with an invalid delay",
    "html": "with an HTML page",
}
WORDS = {
    "": "success",
    "redirect": "redirect to another host",
    "html": "HTML page instead of data",
    "empty": "empty response",
    "list": "unexpected data",
    "no-id": "no id",
    "cut": "connection lost while sending",
    "drop": "connection lost before the response",
    "hang": "no response",
    "drip": "response too slow",
    "endless": "response without end",
    "nonsense": "malformed response",
    "connect-421": "421 as greeting",
    "connect-554": "554 as greeting",
    "mail-451": "451 to the sender",
    "mail-550": "550 to the sender",
    "mail-552": "552 to the sender",
    "rcpt-450": "450 to a recipient",
    "rcpt-530": "530 to a recipient",
    "rcpt-550": "550 to a recipient",
    "off": "workflow switched off",
    "429-json": "429 with the delay in the body",
    "permissions": "app without permission to post",
    "disabled": "account closed",
    "takedown": "account closed",
    "record": "post that breaks the service's rules",
    "monthly": "monthly quota used up",
    "500-list": "500 with unexpected data",
}

CLASSES = {
    "Sent": "success",
    "Unreachable": "not accepted",
    "Refused": "rejected",
    "CredentialsInvalid": "invalid settings",
    "DeliveryUnknown": "unknown",
}
AGAIN = {
    "key": "**retrying**: sent again with the same idempotency key, so it cannot appear twice",
    "find": "**retrying**: the program searches for it and sends it again if it is not there",
    "resend": "**retrying**: sent again; the receipt says that it may appear twice",
    "review": "**needs review**: a person checks whether it is there",
}


def described(outcome: Outcome) -> tuple[str, str]:
    """The error class of this outcome, and its reason."""
    match outcome.status:
        case DeliveryStatus.DELIVERED:
            return "Sent", outcome.receipt.note_key if outcome.receipt else ""
        case DeliveryStatus.FAILED:
            return "Refused", outcome.reason
    if outcome.maybe_sent:
        return "DeliveryUnknown", outcome.reason
    return "CredentialsInvalid" if outcome.reason in NEEDS_PERSON else "Unreachable", outcome.reason


def _end(channel_case: ChannelCase, answer_kind: str, reason: str) -> str:
    match answer_kind:
        case "Sent":
            return "**delivered**, with a receipt"
        case "Refused":
            return "**failed**: a person reads the response"
        case "CredentialsInvalid":
            return "**retrying**: the whole channel pauses and alerts once; everything queued is sent after the fix"
        case "DeliveryUnknown":
            return AGAIN[channel_case.on_unsure]
    return "**retrying** after the delay asked for" if reason == "rate_limited" else "**retrying**"


def _words(fault: str) -> str:
    status, _, form = fault.partition("-")
    if fault in WORDS or not status.isdigit():
        return WORDS.get(fault, f"“{fault}”")
    return f"{status} {FORMS.get(form, '')}".strip()


def lines_of(channel_case: ChannelCase, seen: Mapping[str, Outcome]) -> list[str]:
    """The lines of this channel: one for each class and status, with the responses that lead to it."""
    groups: dict[tuple[str, str], list[str]] = {}
    for fault, outcome in seen.items():
        answer_kind, reason = described(outcome)
        limited = "rate limited" if reason == "rate_limited" else CLASSES[answer_kind]
        groups.setdefault((limited, _end(channel_case, answer_kind, reason)), []).append(_words(fault))
    return [
        f"| {name_of(channel_case)} | {answer_kind} | {end} | {'; '.join(examples)} |"
        for (answer_kind, end), examples in groups.items()
    ]


def name_of(channel_case: ChannelCase) -> str:
    """The desk's English name, without the part for one service."""
    return NAMES.get(channel_case.type, channel_type_name(channel_case.type, {}))


def rewritten(channel_case: ChannelCase, lines: list[str]) -> list[str]:
    """The lines of this channel in the table, written first with ``GOLDEN=write``."""
    before = TABLE.read_text("utf-8").splitlines()
    ours = [n for n, line in enumerate(before) if line.startswith(f"| {name_of(channel_case)} |")]
    if os.environ.get("GOLDEN") == "write":
        start = ours[0] if ours else len(before)
        others = [line for n, line in enumerate(before) if n not in ours]
        TABLE.write_text("\n".join([*others[:start], *lines, *others[start:]]) + "\n", "utf-8")
        return lines
    return [before[n] for n in ours]
