"""Rows of secrets, encrypted: this module never sees a value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import secret


@dataclass(frozen=True, slots=True)
class EncryptedSecret:
    """One secret. ``name`` is that of its setting in the environment, ``token`` its encrypted value."""

    name: str
    token: str
    changed_at: datetime
    changed_by: str


def list_secrets(tx: Connection) -> tuple[EncryptedSecret, ...]:
    """All secrets, by name."""
    return tuple(EncryptedSecret(**row._mapping) for row in tx.execute(select(secret).order_by(secret.c.name)))


def save_secret(tx: Connection, new: EncryptedSecret) -> None:
    """Stores a secret; replaces the one of the same name."""
    delete_secret(tx, new.name)
    tx.execute(
        insert(secret).values(name=new.name, token=new.token, changed_at=new.changed_at, changed_by=new.changed_by)
    )


def delete_secret(tx: Connection, name: str) -> bool:
    """Deletes a secret. Whether there was one."""
    return bool(tx.execute(delete(secret).where(secret.c.name == name)).rowcount)


def replace_tokens(tx: Connection, tokens: Mapping[str, str]) -> None:
    """Stores the same values encrypted anew, by name."""
    for name, token in tokens.items():
        tx.execute(update(secret).where(secret.c.name == name).values(token=token))


def read_version(tx: Connection) -> str:
    """Changes with every value that is stored or deleted, whatever the clock says: no token is made twice."""
    digest = hashlib.sha256()
    for name, token in tx.execute(select(secret.c.name, secret.c.token).order_by(secret.c.name)):
        digest.update(f"{name}\0{token}\0".encode())
    return digest.hexdigest()
