"""Slack by an incoming webhook: a secret address of one room. No threads, nothing to read back or to take away."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, note_of, texts
from statuspage.integrations.channels.http_client import Answer
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.incoming_webhook import Hook
from statuspage.integrations.channels.slack import QUIET, called, escaped, readable_text
from statuspage.integrations.channels.staff_message import words

ABOUT_US = frozenset("no_service no_service_id no_team team_disabled invalid_token action_prohibited".split())
ABOUT_ROOM = frozenset("channel_not_found channel_is_archived posting_to_general_channel_denied".split())


def slack_webhook_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The message as the address is handed it."""
    return {"text": called(delivery, escaped(chosen_text(delivery, readable=readable))), **QUIET}


class SlackWebhook:
    """One room of Slack."""

    def __init__(self, spec: ChannelSpec, address: str, bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._hook = Hook(address, bounds=bounds)

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return texts(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it; *ok* is all that Slack says."""
        answer = self._hook.ask("POST", json=slack_webhook_message(delivery, thread, readable=readable))
        if not answer.ok:
            raise self._refusal(answer)
        if answer.text.strip() != "ok":
            raise DeliveryUnknown("odd_answer", f"{answer.status}, and no “ok” in the answer")
        return Receipt(note=note_of(delivery, readable=readable))

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """The address shows nothing."""
        return ()

    def probe(self) -> str:
        """An empty message, which Slack refuses when the address is right (``no_text``) and nobody sees."""
        answer = self._hook.ask("POST", json={"text": ""})
        if answer.status == 400 and answer.text.strip() in ("no_text", "invalid_payload"):
            return self.spec.account
        raise self._refusal(answer)

    def _refusal(self, answer: Answer) -> Unsent:
        detail = self._hook.clean(f"{answer.status} {answer.text}")
        error = answer.text.strip()
        if error in ABOUT_ROOM or answer.status == 410:
            return CredentialsInvalid("no_room", detail)
        if error in ABOUT_US or answer.status in (401, 403, 404):
            return CredentialsInvalid("credentials", detail)
        return self._hook.meaning(answer)


CHANNEL = ChannelType(
    payload=texts,
    message=slack_webhook_message,
    open=lambda spec, secrets, _api, bounds: SlackWebhook(spec, secrets["url"], bounds),
    secrets=("url",),
    reads=readable_text,
    inside=words,
)
