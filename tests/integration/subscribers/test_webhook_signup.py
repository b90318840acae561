"""Customers register webhooks, on both databases: tested over real TLS, confirmed by email."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from statuspage.domain.catalog import Catalog
from statuspage.domain.subscriber_links import Purpose, token
from statuspage.domain.subscription import Subscriber, SubscriberStatus, SubscriberType, SubscriptionEmailKind
from statuspage.integrations.channels.public_egress import Egress, is_public
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.storage import subscribers, subscription_emails
from statuspage.usecases.bootstrap import signup_context_of
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.subscribers import webhook_signup
from statuspage.web.signup.app import MAX_REGISTRATIONS, create_app
from tests.support.desk import Clock
from tests.support.desk import clock as clock
from tests.support.fakes.hooks import verified
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.public_egress import Stranger, egress, stranger
from tests.support.subscribers import databases_of, environment_with_request, link_in, posted, write
from tests.support.webhook_channel import SPEC
from tests.support.webhook_program import Program

__all__ = ["egress", "stranger"]

URL, OWNER, OWN = "https://hooks.example/notices?key=1", "it@fitline.example", "http://127.0.0.1:9"
ASKED = {"url": URL, "address": OWNER, "about": "incidents", "how_much": "all"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def program(stranger: Stranger, egress: Egress) -> Program:
    return Program(stranger)


@pytest.fixture
def patient(egress: Egress) -> Egress:
    return replace(egress, timeouts=Timeouts(connect=20.0, read=20.0, total=30.0))


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog, database: str, server: MailServer) -> Environment:
    with_webhooks = replace(catalog, channels={**catalog.channels, SPEC.id: SPEC})
    return environment_with_request(tmp_path, with_webhooks, posted(server), OWN)


def _fixed_answer(says: str, _word: str) -> str:
    return says


def visiting(env: Environment, clock: Clock, egress: Egress) -> FlaskClient:
    """A visitor of the pages, which may connect as ``egress`` allows."""
    return create_app(signup_context_of(env), clock=clock, egress=egress).test_client()


@pytest.fixture
def visitor(env: Environment, clock: Clock, patient: Egress) -> FlaskClient:
    return visiting(env, clock, patient)


def known(env: Environment) -> Subscriber | None:
    with databases_of(env).read() as tx:
        return subscribers.find_by_address(tx, SubscriberType.WEBHOOK, URL)


def secret_in(page: str) -> str:
    (found,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", html.unescape(page))
    return str(found)


def path_of(env: Environment, purpose: Purpose, clock: Clock) -> str:
    one = known(env)
    assert one is not None
    with databases_of(env).begin() as tx:
        return f"/en/{purpose}/{token(subscribers.signing_key(tx, clock()), purpose, one)}"


def confirmed_subscriber(env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer) -> Subscriber:
    """A webhook that is registered and confirmed."""
    assert visitor.post("/en/webhooks", data=ASKED).status_code == 200
    write(env, clock)
    assert visitor.post(link_in(server).removeprefix(OWN)).status_code == 200
    one = known(env)
    assert one is not None
    return one


def test_registering_confirming_changing_and_leaving(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, program: Program, stranger: Stranger
) -> None:
    shown = visitor.post("/en/webhooks", data=ASKED)
    secret = secret_in(shown.text)
    ((headers, body),) = program.got
    assert verified(secret, headers, body)
    assert stranger.asked[0][0] == "/notices?key=1"
    pending = known(env)
    assert pending is not None
    assert (pending.status, pending.secret, pending.contact) == (SubscriberStatus.PENDING, secret, OWNER)
    write(env, clock)
    assert server.emails[-1]["To"] == OWNER
    assert "hooks.example" not in str(server.emails[-1]), "no word of whoever asked"
    link = link_in(server).removeprefix(OWN)
    assert html.escape(URL) in visitor.get(link).text
    assert secret not in html.unescape(visitor.post(link).text)
    mine = path_of(env, Purpose.PREFERENCES, clock)
    assert secret not in html.unescape(visitor.get(mine).text), "it is shown once"
    assert visitor.post(mine, data={"language": "ja", "about": "maintenance"}).status_code == 200
    active = known(env)
    assert active is not None
    assert (active.status, active.preferences.language, active.preferences.topic) == (
        SubscriberStatus.ACTIVE,
        "ja",
        "maintenance",
    )
    assert visitor.post(f"{mine}/stop").status_code == 200
    left = known(env)
    assert left is not None
    assert left.status is SubscriberStatus.UNSUBSCRIBED
    assert visitor.post(f"{mine}/erase").status_code == 200
    assert known(env) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_does_not_answer_as_it_should_is_not_kept_and_nothing_typed_is_lost(
    env: Environment, clock: Clock, visitor: FlaskClient, program: Program, catalog: Catalog
) -> None:
    words = catalog.packs["en"].labels
    for status, says, key in ((200, "another", "no_echo"), (204, "", "no_echo"), (302, URL, "refused")):
        program.status, program.says = status, partial(_fixed_answer, says)
        answer = visitor.post("/en/webhooks", data=ASKED)
        assert answer.status_code == 422
        assert words[f"site.webhooks.wrong_{key}"] in html.unescape(answer.text)
        assert f'value="{html.escape(URL)}"' in answer.text
        assert f'value="{OWNER}"' in answer.text
        assert re.search('value="incidents" checked', answer.text)
    assert len(program.got) == 3
    assert known(env) is None
    with databases_of(env).read() as tx:
        assert subscription_emails.QUEUE.next_due_at(tx) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_answer_tells_inside_from_away(
    env: Environment, clock: Clock, patient: Egress, program: Program, catalog: Catalog
) -> None:
    def nowhere(_host: str) -> list[str]:
        raise OSError

    inside = replace(patient, is_allowed=is_public)
    cases = [inside, replace(patient, port=1), replace(patient, resolve=nowhere)]
    cases += [replace(inside, resolve=lambda _host: ["169.254.169.254"]), replace(patient, ca_file="")]
    pages = set()
    for each in cases:
        answer = visiting(env, clock, each).post("/en/webhooks", data=ASKED)
        assert answer.status_code == 422
        pages.add(answer.text)
    assert len(pages) == 1
    assert catalog.packs["en"].labels["site.webhooks.wrong_unreached"] in html.unescape(pages.pop())
    assert program.got == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_address_that_is_none_is_said_beside_the_field_before_anybody_is_asked(
    env: Environment, clock: Clock, program: Program, catalog: Catalog
) -> None:
    visitor = visiting(env, clock, Egress())
    odd = {
        "http://hooks.example/": "https",
        "https://hooks.example:8443/": "port",
        "https://a:b@hooks.example/": "user",
        "https://[::1": "no_address",
        "https://hooks.example/" + "x" * 1000: "no_address",
        "": "https",
    }
    for url, key in odd.items():
        answer = visitor.post("/ja/webhooks", data={"url": url, "address": "nobody"})
        assert answer.status_code == 422
        text = html.unescape(answer.text)
        assert catalog.packs["ja"].labels[f"site.webhooks.wrong_{key}"] in text
        assert catalog.packs["ja"].labels["site.signup.wrong_address"] in text
    assert program.got == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_host_is_knocked_at_only_so_often_and_a_mailbox_written_to(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, program: Program
) -> None:
    answers = [visitor.post("/en/webhooks", data={**ASKED, "url": f"{URL}{number}"}) for number in range(12)]
    assert [one.status_code for one in answers] == [200] * webhook_signup.MAX_PER_HOST + [429] * 2
    assert len(program.got) == webhook_signup.MAX_PER_HOST
    write(env, clock)
    assert len(server.emails) == webhook_signup.MAX_PER_OWNER


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_as_many_are_tried_as_may_be_nobody_else_waits(
    env: Environment, clock: Clock, patient: Egress, program: Program
) -> None:
    begun: list[str] = []
    ended: list[int] = []

    def asked(host: str) -> list[str]:
        """While one host is being resolved, somebody else registers another."""
        begun.append(host)
        other = {**ASKED, "url": f"{URL}{len(begun)}"}
        ended.append(visitor.application.test_client().post("/en/webhooks", data=other).status_code)
        return ["127.0.0.1"]

    visitor = visiting(env, clock, replace(patient, resolve=asked))
    assert visitor.post("/en/webhooks", data=ASKED).status_code == 200
    assert ended == [429, *[200] * (MAX_REGISTRATIONS - 1)]


def test_what_is_told_is_changed_by_nobody_who_knows_the_address(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, program: Program
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    shown = visitor.post("/en/webhooks", data={**ASKED, "address": "other@fitline.example"})
    assert secret_in(shown.text) != mine.secret
    write(env, clock)
    assert known(env) == mine
    assert (server.emails[-1]["To"], len(server.emails)) == (OWNER, 2)


def test_who_asks_anew_gets_an_email_and_no_older_one_confirms(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, program: Program
) -> None:
    visitor.post("/en/webhooks", data=ASKED)
    write(env, clock)
    older = link_in(server).removeprefix(OWN)
    shown = visitor.post("/en/webhooks", data={**ASKED, "address": "other@fitline.example"})
    assert visitor.post(older).status_code == 404
    write(env, clock)
    assert visitor.post(link_in(server).removeprefix(OWN)).status_code == 200
    one = known(env)
    assert one is not None
    assert (one.contact, one.secret) == ("other@fitline.example", secret_in(shown.text))


@pytest.mark.slow
def test_after_410_its_owner_reads_so_in_each_language_and_may_register_it_again(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, program: Program
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    packs = env.site.catalog.packs
    with databases_of(env).begin() as tx:
        subscribers.suppress_address(tx, SubscriberType.WEBHOOK, URL, "bounced", at=clock(), detail="410")
        for language in packs:
            subscription_emails.enqueue_email(tx, SubscriptionEmailKind.STOPPED, mine.id, language, clock())
    write(env, clock)
    read = {str(email["Subject"]): email for email in server.emails[1:]}
    key = "site.subscription_email.hook_stopped_subject"
    assert set(read) == {pack.labels[key].format(site=pack.site) for pack in packs.values()}
    for email in read.values():
        text = email.get_body(("plain",))
        assert text is not None
        assert "410" in text.get_content()
    page = visitor.get(link_in(server).removeprefix(OWN))
    assert "410 Gone" in page.text
    assert "/stop" not in page.text
    clock.now += timedelta(days=1)
    again = confirmed_subscriber(env, clock, visitor, server)
    assert again.status is SubscriberStatus.ACTIVE
    with databases_of(env).read() as tx:
        assert subscribers.find_suppression(tx, SubscriberType.WEBHOOK, URL) is None


def test_where_no_channel_tells_webhooks_nobody_can_register_one(
    tmp_path: Path, catalog: Catalog, clock: Clock
) -> None:
    plain = environment_with_request(tmp_path, replace(catalog, channels={}), {}, OWN)
    visitor = create_app(signup_context_of(plain), clock=clock).test_client()
    assert visitor.get("/en/webhooks").status_code == 404
    assert visitor.post("/en/webhooks", data=ASKED).status_code == 404
