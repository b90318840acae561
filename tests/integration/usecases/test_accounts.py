"""Accounts, sessions, one-time links and the throttle, on a real database."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest
from argon2 import PasswordHasher

from statuspage.storage.accounts import Account
from statuspage.storage.engine.database import Database
from statuspage.storage.tables import metadata
from statuspage.usecases import accounts, audit_log, passwords, throttling
from statuspage.usecases.accounts import InvalidAccount, Role, SignedIn, SignInFailure, SignInRefused
from statuspage.usecases.passwords import InvalidPassword
from tests.support.database import made
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"
NOW = at("09:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    found = made(tmp_path / "accounts.db", "accounts")
    yield found
    found.close()


@pytest.fixture
def sato(store: Database) -> Account:
    return accounts.add_account(store, "Sato", "佐藤", role=Role.REPORTER, language="ja", password=PASSWORD, now=NOW)


def enter(
    store: Database, password: str = PASSWORD, *, login: str = "sato", address: str = "192.0.2.1", now: datetime = NOW
):
    return accounts.sign_in(store, login, password, address=address, now=now)


def test_the_right_password_opens_a_session(store: Database, sato: Account):
    got = enter(store)
    assert isinstance(got, SignedIn)
    session = accounts.find_session(store, got.token, now=NOW)
    assert session is not None
    assert session[1] == sato


def test_a_login_is_the_same_in_any_width_and_case(store: Database, sato: Account):
    assert isinstance(enter(store, login=" ＳＡＴＯ "), SignedIn)


@pytest.mark.parametrize(("login", "password"), [("sato", "wrong password!"), ("nobody", PASSWORD), ("", "")])
def test_anything_else_is_turned_away_without_saying_why(store: Database, sato: Account, login: str, password: str):
    assert enter(store, password, login=login) == SignInRefused(SignInFailure.WRONG_CREDENTIALS)


def test_only_the_hash_of_a_token_is_stored(store: Database, sato: Account, tmp_path: Path):
    got = enter(store)
    assert isinstance(got, SignedIn)
    link = accounts.create_sign_in_link(store, sato.id, now=NOW)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir()) + rows_of(store).encode()
    assert got.token.encode() not in kept
    assert link.encode() not in kept
    assert PASSWORD.encode() not in kept
    assert b"$argon2id$" in kept


def rows_of(store: Database) -> str:
    with store.read() as tx:
        return repr([tx.execute(table.select()).all() for table in metadata.accounts.sorted_tables])


def test_a_session_ends_when_unused_and_at_the_latest_after_a_week(store: Database, sato: Account):
    got = enter(store)
    assert isinstance(got, SignedIn)
    assert accounts.find_session(store, got.token, now=NOW + accounts.IDLE_TIMEOUT - SECOND)
    assert accounts.find_session(store, got.token, now=NOW + accounts.IDLE_TIMEOUT) is None
    now = NOW
    while now < NOW + accounts.MAX_SESSION_AGE - timedelta(hours=6):
        now += timedelta(hours=6)
        session = accounts.find_session(store, got.token, now=now)
        assert session is not None
        accounts.touch_session(store, got.token, session[0], now=now)
    assert accounts.find_session(store, got.token, now=NOW + accounts.MAX_SESSION_AGE) is None


@pytest.mark.slow
def test_signing_out_ends_one_session_or_all(store: Database, sato: Account):
    first, second, third = (enter(store) for _ in range(3))
    assert isinstance(first, SignedIn)
    assert isinstance(second, SignedIn)
    assert isinstance(third, SignedIn)
    accounts.sign_out(store, first.token, now=NOW)
    assert accounts.find_session(store, first.token, now=NOW) is None
    assert accounts.find_session(store, second.token, now=NOW)
    assert accounts.sign_out_everywhere(store, sato.id, now=NOW) == 2
    assert accounts.find_session(store, third.token, now=NOW) is None


@pytest.mark.slow
def test_a_new_password_ends_every_session(store: Database, sato: Account):
    got = enter(store)
    assert isinstance(got, SignedIn)
    accounts.set_password(store, sato.id, "another good password", now=NOW)
    assert accounts.find_session(store, got.token, now=NOW) is None
    assert isinstance(enter(store), SignInRefused)
    assert isinstance(enter(store, "another good password"), SignedIn)


def test_a_link_works_once_and_only_while_fresh(store: Database, sato: Account):
    token = accounts.create_sign_in_link(store, sato.id, now=NOW)
    assert isinstance(accounts.sign_in_by_link(store, token, address="", now=NOW), SignedIn)
    assert accounts.sign_in_by_link(store, token, address="", now=NOW) == SignInRefused(SignInFailure.INVALID_LINK)
    old = accounts.create_sign_in_link(store, sato.id, now=NOW)
    assert accounts.sign_in_by_link(store, old, address="", now=NOW + accounts.LINK_LIFETIME) == SignInRefused(
        SignInFailure.INVALID_LINK
    )
    assert accounts.sign_in_by_link(store, "guessed", address="", now=NOW) == SignInRefused(SignInFailure.INVALID_LINK)


def test_an_account_without_a_password_is_entered_by_link_only(store: Database):
    made = accounts.add_account(store, "new", "New", role=Role.REPORTER, language="en", now=NOW)
    assert enter(store, "", login="new") == SignInRefused(SignInFailure.WRONG_CREDENTIALS)
    token = accounts.create_sign_in_link(store, made.id, now=NOW)
    assert isinstance(accounts.sign_in_by_link(store, token, address="", now=NOW), SignedIn)


def fail(store: Database, times: int, *, address: str, now: datetime = NOW) -> datetime:
    """Fails this often, waiting as long as required each time; returns the time after that."""
    for _ in range(times):
        got = enter(store, "wrong password!", address=address, now=now)
        assert isinstance(got, SignInRefused)
        now += got.wait + SECOND
    return now


@pytest.mark.slow
def test_failures_slow_down_and_the_right_password_waits_too(store: Database, sato: Account):
    fail(store, 5, address="198.51.100.9")
    waiting = enter(store, address="198.51.100.9", now=NOW + 4.5 * SECOND)
    assert isinstance(waiting, SignInRefused)
    assert waiting.reason is SignInFailure.TOO_MANY_TRIES
    assert isinstance(enter(store, address="198.51.100.9", now=NOW + timedelta(minutes=2)), SignedIn)


@pytest.mark.slow
def test_strangers_cannot_hold_an_account_up_for_longer_than_half_a_minute(store: Database, sato: Account):
    now = NOW
    for n in range(12):
        now = fail(store, 1, address=f"203.0.113.{n}", now=now)
    held = enter(store, address="192.0.2.77", now=now - 2 * SECOND)
    assert isinstance(held, SignInRefused)
    assert held.wait <= throttling.ACCOUNT_WAIT
    assert isinstance(enter(store, address="192.0.2.77", now=now + throttling.ACCOUNT_WAIT), SignedIn)


@pytest.mark.slow
def test_where_the_account_is_at_home_strangers_hold_nobody_up(store: Database, sato: Account):
    assert isinstance(enter(store, address="192.0.2.5"), SignedIn)
    now = NOW + timedelta(minutes=1)
    for n in range(12):
        now = fail(store, 1, address=f"203.0.113.{n}", now=now)
    assert isinstance(enter(store, address="192.0.2.5", now=now - SECOND), SignedIn)


@pytest.mark.slow
def test_one_address_trying_many_accounts_waits_ever_longer(store: Database, sato: Account):
    now = NOW
    for n in range(16):
        got = enter(store, "wrong password!", login=f"name{n}", address="198.51.100.1", now=now)
        assert isinstance(got, SignInRefused)
        now += got.wait + SECOND
    assert timedelta(minutes=10) < got.wait <= throttling.ADDRESS_WAIT


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_has_a_sensible_length(store: Database, password: str):
    with pytest.raises(InvalidPassword, match="12 to 256"):
        accounts.add_account(store, "x", "X", role=Role.REPORTER, language="ja", password=password, now=NOW)


def test_a_login_is_taken_once(store: Database, sato: Account):
    with pytest.raises(InvalidAccount, match="already"):
        accounts.add_account(store, "SATO", "Other", role=Role.REPORTER, language="ja", now=NOW)


def test_what_was_done_is_on_record_without_a_secret(store: Database, sato: Account):
    enter(store, "wrong password!")
    enter(store)
    done, refused = audit_log.list_actions(store, 10).rows, audit_log.list_refusals(store, 10).rows
    assert [row["action"] for row in done] == ["signed.in", "account.added"]
    assert [(row["action"], row["account_id"], row["count"]) for row in refused] == [("sign.in.refused", sato.id, 1)]
    assert "password!" not in rows_of(store)


@pytest.mark.slow
def test_all_addresses_of_one_ipv6_network_count_as_one(store: Database, sato: Account):
    got = [
        enter(store, "wrong password!", login=f"name{n}", address=f"2001:db8:1:2::{n:x}", now=NOW) for n in range(60)
    ]
    assert [one.reason for one in got if isinstance(one, SignInRefused)] == [SignInFailure.WRONG_CREDENTIALS] * 5 + [
        SignInFailure.TOO_MANY_TRIES
    ] * 55
    assert isinstance(enter(store, address="2001:db8:1:3::1"), SignedIn), "the neighbour does not wait"


class Watched(PasswordHasher):
    """Hashes as usual, and counts the calls and the maximum in parallel."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at = self.at_once = self.most = 0
        self._lock = Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        with self._lock:
            self.looked_at, self.at_once = self.looked_at + 1, self.at_once + 1
            self.most = max(self.most, self.at_once)
        time.sleep(0.02)  # the cheap hashes of the tests are too short to meet each other
        try:
            return super().verify(hash, password)
        finally:
            with self._lock:
                self.at_once -= 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    found = Watched()
    monkeypatch.setattr(passwords, "_hasher", found)
    return found


@pytest.mark.slow
def test_many_tries_at_once_are_no_more_than_one_by_one(store: Database, sato: Account, watched: Watched):
    fail(store, throttling.FREE_TRIES - 1, address="198.51.100.9")
    before = watched.looked_at
    with ThreadPoolExecutor(8) as pool:
        later = NOW + timedelta(minutes=1)
        tried = [pool.submit(enter, store, "wrong password!", address="198.51.100.9", now=later) for _ in range(24)]
        why = [got.reason for one in tried if isinstance(got := one.result(), SignInRefused)]
    assert watched.looked_at - before == 1
    assert (why.count(SignInFailure.WRONG_CREDENTIALS), why.count(SignInFailure.TOO_MANY_TRIES)) == (1, 23)


@pytest.mark.slow
def test_no_more_than_two_passwords_are_looked_at_at_once(
    store: Database, sato: Account, watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(passwords, "HASH_PATIENCE", 60)
    with ThreadPoolExecutor(passwords.PARALLEL_HASHES + passwords.MAX_WAITING) as pool:
        tried = [
            pool.submit(enter, store, login=login, address=f"203.0.113.{n}")
            for n, login in enumerate(["sato", *(f"name{n}" for n in range(15))])
        ]
        got = [one.result() for one in tried]
    assert isinstance(got[0], SignedIn)
    assert (watched.looked_at, watched.most) == (16, passwords.PARALLEL_HASHES)


def test_a_try_whose_turn_does_not_come_waits_and_is_not_held_against_anybody(
    store: Database, sato: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(passwords, "HASH_PATIENCE", 0.01)
    with passwords._hash_slots, passwords._hash_slots:
        for _ in range(10):
            got = enter(store)
            assert isinstance(got, SignInRefused)
            assert got.reason is SignInFailure.TOO_MANY_TRIES
    assert isinstance(enter(store), SignedIn)
    assert not audit_log.list_refusals(store, 10).rows


def test_where_as_many_wait_as_may_the_next_try_is_sent_away_at_once(store: Database, sato: Account):
    for _ in range(passwords.PARALLEL_HASHES + passwords.MAX_WAITING):
        assert passwords._queue_slots.acquire(blocking=False)
    try:
        got = enter(store)
    finally:
        passwords._queue_slots.release(passwords.PARALLEL_HASHES + passwords.MAX_WAITING)
    assert isinstance(got, SignInRefused)
    assert (got.reason, audit_log.list_refusals(store, 10).rows) == (SignInFailure.TOO_MANY_TRIES, ())
    assert isinstance(enter(store), SignedIn)


@pytest.mark.slow
def test_coming_in_takes_nothing_from_the_free_tries_of_an_office(store: Database, sato: Account):
    for _ in range(20):
        assert isinstance(enter(store), SignedIn)
    fail(store, 4, address="192.0.2.1")
    assert isinstance(enter(store), SignedIn)
    got = enter(store, "wrong password!")
    assert isinstance(got, SignInRefused)
    assert got.wait == SECOND, "the four failures of others there still count"


def test_wrong_links_are_looked_at_twenty_times_from_one_network(store: Database, sato: Account):
    right = accounts.create_sign_in_link(store, sato.id, now=NOW)
    got = [accounts.sign_in_by_link(store, f"wrong{n}", address=f"2001:db8::{n:x}", now=NOW) for n in range(30)]
    assert [one.reason for one in got if isinstance(one, SignInRefused)] == [SignInFailure.INVALID_LINK] * 20 + [
        SignInFailure.TOO_MANY_TRIES
    ] * 10
    assert accounts.sign_in_by_link(store, "wrong", address="192.0.2.1", now=NOW) == SignInRefused(
        SignInFailure.INVALID_LINK
    )
    assert isinstance(accounts.sign_in_by_link(store, right, address="2001:db8::1", now=NOW), SignedIn)
    later = NOW + accounts.LINKS_WITHIN
    assert accounts.sign_in_by_link(store, "wrong", address="2001:db8::1", now=later) == SignInRefused(
        SignInFailure.INVALID_LINK
    )


@pytest.mark.slow
def test_strangers_push_nothing_that_people_did_out_of_sight_and_take_no_room(store: Database, sato: Account):
    enter(store)
    for n in range(300):
        accounts.sign_in_by_link(store, f"wrong{n}", address=f"198.51.{n}.1", now=NOW)
    assert [row["action"] for row in audit_log.list_actions(store, 200).rows] == ["signed.in", "account.added"]
    (counted,) = audit_log.list_refusals(store, 200).rows
    assert (counted["action"], counted["count"]) == ("link.refused", 300)
    assert counted["networks"] == [f"198.51.{n}.1" for n in range(295, 300)]


def test_what_was_typed_as_the_login_of_nobody_is_kept_nowhere(store: Database, sato: Account):
    typed = "tr0ub4dor&3-mistyped"
    enter(store, "", login=typed)
    enter(store, "wrong password!", login="sato")
    assert typed not in rows_of(store)
    assert hashlib.sha256(typed.encode()).hexdigest() not in rows_of(store)
    assert {row["account_id"] for row in audit_log.list_refusals(store, 10).rows} == {"", sato.id}


def test_the_log_is_read_page_by_page_in_both_directions(store: Database, sato: Account):
    for n in range(6):
        accounts.add_account(store, f"name{n}", "N", role=Role.REPORTER, language="en", now=NOW)
    first = audit_log.list_actions(store, 3)
    second = audit_log.list_actions(store, 3, before=first.older)
    third = audit_log.list_actions(store, 3, before=second.older)
    assert [[row["target"].partition("(")[2][:-1] for row in one.rows] for one in (first, second, third)] == [
        ["name5", "name4", "name3"],
        ["name2", "name1", "name0"],
        ["sato"],
    ]
    assert (first.newer, third.older) == (None, None)
    assert audit_log.list_actions(store, 3, after=third.newer) == second
    assert audit_log.list_actions(store, 3, after=second.newer) == first
