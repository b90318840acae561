"""Encrypted backups, and people who were erased and do not come back with an older one."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import select

from statuspage.domain import SubscriberStatus
from statuspage.settings import ACCOUNTS_FILE
from statuspage.storage import accounts, retention
from statuspage.storage.accounts import Session
from statuspage.storage.engine import Database
from statuspage.storage.identity import identities
from statuspage.storage.tables import (
    account,
    api_token,
    emergency_link,
    provider_attempt,
    session,
    sign_in_link,
    subscriber,
    suppression,
)
from tests.support.instance import Answer, Cli, cli, home

__all__ = ["cli", "home"]

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)

SUBSCRIBERS = ("anna@example.com", "bob@example.com", "carol@example.com")


CONSENT = ("--lang", "ja", "--who", "herself", "--when", "2026-01-01", "--how", "paper")


class Keys:
    """A key as ``age-keygen`` writes it, and its public key."""

    def __init__(self, file: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.file, self.public = file, str(identity.to_public())
        file.write_text(f"# created: today\n# public key: {self.public}\n{identity}\n", "utf-8")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "key.txt")


def backup(cli: Cli, file: Path, *recipients: Keys) -> Path:
    flags = [word for each in recipients for word in ("--encrypt-to", each.public)]
    made = cli("backup", "create", str(file), *flags)
    assert made.code == 0, made.err
    return file


def restore(cli: Cli, file: Path, to: Path, *flags: object) -> Answer:
    return cli("backup", "restore", str(file), str(to), *map(str, flags))


@pytest.mark.slow
def test_an_encrypted_backup_is_restored_with_any_of_its_keys_and_nothing_readable_is_left(
    cli: Cli, home: Path, tmp_path: Path, keys: Keys
) -> None:
    other = Keys(tmp_path / "other.txt")
    folder = tmp_path / "backups"
    folder.mkdir()
    file = backup(cli, folder / "a.age", other, keys)
    assert {each.name for each in folder.iterdir()} == {"a.age", "a.age.erased"}
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    for number, identity in enumerate((keys, other)):
        to = tmp_path / "restored" / str(number)
        restored = restore(cli, file, to, "--identity", identity.file)
        assert restored.code == 0, restored.err
        assert (to / "secret").read_bytes() == (home / "secret").read_bytes()
        assert [each.name for each in to.parent.iterdir() if each.name.startswith(".")] == []


def test_a_wrong_key_no_key_and_a_cut_file_are_told_apart_and_restore_nothing(
    cli: Cli, tmp_path: Path, keys: Keys
) -> None:
    file, to = backup(cli, tmp_path / "a.age", keys), tmp_path / "restored"
    content = file.read_bytes()
    cut, changed, empty = tmp_path / "cut.age", tmp_path / "changed.age", tmp_path / "empty.txt"
    cut.write_bytes(content[: len(content) // 2])
    middle = len(content) // 2
    changed.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    empty.write_text("nothing\n", "utf-8")
    for answer, words in (
        (restore(cli, file, to), "--identity FILE"),
        (restore(cli, file, to, "--identity", Keys(tmp_path / "x.txt").file), "another key"),
        (restore(cli, file, to, "--identity", empty), "no age key"),
        (restore(cli, cut, to, "--identity", keys.file), "incomplete or was changed"),
        (restore(cli, changed, to, "--identity", keys.file), "incomplete or was changed"),
    ):
        assert answer.code == 1
        assert words in answer.err
        assert "Nothing was restored" in answer.err
        assert not to.exists() or not any(to.iterdir())
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".statuspage")]


def test_what_is_no_public_key_is_refused_before_anything_is_written(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "backups" / "a.age"
    file.parent.mkdir()
    refused = cli("backup", "create", str(file), "--encrypt-to", "age1wrong")
    assert refused.code == 2
    assert "age1wrong" in refused.err
    assert not any(file.parent.iterdir())


def test_without_the_extra_it_is_said_what_to_install(
    cli: Cli, tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    assert cli("backup", "create", str(tmp_path / "plain.zip")).code == 0
    refused = cli("backup", "create", str(tmp_path / "a.age"), "--encrypt-to", keys.public)
    assert refused.code == 1
    assert "statuspage-desk[age]" in refused.err


@pytest.fixture
def three(cli: Cli) -> Cli:
    """Three subscribers and two accounts."""
    for address in SUBSCRIBERS:
        assert cli("subscriber", "add", address, *CONSENT).code == 0
    for login in ("sato", "mori"):
        assert cli("account", "add", login, "--name", login).code == 0
    return cli


def states(home: Path) -> dict[str, str]:
    with closing(Database(f"sqlite:///{home / 'subscribers.db'}", "subscribers")) as database, database.read() as tx:
        return dict(tx.execute(select(subscriber.c.address, subscriber.c.status)).all())


@pytest.mark.slow
def test_who_was_erased_unsubscribed_or_disabled_since_does_not_come_back(
    three: Cli, home: Path, tmp_path: Path
) -> None:
    old = backup(three, tmp_path / "old.zip")
    assert three("subscriber", "remove", "anna@example.com").code == 0
    with closing(Database(f"sqlite:///{home / 'subscribers.db'}", "subscribers")) as database, database.begin() as tx:
        changed = subscriber.update().where(subscriber.c.address == "bob@example.com")
        tx.execute(changed.values(status=SubscriberStatus.UNSUBSCRIBED.value))
    assert three("account", "disable", "sato").code == 0
    erased = tmp_path / "erased"
    assert three("backup", "erased", str(erased)).code == 0
    assert "example.com" not in erased.read_text("utf-8")

    came_back = tmp_path / "without"
    told = restore(three, old, came_back)
    assert "Without --erased" in told.out
    assert states(came_back)["anna@example.com"] == SubscriberStatus.ACTIVE.value

    to = tmp_path / "restored"
    assert restore(three, old, to, "--erased", erased).code == 0
    assert states(to) == {"bob@example.com": "unsubscribed", "carol@example.com": "active"}
    assert b"anna@example.com" not in (to / "subscribers.db").read_bytes()
    with closing(Database(f"sqlite:///{to / ACCOUNTS_FILE}", "accounts")) as database, database.read() as tx:
        disabled = tx.execute(select(account.c.login).where(account.c.disabled.is_not(None))).scalars().all()
        assert (disabled, tx.execute(select(session)).all()) == (["sato"], [])
    with closing(Database(f"sqlite:///{to / 'subscribers.db'}", "subscribers")) as database, database.read() as tx:
        assert tx.execute(select(suppression.c.reason)).scalars().all() == ["erased"]


def access(home: Path) -> dict[str, int]:
    """How many sessions, unused links and tokens could still be used."""
    usable = {
        "session": select(session),
        "sign_in_link": select(sign_in_link).where(sign_in_link.c.used_at.is_(None)),
        "provider_attempt": select(provider_attempt),
        "api_token": select(api_token).where(api_token.c.ended.is_(None)),
        "emergency_link": select(emergency_link).where(emergency_link.c.revoked_at.is_(None)),
    }
    with closing(Database(f"sqlite:///{home / ACCOUNTS_FILE}", "accounts")) as database, database.read() as tx:
        return {name: len(tx.execute(query).all()) for name, query in usable.items()}


def give_access(home: Path) -> None:
    with closing(Database(f"sqlite:///{home / ACCOUNTS_FILE}", "accounts")) as database, database.begin() as tx:
        (id, *_) = tx.execute(select(account.c.id)).scalars()
        accounts.add_session(tx, "digest", Session(id, NOW, NOW, NOW, "link", "", NOW))
        accounts.add_sign_in_link(tx, "digest", id, expires=NOW)
        identities.save_attempt(
            tx, "state", "browser", identities.Attempt("nonce", "verifier", NOW), network="10.0.0.1", now=NOW
        )


@pytest.mark.slow
def test_no_session_link_or_token_of_the_backup_works_after_a_restore(three: Cli, home: Path, tmp_path: Path) -> None:
    assert three("account", "emergency-link", "sato").code == 0
    assert three("token", "add", "sato", "--name", "watch").code == 0
    give_access(home)
    assert 0 not in access(home).values(), "the control"
    to = tmp_path / "restored"
    told = restore(three, backup(three, tmp_path / "old.zip"), to)
    assert "Everybody is signed out" in told.out
    assert set(access(to).values()) == {0}
    assert 0 not in access(home).values(), "those of the instance itself go on"


def test_an_account_disabled_again_loses_its_tokens_and_emergency_links(home: Path, three: Cli) -> None:
    assert three("account", "emergency-link", "sato").code == 0
    assert three("token", "add", "sato", "--name", "watch").code == 0
    with closing(Database(f"sqlite:///{home / ACCOUNTS_FILE}", "accounts")) as database, database.begin() as tx:
        retention.disable_again(tx, dict.fromkeys(tx.execute(select(account.c.id)).scalars().all(), NOW))
    assert (access(home)["api_token"], access(home)["emergency_link"]) == (0, 0)


@pytest.mark.slow
def test_the_list_beside_a_newer_backup_serves_as_well(three: Cli, tmp_path: Path) -> None:
    old = backup(three, tmp_path / "old.zip")
    assert three("subscriber", "remove", "anna@example.com").code == 0
    newer = backup(three, tmp_path / "newer.zip")
    to = tmp_path / "restored"
    assert restore(three, old, to, "--erased", f"{newer}.erased").code == 0
    assert set(states(to)) == {"bob@example.com", "carol@example.com"}


@pytest.mark.slow
def test_a_list_of_another_instance_or_none_at_all_is_refused(three: Cli, home: Path, tmp_path: Path) -> None:
    file = backup(three, tmp_path / "old.zip")
    foreign, broken = tmp_path / "foreign", tmp_path / "broken"
    written = json.loads(Path(f"{file}.erased").read_text("utf-8"))
    foreign.write_text(json.dumps({**written, "key": "0" * 16}), "utf-8")
    broken.write_text("{}", "utf-8")
    assert "another instance" in restore(three, file, tmp_path / "a", "--erased", foreign).err
    refused = restore(three, file, tmp_path / "b", "--erased", broken)
    assert "not a list of erased people" in refused.err
    assert not (tmp_path / "b").exists()
    shutil.rmtree(tmp_path / "a")
