"""Secrets that are entered on the desk: encrypted, in a database of their own that no drill process is given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from statuspage.process_log import Log
from statuspage.settings import SECRET_KEY_FILE, SECRETS_FILE, Settings, Unreadable, reload_secrets
from statuspage.storage import audit_log, secrets
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Database, DatabaseBroken, DatabaseBusy
from statuspage.storage.secrets import EncryptedSecret
from statuspage.usecases import logging_setup

if TYPE_CHECKING:
    from statuspage.integrations.encryption import Cipher

# The library takes longer to import than most commands need otherwise, and most instances keep no secret.

KEY_SETTING = "STATUSPAGE_SECRET_KEY"

_log = Log(__name__)


class NoSecretStore(Exception):
    """Secrets cannot be kept here. ``code`` is *database* (other databases are on a server, this one has no URL), *key*
    (the database is on a server and no setting gives the key) or *invalid_key*."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret without its value. ``is_readable``: a key decrypts it, else it must be entered again."""

    name: str
    changed_at: datetime
    changed_by: str
    is_readable: bool


class SecretStore:
    """The secrets of one instance. Its database and its key are made when the first secret is kept.

    What the environment sets wins; see ``effective_values``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = RLock()
        self._database: Database | None = None
        self._values: Mapping[str, str] = {}
        self._read_version: str | None = None

    @property
    def problem(self) -> str:
        """Why nothing can be kept here (a code of NoSecretStore); "" if it can."""
        urls = self._settings.databases
        if urls.live.startswith("postgres") and not urls.secrets:
            return "database"
        is_made_on_use = not self._is_key_from_outside and not (self._settings.home / SECRET_KEY_FILE).exists()
        try:
            if not is_made_on_use:
                self._make_cipher()
        except NoSecretStore as error:
            return error.code
        return ""

    def use_settings(self, settings: Settings) -> None:
        """From now on, these settings count as the environment's."""
        self._settings = settings

    def is_set_outside(self, name: str) -> bool:
        """Whether the environment sets this one, which then counts."""
        return bool(self._settings.secrets.get(name))

    def origin_of(self, name: str, file: str) -> str:
        """From where this setting comes: ``outside``, the ``instance`` (this file in its folder), or ``none``."""
        path = self._settings.home / file
        if self._settings.secrets.get(name) and self._settings.secret_files.get(name) != str(path):
            return "outside"
        return "instance" if path.exists() else "none"

    def is_of_drill(self, value: str) -> bool:
        """Whether monitors send this secret to the drill, which may know no live one."""
        return value in self._settings.drill_intake_secrets.values()

    def effective_values(self) -> Mapping[str, str]:
        """The settings of the environment, and the kept secrets that it does not set.

        While the database cannot be read, those that were read last.
        """
        with self._lock:
            try:
                self._read()
            except (DatabaseBusy, DatabaseBroken, Unreadable):
                _log.warning("secrets could not be read, the last known ones stay in use")
            outside = {name: value for name, value in self._settings.secrets.items() if value}
            return {**self._values, **outside}

    def has_changed(self) -> bool:
        """Whether somebody changed a secret since the values were read; False while that cannot be known."""
        try:
            return self._version() != self._read_version
        except (DatabaseBusy, DatabaseBroken):
            return False

    def list_kept(self) -> Mapping[str, KeptSecret]:
        """All kept secrets by name. Raises DatabaseBusy, DatabaseBroken."""
        if (database := self._open(create=False)) is None:
            return {}
        with database.read() as tx:
            rows = secrets.list_secrets(tx)
        values = self._decrypt(rows)
        return {row.name: KeptSecret(row.name, row.changed_at, row.changed_by, row.name in values) for row in rows}

    def change(self, values: Mapping[str, str | None], *, by: str, now: datetime) -> None:
        """Keeps these secrets, by name; None deletes one. Raises NoSecretStore, DatabaseBusy, DatabaseBroken."""
        if not values:
            return
        if self.problem:
            raise NoSecretStore(self.problem)
        added = {name: value for name, value in values.items() if value is not None}
        logging_setup.redact_settings(replace(self._settings, secrets=added))
        if (database := self._open(create=bool(added))) is None:
            return
        with database.begin() as tx:  # one after the other, so that no key is made or replaced in between
            cipher = self._make_cipher(create=True) if added else None
            for name, value in values.items():
                if value is None or cipher is None:
                    secrets.delete_secret(tx, name)
                else:
                    secrets.save_secret(tx, EncryptedSecret(name, cipher.encrypt(name, value), now, by))

    def rotate(self, accounts: Database, *, by: Actor, now: datetime) -> int:
        """Encrypts everything anew with the newest key, and returns how many. A key of the instance is replaced by a
        new one; of those that the environment sets, the first is the newest.

        A secret that no key decrypts stays as it is. Raises NoSecretStore, DatabaseBusy, DatabaseBroken.
        """
        if self.problem:
            raise NoSecretStore(self.problem)
        if (database := self._open(create=False)) is None:
            return 0
        is_own_key = not self._is_key_from_outside
        with database.begin() as tx:
            if is_own_key:
                self._write_keys((new_key(), *self._keys()))
            cipher, values = self._make_cipher(), self._decrypt(secrets.list_secrets(tx))
            secrets.replace_tokens(tx, {name: cipher.encrypt(name, value) for name, value in values.items()})
        if is_own_key:
            self._write_keys(self._keys()[:1])
        with accounts.begin() as tx:
            audit_log.record_action(tx, "secrets.rotated", at=now, by=by, count=str(len(values)))
        return len(values)

    def close(self) -> None:
        """Closes the database."""
        with self._lock:
            if self._database is not None:
                self._database.close()

    @property
    def _is_on_server(self) -> bool:
        return self._settings.databases.secrets.startswith("postgres")

    @property
    def _is_key_from_outside(self) -> bool:
        return bool(self._settings.secrets.get(KEY_SETTING)) or self._is_on_server

    def _read(self) -> None:
        version, database = self._version(), self._open(create=False)
        if database is None:
            self._values = {}
        elif version != self._read_version:
            with database.read() as tx:
                rows = secrets.list_secrets(tx)
            self._values = self._decrypt(rows)
        self._read_version = version

    def _version(self) -> str:
        """Changes with every secret; "" while there is no database."""
        database = self._open(create=False)
        if database is None:
            return ""
        with database.read() as tx:
            return secrets.read_version(tx)

    def _open(self, *, create: bool) -> Database | None:
        """The database; None if there is none yet."""
        with self._lock:
            url, file = self._settings.databases.secrets, self._settings.home / SECRETS_FILE
            if not url and not create and not file.exists():
                return None
            if self._database is None:
                if not url:
                    file.touch(0o600)
                self._database = Database(url or f"sqlite:///{file}", "secrets")
                self._database.migrate()
            return self._database

    def _decrypt(self, rows: Iterable[EncryptedSecret]) -> Mapping[str, str]:
        """The values that can be decrypted, by name."""
        try:
            cipher = self._make_cipher()
        except NoSecretStore:
            return {}
        values = ((row.name, cipher.decrypt(row.name, row.token)) for row in rows)
        return {name: value for name, value in values if value is not None}

    def _make_cipher(self, *, create: bool = False) -> Cipher:
        """Raises NoSecretStore if there is no valid key."""
        from statuspage.integrations.encryption import Cipher, InvalidKey

        try:
            return Cipher(self._keys(create=create))
        except InvalidKey as error:
            raise NoSecretStore("invalid_key") from error

    def _keys(self, *, create: bool = False) -> tuple[str, ...]:
        """The keys, the newest first. Raises NoSecretStore without one."""
        try:
            text = reload_secrets(self._settings).secrets.get(KEY_SETTING, "")
        except Unreadable as error:
            raise NoSecretStore("invalid_key") from error
        if not text and self._is_on_server:
            raise NoSecretStore("key")
        path = self._settings.home / SECRET_KEY_FILE
        if not text and create and not path.exists():
            self._write_keys((new_key(),))
        if not text and path.exists():
            text = path.read_text("ascii", errors="replace")
        if not text:
            raise NoSecretStore("key")
        return tuple(text.replace(",", " ").split())

    def _write_keys(self, keys: tuple[str, ...]) -> None:
        """Replaces the instance's key file as a whole; readable by its owner only."""
        path: Path = self._settings.home / SECRET_KEY_FILE
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def new_key() -> str:
    """A new key, for this instance or for the environment."""
    from statuspage.integrations import encryption

    return encryption.new_key()
