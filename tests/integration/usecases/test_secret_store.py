"""Secrets that are entered on the desk: encrypted, readable only with their key, never in a backup or a drill."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.integrations.encryption import Cipher, InvalidKey, new_key
from statuspage.settings import Settings, SharedDatabase, read_settings
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine.database import Database
from statuspage.usecases import backup
from statuspage.usecases.diagnostics.findings import Level
from statuspage.usecases.diagnostics.secret_checks import check_drill_user, check_secrets
from statuspage.usecases.secret_store import NoSecretStore, SecretStore
from tests.support.database import made
from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

NOW = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
CANARY = "canary-4f1c-token"
TOKEN = "STATUSPAGE_MASTODON_EN_TOKEN"


def settings_in(home: Path, **environ: str) -> Settings:
    home.mkdir(exist_ok=True)
    return read_settings({f"STATUSPAGE_{name}": value for name, value in environ.items()}, home=str(home))


def store_in(home: Path, **environ: str) -> SecretStore:
    return SecretStore(settings_in(home, **environ))


def keep(store: SecretStore, value: str | None = CANARY, *, minutes: int = 0) -> None:
    store.change({TOKEN: value}, by="Aya Mori", now=NOW + timedelta(minutes=minutes))


def files_with(home: Path, text: str) -> list[str]:
    files = (path for path in home.rglob("*") if path.is_file())
    return [path.name for path in files if text.encode() in path.read_bytes()]


def test_nothing_is_made_before_the_first_secret(tmp_path: Path):
    store = store_in(tmp_path)
    assert store.effective_values() == {}
    assert store.list_kept() == {}
    store.change({TOKEN: None}, by="Aya Mori", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_kept_secret_is_read_again_and_lies_nowhere_in_clear(tmp_path: Path):
    keep(store_in(tmp_path))
    again = store_in(tmp_path)
    assert again.effective_values() == {TOKEN: CANARY}
    kept = again.list_kept()[TOKEN]
    assert (kept.changed_by, kept.changed_at, kept.is_readable) == ("Aya Mori", NOW, True)
    assert CANARY not in repr(kept)
    assert files_with(tmp_path, CANARY) == []


def test_key_and_database_are_readable_by_their_owner_only(tmp_path: Path):
    keep(store_in(tmp_path))
    for name in ("secret-key", "secrets.db"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name


def test_what_the_environment_sets_wins(tmp_path: Path):
    keep(store_in(tmp_path))
    store = store_in(tmp_path, MASTODON_EN_TOKEN="from outside")
    assert store.effective_values()[TOKEN] == "from outside"
    assert store.is_set_outside(TOKEN)


def test_another_process_sees_a_change(tmp_path: Path):
    first, second = store_in(tmp_path), store_in(tmp_path)
    assert second.effective_values() == {}
    assert not second.has_changed()
    keep(first)
    assert second.has_changed()
    assert second.effective_values() == {TOKEN: CANARY}
    assert not second.has_changed()
    keep(first, "another", minutes=-5)
    assert second.has_changed(), "also after the clock was set back"
    keep(first, None)
    assert second.has_changed()
    assert second.effective_values() == {}


def test_while_the_database_cannot_be_read_the_last_values_stay_in_use(tmp_path: Path):
    keep(store_in(tmp_path))
    store = store_in(tmp_path)
    assert store.effective_values() == {TOKEN: CANARY}
    keep(store_in(tmp_path), "later")
    (tmp_path / "secrets.db-wal").unlink(missing_ok=True)
    (tmp_path / "secrets.db").write_bytes(b"this is no database " * 400)
    assert store.effective_values() == {TOKEN: CANARY}
    assert not store.has_changed()


def test_a_key_from_outside_is_written_nowhere(tmp_path: Path):
    key = new_key()
    keep(store_in(tmp_path, SECRET_KEY=key))
    assert not (tmp_path / "secret-key").exists()
    assert files_with(tmp_path, key) == []
    assert store_in(tmp_path, SECRET_KEY=key).effective_values()[TOKEN] == CANARY
    without = store_in(tmp_path)
    assert without.effective_values() == {}
    assert not without.list_kept()[TOKEN].is_readable


def test_the_key_is_read_from_a_file_named_outside(tmp_path: Path):
    (tmp_path / "key").write_text(f"{new_key()}\n")
    keep(store_in(tmp_path / "home", SECRET_KEY_FILE=str(tmp_path / "key")))
    assert store_in(tmp_path / "home", SECRET_KEY_FILE=str(tmp_path / "key")).effective_values() == {
        "STATUSPAGE_SECRET_KEY": (tmp_path / "key").read_text().strip(),
        TOKEN: CANARY,
    }


@pytest.mark.parametrize("wrong", ["short", "Zm9v", "ü" * 32])
def test_a_key_that_is_none_is_refused(tmp_path: Path, wrong: str):
    store = store_in(tmp_path, SECRET_KEY=wrong)
    assert store.problem == "invalid_key"
    with pytest.raises(NoSecretStore):
        keep(store)
    with pytest.raises(InvalidKey):
        Cipher([wrong])


def test_on_a_server_the_key_and_the_database_come_from_outside(tmp_path: Path):
    url = "postgresql://secrets:pw@db.example/secrets"
    assert store_in(tmp_path, SECRETS_DATABASE_URL=url).problem == "key"
    assert store_in(tmp_path, DATABASE_URL="postgresql://live:pw@db.example/live").problem == "database"
    assert store_in(tmp_path, SECRETS_DATABASE_URL=url, SECRET_KEY=new_key()).problem == ""


def test_no_secret_can_be_put_in_the_place_of_another():
    cipher = Cipher([new_key()])
    token = cipher.encrypt("STATUSPAGE_X_TOKEN", CANARY)
    assert cipher.decrypt("STATUSPAGE_X_TOKEN", token) == CANARY
    assert cipher.decrypt("STATUSPAGE_Y_TOKEN", token) is None


def accounts_in(home: Path) -> Database:
    return made(home / "shared" / "accounts.db", "accounts")


def test_rotation_replaces_the_key_of_the_instance(tmp_path: Path):
    store = store_in(tmp_path)
    keep(store)
    old_key = (tmp_path / "secret-key").read_text()
    assert store.rotate(accounts_in(tmp_path), by=Actor(name="Aya Mori"), now=NOW) == 1
    assert old_key.strip() not in (tmp_path / "secret-key").read_text()
    assert len((tmp_path / "secret-key").read_text().split()) == 1
    assert store_in(tmp_path).effective_values()[TOKEN] == CANARY
    keep(store, "later", minutes=1)
    assert store_in(tmp_path).effective_values()[TOKEN] == "later"


def test_rotation_takes_the_first_key_from_outside(tmp_path: Path):
    old, new = new_key(), new_key()
    keep(store_in(tmp_path, SECRET_KEY=old))
    assert store_in(tmp_path, SECRET_KEY=f"{new},{old}").rotate(accounts_in(tmp_path), by=Actor(), now=NOW) == 1
    assert store_in(tmp_path, SECRET_KEY=new).effective_values()[TOKEN] == CANARY
    assert store_in(tmp_path, SECRET_KEY=old).list_kept()[TOKEN].is_readable is False


def test_rotating_the_key_of_no_secret_claims_nothing(cli: Cli):
    result = cli("secrets", "rotate")
    assert (result.code, result.out) == (0, "No secrets were entered on the desk.\n")
    assert cli("secrets", "rotate", "--json").json == {"rotated": 0}


def test_a_backup_has_no_key_and_a_restore_must_be_given_it(tmp_path: Path):
    home = tmp_path / "home"
    store = store_in(home)
    keep(store)
    (home / "content").mkdir()
    manifest = backup.create_backup(settings_in(home), tmp_path / "backup.zip", now=NOW)
    assert "secrets" in manifest.databases
    assert not any("secret-key" in name for name in manifest.files)
    raw = (tmp_path / "backup.zip").read_bytes()
    assert CANARY.encode() not in raw
    databases = {url.name: url for url in settings_in(tmp_path / "new").database_urls}
    backup.restore(tmp_path / "backup.zip", tmp_path / "new", databases, now=NOW)
    assert CANARY not in str(files_with(tmp_path / "new", CANARY))
    restored = store_in(tmp_path / "new")
    assert [name for name, kept in restored.list_kept().items() if not kept.is_readable] == [TOKEN]
    keep(restored, "entered again")
    assert store_in(tmp_path / "new").effective_values()[TOKEN] == "entered again"
    key = (home / "secret-key").read_text().strip()
    backup.restore(tmp_path / "backup.zip", tmp_path / "third", databases, now=NOW)
    assert store_in(tmp_path / "third", SECRET_KEY=key).effective_values()[TOKEN] == CANARY


def test_doctor_names_what_no_key_decrypts(tmp_path: Path):
    settings = settings_in(tmp_path)
    assert list(check_secrets(settings, SecretStore(settings))) == []
    keep(SecretStore(settings))
    (tmp_path / "secret-key").write_text(f"{new_key()}\n")
    found = {finding.code: finding for finding in check_secrets(settings, SecretStore(settings))}
    assert found["secrets"].level is Level.PROBLEM
    assert found["secrets"].slots["names"] == TOKEN
    assert check_drill_user(tmp_path).code == "drill_user_unknown"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_doctor_says_whether_the_drills_user_could_open_the_secrets(tmp_path: Path):
    settings = settings_in(tmp_path)
    keep(SecretStore(settings))
    (tmp_path / "drill").mkdir()
    for name in ("secrets.db", "secret-key"):
        os.chown(tmp_path / name, 4321, 4321)
    assert drill_user_level(settings, 4321) is Level.INFO
    assert drill_user_level(settings, 4322) is Level.OK
    (tmp_path / "secret-key").chmod(0o644)
    assert drill_user_level(settings, 4322) is Level.INFO


def drill_user_level(settings: Settings, user: int) -> Level:
    os.chown(settings.home / "drill", user, user)
    finding = check_drill_user(settings.home)
    assert finding.code == "drill_user"
    return finding.level


def test_a_drill_knows_neither_the_database_nor_its_password(tmp_path: Path):
    settings = settings_in(
        tmp_path,
        DRILL_DATABASE_URL="postgresql://one:pw@db.example/drill",
        SECRETS_DATABASE_URL="postgresql://one:pw@db.example/keys",
    )
    with pytest.raises(SharedDatabase):
        _ = settings.databases
