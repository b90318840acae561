"""Webhooks that customers have registered: verified before the first notice, each signed with a secret of its own."""

from __future__ import annotations

import json
import secrets as chance
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from statuspage.domain import ChannelSpec, Delivery, Receipt, Recipient, Subscriber, SubscriberType, Thread
from statuspage.integrations.channels import webhook
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    NoticeContext,
    OnUnsure,
    RecipientDeferred,
    RecipientGone,
    RecipientSender,
    Refused,
    SubscriberLinks,
    Unsent,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option
from statuspage.integrations.channels.http_client import HttpResponse
from statuspage.integrations.channels.http_limits import Timeouts, parse_wait
from statuspage.integrations.channels.public_egress import Egress, NotAllowed
from statuspage.rendering.site import webhook_payload

DEFAULT_CONNECTIONS = 8
"""How many are told at the same time: a slow one holds up an eighth of the others."""

GIVE_UP_AFTER = timedelta(days=3)
"""How long somebody’s program may be away."""

RETRY_DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Between attempts, as https://www.standardwebhooks.com proposes; a fifth of it is left to chance."""

_JSON = {"Content-Type": "application/json", "User-Agent": "statuspage"}


def new_secret() -> str:
    """With which what is sent to one webhook is signed. Shown to who registered it, once."""
    return f"whsec_{b64encode(chance.token_bytes(32)).decode()}"


def verify(url: str, secret: str, *, now: datetime, egress: Egress | None = None) -> str:
    """Asks a webhook to repeat a word, signed as everything that it will get; "" where it did.

    Else what is wrong, as a label's key (``problem.webhook.KEY``): https, port, user, no_address, inside; away (nobody
    answers), refused (an answer that is none of the 200s), no_echo.
    """
    challenge = chance.token_urlsafe(24)
    body = webhook_payload.to_json_text(
        {"version": webhook_payload.VERSION, "type": "verification", "challenge": challenge}
    ).encode()
    headers = {**_JSON, **webhook.signature_headers(f"verify_{chance.token_hex(8)}", now, body, (secret,))}
    try:
        response = (egress or Egress()).post(url, body, headers)
    except NotAllowed as error:
        return error.reason
    except Unsent:
        return "away"
    if not response.ok:
        return "refused"
    return "" if _echoes_challenge(response, challenge) else "no_echo"


def _echoes_challenge(response: HttpResponse, challenge: str) -> bool:
    """The word alone, or as ``{"challenge": …}``."""
    try:
        body = json.loads(response.text)
    except (ValueError, RecursionError):
        body = response.text.strip()
    echoed = body.get("challenge") if isinstance(body, dict) else body
    return isinstance(echoed, str) and chance.compare_digest(echoed.encode(), challenge.encode())


def subscriber_webhook_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """The body as each of them gets it."""
    return webhook.own_format_payload(context, spec)


class SubscriberWebhooks:
    """Every webhook that was registered and verified. They know by the id what they have already."""

    on_unsure: OnUnsure = "key"
    subscription_kind = SubscriberType.WEBHOOK
    resends_when_unsure = True
    rate = 0.0
    failure_limit = 0
    give_up_after = GIVE_UP_AFTER

    def __init__(
        self,
        spec: ChannelSpec,
        egress: Egress | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.spec = spec
        self.connections = int(spec.options["connections"])
        self._egress = egress or Egress()
        self._clock = clock

    def payload(self, context: NoticeContext) -> Mapping[str, str]:
        """The body as each of them gets it."""
        return subscriber_webhook_payload(context, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """To nobody: where no subscribers are known there is nobody to tell."""
        raise CredentialsInvalid("no_subscribers")

    def find(self, delivery: Delivery, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Nobody asks."""
        return ()

    def probe(self) -> str:
        """There is no account: each has a secret of their own."""
        return self.spec.account

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """Longer each time, up to a day."""
        return RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1] * (0.9 + jitter / 5)

    @contextmanager
    def connect(
        self, delivery: Delivery, thread: Thread | None, subscriber_links: SubscriberLinks, *, page_readable: bool
    ) -> Iterator[RecipientSender]:
        """A connection for each, since each is somebody else's."""
        message = webhook.webhook_message(delivery, thread, page_readable=page_readable)
        body = webhook_payload.to_json_text(message["body"]).encode()
        yield lambda recipient, _next_recipient=None: self._post(recipient, message["webhook-id"], body)

    def _post(self, recipient: Recipient, id: str, body: bytes) -> None:
        """Raises Gone where they want nothing more, PutOff else; what they say beside the number is not kept."""
        subscriber: Subscriber = recipient.subscriber
        try:
            headers = {**_JSON, **webhook.signature_headers(id, self._clock(), body, (subscriber.secret,))}
        except CredentialsInvalid as error:
            raise Refused("refused", error.detail) from None
        try:
            response = self._egress.post(subscriber.address, body, headers)
        except Unsent as error:
            raise RecipientDeferred(error.reason, error.detail) from None
        if response.status == 410:
            raise RecipientGone("gone", "410")
        if not response.ok:
            raise RecipientDeferred("channel_down", str(response.status), wait=parse_wait(response.headers))


def _open_channel(spec: ChannelSpec, _secrets: Mapping[str, str], _api: str, _timeouts: Timeouts) -> SubscriberWebhooks:
    return SubscriberWebhooks(spec)


def check_options(spec: ChannelSpec) -> Mapping[str, str]:
    """A number that is none."""
    connections = spec.options["connections"]
    is_valid = connections.isascii() and connections.isdigit() and 1 <= int(connections) <= 64
    return {} if is_valid else {"connections": "Write how many at the same time as a number from 1 to 64, as in “8”."}


CHANNEL = ChannelType(
    payload=subscriber_webhook_payload,
    message=webhook.webhook_message,
    open=_open_channel,
    options={"connections": Option(str(DEFAULT_CONNECTIONS))},
    readable_text=webhook.readable_text,
    check_options=check_options,
    subscription_kind=SubscriberType.WEBHOOK,
)
