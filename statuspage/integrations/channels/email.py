"""Email: a notice to a few addresses of the company's own, with a thread for each incident."""

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
from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels import smtp_client
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    Refused,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option, notice_texts, receipt_note
from statuspage.integrations.channels.staff_message import StaffMessageContent
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.rendering.site import EmailFooter, incident_mark, render_notice_email, site_label, strip_forbidden
from statuspage.rendering.wording import Clock

ALL_OR_NONE_ATTEMPTS = 3
"""The number of attempts during which a single deferred address holds back the others."""

_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""What counts as a valid address: no quotation marks, no spaces, nothing that a mail server could read as a command."""

_POLICY = SMTP.clone(cte_type="7bit")
"""Lines end in CRLF, and nothing needs 8BITMIME."""


def email_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Everything that an email needs except its thread: both parts, each with and without the link, sender and
    recipients."""
    return email_payload_with_footer(context, spec, "email.staff")


def email_payload_with_footer(
    context: NoticeContext, spec: ChannelSpec, reason: str, links: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """The same, with the ``reason`` why the recipient gets it (a label's key) and ``links`` (a label's key: URL) at the
    end."""
    pack, notice_text = context.catalog.packs[spec.language], context.notice.texts[spec.language]
    sent_at = Clock(pack.locale_rules, context.catalog.site.zone).format_day_time(context.published_at)
    footer_links = tuple((site_label(pack, key), url) for key, url in (links or {}).items())
    contact = (site_label(pack, "footer.contact", details=pack.contact),) if pack.contact else ()
    lines = (site_label(pack, "email.sent", when=sent_at), site_label(pack, reason), *contact)
    footer = EmailFooter(lines, footer_links)
    link, style = context.incident_url(spec.language), incident_mark(context.incident)
    payload = {"name": f"{pack.marks.start}{pack.site}", "from": spec.options["sender"], "to": spec.account}
    for name, body in notice_texts(context, spec).items():
        medium_text = replace(notice_text.media[spec.medium], body=body)
        email = render_notice_email(
            pack, notice_text, medium_text, style, link=link, footer=footer, templates=_templates()
        )
        payload |= {name: email.text, f"{name}_html": email.html, "subject": email.subject}
    return {**payload, "status": pack.marks.machine}


def staff_email_payload(content: StaffMessageContent, spec: ChannelSpec) -> Mapping[str, str]:
    """A short email to the people notified, and to the addresses of the channel itself; both parts say the same."""
    to = ", ".join(dict.fromkeys(filter(None, (*(responder.email for responder in content.responders), spec.account))))
    text, subject = strip_forbidden(content.text), _one_line(content.title)
    paragraphs = "".join(f"<p>{escape(line)}</p>\n" for line in text.split("\n"))
    head = f'<meta charset="utf-8"><title>{escape(subject)}</title>'
    html = (
        f'<!doctype html>\n<html lang="{escape(spec.language)}"><head>{head}</head><body>\n{paragraphs}</body></html>\n'
    )
    payload = {"name": content.sender_name, "from": spec.options["sender"], "to": to, "subject": subject}
    return {
        **payload,
        "text": text,
        "plain": text,
        "text_html": html,
        "plain_html": html,
        "status": content.marks.machine,
    }


def email_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The email as fields, in reply to the first and the newest email of its incident. Its id is the same in every
    attempt, so that many mailboxes show it once."""
    payload, variant = delivery.payload, "text" if page_readable else "plain"
    return {
        "id": message_id(delivery),
        "references": list(dict.fromkeys((thread.root.remote_id, thread.parent.remote_id))) if thread else [],
        "date": delivery.queued_at.isoformat() if delivery.queued_at else "",
        "language": delivery.language,
        **{name: payload[name] for name in ("name", "from", "to", "subject", "status")},
        "text": payload[variant],
        "html": payload[f"{variant}_html"],
    }


def email_bytes(message: Message) -> bytes:
    """The email as sent; identical bytes for the same message (RFC 5322, 2046 and 3834)."""
    mime_message = build_headers(message)
    mime_message["To"] = [Address(addr_spec=address) for address in parse_addresses(message["to"])]
    mime_message["Message-ID"] = message["id"]
    if message["references"]:
        mime_message["In-Reply-To"] = message["references"][-1]
        mime_message["References"] = " ".join(message["references"])
    mime_message.set_content(message["text"], cte="quoted-printable" if message["text"].isascii() else "base64")
    mime_message.add_alternative(message["html"], subtype="html", cte="base64")
    mime_message["Content-Language"] = message["language"]
    mime_message.set_boundary(boundary(message))
    return mime_message.as_bytes()


def build_headers(message: Message) -> EmailMessage:
    """The headers of every email of a notice, regardless of its recipient."""
    mime_message = EmailMessage(policy=_POLICY)
    mime_message["From"] = Address(_one_line(message["name"]), addr_spec=check_address(message["from"]))
    mime_message["Subject"] = _one_line(message["subject"])
    if message["date"]:
        mime_message["Date"] = datetime.fromisoformat(message["date"])
    mime_message["Auto-Submitted"] = "auto-generated"
    mime_message["X-Auto-Response-Suppress"] = "All"  # Exchange's own equivalent
    mime_message["X-CAP-Status"] = message["status"]
    return mime_message


def boundary(message: Message) -> str:
    """The MIME boundary; the same for the same message."""
    return f"=_{re.sub('[^A-Za-z0-9]', '', message['id'])[:60]}"


def check_options(spec: ChannelSpec) -> Mapping[str, str]:
    """Errors for invalid addresses."""
    sender = spec.options["sender"]
    checks = {"sender": lambda: sender and check_address(sender), "account": lambda: parse_addresses(spec.account)}
    return {key: sentence for key, check in checks.items() if (sentence := _problem_with(check))}


def _problem_with(check: Callable[[], object]) -> str:
    try:
        check()
    except CredentialsInvalid as error:
        return f"{error.detail[0].upper()}{error.detail[1:]}."
    return ""


def parse_addresses(text: str) -> tuple[str, ...]:
    """The addresses of a comma-separated list, without duplicates. Raises CredentialsInvalid if one is invalid."""
    parsed = tuple(dict.fromkeys(check_address(part.strip()) for part in text.split(",") if part.strip()))
    if not parsed:
        raise CredentialsInvalid("credentials", "no address to write to; put one under “account”")
    return parsed


def send_one(message: Message, server: smtp_client.Server, timeouts: Timeouts) -> None:
    """Sends one email to its recipient. Raises the errors of ``EmailChannel.deliver``; Refused for an invalid
    address."""
    try:
        to = parse_addresses(message["to"])
    except CredentialsInvalid as error:
        raise Refused("refused", error.detail) from None
    with smtp_client.open_session(server, timeouts) as session:
        session.send_message(smtp_client.Envelope(message["from"], to, email_bytes(message)))


class EmailChannel:
    """A mail server, and its recipients. Only the message id protects against duplicate emails."""

    def __init__(self, spec: ChannelSpec, secrets: Mapping[str, str], timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._secrets = dict(secrets)
        self._timeouts = timeouts

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends it to the mail server. Acceptance by that server is all that can be known."""
        message = email_message(delivery, thread, page_readable=page_readable)
        envelope = smtp_client.Envelope(
            check_address(message["from"]), parse_addresses(message["to"]), email_bytes(message)
        )
        with smtp_client.open_session(self._parse_server(), self._timeouts) as session:
            refused_recipients = session.send_message(envelope, all_or_none=delivery.attempts < ALL_OR_NONE_ATTEMPTS)
        return Receipt(
            message["id"],
            note_key="some_recipients_refused"
            if refused_recipients
            else receipt_note(delivery, page_readable=page_readable),
        )

    @property
    def sender(self) -> str:
        """The sender's address."""
        return check_address(self.spec.options["sender"])

    def send_email(self, message: Message) -> None:
        """Sends one email that is not a notice. Raises the errors of ``deliver``; Refused for an invalid address."""
        send_one(message, self._parse_server(), self._timeouts)

    def probe(self) -> str:
        """Signs in and checks whether our emails would be accepted; sends none."""
        server = self._parse_server()
        sender = check_address(self.spec.options["sender"])
        to = parse_addresses(self.spec.account)
        with smtp_client.open_session(server, self._timeouts) as session:
            session.check_accepts(sender, to)
        return f"{sender} → {', '.join(to)}"

    def _parse_server(self) -> smtp_client.Server:
        secrets = self._secrets
        return smtp_client.parse_server(secrets["server"], secrets.get("user", ""), secrets.get("password", ""))


def check_address(text: str) -> str:
    """Returns the address. Raises CredentialsInvalid if it is invalid."""
    if not _MAIL_ADDRESS.fullmatch(text) or ".." in text or len(text) > 254:
        raise CredentialsInvalid("credentials", f"“{text}” is not an email address; write it like “status@example.com”")
    return text


def message_id(delivery: OutgoingMessage) -> str:
    """The email's id, the same in every attempt."""
    return f"<{delivery_slug(delivery)}@{delivery.payload['from'].rpartition('@')[2]}>"


def delivery_slug(delivery: OutgoingMessage) -> str:
    """Notice and channel, in characters allowed in a message id."""
    return f"{delivery.thread_key}.{delivery.sequence}.{delivery.channel}.{delivery.language}"


def _one_line(text: str) -> str:
    """The text on a single line."""
    return " ".join(strip_forbidden(text).split())


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, str]:
    return bundled.templates(bundled.folder("templates") / "email")


CHANNEL = ChannelType(
    payload=email_payload,
    message=email_message,
    open=lambda spec, secrets, _api, timeouts: EmailChannel(spec, secrets, timeouts),
    secrets=("server",),
    optional_secrets=("user", "password"),
    options={"sender": Option(None)},
    readable_text=lambda message: str(message["text"]),
    check_options=check_options,
    staff_payload=staff_email_payload,
)
