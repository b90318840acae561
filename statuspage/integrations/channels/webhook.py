"""A program of somebody else: a signed message for each notice, after Standard Webhooks."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option, key, texts
from statuspage.integrations.channels.http_client import Answer
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.incoming_webhook import Hook
from statuspage.integrations.channels.staff_message import StaffMessageContent
from statuspage.rendering.site import SiteAssets, SiteContext, webhook_payload

OWN, STATUSPAGE = "own", "statuspage"

CALL = "colleague.called"
"""The type of a message that calls somebody."""

SHORTEST, LONGEST = 24, 64
"""Bytes of a signing secret, https://github.com/standard-webhooks/standard-webhooks"""


def frozen_webhook_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """The body as it will be sent, and the words in it that people read."""
    if spec.options["format"] != STATUSPAGE:
        return own_shape_payload(told, spec)
    body = webhook_payload.as_statuspage(_edition(told), told.story, told.open)
    return {**texts(told, spec), "body": webhook_payload.printed(body)}


def own_shape_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """The same in the shape that is our own."""
    return {
        **texts(told, spec),
        "body": webhook_payload.printed(webhook_payload.own_payload(_edition(told), told.story)),
    }


def _edition(told: NoticeContext) -> SiteContext:
    return SiteContext(told.catalog, SiteAssets({}, "", ""), told.address)


def inside(said: StaffMessageContent, spec: ChannelSpec) -> Mapping[str, str]:
    """What a phone service is told: whom to call, and what to say."""
    people = [{"name": one.name, "phone": one.phone, "mail": one.mail} for one in said.who]
    data = {**said.about, "title": said.title, "text": said.text, "people": people}
    body = {"version": webhook_payload.VERSION, "type": CALL, "cap_status": said.marks.machine, "data": data}
    return {"text": said.text, "plain": said.text, "body": webhook_payload.printed(body)}


def webhook_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The body, and the id by which a repetition is known. When it goes out it is dated and signed."""
    return {"webhook-id": _delivery_id(delivery), "body": json.loads(delivery.payload["body"])}


def signed(id: str, at: datetime, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The three headers that prove whose it is; one signature by each secret, so that a new one can take over.

    Raises AuthBroken where a secret is none.
    """
    stamp = str(int(at.timestamp()))
    content = b".".join((id.encode(), stamp.encode(), body))
    made = (b64encode(hmac.digest(_bytes(secret), content, "sha256")).decode() for secret in secrets)
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": " ".join(f"v1,{one}" for one in made)}


class Webhook:
    """An address of somebody else's program. It knows by the id what it has already."""

    def __init__(
        self,
        spec: ChannelSpec,
        secrets: Mapping[str, str],
        bounds: Timeouts,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "key")
        self._signers = tuple(secrets[name] for name in ("secret", "old_secret") if secrets.get(name))
        self._hook = Hook(secrets["url"], secrets=self._signers, bounds=bounds)
        self._clock = clock

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """The body as it will be sent."""
        return frozen_webhook_payload(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it; any answer of the 200s means that they have it."""
        sent = webhook_message(delivery, thread, readable=readable)
        self._post(sent["webhook-id"], webhook_payload.printed(sent["body"]).encode())
        return Receipt(sent["webhook-id"])

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Nobody asks: they know by the id what they have."""
        return ()

    def probe(self) -> str:
        """A signed message of the type ``test``, which tells nothing and is to be left aside."""
        now = self._clock()
        self._post(
            f"test_{int(now.timestamp())}",
            webhook_payload.printed({"version": webhook_payload.VERSION, "type": "test"}).encode(),
        )
        return self.spec.account

    def _post(self, id: str, body: bytes) -> None:
        headers = {"Content-Type": "application/json", **signed(id, self._clock(), body, self._signers)}
        answer = self._hook.ask("POST", body=body, headers=headers)
        if not answer.ok:
            raise self._refusal(answer)

    def _refusal(self, answer: Answer) -> Unsent:
        """410 means that they want nothing more; what is wrong with this one message alone is refused for good."""
        detail = self._hook.clean(f"{answer.status} {answer.text}")
        if answer.status in (401, 403, 404, 405, 410):
            return CredentialsInvalid("gone" if answer.status == 410 else "credentials", detail)
        return self._hook.meaning(answer)


def _delivery_id(delivery: Delivery) -> str:
    return f"msg_{key(delivery).hex}"


def _bytes(secret: str) -> bytes:
    try:
        found = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        found = b""
    if not SHORTEST <= len(found) <= LONGEST:
        raise CredentialsInvalid("credentials", "the secret should read whsec_ and 24 to 64 bytes in Base64")
    return found


def reads(message: Message) -> str:
    """The body as a person can read it; of a call, whom the service rings up, and what it says to them."""
    body = message["body"]
    if body.get("type") == CALL:
        people = [f"{one['name']} {one['phone']}".strip() for one in body["data"]["people"]]
        return "\n".join([*people, body["data"]["text"]])
    return json.dumps(body, ensure_ascii=False, indent=2)


CHANNEL = ChannelType(
    payload=frozen_webhook_payload,
    message=webhook_message,
    open=lambda spec, secrets, _api, bounds: Webhook(spec, secrets, bounds),
    secrets=("url", "secret"),
    optional=("old_secret",),
    options={"format": Option(OWN, (OWN, STATUSPAGE))},
    reads=reads,
    inside=inside,
)
