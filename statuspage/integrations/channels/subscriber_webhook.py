"""Webhooks registered by customers: verified before the first notice, with calls signed with each webhook's own
secret."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Recipient, Subscriber, SubscriberType, Thread
from statuspage.integrations.channels import webhook
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
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
from statuspage.integrations.channels.http_limits import parse_wait
from statuspage.integrations.channels.public_egress import Egress, NotAllowed
from statuspage.rendering.site import webhook_payload

DEFAULT_CONNECTIONS = 8
"""How many are sent at the same time: a slow one holds up one eighth of the others."""

GIVE_UP_AFTER = timedelta(days=3)
"""How long a webhook may be unreachable before it is given up."""

RETRY_DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Pauses between attempts, as proposed by https://www.standardwebhooks.com; a fifth of each is random."""

_JSON = {"Content-Type": "application/json", "User-Agent": "statuspage"}


def new_secret() -> str:
    """A secret that signs what is sent to one webhook. Shown once, to whoever registers it."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def verify(url: str, secret: str, *, now: datetime, egress: Egress | None = None) -> str:
    """Asks a webhook to echo a signed challenge; "" if it did.

    Otherwise the problem, as a label's key (``problem.webhook.KEY``): https, port, user, no_address, inside; away (no
    response), refused (a status other than 2xx), no_echo.
    """
    challenge = secrets.token_urlsafe(24)
    body = webhook_payload.to_json_text(
        {"version": webhook_payload.VERSION, "type": "verification", "challenge": challenge}
    ).encode()
    headers = {**_JSON, **webhook.signature_headers(f"verify_{secrets.token_hex(8)}", now, body, (secret,))}
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
    """Whether the response is the challenge alone, or ``{"challenge": …}``."""
    try:
        body = json.loads(response.text)
    except (ValueError, RecursionError):
        body = response.text.strip()
    echoed = body.get("challenge") if isinstance(body, dict) else body
    return isinstance(echoed, str) and secrets.compare_digest(echoed.encode(), challenge.encode())


class SubscriberWebhooks:
    """All registered and verified webhooks. They recognise a repetition by its id."""

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

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends nothing: without subscribers there is no recipient."""
        raise CredentialsInvalid("no_subscribers")

    def probe(self) -> str:
        """ "": there is no account, because each webhook has its own secret."""
        return self.spec.account

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """Longer after each attempt, up to a day."""
        return RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1] * (0.9 + jitter / 5)

    @contextmanager
    def connect(
        self,
        delivery: OutgoingMessage,
        thread: Thread | None,
        subscriber_links: SubscriberLinks,
        *,
        page_readable: bool,
    ) -> Iterator[RecipientSender]:
        """A new connection for each recipient, because each has a different host."""
        message = webhook.webhook_message(delivery, thread, page_readable=page_readable)
        body = webhook_payload.to_json_text(message["body"]).encode()
        yield lambda recipient, _next_recipient=None: self._post_to_subscriber(recipient, message["webhook-id"], body)

    def _post_to_subscriber(self, recipient: Recipient, id: str, body: bytes) -> None:
        """Raises RecipientGone if the recipient wants nothing more, otherwise RecipientDeferred. Only the status of the
        response is stored."""
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


def check_options(spec: ChannelSpec) -> Mapping[str, str]:
    """Errors for invalid numbers."""
    connections = spec.options["connections"]
    is_valid = connections.isascii() and connections.isdigit() and 1 <= int(connections) <= 64
    return {} if is_valid else {"connections": "Write how many at the same time as a number from 1 to 64, as in “8”."}


CHANNEL = ChannelType(
    payload=webhook.own_format_payload,
    message=webhook.webhook_message,
    open=lambda spec, _secrets, _api, _timeouts: SubscriberWebhooks(spec),
    options={"connections": Option(str(DEFAULT_CONNECTIONS))},
    readable_text=webhook.readable_text,
    check_options=check_options,
    subscription_kind=SubscriberType.WEBHOOK,
)
