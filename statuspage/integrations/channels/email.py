"""Mail: a notice to a few addresses of the house's own, a thread for each incident."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from html import escape

from statuspage import bundled
from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels import smtp_client
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    Refused,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option, note_of, texts
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.staff_message import StaffMessageContent
from statuspage.rendering.site import Foot, clean, letter, shape, site_label
from statuspage.rendering.wording import Clock

PATIENT = 3
"""Attempts for as long as one address says *later* to hold the others up."""

_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""What we take for an address: no quotation marks, no blanks, nothing that a mail server could read as a command."""

_POLICY = SMTP.clone(cte_type="7bit")
"""Lines end in CRLF, and nothing needs a server that takes eight bits."""


def email_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """All that a letter needs but its thread: both parts, each with and without the link, and who writes to whom."""
    return footed(told, spec, "mail.staff")


def footed(
    told: NoticeContext, spec: ChannelSpec, why: str, links: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """The same with ``why`` one gets it (a label's key), and ``links`` (a label's key: where) below."""
    book, words = told.catalog.books[spec.language], told.notice.words[spec.language]
    when = Clock(book.writing, told.catalog.site.zone).day_clock(told.at)
    below = tuple((site_label(book, key), where) for key, where in (links or {}).items())
    foot = Foot((site_label(book, "mail.sent", when=when), site_label(book, why)), below)
    link, look = told.link(spec.language), shape(told.story)
    frozen = {"name": f"{book.marks.start}{book.site}", "from": spec.options["sender"], "to": spec.account}
    for name, body in texts(told, spec).items():
        said = replace(words.media[spec.medium], body=body)
        made = letter(book, words, said, look, link=link, foot=foot, templates=_templates())
        frozen |= {name: made.text, f"{name}_html": made.html, "subject": made.subject}
    return {**frozen, "status": book.marks.machine}


def inside(said: StaffMessageContent, spec: ChannelSpec) -> Mapping[str, str]:
    """A short letter to those it calls, and to the addresses of the way itself; both parts say the same."""
    to = ", ".join(dict.fromkeys(filter(None, (*(one.mail for one in said.who), spec.account))))
    text, subject = clean(said.text), _one_line(said.title)
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in text.split("\n"))
    head = f'<meta charset="utf-8"><title>{escape(subject)}</title>'
    html = f'<!doctype html>\n<html lang="{escape(spec.language)}"><head>{head}</head><body>\n{lines}</body></html>\n'
    frozen = {"name": said.name, "from": spec.options["sender"], "to": to, "subject": subject}
    return {**frozen, "text": text, "plain": text, "text_html": html, "plain_html": html, "status": said.marks.machine}


def email_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The letter field by field, below the first and the newest one of its incident. Its id is the same in every
    attempt, so that many mailboxes show it once."""
    frozen, which = delivery.payload, "text" if readable else "plain"
    return {
        "id": id_of(delivery),
        "references": list(dict.fromkeys((thread.root.remote_id, thread.parent.remote_id))) if thread else [],
        "date": delivery.queued.isoformat() if delivery.queued else "",
        "language": delivery.language,
        **{name: frozen[name] for name in ("name", "from", "to", "subject", "status")},
        "text": frozen[which],
        "html": frozen[f"{which}_html"],
    }


def email_bytes(message: Message) -> bytes:
    """The letter as it goes over the line; the same bytes for the same message (RFC 5322, 2046 and 3834)."""
    made = headed(message)
    made["To"] = [Address(addr_spec=one) for one in addresses(message["to"])]
    made["Message-ID"] = message["id"]
    if message["references"]:
        made["In-Reply-To"] = message["references"][-1]
        made["References"] = " ".join(message["references"])
    made.set_content(message["text"], cte="quoted-printable" if message["text"].isascii() else "base64")
    made.add_alternative(message["html"], subtype="html", cte="base64")
    made["Content-Language"] = message["language"]
    made.set_boundary(boundary(message))
    return made.as_bytes()


def headed(message: Message) -> EmailMessage:
    """What stands above every letter of a notice, whoever gets it."""
    made = EmailMessage(policy=_POLICY)
    made["From"] = Address(_one_line(message["name"]), addr_spec=checked(message["from"]))
    made["Subject"] = _one_line(message["subject"])
    if message["date"]:
        made["Date"] = datetime.fromisoformat(message["date"])
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"  # what Exchange knows instead
    made["X-CAP-Status"] = message["status"]
    return made


def boundary(message: Message) -> str:
    """What stands between the parts; the same for the same message."""
    return f"=_{re.sub('[^A-Za-z0-9]', '', message['id'])[:60]}"


def wrong_options(spec: ChannelSpec) -> Mapping[str, str]:
    """Addresses that are none."""
    sender = spec.options["sender"]
    tried = {"sender": lambda: sender and checked(sender), "account": lambda: addresses(spec.account)}
    return {key: sentence for key, attempt in tried.items() if (sentence := _complaint(attempt))}


def _complaint(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except CredentialsInvalid as error:
        return f"{error.detail[0].upper()}{error.detail[1:]}."
    return ""


def addresses(listed: str) -> tuple[str, ...]:
    """The addresses of a list with commas, each once. Raises AuthBroken where one is none."""
    found = tuple(dict.fromkeys(checked(one.strip()) for one in listed.split(",") if one.strip()))
    if not found:
        raise CredentialsInvalid("credentials", "no address to write to; put one under “account”")
    return found


def hand_one(message: Message, server: smtp_client.Server, bounds: Timeouts) -> None:
    """Hands over one letter to whom it names. Raises as ``Mail.deliver``; Refused for an address that is none."""
    try:
        to = addresses(message["to"])
    except CredentialsInvalid as error:
        raise Refused("refused", error.detail) from None
    with smtp_client.signed_in(server, bounds) as talk:
        talk.hand_over(smtp_client.Envelope(message["from"], to, email_bytes(message)))


class Mail:
    """A mail server, and whom we write to. Nothing there guards against a letter that comes twice but its id."""

    def __init__(self, spec: ChannelSpec, secrets: Mapping[str, str], bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._secrets = dict(secrets)
        self._bounds = bounds

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """All that a letter needs but its thread."""
        return email_payload(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Hands it to the mail server. That it was taken there is all that anybody can know."""
        letter = email_message(delivery, thread, readable=readable)
        envelope = smtp_client.Envelope(checked(letter["from"]), addresses(letter["to"]), email_bytes(letter))
        with smtp_client.signed_in(self._server(), self._bounds) as talk:
            refused = talk.hand_over(envelope, patient=delivery.attempts < PATIENT)
        return Receipt(letter["id"], note="some_refused" if refused else note_of(delivery, readable=readable))

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Nobody can look into somebody else's mailbox."""
        return ()

    @property
    def sender(self) -> str:
        """The address we write from."""
        return checked(self.spec.options["sender"])

    def write(self, message: Message) -> None:
        """Hands over one letter that is no notice. Raises as ``deliver``; Refused for an address that is none."""
        hand_one(message, self._server(), self._bounds)

    def probe(self) -> str:
        """Signs in and asks whether our letters would be taken; sends none."""
        server, sender, to = self._server(), checked(self.spec.options["sender"]), addresses(self.spec.account)
        with smtp_client.signed_in(server, self._bounds) as talk:
            talk.would_take(sender, to)
        return f"{sender} → {', '.join(to)}"

    def _server(self) -> smtp_client.Server:
        known = self._secrets
        return smtp_client.server(known["server"], known.get("user", ""), known.get("password", ""))


def checked(text: str) -> str:
    """The address. Raises AuthBroken where it is none."""
    if not _MAIL_ADDRESS.fullmatch(text) or ".." in text or len(text) > 254:
        raise CredentialsInvalid("credentials", f"“{text}” is no mail address; write it as in “status@example.com”")
    return text


def id_of(delivery: Delivery) -> str:
    """The letter’s own id, the same in every attempt."""
    return f"<{place(delivery)}@{delivery.payload['from'].rpartition('@')[2]}>"


def place(delivery: Delivery) -> str:
    """Which notice it is, and on which way, in the letters that an id of a message may have."""
    return f"{delivery.incident}.{delivery.sequence}.{delivery.channel}.{delivery.language}"


def _one_line(text: str) -> str:
    """On one line, whatever somebody typed."""
    return " ".join(clean(text).split())


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, str]:
    return bundled.templates(bundled.folder("templates") / "email")


CHANNEL = ChannelType(
    payload=email_payload,
    message=email_message,
    open=lambda spec, secrets, _api, bounds: Mail(spec, secrets, bounds),
    secrets=("server",),
    optional=("user", "password"),
    options={"sender": Option(None)},
    reads=lambda message: str(message["text"]),
    wrong=wrong_options,
    inside=inside,
)
