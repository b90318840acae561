"""Email and webhooks are offered only where they can be delivered, and the page states only what is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.site_config import ChannelSpec
from statuspage.domain.subscriber_links import Purpose, token
from statuspage.domain.subscription import Origin, Preferences, Subscriber, SubscriberStatus, SubscriberType
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel
from statuspage.rendering.site.pages import guides, status
from statuspage.storage import subscribers
from statuspage.storage.tables.subscribers import subscriber, subscription_email
from statuspage.usecases.accounts import Role
from statuspage.usecases.bootstrap import signup_context_of
from statuspage.usecases.diagnostics import external_checks
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.subscribers import EmailGap, offered_channels, offered_types_by_content
from statuspage.web.signup.app import create_app
from tests.support.channel_cases import HURRIED
from tests.support.desk import Clock, as_role, clock
from tests.support.environments import with_changes
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.site import present, site_context
from tests.support.subscribers import databases_of, emails_in, environ_of, environment_with_request, posted
from tests.support.times import at
from tests.support.webhook_channel import SPEC as HOOKS

__all__ = ["clock"]

OWN = "https://subscribe.fitline.example"
OPTIONS = {"sender": "status@fitline.example"}
COLLEAGUES = ChannelSpec("mail-team", "mail", "ja", "mail", "desk@fitline.example", (), options=OPTIONS)
LANGUAGES = ("ja", "en", "ja-simple")
FORM = {"address": "sakura@fitline.example", "url": "https://hooks.fitline.example/"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def connected(tmp_path: Path, catalog: Catalog, server: MailServer) -> Environment:
    return environment_of(tmp_path, catalog, posted(server), HOOKS)


def environment_of(home: Path, catalog: Catalog, channels: Mapping[str, Channel], *specs: ChannelSpec) -> Environment:
    """An environment with only these channels, all of them connected."""
    changed_catalog = replace(catalog, channels={spec.id: spec for spec in specs})
    return with_changes(environment_with_request(home, changed_catalog, channels, OWN), unready_channels={})


def to_colleagues(server: MailServer) -> Mapping[str, Channel]:
    return {COLLEAGUES.id: channels.open_live(COLLEAGUES, environ_of(COLLEAGUES, server), HURRIED)}


def unconnected(env: Environment, why: str = "credentials") -> Environment:
    return with_changes(env, channels={}, unready_channels=dict.fromkeys(env.site.catalog.channels, why))


def offered_text(env: Environment, language: str = "en") -> str:
    return guides.subscribe_pages(env.site)[f"{language}/subscribe/index.html"].decode()


def only_feeds(page: str) -> bool:
    """Whether the page is still useful: with feeds and a calendar, without a form."""
    there = all(other in page for other in ("feed.rss", "feed.atom", "calendar.ics"))
    return there and "<form" not in page and "/webhooks" not in page


def kept(env: Environment) -> int:
    with databases_of(env).read() as tx:
        return sum(len(tx.execute(table.select()).all()) for table in (subscriber, subscription_email))


def test_mail_and_webhooks_are_offered_where_they_can_go(connected: Environment) -> None:
    assert connected.site.offered_kinds == {one: {SubscriberType.EMAIL, SubscriberType.WEBHOOK} for one in LANGUAGES}
    assert f'action="{OWN}/en/subscribe"' in offered_text(connected)
    assert f'href="{OWN}/en/webhooks"' in offered_text(connected)


@pytest.mark.parametrize("lacks", ["channel", "credentials", "no_address", "signup"])
def test_where_something_lacks_only_feeds_and_the_calendar_are_offered(connected: Environment, lacks: str) -> None:
    without = {
        "channel": with_changes(connected, channels={}, catalog=replace(connected.site.catalog, channels={})),
        "signup": with_changes(connected, signup_url=""),
    }
    assert only_feeds(offered_text(without.get(lacks) or unconnected(connected, lacks)))


def test_mail_to_colleagues_offers_readers_none_and_its_form_takes_nobody(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    env = environment_of(tmp_path, catalog, to_colleagues(server))
    visitor = create_app(signup_context_of(env), clock=clock).test_client()
    for language in LANGUAGES:
        assert only_feeds(offered_text(env, language))
        assert visitor.get(f"/{language}/subscribe").status_code == 503
        assert visitor.post(f"/{language}/subscribe", data=FORM).status_code == 503
    assert kept(env) == 0
    assert offered_channels.email_gaps(env) == (EmailGap("channel", LANGUAGES),)


def test_webhooks_need_only_that_their_owner_can_be_written_to(
    tmp_path: Path, catalog: Catalog, server: MailServer
) -> None:
    env = environment_of(tmp_path, catalog, to_colleagues(server), HOOKS)
    assert env.site.offered_kinds == {one: {SubscriberType.WEBHOOK} for one in LANGUAGES}
    assert "<form" not in offered_text(env)
    assert f'href="{OWN}/en/webhooks"' in offered_text(env)


def test_mail_is_offered_only_in_the_languages_in_which_notices_go_out(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    env = environment_of(tmp_path, catalog, posted(server, "ja"))
    visitor = create_app(signup_context_of(env), clock=clock).test_client()
    assert f'action="{OWN}/ja/subscribe"' in offered_text(env, "ja")
    for language in ("en", "ja-simple"):
        assert only_feeds(offered_text(env, language))
        assert visitor.get(f"/{language}/subscribe").status_code == 503
        assert visitor.post(f"/{language}/subscribe", data=FORM).status_code == 503
    assert visitor.post("/ja/subscribe", data={**FORM, "language": "en"}).status_code == 422
    assert kept(env) == 0
    assert visitor.post("/ja/subscribe", data=FORM).status_code == 200
    assert kept(env) == 2


def test_a_subscriber_can_choose_only_a_language_in_which_notices_go_out(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    env = environment_of(tmp_path, catalog, posted(server, "ja", "en"))
    visitor = create_app(signup_context_of(env), clock=clock).test_client()
    with databases_of(env).begin() as tx:
        mine = Subscriber(
            0, SubscriberType.EMAIL, FORM["address"], Preferences("ja"), SubscriberStatus.ACTIVE, Origin.FORM, clock()
        )
        key = token(subscribers.signing_key(tx, clock()), Purpose.PREFERENCES, subscribers.insert_subscriber(tx, mine))
    page = f"/ja/preferences/{key}"
    assert re.findall(r'<option value="([^"]+)"', visitor.get(page).text) == ["ja", "en"]
    assert visitor.post(page, data={"language": "ja-simple"}).status_code == 422
    assert visitor.post(page, data={"language": "en"}).status_code == 200
    without = with_changes(
        env, channels={}, unready_channels={"subscribers-ja": "credentials", "subscribers-en": "credentials"}
    )
    left = create_app(signup_context_of(without), clock=clock).test_client()
    assert re.findall(r'<option value="([^"]+)"', left.get(page).text) == ["en"]
    assert left.post(page, data={"language": "en"}).status_code == 200


def test_a_process_without_credentials_offers_the_languages_that_have_a_channel(catalog: Catalog) -> None:
    def offers(*specs: ChannelSpec, known: bool = True) -> dict[str, set[SubscriberType]]:
        changed_catalog = replace(catalog, channels={spec.id: spec for spec in specs})
        return {
            one: set(types)
            for one, types in offered_types_by_content(changed_catalog, is_signup_url_known=known).items()
            if types
        }

    assert offers(COLLEAGUES) == {}
    assert offers(HOOKS) == {}
    assert offers(emails_in("en")) == {"en": {SubscriberType.EMAIL}}
    assert offers(emails_in("en"), known=False) == {}
    assert offers(COLLEAGUES, HOOKS) == {one: {SubscriberType.WEBHOOK} for one in LANGUAGES}


def test_each_language_without_mail_is_named_with_what_it_lacks(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    env = with_changes(
        environment_of(tmp_path, catalog, posted(server, "ja", "en")),
        unready_channels={"subscribers-en": "credentials"},
    )
    assert [(one.reason, one.languages) for one in offered_channels.email_gaps(env)] == [
        ("channel", ("ja-simple",)),
        ("credentials", ("en",)),
    ]
    found = [one.slots for one in external_checks.check_channels(env) if one.code == "sign_up"]
    assert [one["languages"] for one in found] == ["やさしい日本語", "English"]
    assert "STATUSPAGE_SUBSCRIBERS_EN_SERVER" in found[1]["detail"]
    shown = as_role(env, clock, Role.LEAD).open("/settings/subscribers").words
    assert "次の言語ではお客様がメールを購読できません" in shown
    assert "やさしい日本語" in shown
    assert "STATUSPAGE_SUBSCRIBERS_EN_SERVER" in shown


def test_webhooks_are_offered_only_where_their_own_channel_is_connected_too(connected: Environment) -> None:
    env = with_changes(connected, unready_channels={HOOKS.id: "no_address"})
    assert env.site.offered_kinds == {one: {SubscriberType.EMAIL} for one in LANGUAGES}
    assert "/en/webhooks" not in offered_text(env)


@pytest.mark.parametrize("path", ["/en/subscribe", "/en/webhooks"])
def test_a_form_that_was_open_before_is_told_so_and_nothing_is_kept(
    connected: Environment, clock: Clock, path: str, server: MailServer
) -> None:
    visitor = create_app(signup_context_of(unconnected(connected)), clock=clock).test_client()
    for answer in (visitor.post(path, data=FORM), visitor.get(path)):
        text = answer.get_data(as_text=True)
        assert answer.status_code == 503
        assert "Nothing you typed was kept" in text
        assert "next few minutes" not in text
        assert "<form" not in text
    assert kept(unconnected(connected)) == 0
    assert not server.emails


@pytest.mark.parametrize(
    ("lacks", "named"),
    [
        ("channel", ""),
        ("credentials", "STATUSPAGE_SUBSCRIBERS_JA_SERVER"),
        ("no_address", "STATUSPAGE_ADDRESS"),
        ("signup", "STATUSPAGE_PUBLIC_ADDRESS"),
    ],
)
def test_the_doctor_and_the_page_for_subscribers_name_what_lacks(
    connected: Environment, clock: Clock, lacks: str, named: str
) -> None:
    if lacks == "channel":
        env = with_changes(connected, channels={}, catalog=replace(connected.site.catalog, channels={}))
    elif lacks == "signup":
        env = with_changes(connected, signup_url="")
    else:
        env = unconnected(connected, lacks)
    found = [one for one in external_checks.check_channels(env) if one.code == "sign_up"]
    assert [one.slots["reason"] for one in found] == ([] if lacks == "channel" else [lacks]), "that is a gap of set-up"
    for finding in found:
        assert named in finding.slots["detail"]
        assert finding.slots["languages"] == "日本語, English, やさしい日本語"
    shown = as_role(env, clock, Role.LEAD).open("/settings/subscribers").words
    assert "お客様がメールを購読できません" in shown
    assert named in shown
    assert env.site.catalog.packs["ja"].labels[f"doctor.email_settings.{lacks}"] in shown


def test_where_nothing_lacks_nothing_is_said_of_it(connected: Environment, clock: Clock) -> None:
    assert "sign_up" not in [one.code for one in external_checks.check_channels(connected)]
    assert "購読できません" not in as_role(connected, clock, Role.LEAD).open("/settings/subscribers").words


@pytest.mark.parametrize(
    ("address", "apart", "seen", "expected"),
    [
        ("https://status.fitline.example", True, True, True),
        ("https://status.fitline.example", True, False, False),
        ("https://status.fitline.example", False, True, False),
        ("http://127.0.0.1:8001", True, True, False),
        ("http://localhost:8001", True, True, False),
        ("http://[::1]:8001", True, True, False),
        ("", True, True, False),
    ],
)
def test_that_the_page_is_hosted_apart_is_said_only_where_it_is_known(
    catalog: Catalog, address: str, apart: bool, seen: bool, expected: bool
) -> None:
    changed_catalog = replace(catalog, site=replace(catalog.site, is_hosted_separately=apart))
    context = replace(site_context(changed_catalog), address=address, is_seen_apart=seen)
    now = at("12:20")
    front = status.front_pages(context, present(context, now=now), now=now)["en/index.html"].decode()
    assert ("hosted separately from our service" in front) is expected


def test_the_sample_claims_nothing_about_where_it_is_hosted(catalog: Catalog) -> None:
    assert not catalog.site.is_hosted_separately
