"""Makes the first instance from the browser, and signs in its first administrator."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from statuspage.settings import ACCOUNTS_FILE, Settings
from statuspage.storage.accounts import Account
from statuspage.storage.engine import Database
from statuspage.usecases import accounts, bootstrap, new_company
from statuspage.usecases.accounts import Role, SignedIn
from statuspage.usecases.instance import InstanceExists
from statuspage.usecases.new_company import NewCompany

ADMINISTRATOR = "desk"
"""The login of the first account."""


def is_first_run(settings: Settings) -> bool:
    """Whether there is no instance in this folder yet, and one can be made."""
    return settings.content == settings.home / "content" and new_company.is_free(settings.home)


def demo_home(home: Path) -> Path:
    """The folder of the demo company beside that of an instance."""
    return home.with_name(f"{home.name}-demo")


def begin_company(settings: Settings, new: NewCompany, *, name: str, address: str, now: datetime) -> SignedIn | None:
    """Makes the instance and signs in its first administrator, called ``name``, at this network address.

    None if its accounts are in a database where somebody has signed in before. Raises InvalidCompany, InstanceExists
    and OSError; then nothing is left of it.
    """
    new_company.create_company(settings.home, new, now=now)
    try:
        return _sign_in(settings, name, address, now, may_repeat=False)
    except BaseException:
        shutil.rmtree(settings.home / "content", ignore_errors=True)
        shutil.rmtree((settings.home / ACCOUNTS_FILE).parent, ignore_errors=True)
        raise


def begin_demo(settings: Settings, *, name: str, address: str, now: datetime) -> SignedIn | None:
    """Opens the demo company in a folder of its own, made where there is none, and signs in its first administrator.

    Raises InstanceExists if the folder has something else.
    """
    home = demo_home(settings.home)
    if not new_company.is_demo(home):
        if not new_company.is_free(home):
            raise InstanceExists(home)
        new_company.create_demo(home)
    return _sign_in(replace(settings, home=home, content=home / "content"), name, address, now, may_repeat=True)


def first_administrator(database: Database, *, name: str, now: datetime) -> Account:
    """The first administrator; created, called ``name``, if there is none."""
    for account in accounts.all_accounts(database):
        if account.role == Role.ADMINISTRATOR:
            return account
    return accounts.add_account(database, ADMINISTRATOR, name, role=Role.ADMINISTRATOR, language="", now=now)


def _sign_in(settings: Settings, name: str, address: str, now: datetime, *, may_repeat: bool) -> SignedIn | None:
    database = bootstrap.open_accounts(settings)
    try:
        administrator = first_administrator(database, name=name, now=now)
        if accounts.has_anyone_signed_in(database) and not may_repeat:
            return None
        link = accounts.create_sign_in_link(database, administrator.id, now=now)
        outcome = accounts.sign_in_by_link(database, link, address=address, now=now)
    finally:
        database.close()
    return outcome if isinstance(outcome, SignedIn) else None
