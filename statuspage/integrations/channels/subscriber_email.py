"""Emails to all subscribers, each with individual links, and with a thread for each incident."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from statuspage.domain import (
    ChannelSpec,
    OutgoingMessage,
    Receipt,
    Recipient,
    SubscriberType,
    Thread,
    preferences_link,
    retry,
    unsubscribe_link,
)
from statuspage.integrations.channels import email, smtp_client
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    RecipientSender,
    Refused,
    SubscriberLinks,
)
from statuspage.integrations.channels.bulk_email import PREFERENCES, UNSUBSCRIBE, BulkEmail, RecipientFields
from statuspage.integrations.channels.channel_type import ChannelType, Option
from statuspage.integrations.channels.smtp_pipelining import PipelinedSender
from statuspage.integrations.channels.timeouts import Timeouts

FAILURE_LIMIT = 20
"""A single refused address concerns that address; this many in a row mean that the mail server accepts nothing from
us."""

MAX_CONNECTIONS = 32
"""Connections to one mail server; with more, a server may take us for a spammer."""


def subscriber_email_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """What all emails have in common, with placeholders for the links of each recipient."""
    links = {"email.preferences": PREFERENCES, "email.unsubscribe": UNSUBSCRIBE}
    common = email.email_payload_with_footer(context, spec, "email.subscribed", links)
    return {**common, "to": "", "list": f"{spec.id}.{spec.options['sender'].rpartition('@')[2]}"}


def subscriber_email_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The email as everybody gets it, without a recipient."""
    return {**email.email_message(delivery, thread, page_readable=page_readable), "list": delivery.payload["list"]}


class SubscriberEmail:
    """A mail server for emails to many. Resuming a delivery does no harm, because the result for each recipient is
    stored."""

    on_unsure: OnUnsure = "key"
    subscription_kind = SubscriberType.EMAIL
    failure_limit = FAILURE_LIMIT
    give_up_after = retry.HORIZON

    def __init__(self, spec: ChannelSpec, secrets: Mapping[str, str], timeouts: Timeouts) -> None:
        self.spec = spec
        self.resends_when_unsure = spec.on_unknown_delivery != "review"
        self.connections = int(spec.options["connections"])
        self.rate = float(spec.options["rate"])
        self._secrets = dict(secrets)
        self._timeouts = timeouts
        self._pipelines_next = True

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends nothing: without subscribers there is no recipient."""
        raise CredentialsInvalid("no_subscribers")

    @property
    def sender(self) -> str:
        """The sender's address."""
        return email.check_address(self.spec.options["sender"])

    def send_email(self, message: Message) -> None:
        """Sends one email that is not a notice. Raises the errors of ``EmailChannel.send_email``."""
        email.send_one(message, self._parse_server(), self._timeouts)

    def probe(self) -> str:
        """Signs in and checks whether an email from us would be accepted; sends none."""
        sender = email.check_address(self.spec.options["sender"])
        with smtp_client.open_session(self._parse_server(), self._timeouts) as session:
            session.check_accepts(sender, ())
        return f"{sender} → …"

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """The same as for any message."""
        return retry.pause_before(attempts, jitter)

    @contextmanager
    def connect(
        self,
        delivery: OutgoingMessage,
        thread: Thread | None,
        subscriber_links: SubscriberLinks,
        *,
        page_readable: bool,
    ) -> Iterator[RecipientSender]:
        """A session with the mail server."""
        common = subscriber_email_message(delivery, thread, page_readable=page_readable)
        emails, sender = BulkEmail(common), email.check_address(common["from"])
        with smtp_client.open_session(self._parse_server(), self._timeouts) as session, session.watchdog() as watchdog:
            pipeline = PipelinedSender(session, sender, pipelines_next=self._pipelines_next)

            def send_to(recipient: Recipient, next_recipient: Recipient | None = None) -> None:
                fields = _recipient_fields(recipient, common, subscriber_links)
                next_address = _address_or_empty(next_recipient) if next_recipient else ""
                with watchdog:
                    pipeline.send_one(fields.to, emails.build_for(fields), next_address)

            try:
                yield send_to
            finally:
                if not pipeline.replies_consistently:  # another connection may have found out meanwhile
                    self._pipelines_next = False

    def _parse_server(self) -> smtp_client.Server:
        secrets = self._secrets
        return smtp_client.parse_server(secrets["server"], secrets.get("user", ""), secrets.get("password", ""))


def _address_or_empty(recipient: Recipient) -> str:
    """The recipient's address; "" if no email can be sent to it."""
    try:
        return email.check_address(recipient.subscriber.address)
    except CredentialsInvalid:
        return ""


def _recipient_fields(recipient: Recipient, common: Message, subscriber_links: SubscriberLinks) -> RecipientFields:
    """The fields for this recipient. Raises Refused for an address to which no email can be sent."""
    subscriber = recipient.subscriber
    try:
        address = email.check_address(subscriber.address)
    except CredentialsInvalid as error:
        raise Refused("refused", error.detail) from None
    suffix = sha256(f"email\n{subscriber.id}\n{subscriber.seed}".encode()).hexdigest()[:16]
    id, *references = (
        f"{message_id[:-1].replace('@', f'.{suffix}@')}>" for message_id in (common["id"], *common["references"])
    )
    link_makers = (preferences_link, unsubscribe_link)
    return RecipientFields(
        address,
        id,
        tuple(references),
        *(make_link(subscriber_links.site_url, subscriber_links.key, subscriber) for make_link in link_makers),
    )


def check_options(spec: ChannelSpec) -> Mapping[str, str]:
    """Errors for invalid senders and numbers."""
    problems = dict(email.check_options(replace(spec, account="status@example.com")))
    if not re.fullmatch(r"\d{1,4}(\.\d)?", spec.options["rate"]):
        problems["rate"] = "Write how many emails a second as a number, as in “10”; “0” for as many as it takes."
    if (
        not re.fullmatch(r"\d{1,2}", spec.options["connections"])
        or not 1 <= int(spec.options["connections"]) <= MAX_CONNECTIONS
    ):
        problems["connections"] = f"Write how many connections as a number from 1 to {MAX_CONNECTIONS}, as in “4”."
    return problems


CHANNEL = ChannelType(
    payload=subscriber_email_payload,
    message=subscriber_email_message,
    open=lambda spec, secrets, _api, timeouts: SubscriberEmail(spec, secrets, timeouts),
    secrets=("server",),
    optional_secrets=("user", "password"),
    options={"sender": Option(None), "rate": Option("10"), "connections": Option("4")},
    readable_text=lambda message: str(message["text"]),
    check_options=check_options,
    subscription_kind=SubscriberType.EMAIL,
)
