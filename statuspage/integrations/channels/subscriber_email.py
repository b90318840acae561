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
    Kind,
    Receipt,
    Recipient,
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
    Reach,
    RecipientSender,
    Refused,
)
from statuspage.integrations.channels.bulk_email import PREFERENCES, UNSUBSCRIBE, Letters, Own
from statuspage.integrations.channels.channel_type import ChannelType, Option
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.smtp_pipelining import PipelinedSender

HOPELESS = 20
"""An address that is none is one address; so many in a row are a mail server that takes nothing from us."""

MOST_CONNECTIONS = 32
"""Connections to one mail server; more, and a server takes us for something else."""


def subscriber_email_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """All that the letters have in common; a sign stands for the links that are each reader's own."""
    links = {"mail.preferences": PREFERENCES, "mail.unsubscribe": UNSUBSCRIBE}
    common = email.footed(told, spec, "mail.subscribed", links)
    return {**common, "to": "", "list": f"{spec.id}.{spec.options['sender'].rpartition('@')[2]}"}


def subscriber_email_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The letter as everybody gets it, to nobody yet."""
    return {**email.email_message(delivery, thread, readable=readable), "list": delivery.payload["list"]}


class Subscribers:
    """A mail server for letters to many. That a delivery is taken up again does no harm: each recipient is kept."""

    on_unsure: OnUnsure = "key"
    kind = Kind.MAIL
    hopeless = HOPELESS
    horizon = retry.HORIZON

    def __init__(self, spec: ChannelSpec, secrets: Mapping[str, str], bounds: Timeouts) -> None:
        self.spec = spec
        self.again = spec.on_unsure != "look"
        self.connections = int(spec.options["connections"])
        self.rate = float(spec.options["rate"])
        self._secrets = dict(secrets)
        self._bounds = bounds
        self._ahead = True

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """What the letters have in common."""
        return subscriber_email_payload(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """To nobody: where no subscribers are known there is nobody to tell."""
        raise CredentialsInvalid("no_subscribers")

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Nobody can look into somebody else's mailbox."""
        return ()

    @property
    def sender(self) -> str:
        """The address we write from."""
        return email.checked(self.spec.options["sender"])

    def write(self, message: Message) -> None:
        """Hands over one letter that is no notice. Raises as ``mail.Mail.deliver``."""
        email.hand_one(message, self._server(), self._bounds)

    def probe(self) -> str:
        """Signs in and asks whether a letter from us would be taken; sends none."""
        sender = email.checked(self.spec.options["sender"])
        with smtp_client.signed_in(self._server(), self._bounds) as talk:
            talk.would_take(sender, ())
        return f"{sender} → …"

    def pause(self, attempts: int, chance: float) -> timedelta:
        """As for any message."""
        return retry.pause_before(attempts, chance)

    @contextmanager
    def line(
        self, delivery: Delivery, thread: Thread | None, reach: Reach, *, readable: bool
    ) -> Iterator[RecipientSender]:
        """A conversation with the mail server."""
        common = subscriber_email_message(delivery, thread, readable=readable)
        letters, sender = Letters(common), email.checked(common["from"])
        with smtp_client.signed_in(self._server(), self._bounds) as talk, talk.watched() as watch:
            series = PipelinedSender(talk, sender, ahead=self._ahead)

            def hand(one: Recipient, then: Recipient | None = None) -> None:
                own, follows = _own(one, common, reach), _to(then) if then else ""
                with watch:
                    series.pass_on(own.to, letters.to(own), follows)

            try:
                yield hand
            finally:
                if not series.answered:  # another line may have found so meanwhile
                    self._ahead = False

    def _server(self) -> smtp_client.Server:
        known = self._secrets
        return smtp_client.server(known["server"], known.get("user", ""), known.get("password", ""))


def _to(one: Recipient) -> str:
    """Their address; "" where no letter can carry it."""
    try:
        return email.checked(one.subscriber.address)
    except CredentialsInvalid:
        return ""


def _own(one: Recipient, common: Message, reach: Reach) -> Own:
    """Raises Refused for an address that no letter can carry."""
    subscriber = one.subscriber
    try:
        to = email.checked(subscriber.address)
    except CredentialsInvalid as error:
        raise Refused("refused", error.detail) from None
    mark = sha256(f"letter\n{subscriber.id}\n{subscriber.seed}".encode()).hexdigest()[:16]
    id, *above = (f"{known[:-1].replace('@', f'.{mark}@')}>" for known in (common["id"], *common["references"]))
    makers = (preferences_link, unsubscribe_link)
    return Own(to, id, tuple(above), *(made(reach.address, reach.key, subscriber) for made in makers))


def wrong_options(spec: ChannelSpec) -> Mapping[str, str]:
    """A sender that is none, numbers that are none."""
    found = dict(email.wrong_options(replace(spec, account="status@example.com")))
    if not re.fullmatch(r"\d{1,4}(\.\d)?", spec.options["rate"]):
        found["rate"] = "Write how many letters a second as a number, as in “10”; “0” for as many as it takes."
    if (
        not re.fullmatch(r"\d{1,2}", spec.options["connections"])
        or not 1 <= int(spec.options["connections"]) <= MOST_CONNECTIONS
    ):
        found["connections"] = f"Write how many connections as a number from 1 to {MOST_CONNECTIONS}, as in “4”."
    return found


CHANNEL = ChannelType(
    payload=subscriber_email_payload,
    message=subscriber_email_message,
    open=lambda spec, secrets, _api, bounds: Subscribers(spec, secrets, bounds),
    secrets=("server",),
    optional=("user", "password"),
    options={"sender": Option(None), "rate": Option("10"), "connections": Option("4")},
    reads=lambda message: str(message["text"]),
    wrong=wrong_options,
    many=Kind.MAIL,
)
