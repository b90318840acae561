"""The table of all channels for their shared tests (test_channels.py): one row each, with its fake server on loopback
and the meaning of each response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from statuspage.domain.facts import NoticeKind
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import (
    Channel,
    CredentialsInvalid,
    DeliveryUnknown,
    OnUnsure,
    Refused,
    Unreachable,
    Unsent,
)
from statuspage.integrations.channels.timeouts import Timeouts
from tests.support.fakes import bluesky_server, line_server, mastodon_server, x_server
from tests.support.fakes.hooks import SECRET, DiscordHook, SlackHook, Subscriber, TeamsFlow, of_card
from tests.support.fakes.mail_server import mail_server
from tests.support.fakes.service import ReceivedMessage, Service, running
from tests.support.fakes.slack_server import CHANNEL_ID, TOKEN, SlackServer
from tests.support.fakes.x_server import Account, Server

HURRIED = Timeouts(connect=1.0, read=1.0, total=1.6)
"""How long a test waits for a response that does not come."""

Meaning = tuple[type[Unsent], str]
"""An error class and its reason (``receipt.reason.KEY``)."""

LIMITED: Mapping[str, Meaning] = dict.fromkeys(
    ["429", "429-after", "429-date", "429-reset", "429-absurd", "429-past", "429-negative", "429-nonsense"],
    (Unreachable, "rate_limited"),
)
DOWN: Mapping[str, Meaning] = dict.fromkeys(
    ["500", "502", "503", "503-after", "503-html", "504", "redirect"], (Unreachable, "channel_down")
)
ODD: Mapping[str, Meaning] = dict.fromkeys(["html", "empty", "list", "no-id"], (DeliveryUnknown, "unexpected_response"))
GONE: Mapping[str, Meaning] = dict.fromkeys(
    ["cut", "drop", "hang", "drip", "endless"], (DeliveryUnknown, "no_response")
)
HTTP: Mapping[str, Meaning] = {
    "400": (Refused, "refused"),
    "401": (CredentialsInvalid, "credentials"),
    "403": (Refused, "refused"),
    **LIMITED,
    **DOWN,
    **ODD,
    **GONE,
}
"""The meaning of the faults of tests/support/fakes/service.py for most channels; a row lists its differences."""


def _as_sent(text: str) -> Mapping[str, str]:
    return {"text": text, "plain": text}


def _all_of(message: Any) -> str:
    """Every text in a message."""
    match message:
        case str():
            return message
        case dict():
            return "".join(map(_all_of, message.values()))
        case list():
            return "".join(map(_all_of, message))
    return ""


@dataclass(frozen=True)
class ChannelCase:
    """One channel. ``secrets`` are those its server accepts; ``answers`` is the meaning of each fault.

    ``url`` is the message's URL in its receipt; ``probe`` the result of testing its settings. ``frozen`` makes a
    payload of our own text, ``silent`` tells whether a message mentions nobody. ``ids``: whether it has message ids;
    ``note`` is the note in all its receipts; ``reads`` what a reader finds in a drill's message.
    """

    spec: ChannelSpec
    serve: Callable[[], AbstractContextManager[Service]]
    secrets: Callable[[Any], Mapping[str, str]]
    answers: Mapping[str, Meaning]
    on_unsure: OnUnsure
    probe: str
    threads: bool = True
    ids: bool = True
    note: str = ""
    reads: Callable[[Mapping[str, Any]], str] = _all_of
    url: Callable[[ReceivedMessage], str] = lambda message: ""
    frozen: Callable[[str], Mapping[str, str]] = _as_sent
    silent: Callable[[ReceivedMessage], bool] | None = None

    @property
    def type(self) -> str:
        """Its type, by which the test is named."""
        return self.spec.type

    def environ(self, service: Service) -> dict[str, str]:
        """The environment of a program that may use it."""
        prefix = f"STATUSPAGE_{self.spec.id.upper().replace('-', '_')}_"
        given = {prefix + name.upper(): value for name, value in self.secrets(service).items()}
        return {**given, f"STATUSPAGE_{self.type.upper()}_API": service.address}

    def open(self, service: Service, **change: Any) -> Channel:
        """The channel itself, with short timeouts; ``change`` overrides its content."""
        return channels.open_live(replace(self.spec, **change), self.environ(service), HURRIED)


def _of_mail(text: str) -> Mapping[str, str]:
    """An email with only this text."""
    head = {"subject": "お知らせ", "name": "Fitline", "from": SENDER, "to": "desk@fitline.example", "status": "Actual"}
    return {**_as_sent(text), "text_html": f"<p>{escape(text)}</p>", "plain_html": f"<p>{escape(text)}</p>", **head}


SENDER = "status@fitline.example"
MAIL: Mapping[str, Meaning] = {
    **dict.fromkeys(["421", "450", "451", "452", "connect-421", "mail-451", "rcpt-450"], (Unreachable, "channel_down")),
    **dict.fromkeys(["550", "552", "554", "mail-552", "rcpt-550"], (Refused, "refused")),
    **dict.fromkeys(["connect-554", "mail-550", "rcpt-530"], (CredentialsInvalid, "credentials")),
    **GONE,
    "nonsense": (DeliveryUnknown, "unexpected_response"),
}
"""The meaning of a mail server's replies at each stage: 4xx is temporary, 5xx is not, and after the message itself the
result is unknown."""


HOOK: Mapping[str, Meaning] = {**HTTP, **dict.fromkeys(["401", "403", "404"], (CredentialsInvalid, "credentials"))}
"""A secret URL: a rejection means that it is wrong."""


def _of_hook(text: str) -> Mapping[str, str]:
    """A message for a program, with only this text."""
    return {**_as_sent(text), "body": json.dumps({"data": {"words": {"ja": {"text": text}}}})}


def _spec(type: str, language: str = "ja", **more: Any) -> ChannelSpec:
    """A channel that carries every notice, in a medium with its own name."""
    return ChannelSpec(
        f"{type}-{language}", type, language, more.pop("medium", type), notice_kinds=tuple(NoticeKind), **more
    )


MASTODON = {"server": "https://social.example", "visibility": "public"}

CHANNEL_CASES: tuple[ChannelCase, ...] = (
    ChannelCase(
        spec=_spec("bluesky", account="@fitline.bsky.social", options={"server": "https://bsky.social"}),
        serve=lambda: running(bluesky_server.Server()),
        secrets=lambda _: {"app_password": bluesky_server.PASSWORD},
        answers={**HTTP, "takedown": (CredentialsInvalid, "credentials"), "record": (Refused, "refused")},
        on_unsure="key",
        probe="@fitline.bsky.social",
        url=lambda message: f"https://bsky.app/profile/fitline.bsky.social/post/{message.id.rpartition('/')[2]}",
        silent=lambda message: not any("mention" in str(facet) for facet in message.body.get("facets", ())),
    ),
    ChannelCase(
        spec=_spec("line", account="@216ru003"),
        serve=lambda: running(line_server.Server()),
        secrets=lambda _: {"token": line_server.TOKEN},
        answers={
            **HTTP,
            "403": (CredentialsInvalid, "credentials"),
            "monthly": (CredentialsInvalid, "credits"),
            "500": (DeliveryUnknown, "no_response"),
        },
        on_unsure="key",
        probe="Fitline (@216ru003)",
        threads=False,
    ),
    ChannelCase(
        spec=_spec("mastodon", account="@fitline@social.example", options=MASTODON),
        serve=lambda: running(mastodon_server.Server()),
        secrets=lambda _: {"token": mastodon_server.TOKEN},
        answers={
            **HTTP,
            "403": (CredentialsInvalid, "credentials"),
            "disabled": (CredentialsInvalid, "credentials"),
            "422": (Refused, "refused"),
        },
        on_unsure="find",
        probe="@fitline@social.example",
        url=lambda message: f"https://social.example/@fitline/{message.id}",
        silent=lambda message: not mastodon_server.mentioned(message.text),
    ),
    ChannelCase(
        spec=_spec("x", account="@fitline_jp"),
        serve=lambda: running(Server()),
        secrets=lambda _: Account().settings,
        answers={
            **HTTP,
            "402": (CredentialsInvalid, "credits"),
            "permissions": (CredentialsInvalid, "credentials"),
            "500-list": (Unreachable, "channel_down"),
        },
        on_unsure="find",
        probe="@fitline_jp",
        url=lambda message: f"https://x.com/fitline_jp/status/{message.id}",
        silent=lambda message: not x_server.mentioned(message.text),
    ),
    ChannelCase(
        spec=_spec("mail", account="desk@fitline.example", options={"sender": SENDER}),
        serve=mail_server,
        secrets=lambda service: service.settings,
        answers=MAIL,
        on_unsure="resend",
        probe=f"{SENDER} → desk@fitline.example",
        frozen=_of_mail,
        silent=lambda message: str(message.body["To"]) == "desk@fitline.example" and not message.body["Cc"],
    ),
    ChannelCase(
        spec=_spec("slack", account="#status", options={"channel_id": CHANNEL_ID}),
        serve=lambda: running(SlackServer()),
        secrets=lambda _: {"token": TOKEN},
        answers={
            **HTTP,
            "channel_not_found": (CredentialsInvalid, "no_destination"),
            "not_in_channel": (CredentialsInvalid, "no_destination"),
            "is_archived": (CredentialsInvalid, "no_destination"),
            "token_revoked": (CredentialsInvalid, "credentials"),
            "missing_scope": (CredentialsInvalid, "credentials"),
            "msg_too_long": (Refused, "refused"),
            "service_unavailable": (Unreachable, "channel_down"),
            "ratelimited": (Unreachable, "rate_limited"),
            "internal_error": (DeliveryUnknown, "unexpected_response"),
            "fatal_error": (DeliveryUnknown, "unexpected_response"),
        },
        on_unsure="find",
        probe="statuspage (Fitline)",
        url=lambda message: f"https://fitline.slack.com/archives/{CHANNEL_ID}/p{message.id.replace('.', '')}",
        silent=lambda message: "CALLED" not in message.text and not message.body["link_names"],
    ),
    ChannelCase(
        spec=_spec("slack-webhook", account="#status", medium="slack"),
        serve=lambda: running(SlackHook()),
        secrets=lambda service: {"url": service.url},
        answers={**HOOK, "410": (CredentialsInvalid, "no_destination")},
        on_unsure="resend",
        probe="#status",
        threads=False,
        ids=False,
        silent=lambda message: "CALLED" not in message.text and not message.body["link_names"],
    ),
    ChannelCase(
        spec=_spec("teams", account="Status"),
        serve=lambda: running(TeamsFlow()),
        secrets=lambda service: {"url": service.url},
        answers={**HOOK, "off": (CredentialsInvalid, "credentials"), "413": (Refused, "refused")},
        on_unsure="resend",
        probe="Status",
        threads=False,
        ids=False,
        note="accepted",
        frozen=lambda text: {**_as_sent(text), "link": "", "look": ""},
        reads=lambda message: of_card(message["attachments"][0]["content"]),
        silent=lambda message: (
            not any(f'"{word}"' in json.dumps(message.body) for word in ("TextBlock", "entities", "mention"))
        ),
    ),
    ChannelCase(
        spec=_spec("discord", account="#status"),
        serve=lambda: running(DiscordHook()),
        secrets=lambda service: {"url": service.url},
        answers={**HOOK, "429-json": (Unreachable, "rate_limited")},
        on_unsure="resend",
        probe="Fitline (77)",
        threads=False,
        url=lambda message: f"https://discord.com/channels/55/77/{message.id}",
        silent=lambda message: bool(message.body["allowed_mentions"] == {"parse": []}),
    ),
    ChannelCase(
        spec=_spec("webhook", account="Partner", options={"format": "own"}),
        serve=lambda: running(Subscriber()),
        secrets=lambda service: {"url": service.url, "secret": SECRET},
        answers={
            **{fault: meaning for fault, meaning in HOOK.items() if fault not in ODD},
            "410": (CredentialsInvalid, "gone"),
            "422": (Refused, "refused"),
        },
        on_unsure="key",
        probe="Partner",
        threads=False,
        frozen=_of_hook,
        silent=lambda message: True,
    ),
)


def written(folder: Path, channel: str) -> list[dict[str, Any]]:
    """The sandbox's messages for this channel, in order."""
    return [json.loads(file.read_text("utf-8")) for file in sorted((folder / channel).glob("*.json"))]
