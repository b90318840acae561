"""Secrets entered in the settings: kept encrypted; the audit log has their names only."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from statuspage.storage import audit_log
from statuspage.storage.audit_log import Actor
from statuspage.usecases.environment import Environment

if TYPE_CHECKING:
    from statuspage.integrations.encryption import Cipher

# The library takes longer to import than most pages need.


SEALED_FOR = timedelta(hours=1)
"""How long a form holds a secret that was typed and tried."""


class SealBroken(Exception):
    """What was sealed is held no longer, or another account sealed it: it has to be typed again."""


@dataclass(frozen=True, slots=True)
class SecretOwner:
    """What a secret belongs to: its ``kind`` (channel, monitor or roster) and its id."""

    kind: str
    id: str


def keep_secrets(env: Environment, owner: SecretOwner, values: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Keeps secrets, by the name of their setting. Raises NoSecretStore, DatabaseBusy, DatabaseBroken."""
    if values and env.secret_store is not None:
        env.secret_store.change(dict(values), by=by.name, now=now)
        _record(env, "changed", owner, sorted(values), by, now)


def forget_secrets(
    env: Environment, owner: SecretOwner, settings: Collection[str], *, by: Actor, now: datetime
) -> None:
    """Deletes those of these secrets that are kept. Raises NoSecretStore, DatabaseBusy, DatabaseBroken."""
    if env.secret_store is None:
        return
    kept = sorted(set(settings) & set(env.secret_store.list_kept()))
    if kept:
        env.secret_store.change(dict.fromkeys(kept), by=by.name, now=now)
        _record(env, "deleted", owner, kept, by, now)


def effective_value(env: Environment, setting: str) -> str:
    """The value in use, from outside or as entered; "" if there is none."""
    return env.secret_store.effective_values().get(setting, "") if env.secret_store else ""


def seal(env: Environment, purpose: str, value: str, *, by: Actor, now: datetime) -> str:
    """A secret that was typed and is tried first, for the next request of its form by the same account: nobody reads it
    in the page."""
    ends = (now + SEALED_FOR).isoformat()
    return _cipher(env).encrypt(f"{purpose} {by.account_id}", f"{ends} {value}") if value else ""


def unseal(env: Environment, purpose: str, sealed: str, *, by: Actor, now: datetime) -> str:
    """What this account sealed for this purpose; "" if nothing was sealed. Raises SealBroken."""
    if not sealed:
        return ""
    ends, _, value = (_cipher(env).decrypt(f"{purpose} {by.account_id}", sealed) or "").partition(" ")
    if not value or datetime.fromisoformat(ends) <= now:
        raise SealBroken
    return value


def _cipher(env: Environment) -> Cipher:
    from statuspage.integrations.encryption import Cipher

    return Cipher([urlsafe_b64encode(hashlib.sha256(b"sealed " + env.secret).digest()).decode("ascii")])


def _record(env: Environment, done: str, owner: SecretOwner, names: Sequence[str], by: Actor, now: datetime) -> None:
    action = f"{owner.kind}.secret.{done}"
    with env.databases.accounts.begin() as tx:
        audit_log.record_action(tx, action, at=now, by=by, target=owner.id, secrets=", ".join(names))
