"""An authenticator app as a phone has it, and environments that keep its key."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from statuspage.settings import Settings
from statuspage.storage.accounts import Account
from statuspage.usecases import accounts, second_factor
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.secret_store import SecretStore


def code_of(key: str, at: datetime) -> str:
    """What the app shows at this time."""
    return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(at.timestamp()).decode()


def keeping_secrets(env: Environment) -> Environment:
    """The environment with a store for secrets in its folder."""
    return replace(env, secret_store=SecretStore(Settings(env.home, env.home / "content")))


def with_app(env: Environment, account: Account, now: datetime) -> str:
    """Sets up an app for this account, and returns its key."""
    key = second_factor.new_app_key()
    assert env.secret_store is not None
    second_factor.set_up_app(
        env.databases.accounts,
        env.secret_store,
        account,
        key,
        code=code_of(key, now),
        by=accounts.NOBODY,
        now=now,
    )
    return key
