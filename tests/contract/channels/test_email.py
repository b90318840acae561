"""Email over SMTP: the email as it arrives, who gets it, and that typed text never becomes a command or a header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery, Thread
from statuspage.domain.facts import NoticeKind
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, CredentialsInvalid, NoticeContext, Refused, Unreachable
from statuspage.rendering.site.email.notice_email import EmailFooter, render_notice_email
from statuspage.rendering.wording.composition import compose
from tests.support import certificates
from tests.support.channel_cases import HURRIED
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.golden_stories import SAMPLE_NOTICES
from tests.support.site import ADDRESS, DRILL, composed
from tests.support.times import at

SENDER, DESK, LATE = "status@fitline.example", "desk@fitline.example", "late@fitline.example"
SPEC = ChannelSpec("mail-team", "mail", "ja", "mail", DESK, tuple(NoticeKind), options={"sender": SENDER})
TEMPLATES = bundled.templates(bundled.folder("templates") / "email")
NOTICES = (("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def opened(server: MailServer, **change: object) -> Channel:
    environ = {f"STATUSPAGE_MAIL_TEAM_{name.upper()}": value for name, value in server.settings.items()}
    return channels.open_live(replace(SPEC, **change), environ, HURRIED)


def delivery_of(channel: Channel, notice_context: NoticeContext, **change: object) -> Delivery:
    sequence = notice_context.incident.notices[-1].sequence
    found = Delivery(
        7,
        notice_context.incident.id,
        sequence,
        channel.spec.id,
        channel.spec.language,
        channels.freeze_payload(notice_context, channel.spec),
    )
    return replace(found, queued_at=at("12:03"), started_at=at("12:03"), **change)


def notice_context(catalog: Catalog, count: int = 1) -> NoticeContext:
    return NoticeContext(composed(catalog, *NOTICES[:count]), catalog, ADDRESS)


def in_a_drill(catalog: Catalog) -> Catalog:
    packs = {language: replace(pack, marks=DRILL.get(language, pack.marks)) for language, pack in catalog.packs.items()}
    return replace(catalog, packs=packs)


def parts(email: EmailMessage) -> tuple[str, str]:
    plain, html = email.get_body(("plain",)), email.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content().replace("\r\n", "\n"), html.get_content()


def test_the_emails_of_an_incident_are_one_thread_and_each_says_how_it_stands(
    server: MailServer, catalog: Catalog
) -> None:
    channel, messages = opened(server), []
    for count in (1, 2, 3):
        thread = Thread(tuple(messages)) if messages else None
        messages.append(
            channel.deliver(delivery_of(channel, notice_context(catalog, count)), thread, page_readable=True)
        )
    first, second, third = server.emails
    ids = [email["Message-ID"] for email in server.emails]
    assert ids == [f"<k3m9p2q7x4ab.{n}.mail-team.ja@fitline.example>" for n in (1, 2, 3)]
    assert (first["In-Reply-To"], first["References"]) == (None, None)
    assert (second["In-Reply-To"], second["References"]) == (ids[0], ids[0])
    assert (third["In-Reply-To"], third["References"].split()) == (ids[1], [ids[0], ids[1]])
    starts = [email["Subject"].partition("：")[0] for email in server.emails]
    assert starts == ["第一報", "続報", "復旧"]


def test_programs_that_answer_by_themselves_do_not_answer(server: MailServer, catalog: Catalog) -> None:
    channel = opened(server)
    channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
    (email,) = server.emails
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["X-Auto-Response-Suppress"] == "All"
    assert email["X-CAP-Status"] == "Actual"
    assert email["Content-Language"] == "ja"
    assert (email["From"], email["To"]) == (f"Fitline <{SENDER}>", DESK)
    assert [part.get_content_type() for part in email.iter_parts()] == ["text/plain", "text/html"]


def test_a_repetition_is_the_same_to_the_byte_and_needs_no_eight_bits(server: MailServer, catalog: Catalog) -> None:
    channel = opened(server)
    delivery = delivery_of(channel, notice_context(catalog))
    for _ in range(2):
        channel.deliver(delivery, None, page_readable=True)
    one, other = server.raw
    assert one == other
    assert max(one) < 128
    assert max(len(line) for line in one.split(b"\r\n")) <= 998


def test_a_drill_shows_in_the_sender_the_subject_both_parts_and_a_header(server: MailServer, catalog: Catalog) -> None:
    drill = in_a_drill(catalog)
    for language in ("ja", "en"):
        channel = opened(server, language=language)
        channel.deliver(delivery_of(channel, notice_context(drill)), None, page_readable=True)
        email, marks = server.emails[-1], DRILL[language]
        text, html = parts(email)
        assert email["X-CAP-Status"] == "Exercise"
        assert email["From"].addresses[0].display_name == f"{marks.start}Fitline".strip()
        assert email["Subject"].startswith(marks.start)
        assert email["Subject"].endswith(marks.end.strip())
        assert text.startswith(marks.start)
        assert f"\n{marks.end.strip()}\n" in text
        assert html.count(f">{marks.banner}<") == 1
        assert marks.start.strip() in html
        assert marks.end.strip() in html


class VisibleText(HTMLParser):
    """The text of a page, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.fetched: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "srcset", "background", "data")]
        self.fetched += [tag for one in ("img", "link", "script", "iframe", "object") if one == tag]

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within != "style":
            self.words.append(data)


@pytest.mark.slow
def test_both_parts_of_every_email_say_the_same_and_nothing_is_fetched(catalog: Catalog) -> None:
    compared = 0
    for marked in (catalog, in_a_drill(catalog)):
        for one in SAMPLE_NOTICES:
            texts = compose(one.notice, one.facts, catalog=marked, incident=one.context, now=one.now)
            for language, words in texts.items():
                for medium in ("mail", "colleagues_mail"):
                    pack, text = marked.packs[language], words.media[medium]
                    link = f"{ADDRESS}/{language}/incidents/{one.context.incident_id}/"
                    rendered = render_notice_email(
                        pack, words, text, "part", link=link, footer=EmailFooter(()), templates=TEMPLATES
                    )
                    found = VisibleText()
                    found.feed(rendered.html)
                    led = pack.phrases["email.latest"].format(link=link).split("\n")
                    lines = [line for line in text.body.removeprefix(pack.marks.start).splitlines() if line not in led]
                    assert (link in rendered.html) == (link in text.body)
                    html = _tight("".join(found.words))
                    absent = [line for line in lines if _tight(line.removeprefix("■ ").removeprefix("# ")) not in html]
                    assert absent == [], (one.facts.incident_type, one.notice, language, medium)
                    assert (found.fetched, "url(" in rendered.html) == ([], False)
                    compared += 1
    assert compared > 200


def _tight(text: str) -> str:
    """Without spaces, capitals and characters that only one of the parts has: beside a large clock stands "about"."""
    return "".join(c for c in text.casefold() if not c.isspace() and c not in "・-,")


# Recipients


def test_one_refused_address_of_two_keeps_the_other_from_nothing_and_the_receipt_says_so(
    server: MailServer, catalog: Catalog
) -> None:
    server.refuses = {LATE: "550 5.1.1 no such user"}
    channel = opened(server, account=f"{DESK}, {LATE}")
    receipt = channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
    assert (receipt.note_key, server.taken_for) == ("some_recipients_refused", [(SENDER, (DESK,))])


def test_where_all_are_refused_it_is_refused(server: MailServer, catalog: Catalog) -> None:
    server.refuses = dict.fromkeys((DESK, LATE), "550 5.1.1 no such user")
    channel = opened(server, account=f"{DESK}, {LATE}")
    with pytest.raises(Refused) as raised:
        channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
    assert raised.value.detail == "550 5.1.1 no such user"


def test_an_address_that_says_later_gets_it_with_the_others_and_nobody_gets_it_twice(
    server: MailServer, catalog: Catalog
) -> None:
    server.greylists = True
    channel = opened(server, account=f"{DESK}, {LATE}")
    with pytest.raises(Unreachable):
        channel.deliver(delivery_of(channel, notice_context(catalog), attempts=1), None, page_readable=True)
    assert server.received == []
    channel.deliver(delivery_of(channel, notice_context(catalog), attempts=2), None, page_readable=True)
    assert server.taken_for == [(SENDER, (DESK, LATE))]


def test_an_address_that_always_says_later_holds_the_others_up_for_two_attempts_alone(
    server: MailServer, catalog: Catalog
) -> None:
    server.refuses = {LATE: "451 4.7.1 later"}
    channel = opened(server, account=f"{DESK}, {LATE}")
    for attempt in (1, 2):
        with pytest.raises(Unreachable):
            channel.deliver(delivery_of(channel, notice_context(catalog), attempts=attempt), None, page_readable=True)
    receipt = channel.deliver(delivery_of(channel, notice_context(catalog), attempts=3), None, page_readable=True)
    assert (receipt.note_key, server.taken_for) == ("some_recipients_refused", [(SENDER, (DESK,))])


# Signing in


def test_a_server_that_can_check_nobody_just_now_is_asked_again_and_says_no_password(
    server: MailServer, catalog: Catalog
) -> None:
    server.busy = True
    channel = opened(server)
    with pytest.raises(Unreachable) as raised:
        channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
    assert raised.value.detail == "454 4.7.0 not now, …"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, with its key."""
    return certificates.certificate(tmp_path_factory.mktemp("tls"))


def secured(certificate: Path, **more: bool) -> MailServer:
    return MailServer(tls=certificates.server_context(certificate), **more)


@pytest.mark.system
@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS from the first byte"])
def test_with_tls_it_goes_over_tls(
    certificate: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, implicit: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(secured(certificate, implicit=implicit)) as server:
        channel = opened(server)
        channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
        assert server.safe == [True]
        assert channel.probe() == f"{SENDER} → {DESK}"


@pytest.mark.system
@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS from the first byte"])
def test_a_certificate_nobody_vouches_for_ends_it_and_no_password_is_said(
    certificate: Path, catalog: Catalog, implicit: bool
) -> None:
    with mail_server(secured(certificate, implicit=implicit)) as server:
        channel = opened(server)
        with pytest.raises(CredentialsInvalid) as raised:
            channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
        assert (raised.value.reason, server.signed, server.received) == ("no_tls", [], [])


@pytest.mark.system
def test_a_server_that_no_longer_offers_tls_is_told_nothing(certificate: Path, catalog: Catalog) -> None:
    with mail_server(secured(certificate, offers_tls=False)) as server:
        channel = opened(server)
        with pytest.raises(CredentialsInvalid) as raised:
            channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
        assert (raised.value.reason, server.signed, server.received) == ("no_tls", [], [])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("mail.example.com", "credentials"),
        ("https://mail.example.com", "credentials"),
        ("smtp://mail.example.com:port", "credentials"),
        ("smtp://mail.example.com/inbox", "credentials"),
        ("smtp-plain://mail.example.com", "no_tls"),
        ("smtp-plain://10.0.0.9:25", "no_tls"),
    ],
)
def test_an_address_that_is_none_or_not_safe_is_used_for_nothing(catalog: Catalog, address: str, reason: str) -> None:
    channel = channels.open_live(SPEC, {"STATUSPAGE_MAIL_TEAM_SERVER": address})
    with pytest.raises(CredentialsInvalid) as raised:
        channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
    assert raised.value.reason == reason


# No typed text becomes a command

EVIL = [
    "a@b.example\r\nRCPT TO:<x@y.example>",
    '"a@b.example> RCPT TO:<x@y.example"@c.example',
    "a b@c.example",
    "a@",
]


@pytest.mark.parametrize("address", [*EVIL, "", " , "])
def test_what_is_no_address_is_written_to_by_nobody(server: MailServer, catalog: Catalog, address: str) -> None:
    channel = opened(server, account=address)
    with pytest.raises(CredentialsInvalid):
        channel.deliver(delivery_of(channel, notice_context(catalog)), None, page_readable=True)
    assert (server.received, server.requests) == ([], [])


@pytest.mark.parametrize("name", ["subject", "name"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85", "\x00"])
def test_no_text_becomes_a_header(server: MailServer, catalog: Catalog, name: str, end: str) -> None:
    channel = opened(server)
    delivery = delivery_of(channel, notice_context(catalog))
    frozen = {**delivery.payload, name: f"first{end}Bcc: x@y.example{end}{end}body"}
    channel.deliver(replace(delivery, payload=frozen), None, page_readable=True)
    (email,) = server.emails
    assert email["Bcc"] is None
    assert server.taken_for == [(SENDER, (DESK,))]
    assert parts(email)[0].startswith("会員アプリでレッスンを予約できません。")


def test_a_line_that_is_only_a_dot_ends_nothing(server: MailServer, catalog: Catalog) -> None:
    channel = opened(server)
    delivery = delivery_of(channel, notice_context(catalog))
    text = "one\n.\nQUIT\n..two\n"
    channel.deliver(replace(delivery, payload={**delivery.payload, "text": text}), None, page_readable=True)
    assert parts(server.emails[0])[0] == text


def test_the_check_of_content_names_addresses_that_are_none() -> None:
    channel_type = channels.TYPES["mail"]
    assert channel_type.check_options(SPEC) == {}
    broken = replace(
        SPEC, account="desk@fitline.example, nobody", options={"sender": "Fitline <status@fitline.example>"}
    )
    assert set(channel_type.check_options(broken)) == {"account", "sender"}
    assert (
        channel_type.check_options(broken)["account"]
        == "“nobody” is not an email address; write it like “status@example.com”."
    )
    assert (
        channel_type.check_options(replace(SPEC, account=""))["account"]
        == "No address to write to; put one under “account”."
    )
