"""Mail to everybody who asked to be told, each with links of their own, a thread for each incident."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from statuspage.domain import (
    ChannelSpec,
    Delivery,
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
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.smtp_pipelining import PipelinedSender

FAILURE_LIMIT = 20
"""An address that is none is one address; so many in a row are a mail server that takes nothing from us."""

MAX_CONNECTIONS = 32
"""Connections to one mail server; more, and a server takes us for something else."""


def subscriber_email_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """All that the letters have in common; a sign stands for the links that are each reader's own."""
    links = {"mail.preferences": PREFERENCES, "mail.unsubscribe": UNSUBSCRIBE}
    common = email.email_payload_with_footer(context, spec, "mail.subscribed", links)
    return {**common, "to": "", "list": f"{spec.id}.{spec.options['sender'].rpartition('@')[2]}"}


def subscriber_email_message(delivery: Delivery, thread: Thread | None, *, page_readable: bool) -> Message:
    """The letter as everybody gets it, to nobody yet."""
    return {**email.email_message(delivery, thread, page_readable=page_readable), "list": delivery.payload["list"]}


class SubscriberEmail:
    """A mail server for letters to many. That a delivery is taken up again does no harm: each recipient is kept."""

    on_unsure: OnUnsure = "key"
    subscription_kind = SubscriberType.EMAIL
    failure_limit = FAILURE_LIMIT
    give_up_after = retry.HORIZON

    def __init__(self, spec: ChannelSpec, secrets: Mapping[str, str], timeouts: Timeouts) -> None:
        self.spec = spec
        self.resends_when_unsure = spec.on_unknown_delivery != "look"
        self.connections = int(spec.options["connections"])
        self.rate = float(spec.options["rate"])
        self._secrets = dict(secrets)
        self._timeouts = timeouts
        self._pipelines_next = True

    def payload(self, context: NoticeContext) -> Mapping[str, str]:
        """What the letters have in common."""
        return subscriber_email_payload(context, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """To nobody: where no subscribers are known there is nobody to tell."""
        raise CredentialsInvalid("no_subscribers")

    def find(self, delivery: Delivery, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Nobody can look into somebody else's mailbox."""
        return ()

    @property
    def sender(self) -> str:
        """The address we write from."""
        return email.check_address(self.spec.options["sender"])

    def send_email(self, message: Message) -> None:
        """Hands over one letter that is no notice. Raises as ``mail.Mail.deliver``."""
        email.send_one(message, self._parse_server(), self._timeouts)

    def probe(self) -> str:
        """Signs in and asks whether a letter from us would be taken; sends none."""
        sender = email.check_address(self.spec.options["sender"])
        with smtp_client.open_session(self._parse_server(), self._timeouts) as session:
            session.check_accepts(sender, ())
        return f"{sender} → …"

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """As for any message."""
        return retry.pause_before(attempts, jitter)

    @contextmanager
    def connect(
        self, delivery: Delivery, thread: Thread | None, subscriber_links: SubscriberLinks, *, page_readable: bool
    ) -> Iterator[RecipientSender]:
        """A conversation with the mail server."""
        common = subscriber_email_message(delivery, thread, page_readable=page_readable)
        emails, sender = BulkEmail(common), email.check_address(common["from"])
        with smtp_client.open_session(self._parse_server(), self._timeouts) as session, session.watchdog() as watchdog:
            pipeline = PipelinedSender(session, sender, pipelines_next=self._pipelines_next)

            def send_to(recipient: Recipient, next_recipient: Recipient | None = None) -> None:
                fields, next_address = (
                    _recipient_fields(recipient, common, subscriber_links),
                    _address_or_empty(next_recipient) if next_recipient else "",
                )
                with watchdog:
                    pipeline.send_one(fields.to, emails.build_for(fields), next_address)

            try:
                yield send_to
            finally:
                if not pipeline.replies_consistently:  # another line may have found so meanwhile
                    self._pipelines_next = False

    def _parse_server(self) -> smtp_client.Server:
        secrets = self._secrets
        return smtp_client.parse_server(secrets["server"], secrets.get("user", ""), secrets.get("password", ""))


def _address_or_empty(recipient: Recipient) -> str:
    """Their address; "" where no letter can carry it."""
    try:
        return email.check_address(recipient.subscriber.address)
    except CredentialsInvalid:
        return ""


def _recipient_fields(recipient: Recipient, common: Message, subscriber_links: SubscriberLinks) -> RecipientFields:
    """Raises Refused for an address that no letter can carry."""
    subscriber = recipient.subscriber
    try:
        address = email.check_address(subscriber.address)
    except CredentialsInvalid as error:
        raise Refused("refused", error.detail) from None
    suffix = sha256(f"letter\n{subscriber.id}\n{subscriber.seed}".encode()).hexdigest()[:16]
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
    """A sender that is none, numbers that are none."""
    problems = dict(email.check_options(replace(spec, account="status@example.com")))
    if not re.fullmatch(r"\d{1,4}(\.\d)?", spec.options["rate"]):
        problems["rate"] = "Write how many letters a second as a number, as in “10”; “0” for as many as it takes."
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
