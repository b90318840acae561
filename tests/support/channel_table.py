"""The table in docs/guides/channels/README.md: the meaning of each response of each service, and the resulting status.

The shared tests (test_channels.py) generate its lines from what they observe; ``GOLDEN=write`` writes them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from statuspage.domain.catalog import channel_type_name
from statuspage.domain.queue_item import DeliveryStatus, Outcome
from statuspage.domain.retry import NEEDS_PERSON
from tests.support.channel_cases import ChannelCase
from tests.support.paths import ROOT

TABLE = ROOT / "docs" / "guides" / "channels" / "README.md"

NAMES = {"x": "X", "line": "LINE", "slack-webhook": "Slack (webhook)"}

FORMS = {
    "after": "and `Retry-After` in seconds",
    "date": "and `Retry-After` as a date",
    "reset": "and when the limit is lifted",
    "absurd": "and a wait of a month",
    "past": "and a time that is past",
    "negative": "and a negative wait",
    "nonsense": "and a wait that is no time",
    "html": "and a page",
}
WORDS = {
    "": "taken",
    "redirect": "a redirect to another host",
    "html": "a page instead of data",
    "empty": "nothing at all",
    "list": "data of another shape",
    "no-id": "no id",
    "cut": "the line goes while we send",
    "drop": "the line goes before the answer",
    "hang": "no answer",
    "drip": "an answer, a letter at a time",
    "endless": "an answer without end",
    "nonsense": "an answer that is none",
    "connect-421": "421 for a greeting",
    "connect-554": "554 for a greeting",
    "mail-451": "451 to the sender",
    "mail-550": "550 to the sender",
    "mail-552": "552 to the sender",
    "rcpt-450": "450 to an address",
    "rcpt-530": "530 to an address",
    "rcpt-550": "550 to an address",
    "off": "the workflow is switched off",
    "429-json": "429 and a wait in the answer itself",
    "permissions": "the app may not post",
    "disabled": "the account is closed",
    "takedown": "the account is closed",
    "record": "a post that breaks its rules",
    "monthly": "the month's messages are used up",
    "500-list": "500 and data of another shape",
}

CLASSES = {
    "Sent": "ok",
    "Unreachable": "not taken",
    "Refused": "permanent",
    "CredentialsInvalid": "settings broken",
    "DeliveryUnknown": "unsure",
}
AGAIN = {
    "key": "**waiting**: sent again under the same key, which cannot make it two",
    "find": "**waiting**: looked for by the program, sent again if it is not there",
    "resend": "**waiting**: sent again; the receipt says that it may be there twice",
    "review": "**look**: a person looks whether it is there",
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
            return "**sent**, with a receipt"
        case "Refused":
            return "**refused**: a person reads the answer"
        case "CredentialsInvalid":
            return "**waiting** with the whole channel: one alarm, a person mends it, then all goes out"
        case "DeliveryUnknown":
            return AGAIN[channel_case.on_unsure]
    return "**waiting** as long as we are asked to" if reason == "rate_limited" else "**waiting**: tried again"


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
