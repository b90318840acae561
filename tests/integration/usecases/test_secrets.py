"""A secret planted in every setting is found nowhere: not in logs, errors, rows, published files or responses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from statuspage import settings
from statuspage.domain.facts import NoticeKind
from statuspage.settings import Settings
from statuspage.storage.engine.database import Database
from statuspage.usecases import accounts, delivery, logging_setup, notices
from statuspage.usecases.accounts import Role
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.fakes.x_server import Account, Server, x_server
from tests.support.instance import home
from tests.support.planted_secrets import found_in, planted
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["home"]


@pytest.fixture
def secrets(home: Path) -> dict[str, str]:
    """What must be found nowhere."""
    return planted(home)


@pytest.fixture
def x(secrets: dict[str, str]) -> Iterator[Server]:
    """X, which knows the planted secrets of one account."""
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    given = {name: secrets[f"STATUSPAGE_X_JA_{name.upper()}"] for name in names}
    with x_server(Account(**given)) as server:
        yield server


@pytest.fixture
def here(home: Path, x: Server, secrets: dict[str, str]) -> Iterator[Settings]:
    """The settings with all of them."""
    more = {"STATUSPAGE_X_API": x.address, "STATUSPAGE_ADDRESS": "http://127.0.0.1:1"}
    yield settings.read_settings({**secrets, **more}, home=str(home))


def live_through(live: Environment, x: Server) -> None:
    """A report and an update while X keeps failing; somebody signs in and mistypes."""
    x.next("401", "500", "drop", "html", "403")
    target, notice_input = (
        notices.new_incident_target(live, now=at("10:00")),
        typed_input(incident_type="slow", start="about:09:50"),
    )
    for minute, notice_kind in ((0, "first"), (5, "correction"), (9, "withdrawal")):
        now = at(f"10:0{minute}")
        notice_input = typed_input(incident_type="slow", start=f"about:09:5{minute}")
        preview = notices.preview_notice(
            live, notice_input, notice_kind=NoticeKind(notice_kind), target=target, now=now
        )
        published = notices.publish_notice(live, notice_input, preview.token, actor="Sato", now=now)
        assert isinstance(published, notices.Published), preview.problems
        target = notices.NoticeTarget(published.incident_id, published.sequence)
        delivery.drain(live, clock=lambda now=now: now, patience=5)
    accounts.add_account(
        live.databases.accounts,
        "sato",
        "Sato",
        role=Role.REPORTER,
        language="ja",
        password="a long password",
        now=at("10:09"),
    )
    shared_status.write_status(live, now=at("10:10"))


@pytest.mark.slow
def test_a_secret_in_any_setting_is_found_nowhere(
    here: Settings, x: Server, secrets: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    logging_setup.configure_logging(here, level=logging.DEBUG)
    live = live_environment(here, now=at("09:55"))
    live_through(live, x)
    log = structlog.get_logger("test")
    for secret in secrets.values():
        log.debug("handed on by mistake", text=secret, error=ValueError(secret))
    written = "".join(capsys.readouterr())
    assert written.count("handed on by mistake") == len(secrets) > 6, "the control: it was written down at all"
    assert secrets["STATUSPAGE_X_JA_ACCESS_TOKEN"] in "".join(x.state.authorized).replace("%2F", "/").replace(
        "%2B", "+"
    ).replace("%3D", "="), "the control: X was shown it"
    assert found_in(written, secrets) == []
    for path in here.home.rglob("*"):
        if path.is_file():
            assert found_in(path.read_bytes().decode("utf-8", "replace"), secrets) == [], path
    assert found_in(f"{live!r} {here!r}", secrets) == []


@pytest.mark.parametrize("database_url", ["WORLD", "ACCOUNTS", "SUBSCRIBERS"])
def test_settings_that_hold_the_address_of_a_database_are_shown_without_it(home: Path, database_url: str) -> None:
    name = f"STATUSPAGE_{database_url}_DATABASE_URL".replace("WORLD_", "")
    here = settings.read_settings({name: "postgresql://someone:planted-password@127.0.0.1:1/books"}, home=str(home))
    assert "planted-password" in str(here.secrets), "the control: it was read"
    with pytest.raises(Exception) as raised:
        live_environment(here, now=at("09:55"))
    shown = f"{raised.value!s} {raised.value!r} {raised.value.__cause__!s} {here!r} {here.databases!r}"
    assert "planted-password" not in shown


def test_a_database_that_cannot_be_reached_is_told_of_without_its_address() -> None:
    store = Database.for_environment("postgresql://someone:planted-password@127.0.0.1:1/books")
    with pytest.raises(Exception) as raised, store.read():
        pass
    assert "planted-password" not in f"{raised.value!s} {raised.value!r} {store!r}"
