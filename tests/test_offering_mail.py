"""Mail and webhooks are offered to readers only where they can go, and the page says of itself only what is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog, ChannelSpec
from statuspage.domain.subscription import Kind
from statuspage.rendering.site.pages import guides, status
from statuspage.storage.tables.subscribers import letter, subscriber
from statuspage.usecases.accounts import Role
from statuspage.usecases.bootstrap import counter_of
from statuspage.usecases.diagnostics import external_checks
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_files
from statuspage.web.signup.app import create_app
from tests.fakes.mail_server import MailServer, mail_server
from tests.fixtures_desk import Clock, clock
from tests.fixtures_site import edition, present
from tests.fixtures_subscribers import asked_world, books_of, posted
from tests.test_endpoint import SPEC as HOOKS
from tests.test_rights import as_role
from tests.times import at

__all__ = ["clock"]

OWN = "https://subscribe.fitline.example"
OPTIONS = {"sender": "status@fitline.example"}
MAIL = ChannelSpec("mail-team", "mail", "ja", "mail", "desk@fitline.example", (), options=OPTIONS)
FORM = {"address": "sakura@fitline.example", "url": "https://hooks.fitline.example/"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def connected(tmp_path: Path, catalog: Catalog, server: MailServer) -> Environment:
    channels = {MAIL.id: MAIL, HOOKS.id: HOOKS}
    return replace(asked_world(tmp_path, replace(catalog, channels=channels), posted(server), OWN), unready={})


def unconnected(world: Environment, why: str = "credentials") -> Environment:
    return replace(world, channels={}, unready={MAIL.id: why, HOOKS.id: why})


def ways(world: Environment) -> str:
    return guides.ways(site_files.edition(world))["en/subscribe/index.html"].decode()


def kept(world: Environment) -> int:
    with books_of(world).read() as tx:
        return sum(len(tx.execute(table.select()).all()) for table in (subscriber, letter))


def test_mail_and_webhooks_are_offered_where_they_can_go(connected: Environment) -> None:
    assert site_files.edition(connected).offers == {Kind.MAIL, Kind.WEBHOOK}
    assert f'action="{OWN}/en/subscribe"' in ways(connected)
    assert f'href="{OWN}/en/webhooks"' in ways(connected)


@pytest.mark.parametrize("lacks", ["channel", "credentials", "no_address", "own_pages"])
def test_where_something_lacks_only_feeds_and_the_calendar_are_offered(connected: Environment, lacks: str) -> None:
    without = {
        "channel": replace(connected, channels={}, catalog=replace(connected.catalog, channels={})),
        "own_pages": replace(connected, own_pages=""),
    }
    page = ways(without.get(lacks) or unconnected(connected, lacks))
    assert "<form" not in page
    assert "/en/webhooks" not in page
    for other in ("feed.rss", "feed.atom", "calendar.ics"):
        assert other in page


def test_webhooks_are_offered_only_where_their_own_channel_is_connected_too(connected: Environment) -> None:
    world = replace(connected, unready={HOOKS.id: "no_address"})
    assert site_files.edition(world).offers == {Kind.MAIL}
    assert "/en/webhooks" not in ways(world)


@pytest.mark.parametrize("path", ["/en/subscribe", "/en/webhooks"])
def test_a_form_that_was_open_before_is_told_so_and_nothing_is_kept(
    connected: Environment, clock: Clock, path: str, server: MailServer
) -> None:
    visitor = create_app(counter_of(unconnected(connected)), clock=clock).test_client()
    for answer in (visitor.post(path, data=FORM), visitor.get(path)):
        said = answer.get_data(as_text=True)
        assert answer.status_code == 503
        assert "Nothing you typed was kept" in said
        assert "next few minutes" not in said
        assert "<form" not in said
    assert kept(unconnected(connected)) == 0
    assert not server.letters


@pytest.mark.parametrize(
    ("lacks", "named"),
    [
        ("channel", ""),
        ("credentials", "STATUSPAGE_MAIL_TEAM_SERVER"),
        ("no_address", "STATUSPAGE_ADDRESS"),
        ("own_pages", "STATUSPAGE_PUBLIC_ADDRESS"),
    ],
)
def test_the_doctor_and_the_page_for_subscribers_name_what_lacks(
    connected: Environment, clock: Clock, lacks: str, named: str
) -> None:
    if lacks == "channel":
        world = replace(connected, channels={}, catalog=replace(connected.catalog, channels={}))
    elif lacks == "own_pages":
        world = replace(connected, own_pages="")
    else:
        world = unconnected(connected, lacks)
    found = [one for one in external_checks.ways(world) if one.code == "sign_up"]
    assert [one.slots["reason"] for one in found] == [lacks]
    assert named in found[0].slots["detail"]
    shown = as_role(world, clock, Role.LEAD).open("/subscribers").words
    assert "お客さまはメールを申し込めません" in shown
    assert named in shown
    assert world.catalog.books["ja"].labels[f"doctor.mail_lacks.{lacks}"] in shown


def test_where_nothing_lacks_nothing_is_said_of_it(connected: Environment, clock: Clock) -> None:
    assert "sign_up" not in [one.code for one in external_checks.ways(connected)]
    assert "申し込めません" not in as_role(connected, clock, Role.LEAD).open("/subscribers").words


@pytest.mark.parametrize(
    ("address", "apart", "said"),
    [
        ("https://status.fitline.example", True, True),
        ("https://status.fitline.example", False, False),
        ("http://127.0.0.1:8001", True, False),
        ("http://localhost:8001", True, False),
        ("http://[::1]:8001", True, False),
        ("", True, False),
    ],
)
def test_that_the_page_is_hosted_apart_is_said_only_where_it_is_known(
    catalog: Catalog, address: str, apart: bool, said: bool
) -> None:
    told = replace(catalog, site=replace(catalog.site, apart=apart))
    made = replace(edition(told), address=address)
    now = at("12:20")
    front = status.fronts(made, present(made, now=now), now=now)["en/index.html"].decode()
    assert ("hosted apart from our service" in front) is said


def test_the_sample_claims_nothing_about_where_it_is_hosted(catalog: Catalog) -> None:
    assert not catalog.site.apart
