"""Accounts, sessions, one-time links and the throttle, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage import people
from statuspage.people import No, Role, SignedIn, TurnedAway, Unfit
from statuspage.store import Store, schema
from statuspage.store import people as rows
from statuspage.store.people import Person
from tests.fixtures_database import made
from tests.times import at

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"
NOW = at("09:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = made(tmp_path / "people.db", "people")
    yield found
    found.close()


@pytest.fixture
def sato(store: Store) -> Person:
    return people.add(store, "Sato", "佐藤", role=Role.REPORTER, language="ja", password=PASSWORD, now=NOW)


def enter(
    store: Store, password: str = PASSWORD, *, login: str = "sato", address: str = "192.0.2.1", now: datetime = NOW
):
    return people.sign_in(store, login, password, address=address, now=now)


def test_the_right_password_opens_a_session(store: Store, sato: Person):
    got = enter(store)
    assert isinstance(got, SignedIn)
    found = people.session(store, got.token, now=NOW)
    assert found is not None
    assert found[1] == sato


def test_a_login_is_the_same_in_any_width_and_case(store: Store, sato: Person):
    assert isinstance(enter(store, login=" ＳＡＴＯ "), SignedIn)


@pytest.mark.parametrize(("login", "password"), [("sato", "wrong password!"), ("nobody", PASSWORD), ("", "")])
def test_anything_else_is_turned_away_without_saying_why(store: Store, sato: Person, login: str, password: str):
    assert enter(store, password, login=login) == TurnedAway(No.WRONG)


def test_only_the_hash_of_a_token_is_stored(store: Store, sato: Person, tmp_path: Path):
    got = enter(store)
    assert isinstance(got, SignedIn)
    link = people.link(store, sato.id, now=NOW)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir()) + rows_of(store).encode()
    assert got.token.encode() not in kept
    assert link.encode() not in kept
    assert PASSWORD.encode() not in kept
    assert b"$argon2id$" in kept


def rows_of(store: Store) -> str:
    with store.read() as tx:
        return repr([tx.execute(table.select()).all() for table in schema.people.sorted_tables])


def test_a_session_ends_when_unused_and_at_the_latest_after_a_week(store: Store, sato: Person):
    got = enter(store)
    assert isinstance(got, SignedIn)
    assert people.session(store, got.token, now=NOW + people.IDLE - SECOND)
    assert people.session(store, got.token, now=NOW + people.IDLE) is None
    now = NOW
    while now < NOW + people.ABSOLUTE - timedelta(hours=6):
        now += timedelta(hours=6)
        found = people.session(store, got.token, now=now)
        assert found is not None
        people.used(store, got.token, found[0], now=now)
    assert people.session(store, got.token, now=NOW + people.ABSOLUTE) is None


def test_signing_out_ends_one_session_or_all(store: Store, sato: Person):
    first, second, third = (enter(store) for _ in range(3))
    assert isinstance(first, SignedIn)
    assert isinstance(second, SignedIn)
    assert isinstance(third, SignedIn)
    people.sign_out(store, first.token, now=NOW)
    assert people.session(store, first.token, now=NOW) is None
    assert people.session(store, second.token, now=NOW)
    assert people.sign_out_everywhere(store, sato.id, now=NOW) == 2
    assert people.session(store, third.token, now=NOW) is None


def test_a_new_password_ends_every_session(store: Store, sato: Person):
    got = enter(store)
    assert isinstance(got, SignedIn)
    people.set_password(store, sato.id, "another good password", now=NOW)
    assert people.session(store, got.token, now=NOW) is None
    assert isinstance(enter(store), TurnedAway)
    assert isinstance(enter(store, "another good password"), SignedIn)


def test_a_link_works_once_and_only_while_fresh(store: Store, sato: Person):
    token = people.link(store, sato.id, now=NOW)
    assert isinstance(people.sign_in_by_link(store, token, address="", now=NOW), SignedIn)
    assert people.sign_in_by_link(store, token, address="", now=NOW) == TurnedAway(No.LINK)
    old = people.link(store, sato.id, now=NOW)
    assert people.sign_in_by_link(store, old, address="", now=NOW + people.LINK_LIFE) == TurnedAway(No.LINK)
    assert people.sign_in_by_link(store, "guessed", address="", now=NOW) == TurnedAway(No.LINK)


def test_an_account_without_a_password_is_entered_by_link_only(store: Store):
    made = people.add(store, "new", "New", role=Role.REPORTER, language="en", now=NOW)
    assert enter(store, "", login="new") == TurnedAway(No.WRONG)
    token = people.link(store, made.id, now=NOW)
    assert isinstance(people.sign_in_by_link(store, token, address="", now=NOW), SignedIn)


def fail(store: Store, times: int, *, address: str, now: datetime = NOW) -> datetime:
    """Fails this often, waiting as long as asked each time; returns the moment after."""
    for _ in range(times):
        got = enter(store, "wrong password!", address=address, now=now)
        assert isinstance(got, TurnedAway)
        now += got.wait + SECOND
    return now


def test_failures_slow_down_and_the_right_password_waits_too(store: Store, sato: Person):
    fail(store, 5, address="198.51.100.9")
    waiting = enter(store, address="198.51.100.9", now=NOW + 4.5 * SECOND)
    assert isinstance(waiting, TurnedAway)
    assert waiting.why is No.WAIT
    assert isinstance(enter(store, address="198.51.100.9", now=NOW + timedelta(minutes=2)), SignedIn)


def test_strangers_cannot_hold_an_account_up_for_longer_than_half_a_minute(store: Store, sato: Person):
    now = NOW
    for n in range(12):
        now = fail(store, 1, address=f"203.0.113.{n}", now=now)
    held = enter(store, address="192.0.2.77", now=now - 2 * SECOND)
    assert isinstance(held, TurnedAway)
    assert held.wait <= people.ACCOUNT_WAIT
    assert isinstance(enter(store, address="192.0.2.77", now=now + people.ACCOUNT_WAIT), SignedIn)


def test_where_the_account_is_at_home_strangers_hold_nobody_up(store: Store, sato: Person):
    assert isinstance(enter(store, address="192.0.2.5"), SignedIn)
    now = NOW + timedelta(minutes=1)
    for n in range(12):
        now = fail(store, 1, address=f"203.0.113.{n}", now=now)
    assert isinstance(enter(store, address="192.0.2.5", now=now - SECOND), SignedIn)


def test_one_address_trying_many_accounts_waits_ever_longer(store: Store, sato: Person):
    now = NOW
    for n in range(16):
        got = enter(store, "wrong password!", login=f"name{n}", address="198.51.100.1", now=now)
        assert isinstance(got, TurnedAway)
        now += got.wait + SECOND
    assert timedelta(minutes=10) < got.wait <= people.ADDRESS_WAIT


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_has_a_sensible_length(store: Store, password: str):
    with pytest.raises(Unfit, match="12 to 256"):
        people.add(store, "x", "X", role=Role.REPORTER, language="ja", password=password, now=NOW)


def test_a_login_is_taken_once(store: Store, sato: Person):
    with pytest.raises(Unfit, match="already"):
        people.add(store, "SATO", "Other", role=Role.REPORTER, language="ja", now=NOW)


def test_what_was_done_is_on_record_without_a_secret(store: Store, sato: Person):
    enter(store, "wrong password!")
    enter(store)
    with store.read() as tx:
        done = rows.audited(tx, 10)
    assert [row["what"] for row in done] == ["signed.in", "sign.in.refused", "person.added"]
    assert "password!" not in str(done)
