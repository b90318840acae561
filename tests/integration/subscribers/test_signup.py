"""Sign-up, on both databases: nobody learns who subscribes, no mailbox is flooded, imported lists need proof."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import NoticeKind
from statuspage.domain.site_config import ChannelSpec
from statuspage.domain.subscriber_links import Purpose, token
from statuspage.domain.subscription import (
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionLevel,
    SubscriptionTopic,
    is_wanted,
)
from statuspage.integrations import channels
from statuspage.storage import subscribers, subscription_emails
from statuspage.usecases import retention
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.bootstrap import signup_context_of
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.subscribers import admin, emails, import_export, input, signup
from statuspage.usecases.subscribers.admin import NoSubscriberDatabase
from statuspage.web.signup.app import create_app
from tests.support.channel_cases import HURRIED
from tests.support.desk import Clock
from tests.support.desk import clock as clock
from tests.support.environments import with_changes
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.subscribers import SENDER, databases_of, environment_with_request, link_in, posted, write

SAKURA = "sakura@fitline.example"
OWN = "http://127.0.0.1:9"
HEAD = "address,language,services,about,how_much,consent_who,consent_when,consent_how\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog, database: str, server: MailServer) -> Environment:
    return environment_with_request(tmp_path, catalog, posted(server), OWN)


@pytest.fixture
def visitor(env: Environment, clock: Clock) -> FlaskClient:
    return create_app(signup_context_of(env), clock=clock).test_client()


def known(env: Environment, address: str = SAKURA) -> Subscriber | None:
    with databases_of(env).read() as tx:
        return subscribers.find_by_address(tx, SubscriberType.EMAIL, address)


def confirmed_subscriber(env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer) -> Subscriber:
    """Sakura, who has asked and confirmed."""
    visitor.post("/ja/subscribe", data={"address": SAKURA})
    write(env, clock)
    assert visitor.post(link_in(server).removeprefix(OWN)).status_code == 200
    subscriber = known(env)
    assert subscriber is not None
    return subscriber


def path_of(env: Environment, purpose: Purpose, subscriber: Subscriber, clock: Clock) -> str:
    with databases_of(env).begin() as tx:
        return f"/ja/{purpose}/{token(subscribers.signing_key(tx, clock()), purpose, subscriber)}"


def test_asking_confirming_changing_and_leaving(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    wish = {"services": ["booking", "door"], "about": "incidents", "how_much": "important"}
    wish["services"] = [next(iter(env.site.catalog.services))]
    assert visitor.post("/en/subscribe", data={"address": " Sakura@FitLine.example ", **wish}).status_code == 200
    write(env, clock)
    (email,) = server.emails
    assert (email["To"], email["Content-Language"], email["Auto-Submitted"]) == (SAKURA, "en", "auto-generated")
    text = email.get_body(("plain",)).get_content()
    assert "until Tue 7 July, 12:02 (Japan Time)" in " ".join(text.split()), "whoever reads it may be anywhere"
    confirm = link_in(server).removeprefix(OWN)
    assert visitor.get(confirm).status_code == 200
    asked = known(env)
    assert asked is not None
    assert asked.status is SubscriberStatus.PENDING, "opening a link confirms nothing: programs open links too"
    assert visitor.post(confirm).status_code == 200
    now = known(env)
    assert now is not None
    assert (now.status, now.confirmed, now.consent["when"]) == (
        SubscriberStatus.ACTIVE,
        clock(),
        "2026-07-04T03:02:00+00:00",
    )
    assert (now.preferences.topic, now.preferences.level, now.preferences.services) == (
        SubscriptionTopic.INCIDENTS,
        SubscriptionLevel.IMPORTANT,
        tuple(wish["services"]),
    )
    mine = path_of(env, Purpose.PREFERENCES, now, clock)
    assert "checked" in visitor.get(mine).text
    assert visitor.post(mine, data={"language": "ja", "about": "maintenance"}).status_code == 200
    changed = known(env)
    assert changed is not None
    assert changed.preferences == Preferences("ja", (), SubscriptionTopic.MAINTENANCE, SubscriptionLevel.ALL)
    one_click = path_of(env, Purpose.UNSUBSCRIBE, now, clock)
    assert visitor.get(one_click).status_code == 200
    assert visitor.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    left = known(env)
    assert left is not None
    assert left.status is SubscriberStatus.UNSUBSCRIBED
    assert visitor.post(f"{mine}/erase").status_code == 200
    assert known(env) is None
    assert visitor.get(mine).status_code == 404


def test_whether_an_address_is_known_can_be_seen_nowhere(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    confirmed_subscriber(env, clock, visitor, server)
    with databases_of(env).begin() as tx:
        subscribers.suppress_address(tx, SubscriberType.EMAIL, "gone@fitline.example", "complained", at=clock())
    asked: dict[str, list[str]] = {}

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        asked[address].append(statement.split(" ")[0])

    answers = set()
    clock.later(days=2)
    event.listen(databases_of(env).engine, "before_cursor_execute", note)
    for address in (SAKURA, "gone@fitline.example", "new@fitline.example"):
        asked[address] = []
        response = visitor.post("/ja/subscribe", data={"address": address})
        answers.add((response.status_code, response.data, tuple(sorted(response.headers.items()))))
    event.remove(databases_of(env).engine, "before_cursor_execute", note)
    assert len(answers) == 1
    writes = [sorted(one for one in did if one != "SELECT") for did in asked.values()]
    assert [did.count("INSERT") + did.count("UPDATE") for did in writes] == [5, 5, 5]
    write(env, clock)
    assert [email["To"] for email in server.emails[1:]] == [SAKURA, "new@fitline.example"]
    assert "/preferences/" in str(server.emails[1].get_body(("plain",)).get_content())
    assert known(env).status is SubscriberStatus.ACTIVE


def test_what_somebody_is_told_is_changed_by_nobody_who_knows_the_address(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    before = confirmed_subscriber(env, clock, visitor, server)
    clock.later(days=2)
    visitor.post("/en/subscribe", data={"address": SAKURA, "about": "maintenance"})
    assert known(env) == before


def test_a_mailbox_gets_one_email_a_day_however_often_somebody_asks(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    for _ in range(5):
        visitor.post("/ja/subscribe", data={"address": SAKURA})
        write(env, clock)
    assert len(server.emails) == 1
    clock.later(hours=25)
    visitor.post("/ja/subscribe", data={"address": SAKURA})
    write(env, clock)
    assert len(server.emails) == 2


def test_from_one_place_and_from_everywhere_only_so_much_is_asked(
    env: Environment, clock: Clock, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(number: int, network_address: str) -> int:
        asked = {"address": f"one{number}@fitline.example"}
        return visitor.post("/ja/subscribe", data=asked, environ_overrides={"REMOTE_ADDR": network_address}).status_code

    monkeypatch.setattr(signup, "MAX_PER_NETWORK", 3)
    assert [ask(number, f"2001:db8::{number}") for number in range(5)] == [200, 200, 200, 429, 429]
    assert ask(9, "2001:db8:0:1::1") == 200
    monkeypatch.setattr(signup, "MAX_PER_HOUR", 4)
    assert ask(10, "192.0.2.1") == 429
    clock.later(hours=1.1)
    assert ask(11, "192.0.2.1") == 200
    with databases_of(env).read() as tx:
        kept = str(tx.exec_driver_sql("SELECT key FROM request_count").all())
    assert "2001:db8" not in kept
    assert "192.0.2" not in kept


def heard(env: Environment, clock: Clock, network_addresses: list[str]) -> list[bool]:
    """Whether a request from each of these addresses in turn is accepted; email and webhook requests count together."""
    with databases_of(env).begin() as tx:
        key = subscribers.hashing_key(tx, clock())
        return [not signup.is_crowded(tx, key, network_address, clock()) for network_address in network_addresses]


@pytest.mark.slow
def test_one_place_that_asks_without_end_closes_the_form_for_itself_alone(env: Environment, clock: Clock) -> None:
    network_addresses = [f"2001:db8::{number:x}" for number in range(signup.MAX_PER_NETWORK + signup.MAX_PER_HOUR + 1)]
    assert heard(env, clock, network_addresses).count(False) == signup.MAX_PER_HOUR + 1
    assert heard(env, clock, ["2001:db8:0:1::1"]) == [True]


@pytest.mark.slow
def test_many_places_together_are_heard_only_so_often(env: Environment, clock: Clock) -> None:
    network_addresses = [
        f"2001:db8:0:{number:x}::1" for number in range(signup.MAX_PER_HOUR // signup.MAX_PER_NETWORK + 1)
    ]
    tries = heard(
        env, clock, [network_address for network_address in network_addresses for _ in range(signup.MAX_PER_NETWORK)]
    )
    assert tries == [True] * signup.MAX_PER_HOUR + [False] * signup.MAX_PER_NETWORK
    assert heard(env, clock, ["192.0.2.1"]) == [False]


def test_a_guessed_token_or_one_for_another_purpose_opens_nothing(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    stops = path_of(env, Purpose.UNSUBSCRIBE, mine, clock).rpartition("/")[2]
    for made in (stops, stops[:-22] + "A" * 22, "1.1..x", "", "%00", "../x"):
        for path in (f"/ja/preferences/{made}", f"/ja/confirm/{made}"):
            assert visitor.get(path).status_code == 404, path
            assert visitor.post(path).status_code == 404, path
        assert visitor.post(f"/ja/preferences/{made}/erase").status_code == 404
    assert known(env) == mine


def test_looking_at_a_page_changes_nothing(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    for purpose in Purpose:
        path = path_of(env, purpose, mine, clock)
        assert visitor.get(path).status_code == 200
        assert {visitor.get(f"{path}/{verb}").status_code for verb in ("stop", "erase")} <= {404, 405}
    assert known(env) == mine


def test_a_confirmation_ends_after_three_days_and_who_never_confirmed_is_forgotten(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    visitor.post("/ja/subscribe", data={"address": SAKURA})
    write(env, clock)
    clock.later(days=3)
    assert visitor.post(link_in(server).removeprefix(OWN)).status_code == 404
    clock.later(days=2)
    retention.delete_outdated(env, now=clock())
    assert known(env) is None


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "sakura",
        "sakura@",
        "a@b@fitline.example",
        '"sakura@evil.example>\\r\\nRCPT TO:<x@y.example"@fitline.example',
        "sakura@fitline.example\r\nBcc: x@y.example",
        "sakura\x00@fitline.example",
        "sakura@[127.0.0.1]",
        "sakura@localhost",
        "さくら@fitline.example",
        "a" * 65 + "@fitline.example",
        "sakura@fitline.example, b@fitline.example",
        "-oQ/tmp@x|sh.example",
        "\u202esakura@fitline.example",
    ],
)
def test_what_is_no_address_is_said_beside_the_field_and_kept(odd: str, catalog: Catalog) -> None:
    assert input.parse_email_address(odd) == ""


def test_an_address_of_another_script_is_compared_as_its_servers_write_it() -> None:
    assert input.parse_email_address("info@例え.jp") == "info@xn--r8jz45g.jp"


def test_what_was_typed_wrong_stays_in_the_form(env: Environment, visitor: FlaskClient) -> None:
    response = visitor.post("/ja/subscribe", data={"address": "<sakura>@x", "about": "nonsense", "services": ["no"]})
    assert (response.status_code, 'value="&lt;sakura&gt;@x"' in response.text) == (422, True)
    assert 'aria-invalid="true"' in response.text
    assert known(env) is None


def test_every_answer_has_its_headers_and_no_cookie(visitor: FlaskClient) -> None:
    for path in ("/", "/readyz", "/ja/subscribe", "/ja/confirm/x", "/nowhere"):
        response = visitor.get(path)
        assert response.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in response.headers


def test_an_email_waits_while_the_mail_server_does_not_answer_and_nothing_goes_on_hold(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    visitor.post("/ja/subscribe", data={"address": SAKURA})
    write(with_changes(env, signup_url=""), clock)
    write(with_changes(env, channels={}), clock)
    assert (len(server.emails), emails.is_email_due(env.databases.subscribers, clock())) == (0, True)
    write(env, clock)
    assert (len(server.emails), emails.is_email_due(env.databases.subscribers, clock())) == (1, False)


def test_the_channel_to_subscribers_writes_these_emails_too(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    options = {"sender": SENDER, "connections": "1", "rate": "0"}
    spec = ChannelSpec("mail-all", "subscribers", "ja", "mail", "", (), options=options)
    environ = {f"STATUSPAGE_MAIL_ALL_{name.upper()}": value for name, value in server.settings.items()}
    visitor.post("/ja/subscribe", data={"address": SAKURA})
    write(with_changes(env, channels={spec.id: channels.open_live(spec, environ, HURRIED)}), clock)
    assert [email["To"] for email in server.emails] == [SAKURA]


def test_a_list_is_taken_over_whole_or_not_at_all(env: Environment, clock: Clock) -> None:
    wrong = HEAD + (
        "sakura@fitline.example,ja,,everything,all,Sakura,2026-04-01,contract 4711\n"
        "no address,ja,,everything,all,Ken,2026-04-01,contract\n"
        "ken@fitline.example,xx,nothing,,,,tomorrow,\n"
        "SAKURA@fitline.example,ja,,,,Sakura,2030-04-01,contract\n"
        "mei@fitline.example,ja\n"
    )
    taken = admin.import_subscribers(env, wrong, actor=Actor(name="sato"), now=clock())
    assert [(one.line_number, one.key, one.column) for one in taken.errors] == [
        (3, "address", "address"),
        (4, "empty", "consent_who"),
        (4, "empty", "consent_how"),
        (4, "when", "consent_when"),
        (4, "choice", "language"),
        (4, "choice", "services"),
        (5, "when", "consent_when"),
        (6, "count", ""),
    ]
    assert known(env) is None
    right = HEAD + "sakura@fitline.example,ja,,incidents,,Sakura,2026-04-01,contract 4711\n"
    assert admin.import_subscribers(env, right, actor=Actor(name="sato"), now=clock()).added == 1
    assert admin.import_subscribers(env, right, actor=Actor(name="sato"), now=clock()).already_active == 1
    subscriber = known(env)
    assert subscriber is not None
    assert subscriber.consent == {"who": "Sakura", "when": "2026-04-01", "how": "contract 4711"}


def test_a_list_without_its_columns_or_in_no_form_says_so(env: Environment, clock: Clock) -> None:
    for text, key in (
        ("", "column"),
        ("address\n", "column"),
        (HEAD + '"open,\n', "broken"),
        (f"{HEAD[:-1]},x\n", "unknown_column"),
    ):
        assert key in {
            one.key for one in admin.import_subscribers(env, text, actor=Actor(name="sato"), now=clock()).errors
        }


def test_a_list_brings_nobody_back_who_left_or_was_erased(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    row = HEAD + f"{SAKURA},ja,,,,Sakura,2026-04-01,contract\n"
    visitor.post(path_of(env, Purpose.UNSUBSCRIBE, mine, clock))
    assert admin.import_subscribers(env, row, actor=Actor(name="sato"), now=clock()).skipped == 1
    assert admin.erase_address(env, "SAKURA@fitline.example", actor=Actor(name="sato"), now=clock()) == 1
    assert admin.import_subscribers(env, row, actor=Actor(name="sato"), now=clock()).skipped == 1
    assert known(env) is None
    clock.later(days=2)
    assert confirmed_subscriber(env, clock, visitor, server).status is SubscriberStatus.ACTIVE, (
        "only its owner brings an address back"
    )


def test_what_is_handed_out_can_be_taken_over_again_and_holds_no_key(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, tmp_path: Path
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    visitor.post("/ja/subscribe", data={"address": "never@fitline.example"})
    with databases_of(env).begin() as tx:
        subscribers.save_subscriber(
            tx, replace(mine, consent={"who": "=HYPERLINK(1)", "when": "2026-04-01", "how": "@x"}), at=clock()
        )
    text = "".join(admin.export_subscribers(env, actor=Actor(name="sato"), now=clock()))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["address"], row["standing"]) for row in rows] == [
        (SAKURA, "active"),
        ("never@fitline.example", "pending"),
    ]
    assert (rows[0]["consent_who"], rows[0]["consent_how"]) == ("'=HYPERLINK(1)", "'@x")
    with databases_of(env).read() as tx:
        keys = [key.secret.hex() for key in subscribers.link_keys(tx).values()]
    assert not [secret for secret in (mine.seed, *keys) if secret in text]
    admin.erase_address(env, SAKURA, actor=Actor(name="sato"), now=clock())
    with databases_of(env).begin() as tx:
        subscribers.lift_suppression(tx, SubscriberType.EMAIL, SAKURA, at=clock())
    assert admin.import_subscribers(env, text, actor=Actor(name="sato"), now=clock()).added == 1


@pytest.mark.parametrize("sign", "=+-@\t\r")
def test_no_value_of_a_list_is_a_formula(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer, sign: str
) -> None:
    mine = confirmed_subscriber(env, clock, visitor, server)
    with databases_of(env).begin() as tx:
        subscribers.save_subscriber(tx, replace(mine, consent={**mine.consent, "how": f"{sign}1"}), at=clock())
    text = "".join(admin.export_subscribers(env, actor=Actor(name="sato"), now=clock()))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["consent_how"] == f"'{sign}1"


def test_each_day_a_copy_is_kept_elsewhere(env: Environment, clock: Clock, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    here = replace(env, subscriber_copies=away)
    for _ in range(2):
        emails.write_list_copy(here, clock())
    clock.later(days=1)
    emails.write_list_copy(here, clock())
    files = sorted(away.iterdir())
    assert [file.name for file in files] == ["subscribers-2026-07-04.csv", "subscribers-2026-07-05.csv"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    emails.write_list_copy(replace(env, subscriber_copies=tmp_path / "nowhere"), clock())
    assert import_export.keep_copy(databases_of(env), away, now=clock()) is None


def test_a_drill_has_no_subscribers(env: Environment, clock: Clock) -> None:
    drill = with_changes(env, name="drill", subscribers=None)
    for look in (admin.subscriber_counts, lambda env: admin.find_by_address(env.databases.subscribers, SAKURA)):
        with pytest.raises(NoSubscriberDatabase):
            look(drill)
    write(drill, clock)
    emails.write_list_copy(drill, clock())
    assert not emails.is_email_due(drill.databases.subscribers, clock())


def test_an_email_that_a_lost_worker_had_in_hand_goes_once_more(
    env: Environment, clock: Clock, visitor: FlaskClient, server: MailServer
) -> None:
    visitor.post("/ja/subscribe", data={"address": SAKURA})
    with databases_of(env).begin() as tx:
        assert subscription_emails.QUEUE.claim(tx, "gone", clock())
    emails.release_abandoned(env, "me", now=clock())
    write(env, clock)
    assert len(server.emails) == 1


WISHES = [
    (Preferences("ja"), NoticeKind.UPDATE, ("booking",), False, True),
    (Preferences("ja", ("door",)), NoticeKind.FIRST, ("booking",), False, False),
    (Preferences("ja", ("door",)), NoticeKind.RESOLVED, ("booking", "door"), False, True),
    (Preferences("ja", ("door",)), NoticeKind.FIRST, (), False, True),
    (Preferences("ja", (), SubscriptionTopic.INCIDENTS), NoticeKind.ANNOUNCED, ("booking",), True, False),
    (Preferences("ja", (), SubscriptionTopic.MAINTENANCE), NoticeKind.FIRST, ("booking",), False, False),
    (
        Preferences("ja", (), SubscriptionTopic.MAINTENANCE, SubscriptionLevel.IMPORTANT),
        NoticeKind.REMINDER,
        (),
        True,
        False,
    ),
    (
        Preferences("ja", (), SubscriptionTopic.EVERYTHING, SubscriptionLevel.IMPORTANT),
        NoticeKind.UPDATE,
        (),
        False,
        False,
    ),
    (
        Preferences("ja", (), SubscriptionTopic.EVERYTHING, SubscriptionLevel.IMPORTANT),
        NoticeKind.CORRECTION,
        (),
        False,
        True,
    ),
]


@pytest.mark.parametrize(("wish", "notice", "services", "planned", "expected"), WISHES)
def test_who_is_told_what(
    wish: Preferences, notice: NoticeKind, services: tuple[str, ...], planned: bool, expected: bool
) -> None:
    assert is_wanted(wish, notice, services=services, is_maintenance=planned) is expected


def test_the_caps_are_what_the_page_says() -> None:
    assert (timedelta(days=1), timedelta(days=3)) == (signup.DAY, emails.CONFIRM_LINK_LIFETIME)
