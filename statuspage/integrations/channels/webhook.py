"""A webhook: one signed message for each notice, as specified by Standard Webhooks."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option, idempotency_key, notice_texts
from statuspage.integrations.channels.http_client import HttpResponse
from statuspage.integrations.channels.incoming_webhook import IncomingWebhook
from statuspage.integrations.channels.staff_message import StaffMessageContent
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.rendering.site import SiteAssets, SiteContext, webhook_payload

OWN_FORMAT, STATUSPAGE_FORMAT = "own", "statuspage"

RESPONDER_CALLED = "colleague.called"
"""The message type of a staff notification."""

MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
"""The allowed length of a signing secret in bytes, https://github.com/standard-webhooks/standard-webhooks"""


def frozen_webhook_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """The body as it will be sent, and the texts in it that people read."""
    if spec.options["format"] != STATUSPAGE_FORMAT:
        return own_format_payload(context, spec)
    body = webhook_payload.build_statuspage_payload(_site_context(context), context.incident, context.open_incidents)
    return {**notice_texts(context, spec), "body": webhook_payload.to_json_text(body)}


def own_format_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """The body in our own format."""
    return {
        **notice_texts(context, spec),
        "body": webhook_payload.to_json_text(webhook_payload.build_payload(_site_context(context), context.incident)),
    }


def _site_context(context: NoticeContext) -> SiteContext:
    return SiteContext(context.catalog, SiteAssets({}, "", ""), context.site_url)


def staff_webhook_payload(content: StaffMessageContent, spec: ChannelSpec) -> Mapping[str, str]:
    """The message to a phone service: whom to call, and what to say."""
    responders = [
        {"name": responder.name, "phone": responder.phone, "mail": responder.email} for responder in content.responders
    ]
    data = {**content.origin, "title": content.title, "text": content.text, "people": responders}
    body = {
        "version": webhook_payload.VERSION,
        "type": RESPONDER_CALLED,
        "cap_status": content.marks.machine,
        "data": data,
    }
    return {"text": content.text, "plain": content.text, "body": webhook_payload.to_json_text(body)}


def event_payload(event: Mapping[str, object]) -> Mapping[str, str]:
    """An event for a program, in the envelope of our own format."""
    body = webhook_payload.to_json_text(webhook_payload.build_event(event))
    return {"text": body, "plain": body, "body": body}


def webhook_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The body, and the id of its repetitions. It is dated and signed when it is sent."""
    return {"webhook-id": _delivery_id(delivery), "body": json.loads(delivery.payload["body"])}


def signature_headers(id: str, at: datetime, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The three headers that prove its origin, with one signature for each secret, so that a secret can be rotated.

    Raises CredentialsInvalid if a secret is invalid.
    """
    stamp = str(int(at.timestamp()))
    content = b".".join((id.encode(), stamp.encode(), body))
    signatures = (b64encode(hmac.digest(_decode_secret(secret), content, "sha256")).decode() for secret in secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


class Webhook:
    """The URL of another program, which recognises a repetition by its id."""

    def __init__(
        self,
        spec: ChannelSpec,
        secrets: Mapping[str, str],
        timeouts: Timeouts,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "key")
        self._signing_secrets = tuple(secrets[name] for name in ("secret", "old_secret") if secrets.get(name))
        self._webhook = IncomingWebhook(secrets["url"], secrets=self._signing_secrets, timeouts=timeouts)
        self._clock = clock

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts it; any 2xx response means that it was received."""
        message = webhook_message(delivery, thread, page_readable=page_readable)
        self._post_event(message["webhook-id"], webhook_payload.to_json_text(message["body"]).encode())
        return Receipt(message["webhook-id"])

    def probe(self) -> str:
        """Sends a signed message of the type ``test``, which has no content and must be ignored."""
        now = self._clock()
        self._post_event(
            f"test_{int(now.timestamp())}",
            webhook_payload.to_json_text({"version": webhook_payload.VERSION, "type": "test"}).encode(),
        )
        return self.spec.account

    def _post_event(self, id: str, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            **signature_headers(id, self._clock(), body, self._signing_secrets),
        }
        response = self._webhook.request("POST", body=body, headers=headers)
        if not response.ok:
            raise self._webhook_error(response)

    def _webhook_error(self, response: HttpResponse) -> Unsent:
        """The error for a rejection. 410 means that they want nothing more; an error about this message only is
        permanent for it."""
        detail = self._webhook.clean(f"{response.status} {response.text}")
        if response.status in (401, 403, 404, 405, 410):
            return CredentialsInvalid("gone" if response.status == 410 else "credentials", detail)
        return self._webhook.error_for(response)


def _delivery_id(delivery: OutgoingMessage) -> str:
    return f"msg_{idempotency_key(delivery).hex}"


def _decode_secret(secret: str) -> bytes:
    try:
        decoded = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        decoded = b""
    if not MIN_SECRET_BYTES <= len(decoded) <= MAX_SECRET_BYTES:
        raise CredentialsInvalid("credentials", "the secret should read whsec_ and 24 to 64 bytes in Base64")
    return decoded


def readable_text(message: Message) -> str:
    """The body as a person can read it; for a phone call, who is called and what is said."""
    body = message["body"]
    if body.get("type") == RESPONDER_CALLED:
        call_lines = [f"{responder['name']} {responder['phone']}".strip() for responder in body["data"]["people"]]
        return "\n".join([*call_lines, body["data"]["text"]])
    return json.dumps(body, ensure_ascii=False, indent=2)


CHANNEL = ChannelType(
    payload=frozen_webhook_payload,
    message=webhook_message,
    open=lambda spec, secrets, _api, timeouts: Webhook(spec, secrets, timeouts),
    secrets=("url", "secret"),
    optional_secrets=("old_secret",),
    options={"format": Option(OWN_FORMAT, (OWN_FORMAT, STATUSPAGE_FORMAT))},
    readable_text=readable_text,
    staff_payload=staff_webhook_payload,
    event_payload=event_payload,
)
